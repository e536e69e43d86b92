"""Packages in buckets: OpenStack Swift's S3 API, which checks every signature, is the peer, boto3 the second opinion."""

import secrets
import socket
import urllib.parse

import pytest

from support.api import Api
from support.cutting_proxy import CuttingProxy
from support.dump import knowledge
from support.packages import Package, article, html, large_package
from support.server import Server
from support.store import api_at_store
from support.swift import KEY, SECRET, SWIFT

pytestmark = pytest.mark.skipif(SWIFT is None, reason="swift-proxy is not installed")

GOOD = {"accessKeyId": KEY, "secretAccessKey": SECRET}


@pytest.fixture(scope="module")
def store_api(tmp_path_factory, swift):
    with api_at_store(tmp_path_factory.mktemp("waybill"), swift.url) as api:
        yield api


def run(api, path, operation="import", credentials=GOOD, **more):
    source = {"type": "AWS S3 bucket", "path": path, **({"credentials": credentials} if credentials else {}), **more}
    return api.run(path, operation, dataSource=source)


def failed(api, path, **more):
    status = run(api, path, **more)[1]
    assert status["status"] == "Failed", status
    return status["error"], status["retryable"]


def test_zip_is_imported_and_its_log_put_into_the_bucket(store_api, swift, bucket):
    swift.put(bucket, "in/package.zip", Package(articles=6).zip_bytes())
    job, status = run(store_api, f"s3://{bucket}/in/package.zip")
    assert status["status"] == "Successful", status
    assert status["results"] == {"successful": 7, "warnings": 0, "errors": 0}
    assert status["logFileLocation"] == f"s3://{bucket}/logs/import-logs-{job}.txt"
    assert swift.get(bucket, f"logs/import-logs-{job}.txt").decode() == store_api.log(job)


PART = 16 << 20  # bytes: a log that is larger goes in parts
NAME = "long name " * 20


def package_of_warnings(articles):
    """Each article with the hundred broken references that are listed at most, as long as they are shown."""
    package = Package(folders=(NAME,))
    for number in range(articles):
        links = "".join(f'<a href="missing/{place}-{"x" * 110}.html">x</a>' for place in range(100))
        package.add(article(number, NAME, name=f"{NAME}{number}"), html(number, links))
    return package


def test_log_of_more_than_a_part_is_put_in_parts_and_whole(store_api, swift, bucket):
    swift.put(bucket, "in/package.zip", package_of_warnings(220).zip_bytes())
    job, status = run(store_api, f"s3://{bucket}/in/package.zip")
    assert status["results"] == {"successful": 1, "warnings": 220, "errors": 0}
    key = f"logs/import-logs-{job}.txt"
    assert status["logFileLocation"] == f"s3://{bucket}/{key}"
    log = store_api.get(f"/import/content/{job}/log").content
    assert log.count(b"\n") > 220 * 100 and len(log) > PART
    # An object that was put in parts says in its tag how many (Amazon S3 API Reference, CompleteMultipartUpload).
    tag = swift.client.head_object(Bucket=bucket, Key=key)["ETag"]
    assert tag.endswith(f'-{-(-len(log) // PART)}"'), tag
    assert swift.get(bucket, key) == log
    assert not swift.client.list_multipart_uploads(Bucket=bucket).get("Uploads")


@pytest.mark.parametrize("slash", ["", "/"])
def test_prefix_that_is_a_package_is_read_as_a_folder(store_api, swift, bucket, slash):
    for path, data in Package(articles=5).contents().items():
        swift.put(bucket, f"docs/{path}", data)
    swift.put(bucket, "docs2/stray.txt", b"not of the package")
    swift.put(bucket, "docs/", b"")  # as consoles mark a folder
    status = run(store_api, f"s3://{bucket}/docs{slash}")[1]
    assert status["status"] == "Successful", status
    assert status["results"] == {"successful": 6, "warnings": 0, "errors": 0}


def test_whole_bucket_with_one_zip_is_that_package_and_its_logs_are_not_part_of_it(store_api, swift, bucket):
    swift.put(bucket, "package.zip", Package(articles=3).zip_bytes())
    for _ in range(2):
        status = run(store_api, f"s3://{bucket}")[1]
        assert status["results"] == {"successful": 4, "warnings": 0, "errors": 0}
    assert len(swift.keys(bucket, "logs/")) == 2


def test_listings_go_on_page_after_page(store_api, swift, bucket):
    package = Package(articles=1_200)
    for path, data in package.contents().items():
        swift.put(bucket, f"many/{path}", data)
    status = run(store_api, f"s3://{bucket}/many/", operation=None)[1]
    assert status["results"] == {"successful": 1_201, "warnings": 0, "errors": 0}


@pytest.mark.parametrize("key", ["with space.zip", "a+b&c=d.zip", "100%.zip", "päckchen-日本.zip", "semi;colon,'quote'.zip",
                                 "k" * 600 + ".zip", "a/./b.zip", "a//b.zip", "~tilde(1)!*.zip"], ids=lambda key: key[:12])
def test_every_key_is_signed_right(store_api, swift, bucket, key):
    swift.put(bucket, key, Package(articles=1).zip_bytes())
    status = run(store_api, f"s3://{bucket}/{urllib.parse.quote(key)}", operation=None)[1]
    assert status["status"] == "Successful", status


def test_region_that_the_store_names_is_taken(store_api, swift, bucket):
    swift.put(bucket, "package.zip", Package(articles=1).zip_bytes())
    status = run(store_api, f"s3://{bucket}/package.zip", region="eu-west-1")[1]
    if status["status"] == "Failed":  # a store that does not say which region is right
        assert "not in the region eu-west-1" in status["error"] and not status["retryable"]
    else:
        assert status["status"] == "Successful"


def test_wrong_secret_is_refused_and_not_shown(store_api, swift, bucket):
    swift.put(bucket, "package.zip", Package(articles=1).zip_bytes())
    error, retryable = failed(store_api, f"s3://{bucket}/package.zip",
                              credentials={"accessKeyId": KEY, "secretAccessKey": "wrong-secret-of-the-test"})
    assert "secret access key does not fit" in error and not retryable
    assert "wrong-secret-of-the-test" not in error


def test_unknown_key_id_is_refused(store_api, bucket):
    error, retryable = failed(store_api, f"s3://{bucket}/package.zip",
                              credentials={"accessKeyId": "nobody:none", "secretAccessKey": "x"})
    assert "credentials" in error and not retryable


def test_bucket_that_is_not_there_is_named(store_api):
    error, retryable = failed(store_api, "s3://no-such-bucket-here/package.zip")
    assert "no bucket no-such-bucket-here" in error and not retryable


def test_key_that_is_not_there_is_named(store_api, bucket):
    error, retryable = failed(store_api, f"s3://{bucket}/missing.zip")
    assert f"s3://{bucket}/missing.zip" in error and not retryable
    error, _ = failed(store_api, f"s3://{bucket}/missing/")
    assert f"nothing at s3://{bucket}/missing/" in error


def test_store_that_refuses_connections_may_be_tried_again(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with api_at_store(tmp_path, f"http://127.0.0.1:{port}") as api:
        error, retryable = failed(api, "s3://some-bucket/package.zip")
    assert "could not be reached" in error and retryable


def test_address_that_is_not_allowed_is_not_connected_to(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with api_at_store(tmp_path, f"http://localhost:{port}", **{"network.allow": "10.0.0.0/8"}) as api:
            error, retryable = failed(api, "s3://some-bucket/package.zip")
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert "network.allow" in error and not retryable


def test_credentials_of_the_server_are_used_where_the_operator_says_so(tmp_path, swift, bucket):
    swift.put(bucket, "package.zip", Package(articles=1).zip_bytes())
    settings = {"network.allow": "127.0.0.0/8", "s3.endpoint": swift.url, "s3.server_credentials": "true"}
    environment = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with Server(tmp_path, settings, environment) as running:
        status = run(Api(running, running.create_client()), f"s3://{bucket}/package.zip", credentials=None)[1]
    assert status["status"] == "Successful", status


def test_object_that_changes_under_the_job_is_noticed(tmp_path, swift, bucket):
    # More articles than are on the way at once: whatever was read ahead, there is something to be read when it changes.
    swift.put(bucket, "package.zip", large_package(24, 50).zip_bytes(compression=0))
    brakes = {"jobs.max_items_per_second": "100", "spool.read_ahead": "0B"}
    with api_at_store(tmp_path, swift.url, **brakes) as api:
        source = {"type": "AWS S3 bucket", "path": f"s3://{bucket}/package.zip", "credentials": GOOD}
        job = api.submit("", dataSource=source)
        api.wait_processed(job, 1)
        swift.put(bucket, "package.zip", Package(articles=2).zip_bytes())
        status = api.wait(job)
    assert status["status"] == "Failed", status
    assert "changed under this job" in status["error"] and status["retryable"]


def test_connections_that_break_ten_times_lose_nothing_and_the_result_is_that_of_a_file(tmp_path, swift, bucket):
    data = large_package(30, 10).zip_bytes(compression=0)
    swift.put(bucket, "package.zip", data)
    cuts = [len(data) * step // 11 for step in range(1, 11)]
    with CuttingProxy(("127.0.0.1", swift.port), cuts) as proxy:
        with api_at_store(tmp_path / "far", f"http://127.0.0.1:{proxy.port}") as api:
            status = run(api, f"s3://{bucket}/package.zip")[1]
            assert status["status"] == "Successful", status
            assert status["results"] == {"successful": 301, "warnings": 0, "errors": 0}
        assert proxy.done_cuts == 10
        # What was under way when a connection broke: at most a chunk each, in as many requests as there are.
        print(f"{proxy.from_target} bytes for {len(data)}, {proxy.connections} connections")
        assert proxy.from_target < len(data) * 1.02 + 10 * 65_536 + proxy.connections * 2_048
    with api_at_store(tmp_path / "near", swift.url) as api:
        near_zip = api.server.share / "package.zip"
        near_zip.write_bytes(data)
        assert api.run(near_zip)[1]["status"] == "Successful"
    assert knowledge(tmp_path / "near" / "data") == knowledge(tmp_path / "far" / "data")


def test_the_command_line_without_credentials_says_where_they_would_be_taken_from(store_api, bucket):
    store_api.server.environment.update({"HOME": "/nonexistent"})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        store_api.server.environment.pop(name, None)
    outcome = store_api.server.cli("import", f"s3://{bucket}/package.zip", check=4, input="")
    assert "AWS_ACCESS_KEY_ID" in outcome.stderr and "--profile" in outcome.stderr
    outcome = store_api.server.cli("import", f"s3://{bucket}/package.zip", "--profile", "nope", check=2, input="")
    assert '"nope"' in outcome.stderr


def test_the_command_line_finds_the_credentials_in_the_environment(store_api, swift, bucket):
    swift.put(bucket, "package.zip", Package(articles=2).zip_bytes())
    store_api.server.environment.update({"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET})
    outcome = store_api.server.cli("import", f"s3://{bucket}/package.zip", "--reimport", check=0)
    assert "Successful" in outcome.stdout
    assert SECRET not in outcome.stdout + outcome.stderr
