"""The API as an attacker of another department sees it. The operations come from api/openapi.yaml: one that is new there
and not named here fails the test."""

import pathlib
import re
import socket

import pytest
import requests
import yaml

from support.api import BASE
from support.packages import Package, article, html

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = yaml.safe_load((ROOT / "api" / "openapi.yaml").read_text())
OPERATIONS = {operation["operationId"]: (method.upper(), path)
              for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
              if isinstance(operation, dict) and "operationId" in operation}
SECRET = "the victims secret words"


@pytest.fixture(scope="module")
def victim(server, api):
    """What the department "default" has: a job, an article with its body, an upload, a topic, a portal."""
    package = Package(folders=("Hidden",))
    package.add(article(1, "Hidden", name="Hidden article"), html(1, SECRET + ' <img src="../inline_resources/a.png"> <script>alert(1)</script>'))
    package.files["knowledgehub/articles/inline_resources/a.png"] = b"pixels"
    package.files["knowledgehub/articles/resources/a.txt"] = b"attached"
    package.articles[0]["attachments"] = [{"name": "a.txt", "path": "resources/a.txt"}]
    package.topics = [{"name": "Hidden topic"}]
    package.portals = [{"name": "Hidden portal"}]
    file = package.write(server.share / "hidden.zip")
    job, status = api.run(file)
    assert status["status"] == "Successful"
    upload = api.post("/import/uploads", data=file.read_bytes(), headers={"Content-Type": "application/zip"}).json()["path"]
    found = api.all("/articles", "articles")
    return {"job": job, "article": found[0]["id"], "upload": upload, "file": file}


def with_ids(path, victim):
    """The path of an operation with the victim's ids in it."""
    text = path.replace("{index}", "0").replace("{number}", "1").replace("{path}", "inline_resources%2Fa.png")
    for name in ("job_id", "jobId", "id"):
        marker = "{" + name + "}"
        if marker in text:
            text = text.replace(marker, victim["job"] if "/import/" in text else victim["article"])
    return text


def test_every_operation_hides_what_another_department_has(api, other, victim):
    tried = 0
    for name, (method, path) in OPERATIONS.items():
        full = with_ids(path, victim)
        assert "{" not in full, f"{name} has a parameter that this test does not know: {path}"
        if full == path:
            continue
        tried += 1
        answer = other.request(method, full, checked=False, timeout=20)
        nothing = other.request(method, full.replace(victim["job"], "00000000-0000-4000-8000-000000000000")
                                .replace(victim["article"], "WB-99999999"), checked=False, timeout=20)
        assert answer.status_code == nothing.status_code == 404, (name, answer.status_code, answer.text)
        assert answer.json()["code"] == nothing.json()["code"] == "404-100"
        assert answer.json()["developerMessage"] == nothing.json()["developerMessage"], "the two must look alike"
        assert requests.request(method, other.server.url + full, timeout=20).status_code == 401, f"{name} without a token"
    assert tried >= 5
    assert api.get(f"/import/content/{victim['job']}/items/1").status_code == 200
    for path, data in (("resources/inline_resources%2Fa.png", b"pixels"), ("attachments/0", b"attached")):
        answer = api.get(f"/articles/{victim['article']}/{path}")
        assert answer.status_code == 200 and answer.content == data, "its owner must get it, or the above shows nothing"
    # And nothing was done: the job is as it was.
    assert api.status(victim["job"])["status"] == "Successful"


def test_every_list_leaves_out_what_another_department_has(other, victim):
    for name, (method, path) in OPERATIONS.items():
        if method != "GET" or "{" in path or path in ("/oauth2/v2.0/token",):
            continue
        for query in ({}, {"q": "Hidden"}, {"q": SECRET}):
            answer = other.request("GET", path, params=query, checked=False, timeout=20)
            if answer.status_code != 200:  # it has no such parameter, and says which
                continue
            assert "Hidden" not in answer.text and victim["job"] not in answer.text.upper(), (name, query)


def test_upload_of_another_department_is_not_there(other, victim):
    for body in ({"operation": "import"}, {}):
        path = "/import/content" if body else "/import/content/validate"
        answer = other.post(path, json={"dataSource": {"type": "Shared file path", "path": victim["upload"]}, **body})
        if answer.status_code == 202:
            status = other.wait(answer.headers["Location"].split("/")[-2])
            assert status["status"] == "Failed" and "no upload" in status["error"], status
        else:
            assert answer.status_code in (400, 404), answer.text


def raw(server, head, body=b""):
    """The first answer to bytes as they are."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


TRICKS = ["/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/import/content/..;/health",
          "/import/content/%00/status", "/import/content/{job}%00/status", "/import/content/{job}%2f../status",
          "/import/content/{job}/status/../log", "/articles/{article}/../{article}/content", "/articles/%57B-1/content%0d%0aX: y",
          "/import/content/{job}/status%20HTTP/1.1", "/articles/../../../../../blobs", "/import/content/{job}/log?x=%0d%0aSet-Cookie:a"]


@pytest.mark.parametrize("trick", TRICKS)
def test_path_tricks_lead_nowhere(server, other, victim, trick):
    path = BASE + trick.format(**victim)
    answer = raw(server, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {other.token}\r\n\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 404")), answer[:300]
    assert b"root:" not in answer and SECRET.encode() not in answer and b"Set-Cookie" not in answer.split(b"\r\n\r\n")[0]


OVERRIDES = [{"X-Original-URL": "/x"}, {"X-HTTP-Method-Override": "DELETE"}, {"X-Forwarded-User": "admin"}, {"X-Department": "default"},
             {"Forwarded": "for=127.0.0.1"}, {"Cookie": "department=default"}]


@pytest.mark.parametrize("headers", OVERRIDES, ids=lambda value: next(iter(value)))
def test_headers_grant_nothing(other, victim, headers):
    answer = other.get(f"/import/content/{victim['job']}/status", headers=headers)
    assert answer.status_code == 404


SMUGGLED = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    "chunked hidden": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "space before the colon": b"Content-Length : 5\r\n\r\nhello",
    "folded header": b"X-A: b\r\n Content-Length: 5\r\n\r\nhello",
    "signed length": b"Content-Length: +5\r\n\r\nhello",
    "huge length": b"Content-Length: 99999999999999999999\r\n\r\n",
    "bare line feeds": b"Content-Length: 5\n\nhello",
    "chunk size with sign": b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
    "chunk size too large": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n",
    "NUL in a header": b"X-A: a\0b\r\n\r\n",
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_smuggled_requests_are_answered_once_with_400(server, api, name):
    head = f"POST {BASE}/import/content HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer {api.token}\r\n"
    answer = raw(server, head.encode() + SMUGGLED[name])
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 411", b"HTTP/1.1 413", b"HTTP/1.1 501")), answer[:300]
    assert len(re.findall(rb"HTTP/1\.1 \d{3} ", answer)) == 1, "the rest was taken for a second request"


OVERSIZED = {
    "request line": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (400, 414, 431)),
    "one header": (b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 200_000 + b"\r\n\r\n", (400, 431)),
    "many headers": (b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n", (400, 431)),
}


@pytest.mark.parametrize("name", OVERSIZED)
def test_oversized_heads_are_refused(server, name):
    head, wanted = OVERSIZED[name]
    try:
        answer = raw(server, head)
    except ConnectionResetError:
        return  # refused and closed while it was still being sent
    assert not answer or int(answer.split()[1]) in wanted, answer[:200]


def test_oversized_values_are_refused_by_name(api, server):
    source = {"type": "Shared file path", "path": f"file://{server.share}/hidden.zip"}
    for body, name in (({"dataSource": {**source, "path": "file:///" + "a" * 1100}}, "dataSource.path"),
                       ({"dataSource": {**source, "region": "r" * 21}}, "dataSource.region")):
        answer = api.post("/import/content", json={**body, "operation": "import"})
        assert answer.status_code == 400 and name in answer.text, answer.text
    answer = api.post("/import/content", data=b'{"a": "' + b"x" * 70_000 + b'"}', headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    answer = api.post("/import/content", data=b"[" * 60_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    answer = api.post("/import/content", json={"dataSource": source, "operation": "import"}, headers={"Idempotency-Key": "k" * 256})
    assert answer.status_code == 400


def test_stored_script_is_never_served_as_live(api, victim):
    answer = api.get(f"/articles/{victim['article']}/content")
    assert answer.status_code == 200 and SECRET in answer.text
    policy = answer.headers.get("Content-Security-Policy", "")
    assert answer.headers.get("X-Content-Type-Options") == "nosniff"
    assert "sandbox" in policy and "allow-scripts" not in policy, policy


def test_names_cannot_forge_lines_of_the_log(api, server):
    """Line breaks and control characters in names and request fields stay inside their own line."""
    forged = "x\n2024-01-01T00:00:00.000Z\tERROR\tfake-rule\titem\tfile\tForged\x1b[31m"
    package = Package(folders=("Logs",))
    package.add(article(1, "Logs", name=forged, languageCode="xx"), html(1))
    package.add(article(2, "Logs", name="ok", description="d" * 2000 + forged), html(2))
    package.topics = [{"name": forged, "addArticles": {"fromArticles": [{"path": forged}]}}]
    job, _ = api.run(package.write(server.share / "forged.zip"), operation=None)
    text = api.log(job)
    for line in text.splitlines():
        assert not line.startswith("2024-01-01"), line
        assert not set(line.replace("\t", "")) & {chr(code) for code in range(32)}, line
    api.get("/import/content/health", headers={"X-Request-Id": "abc"})
    raw(server, b"GET /livez%0a2024-01-01%20forged HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\x1b[2Jb\r\n\r\n")
    assert not any(line.startswith("2024-01-01") or "\x1b" in line for line in server.log().splitlines())
