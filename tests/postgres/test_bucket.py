"""Nodes on one PostgreSQL with one bucket for large bytes: no folder that all must mount."""

from support.api import Api
from support.nodes import Nodes
from support.packages import Package, article, html
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
