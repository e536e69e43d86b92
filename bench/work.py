"""Jobs on a server of their own: what most rows time."""

import contextlib
import tempfile
import time

from paths import ROOT, WORK
from support.api import Api
from support.server import Server


class Client(Api):
    """Answers are not checked against the OpenAPI here: it would cost the cores that are measured."""

    def request(self, method, path, *, checked=False, **options):
        return super().request(method, path, checked=checked, **options)


@contextlib.contextmanager
def serving(settings=None, database=""):
    """A server that may read this clone's packages. `database`: the URL of a PostgreSQL; SQLite without it."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder, Server(
            folder, {"sources.file_roots": str(ROOT), "log.level": "warning", **(settings or {})}, database=database,
            nodes=1) as server:
        yield server


def timed(client, package, operation="import", **extra):
    """Seconds from the submission to the end of a job that must end well."""
    start = time.monotonic()
    _, status = client.run(package, operation=operation, **extra)
    took = time.monotonic() - start
    if status["status"] != "Successful":
        raise SystemExit(f"bench: the job on {package} ended {status}")
    return took


def run_job(package, operation="import", settings=None, source=None, database=""):
    """Seconds of a job on an empty server of its own, and the server's peak memory."""
    with serving(settings, database) as server:
        client = Client(server, server.create_client())
        took = timed(client, package, operation, **({"dataSource": source} if source else {}))
        return took, server.peak_memory()
