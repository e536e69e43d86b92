"""Jobs accepted: each is on disk when its submitter hears of it."""

import json
import pathlib
import tempfile
import time

from paths import WORK
from peers import npm
from programs import program, wrk
from rows.postgres import SETTINGS, Databases
from support.api import BASE
from support.postgres import Postgres
from table import Missing, Row, medians
from work import Client, serving

CONNECTIONS = 64
SYNCED = 100  # writes of each thread
SECONDS = 1


def submitted(database=""):
    """Submissions a second, scheduled for tomorrow, so that nothing but the submission is measured."""
    with serving({"jobs.queued_per_client": "1000000", "limits.requests_per_client": "0"}, database) as server:
        client = Client(server, server.create_client())
        later = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + 86_400))
        body = json.dumps({"dataSource": {"type": "Shared file path", "path": f"file://{WORK}/package.zip"},
                           "operation": "import", "scheduleTime": {"date": later}})
        script = pathlib.Path(server.folder, "submit.lua")
        script.write_text(f"""wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{body}'
""")
        return wrk(f"{server.url}{BASE}/import/content", CONNECTIONS, client.token, script, SECONDS)[0]


def synced():
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        return 1 / program("bench_limits", "sync", folder, CONNECTIONS, SYNCED)


def row(title, aim, rates):
    mine, theirs = medians(rates)
    return Row(title, aim, [a / b for a, b in rates], f"{mine:.0f} a second against {theirs:.0f}")


def submissions(options):
    yield row(f"durable submissions, {CONNECTIONS} at once, against synced writes", 0.8,
              [(submitted(), synced()) for _ in range(options.pairs)])
    peer, why = npm.installed("graphile-worker", options)
    titles = [f"durable submissions, {CONNECTIONS} at once, {where}, against graphile-worker adding jobs"
              for where in ("into SQLite", "into PostgreSQL")]
    if not peer:
        for title in titles:
            yield Missing(title, why)
        return
    with Postgres(**SETTINGS) as server:
        databases = Databases(server)
        rates = []
        for _ in range(options.pairs):
            with databases.copy() as url:
                theirs = npm.run(peer, "queue.mjs", "add", SECONDS, CONNECTIONS, database=url)
            with databases.copy() as url:
                rates.append((submitted(), submitted(url), theirs))
        yield row(titles[0], 1, [(a, c) for a, _, c in rates])
        yield row(titles[1], 1, [(b, c) for _, b, c in rates])
