"""What goes wrong between Waybill and a store, and what is said of it: each with the right `retryable`."""

import contextlib
import datetime
import email.utils
import os
import re
import socket
import sqlite3
import threading

import pytest

from support import postgres
from support.faulty_store import FaultyStore, full_backlog, refusal, self_signed
from support.packages import Package, large_package
from support.store import api_at_store

KEY, SECRET = "AKIAEXAMPLE", "a-secret-of-the-fault-tests"
GOOD = {"accessKeyId": KEY, "secretAccessKey": SECRET}


def run(api, path="s3://bucket-one/package.zip", **more):
    source = {"type": "AWS S3 bucket", "path": path, "credentials": GOOD, **more}
    return api.run("", dataSource=source)


def failed(api, **more):
    status = run(api, **more)[1]
    assert status["status"] == "Failed", status
    assert SECRET not in status["error"] and SECRET not in api.server.log()
    return status["error"], status["retryable"]


@pytest.fixture(scope="module")
def data():
    return Package(articles=5).zip_bytes()


def answers(*rows):
    """Each row answers one request, then all is well."""
    left, lock = list(rows), threading.Lock()

    def before(handler):
        with lock:
            row = left.pop(0) if left else None
        if row is None:
            return False
        status, body, headers = row
        handler.answer(status, body, **headers)
        return True
    return before


def always(status, body, **headers):
    def before(handler):
        handler.answer(status, body, **headers)
        return True
    return before


def test_throttled_requests_are_sent_again(tmp_path, data):
    slow = (503, refusal("SlowDown", "Please reduce your request rate."), {})
    with FaultyStore(data, answers(slow, slow, slow)) as store, api_at_store(tmp_path, f"http://127.0.0.1:{store.port}") as api:
        status = run(api)[1]
        assert status["status"] == "Successful", status
        assert store.count() >= 5


def test_store_that_goes_on_refusing_ends_the_tries(tmp_path, data):
    with FaultyStore(data, always(503, refusal("SlowDown"))) as store, \
            api_at_store(tmp_path, f"http://127.0.0.1:{store.port}") as api:
        error, retryable = failed(api)
        assert "overloaded" in error and retryable
        assert 2 <= store.count() <= 10


@pytest.mark.parametrize("code, words", [("AccessDenied", "denied"), ("ExpiredToken", "expired"),
                                         ("InvalidAccessKeyId", "no such access key id")])
def test_refusals_are_said_and_not_repeated(tmp_path, data, code, words):
    with FaultyStore(data, always(403, refusal(code))) as store, \
            api_at_store(tmp_path, f"http://127.0.0.1:{store.port}") as api:
        error, retryable = failed(api)
        assert words in error and not retryable
        assert store.count() == 1


def test_skewed_clock_is_told_with_the_stores_time(tmp_path, data):
    tomorrow = email.utils.format_datetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1), usegmt=True)

    def before(handler):
        handler.send_response_only(403)
        handler.send_header("Date", tomorrow)
        body = refusal("RequestTimeTooSkewed")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        return True
    with FaultyStore(data, before) as store, api_at_store(tmp_path, f"http://127.0.0.1:{store.port}") as api:
        error, retryable = failed(api)
        assert "clock" in error and tomorrow in error and not retryable


def test_region_that_a_redirect_names_is_signed_for(tmp_path, data):
    hint = (301, refusal("PermanentRedirect"), {"x_amz_bucket_region": "eu-west-3"})
    with FaultyStore(data, answers(hint)) as store, api_at_store(tmp_path, f"http://127.0.0.1:{store.port}") as api:
        assert run(api)[1]["status"] == "Successful"
        signed = [headers["authorization"] for _, _, headers in
                  ((m, p, {k.lower(): v for k, v in h.items()}) for m, p, h in store.requests)]
        assert "/us-east-1/" in signed[0] and all("/eu-west-3/" in each for each in signed[1:])


def test_redirect_to_another_address_is_not_followed(tmp_path, data):
    with socket.create_server(("127.0.0.1", 0)) as other:
        target = f"http://127.0.0.1:{other.getsockname()[1]}/bucket-one/package.zip"
        with FaultyStore(data, always(307, b"", Location=target)) as store, \
                api_at_store(tmp_path, f"http://127.0.0.1:{store.port}") as api:
            failed(api)
        other.settimeout(0)
        with pytest.raises(BlockingIOError):
            other.accept()


def test_name_that_resolves_to_an_address_that_is_not_allowed_is_refused(tmp_path, data):
    with FaultyStore(data) as store, \
            api_at_store(tmp_path, f"http://localhost:{store.port}", **{"network.allow": "192.0.2.1"}) as api:
        error, retryable = failed(api)
        assert "network.allow" in error and not retryable
        assert store.requests == []


def test_reset_half_way_goes_on_at_the_byte(tmp_path):
    data = large_package(6, 5).zip_bytes(compression=0)
    broken = []

    def before(handler):
        wanted = handler.headers.get("Range", "")
        if len(broken) >= 3 or not wanted.startswith("bytes=2097152-"):
            return False
        broken.append(wanted)
        handler.send_response(206)
        handler.send_header("Content-Length", str(1 << 20))
        handler.end_headers()
        handler.wfile.write(data[2097152:2097152 + 4096])
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)
        return True
    with FaultyStore(data, before) as store, api_at_store(tmp_path, f"http://127.0.0.1:{store.port}") as api:
        assert run(api)[1]["status"] == "Successful"
        ranges = [headers.get("Range", headers.get("range", "")) for _, _, headers in store.requests]
        assert broken and any(each.startswith(f"bytes={2097152 + 4096}-") for each in ranges), ranges


def test_store_that_says_nothing_is_given_up_in_time(tmp_path, data):
    release = threading.Event()

    def before(_handler):
        release.wait(120)
        return False
    with FaultyStore(data, before) as store:
        settings = {"network.stall_timeout": "1s", "network.attempts": "2"}
        with api_at_store(tmp_path, f"http://127.0.0.1:{store.port}", **settings) as api:
            error, retryable = failed(api)
            assert "did not answer in time" in error and retryable
        release.set()


def test_store_that_never_ends_is_given_up_in_time(tmp_path, data):
    """Each piece comes in time, the whole does not."""
    stop = threading.Event()

    def before(handler):
        handler.send_response(206)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not stop.wait(0.1):
            handler.wfile.write(b"x")
        return True
    with FaultyStore(data, before) as store:
        settings = {"network.request_timeout": "2s", "network.attempts": "1"}
        with api_at_store(tmp_path, f"http://127.0.0.1:{store.port}", **settings) as api:
            error, retryable = failed(api)
            assert "did not answer in time" in error and retryable
        stop.set()


def test_store_that_takes_no_connection_is_given_up_in_time(tmp_path):
    with full_backlog() as port:
        settings = {"network.connect_timeout": "1s", "network.attempts": "1"}
        with api_at_store(tmp_path, f"http://127.0.0.1:{port}", **settings) as api:
            error, retryable = failed(api)
            assert "did not answer in time" in error and retryable


def test_port_that_speaks_no_tls_is_said(tmp_path, data):
    with FaultyStore(data) as store, \
            api_at_store(tmp_path, f"https://127.0.0.1:{store.port}", **{"network.attempts": "1"}) as api:
        error, _ = failed(api)
        assert "TLS" in error and "127.0.0.1" in error
        assert store.requests == [], "nothing was said in the clear"


def test_session_token_is_sent_and_signed(tmp_path, data):
    with FaultyStore(data) as store, api_at_store(tmp_path, f"http://127.0.0.1:{store.port}") as api:
        assert run(api, credentials={**GOOD, "sessionToken": "a-token"})[1]["status"] == "Successful"
        for _, _, headers in store.requests:
            headers = {name.lower(): value for name, value in headers.items()}
            assert headers["x-amz-security-token"] == "a-token"
            signed = re.search(r"SignedHeaders=([^,]+)", headers["authorization"])[1].split(";")
            assert "x-amz-security-token" in signed and "host" in signed


def test_certificate_that_is_not_trusted_is_refused_and_one_of_the_ca_file_taken(tmp_path, data):
    certificate = self_signed(tmp_path / "tls")
    with FaultyStore(data, certificate=certificate) as store:
        url = f"https://127.0.0.1:{store.port}"
        with api_at_store(tmp_path / "without", url) as api:
            error, retryable = failed(api)
            assert "certificate of 127.0.0.1" in error and "not trusted" in error and not retryable
        with api_at_store(tmp_path / "with", url, **{"s3.ca_file": str(certificate[0])}) as api:
            assert run(api)[1]["status"] == "Successful"


def test_host_that_does_not_exist_is_named(tmp_path):
    with api_at_store(tmp_path, "http://no-such-host.invalid:9", **{"network.attempts": "2"}) as api:
        error, retryable = failed(api)
        assert "no-such-host.invalid" in error and "could not be found" in error and retryable


def test_log_that_the_store_does_not_take_stays_on_the_server_with_the_reason(tmp_path, data):
    def before(handler):
        if handler.command != "PUT":
            return False
        handler.answer(403, refusal("AccessDenied"))
        return True
    with FaultyStore(data, before) as store, api_at_store(tmp_path, f"http://127.0.0.1:{store.port}") as api:
        job, status = run(api)
        assert status["status"] == "Successful", status
        assert status["logFileLocation"].endswith(f"/import/content/{job}/log")
        assert "could not be put beside the package" in api.log(job) and "denied" in api.log(job)


def test_failed_job_is_retried_with_credentials_given_again_and_goes_on(tmp_path):
    data = large_package(24, 50).zip_bytes(compression=0)  # more articles than are on the way at once
    away = threading.Event()

    def before(handler):
        if away.is_set() and handler.command == "GET":
            handler.answer(503, refusal("SlowDown"))
            return True
        return False
    settings = {"network.attempts": "1", "spool.read_ahead": "0B", "jobs.batch_items": "5", "jobs.max_items_per_second": "100"}
    with FaultyStore(data, before) as store, api_at_store(tmp_path, f"http://127.0.0.1:{store.port}", **settings) as api:
        source = {"type": "AWS S3 bucket", "path": "s3://bucket-one/package.zip", "credentials": GOOD}
        job = api.submit("", dataSource=source)
        assert api.wait_processed(job, 5)["status"] == "In Progress"
        away.set()
        status = api.wait(job)
        assert status["status"] == "Failed" and status["retryable"], status
        assert "after processing" in status["error"]
        away.clear()
        without = api.post(f"/import/content/{job}/retry")
        assert without.status_code == 400 and "credentials" in without.json()["developerMessage"], without.text
        odd = api.post(f"/import/content/{job}/retry", json={"dataSource": {"credentials": GOOD, "path": "s3://other/x"}})
        assert odd.status_code == 400 and odd.json()["details"][0]["key"] == "dataSource.path", odd.text
        again = api.post(f"/import/content/{job}/retry", json={"dataSource": {"credentials": GOOD}})
        assert again.status_code == 202, again.text
        status = api.wait(job)
        assert status["status"] == "Successful", status
        assert status["results"] == {"successful": 1201, "warnings": 0, "errors": 0}


def test_credentials_are_nowhere_in_the_clear_and_gone_when_the_job_ends(tmp_path, data):
    release = threading.Event()

    def before(_handler):
        release.wait(120)
        return False
    token = "a-session-token-of-the-fault-tests"
    with FaultyStore(data, before) as store, \
            api_at_store(tmp_path, f"http://127.0.0.1:{store.port}", **{"log.level": "debug"}) as api:
        source = {"type": "AWS S3 bucket", "path": "s3://bucket-one/package.zip", "credentials": {**GOOD, "sessionToken": token}}
        job = api.submit("", dataSource=source)
        api.wait(job, states={"In Progress"})
        process = f"/proc/{api.server.process.pid}"
        for secret in (SECRET, token):
            assert secret.encode() not in open(f"{process}/environ", "rb").read()
            assert secret.encode() not in open(f"{process}/cmdline", "rb").read()
        assert plain_text_of(api.server, (SECRET, token)) == []
        release.set()
        assert api.wait(job)["status"] == "Successful"
        assert api.server.stop() == 0
        assert plain_text_of(api.server, (SECRET, token)) == []
        if api.server.database:
            rows = postgres.shared().query(api.server.database, "SELECT coalesce(sealed_credentials::text, 'none') FROM jobs")
            rows = [(None if value == "none" else value,) for (value,) in rows]
        else:
            rows = sqlite3.connect(api.server.data / "waybill.db").execute("SELECT sealed_credentials FROM jobs").fetchall()
        assert rows == [(None,)]


def plain_text_of(server, secrets):
    """The files below the server's folder (database, its write-ahead log, logs, output) that hold one of the secrets."""
    found = []
    for folder, _, names in os.walk(server.folder):
        for name in names:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError), open(path, "rb") as file:
                text = file.read()
                found += [path for secret in secrets if secret.encode() in text]
    found += ["stdout" for secret in secrets if any(secret in line for line in server.output)]
    return found
