"""Checks every response against api/openapi.yaml: status, headers and body must be what the contract's own page says."""

import functools
import pathlib
import re

import jsonschema
import yaml

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent.parent / "api" / "openapi.yaml"


@functools.cache
def document():
    return yaml.safe_load(DOCUMENT.read_text())


@functools.cache
def _operations():
    rows = []
    for path, item in document()["paths"].items():
        pattern = "".join(f"(?:{re.escape(part)})" if not part.startswith("{") else "[^/]+"
                          for part in re.split(r"(\{[^}]+\})", path) if part)
        for method, operation in item.items():
            if method in ("get", "post", "put", "delete", "patch"):
                rows.append((method, re.compile(f"^{pattern}$"), path, operation))
    # Fixed paths before those with a variable part: /import/content/health is no job.
    rows.sort(key=lambda row: row[2].count("{"))
    return rows


def _resolve(node):
    while isinstance(node, dict) and "$ref" in node:
        target = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def _server_prefix():
    servers = document().get("servers", [])
    url = servers[0]["url"] if servers else ""
    return re.sub(r"^https?://[^/]+", "", url).rstrip("/")


def operation(method, path):
    path = re.sub(r"/+", "/", path.split("?")[0])
    candidates = [path]
    prefix = _server_prefix()
    if prefix and path.startswith(prefix):
        candidates.append(path[len(prefix):])
    for candidate in candidates:
        for verb, pattern, _, found in _operations():
            if verb == method.lower() and pattern.match(candidate):
                return found
    return None


def check(method, path, response):
    """Raises AssertionError where the response is not one that the document allows."""
    found = operation(method, path)
    if found is None:
        assert response.status_code in (400, 401, 404, 405), f"{method} {path} is not in openapi.yaml"
        return
    where = f"{method} {path} → {response.status_code}"
    responses = found["responses"]
    answer = responses.get(str(response.status_code)) or responses.get(f"{response.status_code // 100}XX") \
        or responses.get("default")
    assert answer is not None, f"{where}: openapi.yaml has no such answer (body: {response.text[:300]})"
    answer = _resolve(answer)
    for name, header in answer.get("headers", {}).items():
        if _resolve(header).get("required"):
            assert name.lower() in (key.lower() for key in response.headers), f"{where}: header {name} is missing"
    content = answer.get("content")
    if not content:
        assert not response.content, f"{where}: openapi.yaml has no body here, found {response.text[:300]}"
        return
    if method.lower() == "head":
        return
    kind = response.headers.get("Content-Type", "").split(";")[0].strip()
    assert kind in content, f"{where}: content type {kind!r}, expected one of {sorted(content)}"
    schema = content[kind].get("schema")
    if schema is None or kind != "application/json":
        return
    validator = jsonschema.Draft202012Validator({"allOf": [schema], "components": document().get("components", {})})
    problems = sorted(validator.iter_errors(response.json()), key=str)
    assert not problems, f"{where}: {problems[0].message} at {list(problems[0].absolute_path)} in {response.text[:500]}"
