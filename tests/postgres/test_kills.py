"""The server dies at calls to the database that are spread over all that a job does, before the database has the call or
after: what it left is gone on with, and ends as an undisturbed run does."""

import collections
import os
import random

import pytest
import requests

from support import trials
from support.api import FINAL, Api
from support.killing_proxy import KillingProxy
from support.nodes import Nodes
from support.postgres import Postgres

MANAGE = "knowledge.contentmgr.manage"
READ = "knowledge.contentmgr.read"
LONG = bool(os.environ.get("WAYBILL_LONG"))
KILLS = 24 if LONG else 4
SETTINGS = {"jobs.lease": "600ms", "jobs.batch_time": "50ms", "jobs.batch_items": 5, "auth.token_life": "24h"}
SCRIPTS = {"import": "import", "reimport": "reimport", "validation": None}  # name → operation


@pytest.fixture(scope="module")
def own():
    with Postgres(tcp=True) as server:
        yield server


class End:
    """What a job has left."""

    def __init__(self, nodes, api, job):
        status = api.wait(job)
        assert status["status"] == "Successful", status
        self.results = status["results"]
        self.findings = collections.Counter((row["rule"], row["item"], row["message"]) for row in api.findings(job))
        self.log = trials.log_facts(api.log(job))
        self.records = nodes.query("SELECT i.number, i.kind, i.outcome, i.path, i.language, i.item FROM job_items AS i JOIN jobs AS j "
                                   f"ON j.number = i.job WHERE j.id = '{job}' ORDER BY i.number")
        self.knowledge = collections.Counter(nodes.knowledge())


class Stage:
    """One script: the database that it begins with, its undisturbed end, and trials of it."""

    def __init__(self, folder, own, script):
        self.folder, self.own, self.operation = folder, own, SCRIPTS[script]
        self.number = 0
        self.template = own.make()
        # The nodes of all trials have the master key of the first.
        with Nodes(folder, 1, SETTINGS, database=self.template) as nodes:
            nodes.server = own
            self.credentials = nodes[0].create_client("default", (MANAGE, READ))
            trials.package(60).write(nodes.share / "one.zip")
            trials.package(60, version=2).write(nodes.share / "two.zip")
            if self.operation != "import":
                status = Api(nodes[0], self.credentials).run(nodes.share / "one.zip")[1]
                assert status["status"] == "Successful", status
        self.calls, self.wanted = self.run()
        assert self.wanted.records and self.wanted.findings, "comparing would show little"

    def run(self, part=None, before=True):
        """The script with a kill after `part` of its calls; (its calls, its end), or None where it was over too soon."""
        self.number += 1
        database = self.own.make(template=self.template.split("/")[3].split("?")[0])
        with KillingProxy(("127.0.0.1", self.own.port)) as proxy:
            nodes = Nodes(self.folder, 1, SETTINGS, database=database)
            nodes.server = self.own
            node = nodes[0]
            node.environment["WAYBILL_STORAGE_DATABASE"] = \
                f"postgres://waybill@127.0.0.1:{proxy.port}/{database.split('/')[3].split('?')[0]}"
            proxy.victim, proxy.before = (lambda: node.process.kill()), before
            with nodes:
                api = Api(node, self.credentials)
                first = proxy.calls
                if part is not None:
                    proxy.kill_at = first + max(1, round(part * self.calls))
                path = nodes.share / ("one.zip" if self.operation == "import" else "two.zip")
                job = self.act(api, path)
                calls = proxy.calls - first
                if part is not None:
                    if not proxy.struck.wait(timeout=1):
                        return None
                    node.process.wait(timeout=60)
                    node.kill9()
                    node.start()
                    api = Api(node, self.credentials)
                    # Whose answer was lost may have been made: the key finds it.
                    again = self.submit(api, path)
                    assert job in (None, again)
                    job = again
                return calls, End(nodes, api, job)

    def submit(self, api, path):
        return api.submit(path, self.operation, headers={"Idempotency-Key": "trial"})

    def act(self, api, path):
        """Submits and follows; the job's id, or None where its answer was lost."""
        job = None
        try:
            job = self.submit(api, path)
            while api.status(job)["status"] not in FINAL:
                pass
        except (requests.RequestException, OSError):
            pass
        return job


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_kill_at_any_call_to_the_database_loses_and_doubles_nothing(script, own, tmp_path):
    stage = Stage(tmp_path, own, script)
    chance = random.Random(len(script))
    for number in range(KILLS):
        part, before = (number + chance.random()) / KILLS, number % 2 == 0
        end = None
        for _ in range(5):  # one that is over before its point is tried a little earlier
            if end := stage.run(part, before):
                break
            part *= 0.9
        assert end, "no point could be reached in five tries"
        got, wanted = end[1], stage.wanted
        where = f"{script}, killed {'before' if before else 'after'} {part:.2f} of {stage.calls} calls"
        assert got.results == wanted.results, where
        lost, doubled = wanted.knowledge - got.knowledge, got.knowledge - wanted.knowledge
        assert not lost and not doubled, f"{where}: lost {list(lost)[:3]}, doubled {list(doubled)[:3]}"
        assert got.records == wanted.records, where
        assert got.findings == wanted.findings, where
        assert got.log == wanted.log, f"{where}: missing {wanted.log - got.log}, too much {got.log - wanted.log}"
