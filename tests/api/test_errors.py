"""Every error code of the contract, section 1, by a request that earns it."""

import uuid

import pytest

from support.api import BASE, Api
from support.server import wait_for

IMPORT = "/import/content"


def body(**members):
    return {"dataSource": {"type": "Shared file path", "path": "file:///nowhere/a.zip"}, "operation": "import", **members}


def source(**members):
    return body(dataSource={"type": "Shared file path", "path": "file:///nowhere/a.zip", **members})


def error(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    value = answer.json()
    assert value["code"] == code, value
    assert 0 < len(value["developerMessage"]) <= 255
    assert len(value.get("details", [])) <= 30
    return value


def keys(value):
    return [row["key"] for row in value.get("details", [])]


@pytest.mark.parametrize("text", ["", "{", "nonsense", '{"a":1,}', '{"dataSource": {"type": "x"}', "[1, 2", b"\xff\xfe{}"])
def test_body_that_is_not_json_says_line_and_column(api, text):
    value = error(api.post(IMPORT, data=text, headers={"Content-Type": "application/json"}), 400, "400-100")
    assert "line" in value["developerMessage"] and "column" in value["developerMessage"]


def test_unknown_query_parameter_is_named(api):
    value = error(api.post(IMPORT, json=body(), params={"dryRun": "yes"}), 400, "400-101")
    assert "dryRun" in value["developerMessage"] + str(value.get("details"))


def test_required_query_parameter_is_named(api):
    value = error(api.get("/search"), 400, "400-112")
    assert "q" in keys(value) or "'q'" in value["developerMessage"]


@pytest.mark.parametrize("request_body, key", [
    ({"operation": "import"}, "dataSource"),
    (body(dataSource="s3://x"), "dataSource"),
    (body(dataSource={"path": "file:///a"}), "dataSource.type"),
    (body(dataSource={"type": "Shared file path"}), "dataSource.path"),
    (source(type="FTP"), "dataSource.type"),
    (source(path=""), "dataSource.path"),
    (source(path="/not/a/uri"), "dataSource.path"),
    (source(path="file:///" + "a" * 1024), "dataSource.path"),
    (source(path=17), "dataSource.path"),
    (source(region="r" * 21), "dataSource.region"),
    (source(credentials={"accessKeyId": "only one"}), "dataSource.credentials.secretAccessKey"),
    (source(credentials={"username": "u" * 1025, "password": "x"}), "dataSource.credentials.username"),
    (source(credentials={"pin": "1"}), "dataSource.credentials.pin"),
    (source(colour="red"), "dataSource.colour"),
    (body(operation="delete"), "operation"),
    (body(operation=None), "operation"),
    (body(colour="red"), "colour"),
    (body(scheduleTime="now"), "scheduleTime"),
    (body(scheduleTime={"date": "2024-13-01"}), "scheduleTime.date"),
    (body(scheduleTime={"date": "2024-03-01T10:00:00.000Z", "stopDate": "2024-03-01T09:00:00.000Z"}), "scheduleTime.stopDate"),
    (body(scheduleTime={"when": "now"}), "scheduleTime.when"),
    ([], ""),
])
def test_invalid_member_is_named_by_its_path(api, request_body, key):
    value = error(api.post(IMPORT, json=request_body), 400, "400-152")
    assert key in keys(value) or key == "", value


def test_missing_operation_is_named_for_import_and_a_wrong_one_for_validate(api):
    without = body()
    del without["operation"]
    assert "operation" in keys(error(api.post(IMPORT, json=without), 400, "400-152"))
    wrong = {**body(), "operation": "renew"}
    assert "operation" in keys(error(api.post(IMPORT + "/validate", json=wrong), 400, "400-152"))


def test_every_invalid_member_is_named_at_once(api):
    value = error(api.post(IMPORT, json=body(operation="x", colour=1, scheduleTime={"date": "x"})), 400, "400-152")
    assert {"operation", "colour", "scheduleTime.date"} <= set(keys(value))


def test_schedule_more_than_seven_days_ahead_passes_a_limit(api):
    value = error(api.post(IMPORT, json=body(scheduleTime={"date": "2999-01-01T00:00:00.000Z"})), 400, "400-10424")
    assert value["developerMessage"].startswith("Limit exceeded. The allowed limit for '")


def test_s3_without_credentials_says_which_are_needed(api):
    changed = {"type": "AWS S3 bucket", "path": "s3://mybucket/myfolder/"}
    value = error(api.post(IMPORT, json=source(**changed)), 400, "400-152")
    assert "'accessKeyId' with 'secretAccessKey'" in value["developerMessage"]


def test_sftp_without_credentials_says_which_are_needed(api):
    value = error(api.post(IMPORT, json=source(path="sftp://host/path")), 400, "400-152")
    assert "'username' with 'password' or 'privateKey'" in value["developerMessage"]


def test_file_outside_the_allowed_roots_is_refused(api):
    for path in ("file:///etc", "file:///etc/passwd", "file://otherhost/share/a.zip"):
        assert "dataSource.path" in keys(error(api.post(IMPORT, json=source(path=path)), 400, "400-152"))


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Bearer a.b.c", "Basic YTpi",
                                    "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
def test_bad_token_is_refused_with_a_challenge(server, header):
    nobody = Api(server)
    answer = nobody.post(IMPORT, json=body(), headers={"Authorization": header} if header is not None else {})
    error(answer, 401, "401-101")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    if header and header.startswith("Bearer "):
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_token_without_the_scope_is_refused(server, small):
    reader = Api(server, server.create_client("default", ("knowledge.contentmgr.read",)))
    error(reader.post(IMPORT, json=body()), 403, "403-197")
    assert reader.get(IMPORT).status_code == 200


@pytest.mark.parametrize("job", ["x", "7A84B875-6F75-4C7B-B137-0632B62DB0BD", "..", "%2e%2e", "7a84b875"])
def test_anything_that_is_no_job_is_404(api, job):
    if job in ("..",):
        job = "%2E%2E"
    error(api.get(f"{IMPORT}/{job}/status", checked=False), 404, "404-100")
    error(api.post(f"{IMPORT}/{job}/cancel", checked=False), 404, "404-100")


def test_job_ids_are_read_in_either_case_percent_encoded_and_behind_double_slashes(api, small):
    job, _ = api.run(small)
    encoded = "".join(f"%{ord(c):02x}" for c in job)
    for path in (f"{IMPORT}/{job.lower()}/status", f"{IMPORT}/{encoded}/status"):
        assert api.get(path).json()["status"] == "Successful"
    assert api.request("GET", f"//knowledge//contentmgr/v4/import/content/{job}/status").status_code == 200


def test_another_departments_job_is_not_there(api, other, small):
    job, _ = api.run(small)
    unknown = str(uuid.uuid4()).upper()
    for method, path in (("GET", "status"), ("POST", "cancel"), ("GET", "findings"), ("GET", "log")):
        seen = other.request(method, f"{IMPORT}/{job}/{path}")
        none = other.request(method, f"{IMPORT}/{unknown}/{path}")
        assert error(seen, 404, "404-100") == error(none, 404, "404-100")
    assert job not in [row["id"] for row in other.all(IMPORT, "jobs")]


def test_administrators_see_all_departments(server, api, small):
    job, _ = api.run(small)
    admin = Api(server, server.create_client("operations", ("knowledge.contentmgr.manage", "waybill.admin")))
    assert admin.status(job)["status"] == "Successful"


def test_wrong_method_says_which_are_allowed(api):
    answer = api.request("DELETE", IMPORT + "/health", checked=False)
    error(answer, 405, "405-100")
    assert "GET" in answer.headers["Allow"]
    answer = api.request("PUT", IMPORT, checked=False)
    error(answer, 405, "405-100")
    assert {"GET", "POST"} <= {name.strip() for name in answer.headers["Allow"].split(",")}


def test_unknown_path_is_404(api):
    error(api.get("/import/contents", checked=False), 404, "404-100")


def test_body_over_64_kib_is_refused(api):
    error(api.post(IMPORT, data=b" " * (64 * 1024 + 1), headers={"Content-Type": "application/json"}), 413, "413-100")


def test_other_media_types_are_refused(api):
    error(api.post(IMPORT, data="a=b", headers={"Content-Type": "application/x-www-form-urlencoded"}), 415, "415-100")


@pytest.mark.parametrize("accepted", ["en-US", "en", "*", "xx, de-DE;q=0.1", "fr-CH, fr;q=0.9, *;q=0.5", "PT-br", ""])
def test_acceptable_language(api, accepted):
    headers = {"Accept-Language": accepted} if accepted else {}
    assert api.get(IMPORT, headers=headers).status_code == 200


@pytest.mark.parametrize("refused", ["xx", "en-US;q=0", "th-TH", "xx-YY, zz;q=0.3"])
def test_no_acceptable_language(api, refused):
    error(api.get(IMPORT, headers={"Accept-Language": refused}), 406, "406-100")


def test_no_acceptable_media_type(api):
    error(api.get(IMPORT, headers={"Accept": "image/png"}), 406, "406-100")


def test_user_message_comes_when_asked_for(api):
    path = f"{IMPORT}/nothing/status"
    assert "userMessage" not in api.get(path).json()
    value = api.get(path, headers={"X-eGain-Error-Message": "yes"}).json()
    assert value["userMessage"]


def test_ended_job_cannot_be_cancelled(api, small):
    job, _ = api.run(small)
    error(api.post(f"{IMPORT}/{job}/cancel"), 409, "409-100")


def test_caller_without_department_fails_a_precondition(server):
    # A department is part of what a client is: the command line refuses to make one without.
    outcome = server.cli("client", "create", "--name", "x", "--department", "")
    assert outcome.returncode == 2


def test_request_id_is_echoed_or_made_and_stands_in_the_log(server, api):
    answer = api.get(IMPORT, headers={"X-Request-Id": "walk-4711"})
    assert answer.headers["X-Request-Id"] == "walk-4711"
    wait_for(lambda: "walk-4711" in server.log(), "the log's line, which is written once the answer is on its way")
    assert api.get(IMPORT).headers["X-Request-Id"]
    made = api.get(IMPORT, headers={"X-Request-Id": "x" * 4000})
    assert made.headers["X-Request-Id"] != "x" * 4000
