"""Ended jobs that have been kept for as long as the operator wants (jobs.keep_ended)."""

import contextlib
import os
import sqlite3

import pytest

from support.api import Api
from support.packages import Package, article, html
from support.server import Server, wait_for

DAY = 86_400_000  # milliseconds


@pytest.mark.skipif(os.environ.get("WAYBILL_TEST_DATABASE") == "postgres", reason="it sets a SQLite's jobs back in time")
def test_old_jobs_go_with_all_they_left_and_their_articles_stay(tmp_path):
    share = tmp_path / "share"
    package = Package()
    for number in range(20):
        package.add(article(number), html(number, 'Plovers. <a href="gone.html">gone</a>'))
    file = package.write(share / "shore.zip")
    with Server(tmp_path / "w", {"jobs.keep_ended": "1d", "sources.file_roots": str(share)}) as server:
        api = Api(server, server.create_client())
        checked, _ = api.run(file, operation=None)
        imported, status = api.run(file)
        assert status["results"]["warnings"] == 20
        undone = api.post(f"/import/content/{api.run(file, operation='reimport')[0]}/undo")  # changed nothing: refused
        assert undone.status_code == 409
        logs = {path.stem for path in (server.data / "logs").iterdir()}
        server.stop()
        with contextlib.closing(sqlite3.connect(server.data / "waybill.db")) as database, database:
            database.execute("UPDATE jobs SET ended = ended - ? WHERE number <= 2", (2 * DAY,))
        server.start()
        api.renew()
        wait_for(lambda: "app.jobs_expired" in server.log(), "the old jobs to go")
        for job in (checked, imported):
            for what in ("status", "findings", "log", "preview", "items"):
                assert api.get(f"/import/content/{job}/{what}").status_code == 404, what
            assert api.post(f"/import/content/{job}/undo").status_code == 404
            assert not any(job.lower() in path.name.lower() for path in (server.data / "logs").iterdir())
        assert any(imported.lower() in name.lower() for name in logs), "there was a log to go"
        assert len(api.all("/import/content", "jobs")) == 1, "the latest is kept"
        assert len(api.all("/articles", "articles")) == 20 and "Plovers" in api.get(
            f"/articles/{api.all('/articles', 'articles')[0]['id']}/content").text
        assert api.run(file, operation="reimport")[1]["status"] == "Successful"
