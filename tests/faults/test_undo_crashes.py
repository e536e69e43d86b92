"""`kill -9` in the middle of an undo: it goes on by itself, and nothing is lost or done twice."""

import random
import sqlite3

from support import dump
from support.api import FINAL, Api
from support.packages import Package
from support.server import Server

ARTICLES = 1200
SLOWLY = {"jobs.batch_items": "50", "jobs.lease": "2s", "jobs.max_items_per_second": "300"}
KNOWLEDGE = ("articles", "folders", "portals", "topics")


def make(path):
    package = Package(articles=ARTICLES, folders=("One", "Two"))
    package.topics = [{"name": f"Topic {number}", "addArticles": {"fromFolders": [{"path": "One"}]}} for number in range(20)]
    package.portals = [{"name": "All", "addTopics": {"fromTopics": [{"path": "Topic 0"}]}}]
    return package.write(path)


def start_undo(api, job):
    answer = api.post(f"/import/content/{job}/undo")
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"].split("/")[-2]


def end_disturbed(api, job, chance, kills):
    """Kills the server again and again, each time a few batches further; returns the job's last status."""
    for killed in range(kills):
        seen = api.status(job)
        if seen["status"] not in FINAL:
            seen = api.wait_processed(job, seen.get("progress", {}).get("processed", 0) + chance.randrange(1, 120))
        assert seen["status"] not in FINAL or killed >= 2, "the undo was over before it could be disturbed often enough"
        if seen["status"] in FINAL:
            break
        api.server.kill9()
        api.server.start()
        api.renew()
    return api.wait(job)


def test_kills_in_an_undo_and_in_its_undo_change_nothing(tmp_path):
    chance = random.Random(20240302)
    with Server(tmp_path, SLOWLY) as server:
        api = Api(server, server.create_client())
        job, imported = api.run(make(server.share / "package.zip"))
        items = imported["progress"]["total"]
        before = {row["id"]: row["path"] if "path" in row else row["name"] for row in api.all("/articles", "articles")}
        for _ in range(2):  # the undo, and the undo of the undo
            job = start_undo(api, job)
            ended = end_disturbed(api, job, chance, 6)
            assert ended["status"] == "Successful"
            assert ended["results"] == {"successful": items, "warnings": 0, "errors": 0}
            records = api.all(f"/import/content/{job}/items", "items")
            assert [row["number"] for row in records] == list(range(1, items + 1))
            assert len({(row["kind"], row["path"]) for row in records}) == items
        assert {row["id"]: row["path"] if "path" in row else row["name"]
                for row in api.all("/articles", "articles")} == before
        assert len(api.get("/search", params={"q": "readers", "limit": 50}).json()["hits"]) == 50
        assert server.stop() == 0
        database = sqlite3.connect(f"file:{server.data / 'waybill.db'}?mode=ro", uri=True)
        assert database.execute("SELECT count(*), max(revision) FROM article_revisions").fetchone() == (3 * ARTICLES, 3)
        database.close()
        assert all(dump.knowledge(server.data)[table][0] > 0 for table in KNOWLEDGE)


def test_kills_while_several_jobs_are_taken_back_change_nothing(tmp_path):
    """Two jobs undone, the newest first, and the rest of an undo that had left something: each disturbed, each whole."""
    chance = random.Random(20240305)
    with Server(tmp_path, SLOWLY) as server:
        api = Api(server, server.create_client())
        first, imported = api.run(make(server.share / "package.zip"))
        changed = Package(articles=ARTICLES, folders=("One", "Two"), body=lambda number: f"<p>changed {number}</p>")
        second, updated = api.run(changed.write(server.share / "changed.zip"), "reimport")
        assert updated["results"]["errors"] == 0
        part = start_undo(api, first)
        assert api.wait(part)["results"]["errors"] == ARTICLES + 1, "every article is the second job's, and in a folder of the first's"
        for target, items in ((second, ARTICLES), (first, imported["progress"]["total"])):
            job = start_undo(api, target)
            ended = end_disturbed(api, job, chance, 4)
            assert ended["results"] == {"successful": items, "warnings": 0, "errors": 0}, api.findings(job)[:3]
        assert api.all("/articles", "articles") == [] == api.all("/folders", "folders")
        assert server.stop() == 0


def test_a_cancelled_undo_goes_on_by_a_retry(tmp_path):
    with Server(tmp_path, SLOWLY) as server:
        api = Api(server, server.create_client())
        job, _ = api.run(make(server.share / "package.zip"))
        undo = start_undo(api, job)
        api.wait_processed(undo, 200)
        assert api.post(f"/import/content/{undo}/cancel").status_code == 204
        ended = api.wait(undo)
        assert ended["status"] == "Cancelled" and ended["progress"]["processed"] < ended["progress"]["total"]
        answer = api.post(f"/import/content/{job}/retry")
        assert answer.status_code == 409
        assert api.post(f"/import/content/{undo}/retry").status_code == 202
        ended = api.wait(undo, states={"Successful"})
        assert ended["results"]["successful"] == ended["progress"]["total"]
        assert api.all("/articles", "articles") == [] == api.all("/folders", "folders")
