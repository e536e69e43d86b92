"""Packages from afar are spooled: what is fetched when, what a crash leaves, what a full disk says."""

import contextlib
import os
import shutil

import pytest

from support import postgres
from support.api import Api
from support.cutting_proxy import CuttingProxy
from support.dump import knowledge
from support.packages import large_package
from support.server import Server
from support.small_disk import small_disk
from support.store import api_at_store
from support.swift import KEY, SECRET

GOOD = {"accessKeyId": KEY, "secretAccessKey": SECRET}
MEGABYTES = 40
ARTICLES = MEGABYTES * 10


@pytest.fixture(scope="module")
def package():
    return large_package(MEGABYTES, 10)


@pytest.fixture(scope="module")
def data(package):
    return package.zip_bytes(compression=0)


@contextlib.contextmanager
def far_server(folder, port, **settings):
    """A server whose store is behind `port` of loopback."""
    with api_at_store(folder, f"http://127.0.0.1:{port}", **{"jobs.batch_items": "20", **settings}) as api:
        yield api.server, api


def submit(api, bucket, operation="import"):
    source = {"type": "AWS S3 bucket", "path": f"s3://{bucket}/package.zip", "credentials": GOOD}
    return api.submit("", operation, dataSource=source)


def spooled(server):
    return sorted(path.name for path in (server.data / "spool").iterdir()) if (server.data / "spool").exists() else []


@pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="a spool is one node's: another fetches anew")
def test_items_are_done_before_the_fetch_is_over(tmp_path, swift, bucket, data):
    swift.put(bucket, "package.zip", data)
    with CuttingProxy(("127.0.0.1", swift.port), hold_at=len(data) // 2) as proxy:
        with far_server(tmp_path, proxy.port) as (server, api):
            job = submit(api, bucket)
            assert api.wait_processed(job, 1)["status"] == "In Progress"
            assert proxy.from_target < len(data)
            assert spooled(server) == [f"{job}.chunks", f"{job}.data"]
            proxy.release()
            status = api.wait(job)
            assert status["results"] == {"successful": ARTICLES + 1, "warnings": 0, "errors": 0}
            assert spooled(server) == []


@pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="a spool is one node's: another fetches anew")
def test_killed_server_does_not_fetch_again_what_it_has(tmp_path, swift, bucket, data):
    swift.put(bucket, "package.zip", data)
    with CuttingProxy(("127.0.0.1", swift.port), hold_at=len(data) * 2 // 3) as proxy:
        with far_server(tmp_path / "far", proxy.port, **{"jobs.lease": "2s"}) as (server, api):
            job = submit(api, bucket)
            api.wait_processed(job, 1)
            assert proxy.held.wait(60)
            server.kill9()
            assert spooled(server) == [f"{job}.chunks", f"{job}.data"]
            proxy.release()
            server.start()
            api = Api(server, api.credentials)
            status = api.wait(job)
            assert status["status"] == "Successful", status
            assert status["results"] == {"successful": ARTICLES + 1, "warnings": 0, "errors": 0}
            assert spooled(server) == []
        # Lost is what was on the way: a chunk for each of the eight connections.
        print(f"{proxy.from_target} bytes for {len(data)}")
        assert proxy.from_target < len(data) * 1.02 + 8 * (2 << 20)
    with Server(tmp_path / "near") as server:
        api = Api(server, server.create_client())
        near = server.share / "package.zip"
        near.write_bytes(data)
        assert api.run(near)[1]["status"] == "Successful"
    assert knowledge(tmp_path / "near" / "data") == knowledge(tmp_path / "far" / "data")


@pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="a spool is one node's: another fetches anew")
def test_server_that_is_shut_down_keeps_what_it_has_and_a_cancelled_job_nothing(tmp_path, swift, bucket, data):
    swift.put(bucket, "package.zip", data)
    brakes = {"jobs.max_items_per_second": "100"}
    with CuttingProxy(("127.0.0.1", swift.port)) as proxy, far_server(tmp_path, proxy.port, **brakes) as (server, api):
        job = submit(api, bucket)
        api.wait_processed(job, 50)
        assert server.stop() == 0
        assert spooled(server) == [f"{job}.chunks", f"{job}.data"]
        server.start()
        api = Api(server, api.credentials)
        api.wait_processed(job, 100)
        assert api.post(f"/import/content/{job}/cancel").status_code == 204
        assert api.wait(job)["status"] == "Cancelled"
        assert spooled(server) == []
        assert proxy.from_target < len(data) * 1.02 + 8 * (2 << 20)


def test_spools_of_jobs_that_ended_are_swept_at_the_start(tmp_path, swift):
    with far_server(tmp_path, swift.port) as (server, _):
        server.stop()
        (server.data / "spool").mkdir(exist_ok=True)
        for name in ("7A84B875-6F75-4C7B-B137-0632B62DB0BD.data", "7A84B875-6F75-4C7B-B137-0632B62DB0BD.chunks", "stray"):
            (server.data / "spool" / name).write_text("left behind")
        server.start()
        assert spooled(server) == []


def test_validation_that_fails_early_has_not_fetched_it_all(tmp_path, swift, bucket, package):
    files = package.contents()
    files["knowledgehub/knowledgehub.json"] = b'{"knowledge": {"folders": ['
    package = large_package(0)
    package.contents = lambda: files
    data = package.zip_bytes(compression=0)
    swift.put(bucket, "package.zip", data)
    with CuttingProxy(("127.0.0.1", swift.port)) as proxy:
        with far_server(tmp_path, proxy.port, **{"spool.read_ahead": "4MiB"}) as (_, api):
            status = api.wait(submit(api, bucket, None))
            assert status["status"] == "Failed" and not status["retryable"], status
        assert proxy.from_target < len(data) / 2


def test_package_that_the_spool_cannot_hold_is_refused_with_the_setting(tmp_path, swift, bucket, data):
    swift.put(bucket, "package.zip", data)
    with far_server(tmp_path, swift.port, **{"spool.max_bytes": "1MiB"}) as (server, api):
        status = api.wait(submit(api, bucket))
        assert status["status"] == "Failed" and "spool.max_bytes" in status["error"], status
        assert not status["retryable"]
        assert spooled(server) == []


def test_jobs_wait_for_the_spool_that_others_fill(tmp_path, swift, bucket, data):
    swift.put(bucket, "package.zip", data)
    with CuttingProxy(("127.0.0.1", swift.port), hold_at=len(data) // 2) as proxy:
        room = {"spool.max_bytes": str(len(data) + 1000)}
        with far_server(tmp_path, proxy.port, **room) as (_, api):
            first = submit(api, bucket, None)
            api.wait_processed(first, 1)
            second = submit(api, bucket, None)
            api.wait(second, states={"In Progress"})
            proxy.release()
            assert api.wait(first)["status"] == "Successful"
            assert api.wait(second)["status"] == "Successful"


@pytest.mark.skipif(os.getuid() != 0 or shutil.which("mount") is None, reason="only root can mount a small file system")
@pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="each node has a data folder of its own")
def test_full_disk_is_said_and_may_be_tried_again(tmp_path, swift, bucket, data):
    swift.put(bucket, "package.zip", data)
    with small_disk(tmp_path / "data" / "spool", "8m"):
        with far_server(tmp_path, swift.port) as (server, api):
            status = api.wait(submit(api, bucket))
            assert status["status"] == "Failed" and status["retryable"], status
            assert "No space left" in status["error"] and "spool" in status["error"], status
            assert spooled(server) == []
