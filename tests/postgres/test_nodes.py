"""Two servers on one PostgreSQL: what a client sees does not depend on which of them it asks."""

import re
import signal
import time

import pytest

from support.api import Api
from support.cutting_proxy import CuttingProxy
from support.nodes import Nodes
from support.packages import Package
from support.postgres import Postgres
from support.server import wait_for

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


def other_than(nodes, node):
    return next(one for one in nodes if one is not node)


class Fault:
    """Two nodes with a slow import; `runner` is the node that has it. `way`: how that node reaches the database."""

    LEASE = 2.0

    def __init__(self, folder, database=None, way=None):
        self.nodes = Nodes(folder, 2, {"jobs.max_items_per_second": 150, "jobs.lease": f"{int(self.LEASE * 1000)}ms",
                                       "jobs.batch_time": "50ms", "jobs.batch_items": 20},
                           database=database)
        if way:
            self.nodes[0].environment["WAYBILL_STORAGE_DATABASE"] = way

    def __enter__(self):
        self.nodes[0].start()
        credentials = self.nodes[0].create_client("default", (MANAGE, READ))
        self.runner = self.nodes[0]
        self.apis = {self.runner: Api(self.runner, credentials)}
        path = Package(articles=600).write(self.nodes.share / "package.zip")
        self.job = self.apis[self.runner].submit(path)
        self.apis[self.runner].wait_processed(self.job, 60)
        # The second comes only now, so that it is known which has the job.
        self.other = self.nodes[1].start()
        self.apis[self.other] = Api(self.other, credentials)
        return self

    def __exit__(self, *problem):
        self.nodes.__exit__(*problem)

    def epoch(self):
        return int(self.nodes.query(f"SELECT epoch FROM jobs WHERE id = '{self.job}'")[0][0])

    def taken_over(self):
        return wait_for(lambda: self.epoch() > 1, "the other node to take the job over", 60)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What the package becomes where nothing happens."""
    with Nodes(tmp_path_factory.mktemp("undisturbed"), 1) as nodes:
        api = Api(nodes[0], nodes[0].create_client("default", (MANAGE, READ)))
        _, status = api.run(Package(articles=600).write(nodes.share / "package.zip"))
        yield status["results"], nodes.knowledge()


def check_end(fault, undisturbed):
    status = fault.apis[fault.other].wait(fault.job)
    assert status["status"] == "Successful" and status["results"] == undisturbed[0], status
    assert fault.nodes.knowledge() == undisturbed[1]
    numbers = [int(row[0]) for row in fault.nodes.query(
        "SELECT i.number FROM job_items AS i JOIN jobs AS j ON j.number = i.job "
        f"WHERE j.id = '{fault.job}' ORDER BY i.number")]
    assert numbers == list(range(1, len(numbers) + 1)), "an item is lost or doubled"


def test_a_nodes_job_goes_on_elsewhere_when_it_is_killed(tmp_path, undisturbed):
    with Fault(tmp_path) as fault:
        fault.runner.kill9()
        start = time.monotonic()
        fault.taken_over()
        took = time.monotonic() - start
        assert took < fault.LEASE + 2, took
        check_end(fault, undisturbed)


def test_a_node_that_slept_through_its_lease_writes_nothing_more(tmp_path, undisturbed):
    with Fault(tmp_path) as fault:
        fault.runner.process.send_signal(signal.SIGSTOP)
        start = time.monotonic()
        fault.taken_over()
        assert time.monotonic() - start < fault.LEASE + 2
        fault.runner.process.send_signal(signal.SIGCONT)
        check_end(fault, undisturbed)
        epochs = set(re.findall(r"epoch (\d+)", fault.apis[fault.other].log(fault.job)))
        assert epochs == {"1", "2"}, "the sleeper took it back"
        assert fault.runner.process.poll() is None, "it goes on serving"
        assert fault.apis[fault.runner].wait(fault.job)["status"] == "Successful"


def test_a_node_cut_off_from_the_database_loses_its_job_and_writes_nothing_more(tmp_path, undisturbed):
    with Postgres(tcp=True) as own, CuttingProxy(("127.0.0.1", own.port)) as proxy:
        direct = own.make()
        name = direct.split("/")[3].split("?")[0]
        with Fault(tmp_path, direct, f"postgres://waybill@127.0.0.1:{proxy.port}/{name}") as fault:
            fault.nodes.server = own
            proxy.hold_at = 0  # from now on nothing comes back
            start = time.monotonic()
            fault.taken_over()
            assert time.monotonic() - start < fault.LEASE + 2
            status = fault.apis[fault.other].wait_processed(fault.job, 400)
            assert status["status"] != "Failed", status
            proxy.release()
            check_end(fault, undisturbed)
            wait_for(lambda: fault.apis[fault.runner].get("/readyz", checked=False).status_code == 200,
                     "the node to be ready again")


def test_a_node_that_is_stopped_hands_its_job_over_at_once(tmp_path, undisturbed):
    with Fault(tmp_path) as fault:
        start = time.monotonic()
        assert fault.runner.stop() == 0
        fault.taken_over()
        assert time.monotonic() - start < fault.LEASE + 2
        check_end(fault, undisturbed)
