"""Packages sent to Waybill itself: POST /import/uploads, then upload:// as the path."""

import datetime
import re

from support.api import Api
from support.packages import Package
from support.server import Server, wait_for


def upload(api, data, **headers):
    return api.post("/import/uploads", data=data, headers={"Content-Type": "application/zip", **headers})


def test_upload_is_a_source(api):
    answer = upload(api, Package(articles=4).zip_bytes())
    assert answer.status_code == 201
    path = answer.json()["path"]
    assert path.startswith("upload://")
    job, status = api.run(path, operation=None)
    assert status["results"] == {"successful": 5, "warnings": 0, "errors": 0}
    assert f"/import/content/{job}/log" in status["logFileLocation"]
    # Once more: an upload is no throw-away of its first job.
    assert api.run(path)[1]["status"] == "Successful"


def test_upload_without_a_length_is_taken(api):
    data = Package(articles=2).zip_bytes()
    answer = upload(api, (data[at:at + 1000] for at in range(0, len(data), 1000)))
    assert answer.status_code == 201
    assert api.run(answer.json()["path"])[1]["status"] == "Successful"


def test_another_departments_upload_is_not_there(api, other):
    path = upload(api, Package(articles=1).zip_bytes()).json()["path"]
    answer = other.post("/import/content", json={
        "dataSource": {"type": "Shared file path", "path": path}, "operation": "import"})
    unknown = other.post("/import/content", json={
        "dataSource": {"type": "Shared file path", "path": "upload://7A84B875-6F75-4C7B-B137-0632B62DB0BD"},
        "operation": "import"})
    assert answer.status_code == unknown.status_code == 400
    assert answer.json()["code"] == unknown.json()["code"] == "400-152"


def test_upload_needs_a_token_before_its_body(server):
    answer = upload(Api(server), b"x" * (8 << 20))
    assert answer.status_code == 401


def test_upload_over_the_configured_size_is_refused_and_leaves_nothing(tmp_path):
    with Server(tmp_path, {"server.max_upload_bytes": "1MiB"}) as server:
        api = Api(server, server.create_client())
        before = sorted(path.name for path in server.folder.rglob("*"))
        answer = upload(api, b"x" * ((1 << 20) + 1))
        assert answer.status_code == 413 and answer.json()["code"] == "413-100"
        assert sorted(path.name for path in server.folder.rglob("*")) == before


def test_upload_that_is_no_zip_fails_its_job_clearly(api):
    path = upload(api, b"hello").json()["path"]
    _, status = api.run(path)
    assert status["status"] == "Failed" and status["retryable"] is False


def test_uploads_outlive_the_server(tmp_path):
    with Server(tmp_path) as server:
        credentials = server.create_client()
        path = upload(Api(server, credentials), Package(articles=2).zip_bytes()).json()["path"]
        server.kill9()
        server.start()
        assert Api(server, credentials).run(path)[1]["status"] == "Successful"


def test_uploads_expire_but_for_those_that_a_job_waits_for(tmp_path):
    with Server(tmp_path, {"server.keep_uploads": "1h"}) as server:
        api = Api(server, server.create_client())
        old, needed, fresh = (upload(api, Package(articles=count).zip_bytes()).json()["path"] for count in (1, 2, 3))
        tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
        job = api.submit(needed, scheduleTime={"date": tomorrow.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
        assert api.run(old)[1]["status"] == "Successful"
        server.stop()
        notes = {f"upload://{note.stem}": note for note in server.uploads().glob("*") if note.suffix != ".zip"}
        for path in (old, needed):  # as if it had come two hours ago
            note = notes[path]
            ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=2)
            note.write_text(re.sub(r"created \S+", f"created {ago:%Y-%m-%dT%H:%M:%S}.000Z", note.read_text()))
        server.start()
        api.renew()
        wait_for(lambda: not notes[old].exists(), "the old upload to go")
        wait_for(lambda: "app.uploads_expired" in server.log(), "the server to say so")
        assert sorted(path.stem for path in server.uploads().glob("*.zip")) == \
            sorted(path.removeprefix("upload://") for path in (needed, fresh))
        answer = api.post("/import/content", json={
            "dataSource": {"type": "Shared file path", "path": old}, "operation": "import"})
        assert answer.status_code == 400 and "may have expired" in answer.json()["developerMessage"]
        assert api.status(job)["status"] == "Scheduled"
        assert api.run(fresh)[1]["status"] == "Successful"
