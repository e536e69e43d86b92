"""Two servers on one PostgreSQL: what a client sees does not depend on which of them it asks."""

import time

import pytest

from support.api import Api
from support.nodes import Nodes
from support.packages import Package

MANAGE = "knowledge.contentmgr.manage"
READ = "knowledge.contentmgr.read"


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    with Nodes(tmp_path_factory.mktemp("nodes"), 2, {"jobs.running": 1}) as running:
        yield running


@pytest.fixture(scope="module")
def apis(nodes):
    """The same client at each node."""
    credentials = nodes[0].create_client("default", (MANAGE, READ))
    return [Api(node, credentials) for node in nodes]


def package(nodes, name, articles=10, **more):
    return Package(articles=articles, **more).write(nodes.share / name)


def test_a_token_of_one_node_is_good_at_the_other(apis):
    asked = Api(apis[1].server)
    asked.token = apis[0].token
    assert asked.get("/import/content").status_code == 200


def test_a_job_is_the_same_job_at_every_node(nodes, apis):
    job = apis[0].submit(package(nodes, "one.zip"))
    ended = [api.wait(job) for api in apis]
    assert ended[0]["status"] == "Successful" and ended[0]["results"] == ended[1]["results"], ended
    assert apis[0].log(job) == apis[1].log(job)
    for api in apis:
        assert len(api.all("/articles", "articles")) == 10
        assert [row["id"] for row in api.get("/import/content").json()["jobs"]][0] == job


def test_the_same_key_at_two_nodes_makes_one_job(nodes, apis):
    path = package(nodes, "key.zip")
    jobs = {api.submit(path, headers={"Idempotency-Key": "the same"}) for api in apis}
    assert len(jobs) == 1
    apis[0].wait(jobs.pop())


def test_what_is_uploaded_to_one_node_is_read_by_whichever_runs_it(nodes, apis):
    path = package(nodes, "upload.zip")
    for api in apis:
        answer = api.post("/import/uploads", data=path.read_bytes(), headers={"Content-Type": "application/zip"})
        assert answer.status_code == 201, answer.text
        other = apis[1 - apis.index(api)]
        _, status = other.run(answer.json()["path"], operation="reimport")
        assert status["status"] == "Successful", status


def test_a_held_poll_hears_of_another_nodes_job(nodes, apis):
    """Each node in turn runs the job, and both are asked."""
    jobs = [apis[i % 2].submit(package(nodes, f"held{i}.zip", 30), operation="reimport") for i in range(4)]
    for job in jobs:
        for api in apis:
            assert api.wait(job, 60)["status"] == "Successful"


def test_a_cancellation_reaches_the_node_that_runs_the_job(tmp_path):
    with Nodes(tmp_path, 2, {"jobs.max_items_per_second": 20}) as nodes:
        credentials = nodes[0].create_client("default", (MANAGE, READ))
        apis = [Api(node, credentials) for node in nodes]
        path = package(nodes, "long.zip", 2000)
        for asked in apis:  # one of the two does not run it
            job = asked.submit(path, operation="reimport")
            asked.wait_processed(job, 1)
            for api in apis:
                assert api.status(job)["status"] == "In Progress"
            start = time.monotonic()
            assert apis[1 - apis.index(asked)].post(f"/import/content/{job}/cancel").status_code == 204
            assert asked.wait(job)["status"] == "Cancelled"
            assert time.monotonic() - start < 30
