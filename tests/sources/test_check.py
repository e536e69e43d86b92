"""Whether a job would get at its package, asked before there is one: POST /import/sources/check, `waybill import --check`."""

import contextlib
import json
import socket
import threading

import pytest
import requests

from support import postgres
from support.api import Api
from support.openssh import SSHD
from support.packages import Package
from support.server import Server
from support.store import api_at_store
from support.swift import KEY, SECRET, SWIFT

CHECK = "/import/sources/check"
needs_sshd = pytest.mark.skipif(SSHD is None, reason="openssh-server is not installed")
needs_swift = pytest.mark.skipif(SWIFT is None, reason="swift-proxy is not installed")


def ask(api, path, kind="Shared file path", **more):
    return api.post(CHECK, json={"dataSource": {"type": kind, "path": path, **more}})


def checks(api, path, **more):
    """The answer's checks by what they are; the order is that of the way."""
    answer = ask(api, path, **more)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["fine"] == all(row["fine"] for row in body["checks"])
    return {row["what"]: row for row in body["checks"]}


def refused(api, path, **more):
    answer = ask(api, path, **more)
    assert answer.status_code == 400, answer.text
    return answer.json()


def test_share_is_looked_at_and_nothing_is_written_there(api, server):
    package = Package(articles=3).write(server.share / "way" / "package.zip")
    rows = checks(api, f"file://{package}")
    assert list(rows) == ["listing", "package"], "no other machine: no connection, no clock"
    assert "1 file" in rows["listing"]["found"] and "zip of" in rows["package"]["found"]
    assert [path.name for path in package.parent.iterdir()] == ["package.zip"]
    assert api.all("/import/content", "jobs") == [], "it is no job"


def test_what_is_no_package_is_said_with_what_to_do(api, server):
    folder = server.share / "no package"
    folder.mkdir()
    (folder / "notes.txt").write_text("notes")
    rows = checks(api, f"file://{folder}".replace(" ", "%20"))
    assert rows["listing"]["fine"] and not rows["package"]["fine"] and rows["package"]["advice"]
    broken = server.share / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 cut off")
    rows = checks(api, f"file://{broken}")
    assert not rows["package"]["fine"] and "zip" in rows["package"]["found"] and rows["package"]["advice"]
    empty = Package().write(server.share / "hollow.zip")
    with_nothing = server.share / "nothing"
    (with_nothing / "knowledgehub").mkdir(parents=True)
    (with_nothing / "knowledgehub" / "page.html").write_text("<p>x</p>")
    rows = checks(api, f"file://{with_nothing}")
    assert not rows["package"]["fine"] and "waybill pack" in rows["package"]["advice"]
    assert checks(api, f"file://{empty}")["package"]["fine"]
    missing = checks(api, f"file://{server.share}/none.zip")
    assert list(missing) == ["listing"] and not missing["listing"]["fine"] and missing["listing"]["advice"]
    assert "none.zip" in missing["listing"]["found"]


def test_what_a_submission_is_refused_for_is_refused_alike(api):
    for source in ({"type": "Shared file path", "path": "file:///etc/passwd"},
                   {"type": "Shared file path", "path": "http://host/x.zip"},
                   {"type": "Shared file path", "path": "upload://00000000-0000-4000-8000-000000000000"},
                   {"type": "AWS S3 bucket", "path": "s3://bucket/x.zip", "credentials": {"accessKeyId": "AKIA"}},
                   {"type": "Tape", "path": "file:///x", "more": 1}):
        checked = api.post(CHECK, json={"dataSource": source})
        submitted = api.post("/import/content", json={"dataSource": source, "operation": "import"})
        assert checked.status_code == submitted.status_code == 400
        for answer in (checked, submitted):
            assert answer.json()["code"] == "400-152"
        assert checked.json()["developerMessage"] == submitted.json()["developerMessage"]
        assert checked.json()["details"] == submitted.json()["details"]
    more = api.post(CHECK, json={"dataSource": {"type": "Shared file path", "path": "file:///x"}, "operation": "import"})
    assert more.status_code == 400 and more.json()["details"][0]["key"] == "operation"
    assert api.post(CHECK, json={}).json()["details"][0]["key"] == "dataSource"


def test_upload_is_its_departments_alone(server, api, other):
    file = Package(articles=2).write(server.share / "mine.zip")
    upload = api.post("/import/uploads", data=file.read_bytes(), headers={"Content-Type": "application/zip"}).json()["path"]
    assert list(checks(api, upload)) == ["listing", "package"]
    hidden = refused(other, upload)
    never = refused(other, "upload://00000000-0000-4000-8000-000000000000")
    assert hidden["developerMessage"].replace(upload, "") == \
        never["developerMessage"].replace("upload://00000000-0000-4000-8000-000000000000", "")


@needs_swift
def test_bucket_with_right_and_wrong_keys(tmp_path, swift, bucket):
    swift.put(bucket, "in/package.zip", Package(articles=3).zip_bytes())
    good = {"accessKeyId": KEY, "secretAccessKey": SECRET}
    with api_at_store(tmp_path, swift.url) as api:
        def there(path, credentials=good):
            return checks(api, path, kind="AWS S3 bucket", credentials=credentials)
        rows = there(f"s3://{bucket}/in/package.zip")
        assert list(rows) == ["connection", "listing", "clock", "package"] and all(row["fine"] for row in rows.values())
        assert swift.keys(bucket) == ["in/package.zip"], "it leaves nothing behind"
        wrong = there(f"s3://{bucket}/in/package.zip", {**good, "secretAccessKey": "not-the-secret"})
        assert "secret access key does not fit" in wrong["listing"]["found"] and wrong["listing"]["advice"]
        assert not there(f"s3://{bucket}/none.zip")["listing"]["fine"]
        assert "not-the-secret" not in api.server.log() and SECRET not in api.server.log()


@needs_sshd
def test_sftp_with_a_wrong_key_and_an_unknown_host(tmp_path, sshd):
    Package(articles=2).write(tmp_path / "in" / "package.zip")
    hosts = tmp_path / "hosts"
    hosts.write_text(sshd.known_hosts())
    login = {"username": sshd.user, "privateKey": sshd.user_key}
    url = sshd.url(f"{tmp_path}/in/package.zip")
    with Server(tmp_path / "w", {"network.allow": "127.0.0.0/8", "sftp.known_hosts": str(hosts)}) as server:
        api = Api(server, server.create_client())
        rows = checks(api, url, credentials=login)
        assert list(rows)[:2] == ["connection", "listing"] and all(row["fine"] for row in rows.values())
        assert [path.name for path in (tmp_path / "in").iterdir()] == ["package.zip"]
        nobody = checks(api, url, credentials={"username": sshd.user, "password": "wrong pass word"})
        assert not nobody["listing"]["fine"] and "wrong pass word" not in json.dumps(nobody) + server.log()
        hosts.write_text("")
        stranger = checks(api, url, credentials=login)
        assert list(stranger) == ["connection"] and "fingerprint" in stranger["connection"]["advice"]
    with Server(tmp_path / "w2") as server:
        api = Api(server, server.create_client())
        assert "network.allow" in checks(api, url, credentials=login)["connection"]["advice"]


@pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="so many checks at a time are each node's own")
def test_host_that_says_nothing_holds_up_nobody_and_no_stop(tmp_path):
    login = {"username": "me", "password": "x"}
    settings = {"network.allow": "127.0.0.0/8", "network.connect_timeout": "60s", "sftp.unknown_host": "accept-new"}
    with socket.create_server(("127.0.0.1", 0)) as silent, Server(tmp_path, settings) as server:
        silent.settimeout(60)
        credentials = server.create_client()
        stuck = f"sftp://127.0.0.1:{silent.getsockname()[1]}/x.zip"
        ended = []

        def wait(api):
            with contextlib.suppress(requests.ConnectionError):
                ended.append(ask(api, stuck, credentials=login).status_code)
        waiting = [threading.Thread(target=wait, args=(Api(server, credentials),)) for _ in range(2)]
        for thread in waiting:
            thread.start()
        reached = [silent.accept()[0] for _ in waiting]  # both are under way: they have come as far as this host
        third = ask(Api(server, credentials), stuck, credentials=login)
        assert third.status_code == 429 and third.headers["Retry-After"] == "5", third.text
        assert "department" in third.json()["developerMessage"]
        other = Api(server, server.create_client("elsewhere"))
        answer = ask(other, "sftp://127.0.0.1:1/x.zip", credentials=login)
        assert answer.status_code == 200 and not answer.json()["fine"], "another department's turn comes at once"
        assert server.stop() == 0
        for thread in waiting:
            thread.join(60)
            assert not thread.is_alive()
        assert ended in ([], [503], [503, 503]), "an answer that a stop cut short says that it was"
        for connection in reached:
            connection.close()


def test_command_line_asks_before_it_starts(server, api):
    package = Package(articles=2).write(server.share / "cli" / "package.zip")
    fine = server.cli("import", package, "--check", check=0)
    assert fine.stdout.endswith("All is well.\n") and "package: zip of" in fine.stdout
    rows = json.loads(server.cli("import", f"file://{server.share}/cli", "--check", "--json", check=0).stdout)
    assert rows["fine"] and [row["what"] for row in rows["checks"]] == ["listing", "package"]
    (server.share / "cli2").mkdir()
    (server.share / "cli2" / "notes.txt").write_text("x")
    wrong = server.cli("import", f"file://{server.share}/cli2", "--check", check=1)
    assert "1 check needs attention." in wrong.stdout and "→" in wrong.stdout
    sent = server.cli("import", package, "--check", "--via", "upload", check=0)
    assert "is sent to the server with the job" in sent.stdout
    assert server.cli("import", f"file://{server.share}/../x.zip", "--check").returncode == 4
    assert api.all("/import/content", "jobs") == []
