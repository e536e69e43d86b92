"""Blobs and uploads in a bucket (`storage.bucket`): what is kept, what a fault does, what is said."""

import hashlib
import json
import random
import threading

import pytest
import requests

from support.api import Api
from support.cutting_proxy import CuttingProxy
from support.packages import Package, article, html
from support.server import MEASURED, Server, wait_for
from support.swift import SECRET, as_storage

MANAGE = "knowledge.contentmgr.manage"
READ = "knowledge.contentmgr.read"
PREFIX = "large/bytes/"
MIB = 1 << 20


def attachment(number, size=2000):
    return random.Random(number).randbytes(size)


def package(articles=20):
    """Each article has an attachment of its own and one that all share."""
    made = Package()
    made.files["knowledgehub/articles/resources/shared.bin"] = attachment(-1)
    for number in range(articles):
        made.files[f"knowledgehub/articles/resources/{number}.bin"] = attachment(number)
        made.add(article(number, attachments=[{"name": "own", "path": f"resources/{number}.bin"},
                                              {"name": "shared", "path": "resources/shared.bin"}]), html(number))
    return made


def api_of(server):
    return Api(server, server.create_client("default", (MANAGE, READ)))


def upload(api, data, **options):
    return api.post("/import/uploads", data=data, headers={"Content-Type": "application/zip"}, **options)


def check_attachments(api, articles):
    rows = api.all("/articles", "articles")
    assert len(rows) == articles
    for row in rows:
        number = int(row["name"].split()[-1])
        assert api.get(f"/articles/{row['id']}/attachments/0").content == attachment(number)
        assert api.get(f"/articles/{row['id']}/attachments/1").content == attachment(-1)


@pytest.fixture
def bucket_server(tmp_path, swift, bucket):
    with Server(tmp_path, environment=as_storage(swift.url, bucket)) as server:
        yield server


def test_attachments_lie_in_the_bucket_once_each_by_their_hash(bucket_server, swift, bucket):
    api = api_of(bucket_server)
    for operation in ("import", "reimport"):
        _, status = api.run(package().write(bucket_server.share / "package.zip"), operation)
        assert status["status"] == "Successful" and status["results"]["successful"] == 21, status
    hashes = {hashlib.sha256(attachment(number)).hexdigest() for number in range(-1, 20)}
    keys = swift.keys(bucket)
    assert sorted(keys) == sorted(f"{PREFIX}blobs/{name}" for name in hashes)
    for key in keys:
        assert hashlib.sha256(swift.get(bucket, key)).hexdigest() == key.split("/")[-1]
    check_attachments(api, 20)
    assert not list((bucket_server.data / "blobs").iterdir()), "nothing lies in the folder"
    assert SECRET not in bucket_server.log()


def test_what_is_damaged_in_the_bucket_is_not_given_out_and_mended_by_another_import(bucket_server, swift, bucket):
    api = api_of(bucket_server)
    path = package(1).write(bucket_server.share / "package.zip")
    api.run(path)
    row = api.all("/articles", "articles")[0]
    key = f"{PREFIX}blobs/{hashlib.sha256(attachment(0)).hexdigest()}"
    swift.put(bucket, key, b"another size")
    assert api.get(f"/articles/{row['id']}/attachments/0").status_code == 500
    assert bucket_server.stop() == 0  # a server remembers what it has seen there
    bucket_server.start()
    api.renew()
    api.run(path, "reimport")
    assert api.get(f"/articles/{row['id']}/attachments/0").content == attachment(0)


def test_an_upload_is_one_object_and_the_departments_own(bucket_server, swift, bucket):
    api = api_of(bucket_server)
    data = package(3).zip_bytes()
    answer = upload(api, data)
    assert answer.status_code == 201, answer.text
    [key] = swift.keys(bucket, PREFIX + "uploads/")
    assert swift.get(bucket, key) == data
    assert not list((bucket_server.data / "incoming").iterdir()) and not list((bucket_server.data / "uploads").iterdir())
    path = answer.json()["path"]
    _, status = api.run(path)
    assert status["status"] == "Successful" and status["results"]["successful"] == 4, status
    other = Api(bucket_server, bucket_server.create_client("other", (MANAGE, READ)))
    for unknown in (path, "upload://7A84B875-6F75-4C7B-B137-0632B62DB0BD"):
        refused = other.post("/import/content", json={
            "dataSource": {"type": "Shared file path", "path": unknown}, "operation": "import"})
        assert refused.status_code == 400 and refused.json()["code"] == "400-152", refused.text


@pytest.fixture
def away(tmp_path, swift, bucket):
    """A slow server, and what stands between it and its bucket."""
    slow = {"jobs.max_items_per_second": 40, "jobs.batch_time": "50ms", "jobs.batch_items": 5}
    with CuttingProxy(("127.0.0.1", swift.port)) as proxy:
        with Server(tmp_path, slow, as_storage(f"http://127.0.0.1:{proxy.port}", bucket)) as server:
            yield server, proxy


def degraded(api):
    health = api.get("/import/content/health").json()
    return health["status"] == "degraded" and any("bucket" in issue for issue in health["issues"])


def test_a_bucket_that_is_away_fails_no_job_and_says_so(away):
    server, proxy = away
    api = api_of(server)
    job = api.submit(package(300).write(server.share / "package.zip"))  # seconds of work, however late health tells
    sent = upload(api, package(5).zip_bytes()).json()["path"]
    api.wait_processed(job, 15)
    proxy.refuse()
    wait_for(lambda: degraded(api), "health to tell")
    row = api.all("/articles", "articles")[0]
    answer = api.get(f"/articles/{row['id']}/attachments/0")
    assert answer.status_code == 503 and answer.headers["Retry-After"], answer.text
    answer = upload(api, package(5).zip_bytes())
    assert answer.status_code == 503 and answer.headers["Retry-After"], answer.text
    assert api.get("/readyz").status_code == 200, "all but large bytes is served"
    waiting = api.submit(sent, "reimport")  # taken: the bucket may come back before its turn
    before = api.status(job)
    assert before["status"] == "In Progress" and before["progress"]["processed"] < 301, before
    proxy.accept()
    for each, count in ((job, 301), (waiting, 6)):
        status = api.wait(each)
        assert status["status"] == "Successful" and status["results"]["successful"] == count, status
    check_attachments(api, 300)
    wait_for(lambda: not degraded(api), "health to tell")
    assert SECRET not in server.log()


def test_a_job_whose_bucket_is_away_can_be_cancelled_and_its_server_stopped(away):
    server, proxy = away
    api = api_of(server)
    path = package(300).write(server.share / "package.zip")  # seconds of work, however late health tells
    job = api.submit(path)
    api.wait_processed(job, 10)
    proxy.refuse()
    wait_for(lambda: degraded(api), "health to tell")
    assert api.post(f"/import/content/{job}/cancel").status_code == 204
    assert api.wait(job, 30)["status"] == "Cancelled"
    job = api.submit(path, "reimport")
    wait_for(lambda: api.status(job)["status"] == "In Progress", "the job to begin")
    assert server.stop() == 0
    proxy.accept()
    server.start()
    api.renew()
    status = api.wait(job)
    assert status["status"] == "Successful" and status["results"]["successful"] == 301, status


def test_keys_that_are_refused_are_the_operators_matter(tmp_path, swift, bucket):
    wrong = {**as_storage(swift.url, bucket), "AWS_SECRET_ACCESS_KEY": "not-the-key"}
    with Server(tmp_path, environment=wrong) as server:
        api = api_of(server)
        assert degraded(api)
        job = api.submit(package(3).write(server.share / "package.zip"))
        assert upload(api, b"zip").status_code == 503
        wait_for(lambda: api.status(job)["status"] == "In Progress", "the job to begin")
        assert server.stop() == 0
        server.environment.update(as_storage(swift.url, bucket))
        server.start()
        api.renew()
        assert api.wait(job)["results"]["successful"] == 4
        assert "not-the-key" not in server.log()


def test_a_server_that_is_killed_while_it_sends_an_upload_leaves_none(tmp_path, swift, bucket):
    data = random.Random(7).randbytes(40 * MIB)
    with CuttingProxy(("127.0.0.1", swift.port)) as proxy:
        with Server(tmp_path, environment=as_storage(f"http://127.0.0.1:{proxy.port}", bucket)) as server:
            api = api_of(server)

            def send():
                with pytest.raises(requests.RequestException):
                    upload(api, data, checked=False)

            sender = threading.Thread(target=send)
            sender.start()
            wait_for(lambda: swift.client.list_multipart_uploads(Bucket=bucket).get("Uploads"), "the parts to begin")
            proxy.hold_at = 0  # the store's answers come no more: this is the middle of it
            server.kill9()
            sender.join(timeout=60)
            assert not sender.is_alive()
            proxy.release()
            assert swift.keys(bucket) == []
            server.start()
            assert not list((server.data / "incoming").iterdir())
            api.renew()
            assert upload(api, data).status_code == 201
            [key] = swift.keys(bucket)
            assert hashlib.sha256(swift.get(bucket, key)).digest() == hashlib.sha256(data).digest()


def test_a_server_that_is_killed_in_an_import_goes_on_and_keeps_every_byte(tmp_path, swift, bucket):
    slow = {"jobs.max_items_per_second": 60, "jobs.batch_time": "50ms", "jobs.batch_items": 5, "jobs.lease": "2s"}
    with Server(tmp_path, slow, as_storage(swift.url, bucket)) as server:
        api = api_of(server)
        job = api.submit(package(40).write(server.share / "package.zip"))
        for seen in (5, 20):
            api.wait_processed(job, seen)
            server.kill9()
            server.start()
            api.renew()
        status = api.wait(job)
        assert status["status"] == "Successful" and status["results"]["successful"] == 41, status
        check_attachments(api, 40)


@pytest.mark.skipif(not MEASURED, reason="the sanitizers multiply memory")
def test_many_large_bytes_take_bounded_memory(tmp_path, swift, bucket):
    count, size = 16, 24 * MIB  # more than a part each
    made = Package()
    for number in range(count):
        made.add(article(number, attachments=[{"name": "large", "path": f"resources/{number}.bin"}]), html(number))
    with Server(tmp_path, {"s3.connections": 2}, as_storage(swift.url, bucket)) as server:
        api = api_of(server)
        folder = made.unpack(server.share / "package")
        resources = folder / "knowledgehub" / "articles" / "resources"
        resources.mkdir()
        for number in range(count):
            (resources / f"{number}.bin").write_bytes(attachment(number, size))
        _, status = api.run(folder)
        assert status["status"] == "Successful" and status["results"]["successful"] == count + 1, status
        assert server.peak_memory() < 200 * MIB, "it sent 384 MiB"
        whole = b"".join((resources / f"{number}.bin").read_bytes() for number in range(8))
        assert upload(api, whole).status_code == 201
        assert server.peak_memory() < 200 * MIB, "it sent 192 MiB more in one"
        keys = swift.keys(bucket, PREFIX + "blobs/")
        assert len(keys) == count
        for key in keys[:3]:
            assert hashlib.sha256(swift.get(bucket, key)).hexdigest() == key.split("/")[-1]


def test_doctor_puts_reads_and_removes_a_probe(tmp_path, swift, bucket):
    server = Server(tmp_path, environment=as_storage(swift.url, bucket), database="")
    outcome = server.cli("doctor")
    assert f"bucket s3://{bucket}/large/bytes" in outcome.stdout and "read and deleted" in outcome.stdout, outcome
    assert swift.keys(bucket) == []
    for wrong, words in (({"AWS_SECRET_ACCESS_KEY": "not-the-key"}, "secret access key"),
                         ({"WAYBILL_STORAGE_BUCKET": "s3://no-such-bucket"}, "no bucket"),
                         ({"AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY"),
                         ({"WAYBILL_STORAGE_BUCKET_ENDPOINT": "http://127.0.0.1:1"}, "could not be reached")):
        server.environment = {**server.environment, **as_storage(swift.url, bucket), **wrong}
        outcome = server.cli("doctor")
        assert outcome.returncode != 0 and words in outcome.stdout, outcome
        assert SECRET not in outcome.stdout and "not-the-key" not in outcome.stdout


def test_a_server_without_keys_for_its_bucket_does_not_start(tmp_path, swift, bucket):
    server = Server(tmp_path, environment={**as_storage(swift.url, bucket), "AWS_SECRET_ACCESS_KEY": ""}, nodes=1)
    with pytest.raises(AssertionError, match="AWS_SECRET_ACCESS_KEY"):
        server.start()
    server.process.wait(timeout=60)


def test_backup_says_what_the_copy_leans_on(tmp_path, swift, bucket):
    with Server(tmp_path / "first", environment=as_storage(swift.url, bucket), database="") as server:
        credentials = server.create_client("default", (MANAGE, READ))
        api = Api(server, credentials)
        api.run(package(3).write(server.share / "package.zip"))
        sent = upload(api, package(3).zip_bytes()).json()["path"]
        assert f"s3://{bucket}/large/bytes" in server.cli("backup", tmp_path / "words", check=0).stdout
        target = tmp_path / "copy" / "data"
        target.parent.mkdir()
        said = json.loads(server.cli("backup", target, "--json", check=0).stdout)
        assert said["bucket"] == f"s3://{bucket}/large/bytes"
    with Server(tmp_path / "copy", environment=as_storage(swift.url, bucket), database="") as restored:
        api = Api(restored, credentials)
        check_attachments(api, 3)
        assert api.run(sent, "reimport")[1]["status"] == "Successful"
