"""`kill -9` at any moment: nothing is lost, nothing is done twice, and the job ends by itself."""

import random

import pytest

from support import dump
from support.api import FINAL, Api
from support.packages import Package, article, html
from support.server import Server

ARTICLES = 4000
SETTINGS = {"jobs.batch_items": "100", "jobs.lease": "2s"}
SLOWLY = {**SETTINGS, "jobs.max_items_per_second": "800"}  # so that there is time to disturb it


def make(path):
    """Clean items, warnings, errors, links, topics and a portal."""
    package = Package(folders=("One", "Two"))
    for number in range(ARTICLES):
        entry = article(number, ("One", "Two")[number % 2])
        text = f'Words {number} <a href="{(number + 1) % ARTICLES}.html">next</a>'
        if number % 97 == 5:
            text += '<a href="gone.html">gone</a>'
        if number % 101 == 7:
            entry["languageCode"] = "xx-XX"
        package.add(entry, html(number, text))
    package.topics = [{"name": f"Topic {number}", "addArticles": {"fromFolders": [{"path": "One"}]}} for number in range(50)]
    package.portals = [{"name": "All", "addTopics": {"fromTopics": [{"path": f"Topic {number}"} for number in range(50)]}}]
    return package.write(path)


def run_undisturbed(folder):
    with Server(folder, SETTINGS) as server:
        api = Api(server, server.create_client())
        job, status = api.run(make(server.share / "package.zip"))
        findings = [(row["rule"], row["item"]) for row in api.findings(job)]
        assert server.stop() == 0
        return status, findings, dump.knowledge(server.data)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return run_undisturbed(tmp_path_factory.mktemp("undisturbed"))


def log_facts(text):
    """Rule and item of every finding's line: what must stand there once each."""
    rows = [line.split("\t") for line in text.splitlines()]
    return [(row[2], row[3]) for row in rows if row[2] != "-"]


def test_twenty_kills_change_nothing(undisturbed, tmp_path):
    status, findings, wanted = undisturbed
    chance = random.Random(20240301)
    with Server(tmp_path, SLOWLY) as server:
        credentials = server.create_client()
        api = Api(server, credentials)
        job = api.submit(make(server.share / "package.zip"))
        # Twenty moments spread over the items; each is reached by waiting for so many items, then a kill.
        moments = sorted(chance.randrange(0, ARTICLES) for _ in range(20))
        killed = 0
        for moment in moments:
            seen = api.wait_processed(job, moment)
            if seen["status"] in FINAL:
                break
            server.kill9()
            killed += 1
            server.start()
            api = Api(server, credentials)
        ended = api.wait(job)
        assert ended["status"] == "Successful"
        assert killed >= 10, "the import was over before it could be disturbed often enough"
        assert ended["results"] == status["results"]
        assert [(row["rule"], row["item"]) for row in api.findings(job)] == findings
        facts = log_facts(api.log(job))
        assert len(facts) == len(set(facts)) == len(findings)
        assert server.stop() == 0
        assert dump.knowledge(server.data) == wanted


def test_terminated_server_finishes_its_batch_and_the_job_goes_on(undisturbed, tmp_path):
    status, _, wanted = undisturbed
    with Server(tmp_path, {**SETTINGS, "jobs.max_items_per_second": "3000"}) as server:
        credentials = server.create_client()
        api = Api(server, credentials)
        job = api.submit(make(server.share / "package.zip"))
        api.wait_processed(job, 500)
        assert server.stop() == 0
        server.start()
        ended = Api(server, credentials).wait(job)
        assert ended["status"] == "Successful" and ended["results"] == status["results"]
        assert server.stop() == 0
        assert dump.knowledge(server.data) == wanted


def test_killed_validation_goes_on_too(tmp_path):
    with Server(tmp_path, {**SETTINGS, "jobs.max_items_per_second": "4000"}) as server:
        credentials = server.create_client()
        api = Api(server, credentials)
        job = api.submit(make(server.share / "package.zip"), operation=None)
        api.wait_processed(job, 1000)
        server.kill9()
        server.start()
        api = Api(server, credentials)
        status = api.wait(job)
        assert status["status"] == "Successful"
        facts = log_facts(api.log(job))
        assert len(facts) == len(set(facts)) == len(api.findings(job))
        assert api.all("/folders", "folders") == []


def test_second_server_on_the_same_data_is_refused(tmp_path):
    with Server(tmp_path) as server:
        outcome = server.cli("serve", "--listen", "127.0.0.1:0", "--data-dir", server.data)
        assert outcome.returncode != 0
        assert "another" in (outcome.stdout + outcome.stderr).lower()
