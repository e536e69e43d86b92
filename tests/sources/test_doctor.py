"""`waybill doctor PACKAGE`: what is wrong between this machine and a package, before a job finds out."""

import email.utils
import json
import socket
import time

from support.faulty_store import FaultyStore, refusal
from support.packages import Package
from support.server import Server
from support.swift import KEY, SECRET


def doctor(server, *arguments, check, environment=None):
    server.environment.update(environment or {})
    outcome = server.cli("doctor", *arguments, "--json", check=check, input="")
    rows = json.loads(outcome.stdout)["checks"]
    assert SECRET not in outcome.stdout + outcome.stderr
    return {row["what"]: row for row in rows}


def settings(server, values):
    return [part for name, value in values.items() for part in ("--set", f"{name}={value}")]


def test_package_in_a_bucket_is_looked_at_whole(tmp_path, swift, bucket):
    swift.put(bucket, "in/package.zip", Package(articles=3).zip_bytes())
    server = Server(tmp_path)
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    where = settings(server, {"network.allow": "127.0.0.0/8", "s3.endpoint": swift.url})
    rows = doctor(server, f"s3://{bucket}/in/package.zip", *where, check=0, environment=keys)
    assert list(rows) == ["connection", "listing", "clock", "package", "log"]
    assert swift.url in rows["connection"]["found"]
    assert "1 file" in rows["listing"]["found"] and "zip of" in rows["package"]["found"]
    assert f"s3://{bucket}/logs/" in rows["log"]["found"]
    assert swift.keys(bucket) == ["in/package.zip"], "it leaves nothing behind"
    missing = doctor(server, f"s3://{bucket}/none.zip", *where, check=1)
    assert not missing["listing"]["fine"] and f"s3://{bucket}/none.zip" in missing["listing"]["found"]


def test_package_that_is_none_is_said(tmp_path, swift, bucket):
    swift.put(bucket, "notes.zip", b"no zip at all")
    server = Server(tmp_path)
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    where = settings(server, {"network.allow": "127.0.0.0/8", "s3.endpoint": swift.url})
    rows = doctor(server, f"s3://{bucket}/notes.zip", *where, check=1, environment=keys)
    assert rows["listing"]["fine"] and not rows["package"]["fine"] and rows["package"]["advice"]


def test_wrong_secret_and_closed_port_are_told_apart(tmp_path, swift, bucket):
    server = Server(tmp_path)
    where = settings(server, {"network.allow": "127.0.0.0/8", "s3.endpoint": swift.url})
    wrong = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": "not-the-secret"}
    rows = doctor(server, f"s3://{bucket}/a.zip", *where, check=1, environment=wrong)
    assert "secret access key does not fit" in rows["listing"]["found"]
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    where = settings(server, {"network.allow": "127.0.0.0/8", "s3.endpoint": f"http://127.0.0.1:{port}"})
    rows = doctor(server, f"s3://{bucket}/a.zip", *where, check=1)
    assert "refused" in rows["connection"]["found"].lower()


def test_clock_that_is_off_and_a_log_that_may_not_be_written_are_said(tmp_path):
    def before(handler):
        handler.date_time_string = lambda *_: email.utils.formatdate(time.time() + 86_400, usegmt=True)
        if handler.command != "PUT":
            return False
        handler.answer(403, refusal("AccessDenied"))
        return True
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with FaultyStore(Package(articles=1).zip_bytes(), before) as store:
        server = Server(tmp_path)
        where = settings(server, {"network.allow": "127.0.0.0/8", "s3.endpoint": f"http://127.0.0.1:{store.port}"})
        rows = doctor(server, "s3://some-bucket/package.zip", *where, check=1, environment=keys)
    assert rows["listing"]["fine"] and rows["package"]["fine"]
    assert not rows["clock"]["fine"] and "ahead" in rows["clock"]["found"] and "clock" in rows["clock"]["advice"]
    assert not rows["log"]["fine"] and "denied" in rows["log"]["found"] and "s3://some-bucket/logs/" in rows["log"]["advice"]


def test_address_that_is_not_allowed_names_the_setting(tmp_path, sshd):
    (tmp_path / "key").write_text(sshd.user_key)
    arguments = (sshd.url("/a.zip"), "--user", sshd.user, "--identity", tmp_path / "key")
    rows = doctor(Server(tmp_path / "w"), *arguments, check=1)
    assert "network.allow" in rows["connection"]["advice"]


def test_host_key_of_an_sftp_server_is_checked(tmp_path, sshd):
    Package(articles=2).write(tmp_path / "in" / "package.zip")
    server = Server(tmp_path / "w")
    key = tmp_path / "key"
    key.write_text(sshd.user_key)
    key.chmod(0o600)
    hosts = tmp_path / "hosts"
    hosts.write_text(sshd.known_hosts())
    where = settings(server, {"network.allow": "127.0.0.0/8", "sftp.known_hosts": hosts})
    url = sshd.url(f"{tmp_path}/in/package.zip")
    rows = doctor(server, url, "--user", sshd.user, "--identity", key, *where, check=0)
    assert str(hosts) in rows["connection"]["found"] and rows["package"]["fine"]
    assert sorted(path.name for path in (tmp_path / "in" / "logs").iterdir()) == []
    hosts.write_text("")
    rows = doctor(server, url, "--user", sshd.user, "--identity", key, *where, check=1)
    assert list(rows) == ["connection"]
    assert sshd.fingerprint("ed25519") in rows["connection"]["found"] and "fingerprint" in rows["connection"]["advice"]


def test_path_below_no_root_names_the_setting(tmp_path):
    package = Package(articles=1).write(tmp_path / "package.zip")
    server = Server(tmp_path / "w")
    assert "sources.file_roots" in doctor(server, package, check=1)["path"]["found"]
    rows = doctor(server, package, *settings(server, {"sources.file_roots": tmp_path}), check=0)
    assert rows["package"]["fine"] and rows["log"]["fine"]


def test_check_for_people_is_one_screen(tmp_path):
    package = Package(articles=1).write(tmp_path / "package.zip")
    outcome = Server(tmp_path / "w").cli("doctor", package, "--set", f"sources.file_roots={tmp_path}", check=0)
    assert outcome.stdout.endswith("All is well.\n") and len(outcome.stdout.splitlines()) <= 24
