"""api/openapi.yaml itself: well formed, whole, and the very document that the server serves."""

import re

import jsonschema
import yaml

from support import openapi

METHODS = {"get", "post", "put", "delete", "patch"}
# The contract's table, section 1, and what HTTP itself adds.
ERROR_STATUSES = {"400", "401", "403", "404", "405", "406", "408", "409", "412", "413", "415", "416", "429", "431", "500", "503"}


def operations():
    for path, item in openapi.document()["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def validator(schema):
    return jsonschema.Draft202012Validator({"allOf": [schema], "components": openapi.document()["components"]})


def test_document_is_openapi_3_1_with_unique_operation_ids():
    assert openapi.document()["openapi"].startswith("3.1.")
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere_and_every_component_is_used():
    used = set(references(openapi.document()))
    for reference in used:
        openapi._resolve({"$ref": reference})
    for kind in ("parameters", "headers", "responses", "schemas"):
        for name in openapi.document()["components"][kind]:
            assert f"#/components/{kind}/{name}" in used, f"{kind}/{name} is used by nothing"


def test_every_schema_is_a_json_schema():
    for name, schema in openapi.document()["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        closed = schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False
        # The parts that a closed schema is put together from stay open themselves, as does RFC 6749's form.
        parts = name.endswith("Status") or name in ("ArticleMembers", "ItemMembers", "TokenRequest")
        assert closed or parts or schema.get("type") != "object", f"{name} takes any member"


def test_path_parameters_are_declared():
    for path, method, operation in operations():
        declared = {openapi._resolve(parameter)["name"] for parameter in operation.get("parameters", [])
                    if openapi._resolve(parameter)["in"] == "path"}
        assert declared == set(re.findall(r"\{([^}]+)\}", path)), f"{method} {path}"


def test_errors_have_the_one_shape_and_known_statuses():
    for path, method, operation in operations():
        for status, answer in operation["responses"].items():
            if status[0] in "45":
                assert status in ERROR_STATUSES, f"{method} {path} {status}"
                assert "application/json" in openapi._resolve(answer)["content"], f"{method} {path} {status}"
        assert {"500", "503"} <= set(operation["responses"]), f"{method} {path}"


def test_examples_fit_their_schemas():
    checked = 0
    for _, _, operation in operations():
        bodies = [openapi._resolve(answer).get("content", {}) for answer in operation["responses"].values()]
        bodies.append(operation.get("requestBody", {}).get("content", {}))
        for content in bodies:
            for media in content.values():
                examples = [example["value"] for example in media.get("examples", {}).values()]
                for example in examples + ([media["example"]] if "example" in media else []):
                    validator(media["schema"]).validate(example)
                    checked += 1
    assert checked > 20


def test_members_that_do_not_belong_to_a_state_are_refused():
    status = validator({"$ref": "#/components/schemas/JobStatus"})
    good = {"status": "Scheduled", "jobType": "Import", "startTime": "2024-03-01T10:00:00.000Z"}
    assert status.is_valid(good)
    assert not status.is_valid({**good, "results": {"successful": 0, "warnings": 0, "errors": 0}})
    assert not status.is_valid({**good, "retryable": None})
    assert not status.is_valid({**good, "startTime": "2024-03-01T10:00:00Z"})


def test_server_serves_this_very_document(api):
    answer = api.get("/openapi.yaml")
    assert answer.status_code == 200
    assert answer.content == openapi.DOCUMENT.read_bytes()
    assert yaml.safe_load(answer.text) == openapi.document()
