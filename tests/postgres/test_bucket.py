"""Nodes on one PostgreSQL with one bucket for large bytes: no folder that all must mount."""

import os
import re

import pytest

from support.api import Api
from support.cutting_proxy import CuttingProxy
from support.nodes import Nodes
from support.packages import Package, article, html
from support.server import wait_for
from support.swift import as_storage

MANAGE = "knowledge.contentmgr.manage"
READ = "knowledge.contentmgr.read"


def package(articles):
    made = Package()
    for number in range(articles):
        made.files[f"knowledgehub/articles/resources/{number}.bin"] = f"bytes {number}".encode() * 1000
        made.add(article(number, attachments=[{"name": "own", "path": f"resources/{number}.bin"}]), html(number))
    return made


def test_what_one_node_was_sent_another_imports_and_all_read(tmp_path, swift, bucket):
    with Nodes(tmp_path, 3, bucket=as_storage(swift.url, bucket)) as nodes:
        credentials = nodes[0].create_client("default", (MANAGE, READ))
        answer = Api(nodes[0], credentials).post("/import/uploads", data=package(10).zip_bytes(),
                                                 headers={"Content-Type": "application/zip"})
        assert answer.status_code == 201, answer.text
        for node in (nodes[0], nodes[2]):  # whoever runs the job was not the one that took the bytes
            assert node.stop() == 0
        job, status = Api(nodes[1], credentials).run(answer.json()["path"])
        assert status["status"] == "Successful" and status["results"]["successful"] == 11, status
        assert nodes[1].stop() == 0
        nodes[2].start()
        api = Api(nodes[2], credentials)
        assert api.status(job)["status"] == "Successful"
        rows = api.all("/articles", "articles")
        assert len(rows) == 10
        for row in rows:
            number = row["name"].split()[-1]
            assert api.get(f"/articles/{row['id']}/attachments/0").content == f"bytes {number}".encode() * 1000
        assert not (tmp_path / "shared").exists()


def test_a_node_that_is_killed_amid_its_attachments_is_followed_by_another(tmp_path, swift, bucket):
    slow = {"jobs.max_items_per_second": 60, "jobs.lease": "2s", "jobs.batch_time": "50ms", "jobs.batch_items": 5}
    with Nodes(tmp_path, 2, slow, bucket=as_storage(swift.url, bucket)) as nodes:
        credentials = nodes[0].create_client("default", (MANAGE, READ))
        assert nodes[1].stop() == 0
        api = Api(nodes[0], credentials)
        job = api.submit(package(60).write(nodes.share / "package.zip"))
        api.wait_processed(job, 20)
        nodes[1].start()
        nodes[0].kill9()
        api = Api(nodes[1], credentials)
        status = api.wait(job)
        assert status["status"] == "Successful" and status["results"]["successful"] == 61, status
        for row in api.all("/articles", "articles"):
            number = row["name"].split()[-1]
            assert api.get(f"/articles/{row['id']}/attachments/0").content == f"bytes {number}".encode() * 1000


@pytest.mark.skipif(not os.environ.get("WAYBILL_LONG"), reason="it waits for minutes: ./dev test --long postgres")
def test_a_job_goes_on_elsewhere_when_its_node_cannot_reach_the_bucket(tmp_path, swift, bucket):
    """The node waits for minutes with its lease held, then lets go of the job, and the other one can reach the bucket."""
    slow = {"jobs.max_items_per_second": 60, "jobs.batch_time": "50ms", "jobs.batch_items": 5, "jobs.running": 1}
    with CuttingProxy(("127.0.0.1", swift.port)) as proxy:
        nodes = Nodes(tmp_path, 2, slow, bucket=as_storage(swift.url, bucket))
        nodes[0].environment["WAYBILL_STORAGE_BUCKET_ENDPOINT"] = f"http://127.0.0.1:{proxy.port}"
        with nodes:
            credentials = nodes[0].create_client("default", (MANAGE, READ))
            assert nodes[1].stop() == 0
            api = Api(nodes[0], credentials)
            job = api.submit(package(60).write(nodes.share / "package.zip"))
            api.wait_processed(job, 20)
            proxy.refuse()
            nodes[1].start()
            other = Api(nodes[1], credentials)
            wait_for(lambda: "the bucket of large bytes, could not be reached; the job goes on from here" in other.log(job),
                     "the node to let go of it", 900)
            status = other.wait(job)
            assert status["status"] == "Successful" and status["results"]["successful"] == 61, status
            owners = set(re.findall(r"by worker (\S+), epoch", other.log(job)))
            assert len(owners) > 1, f"the other node has had no part in it: {owners}"
            for row in other.all("/articles", "articles"):
                number = row["name"].split()[-1]
                assert other.get(f"/articles/{row['id']}/attachments/0").content == f"bytes {number}".encode() * 1000
