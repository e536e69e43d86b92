"""Status polls: against nginx serving the same bytes as a file, and while an import runs."""

import contextlib
import uuid

from content import MOST_ITEMS, made
from paths import ROOT
from programs import nginx, one_core, program, wrk
from support.api import BASE, FINAL
from support.server import wait_for
from table import Row, medians
from work import Client, serving

CONNECTIONS = 64
RATE, STEADY = 1_000, 16  # polls a second, and over how many connections
SECONDS = 1.5
IMPORTS = 3  # of some three seconds each where the machine is fast
HANDBOOK = ROOT / "samples/handbook"


def path_of(job):
    return f"{BASE}/import/content/{job}/status"


@contextlib.contextmanager
def import_under_way(server):
    """The largest packages that there may be, one after the other, long enough for what is measured beside them; cancelled
    afterwards. In a department of its own, where nothing of them is there yet: its client, and the first job."""
    client = Client(server, server.create_client(f"busy {uuid.uuid4()}"))
    packages = [made(MOST_ITEMS, first) for first in range(0, IMPORTS * MOST_ITEMS, MOST_ITEMS)]
    jobs = [client.submit(package) for package in packages]
    wait_for(lambda: client.status(jobs[0]).get("currentOperation") == "Processing content items", "the import")
    yield client, jobs[0]
    under_way = [job for job in jobs if client.status(job)["status"] not in FINAL]
    if not under_way:
        raise SystemExit("bench: the imports ended before what was measured beside them")
    for job in reversed(under_way):  # or the next would begin
        client.post(f"/import/content/{job}/cancel")
    for job in under_way:
        client.wait(job)


def against_nginx(options, what, server, client, job, url):
    """Two rows: requests a second and the 99th percentile, each server with the first core, wrk with the second."""
    measured = []
    for _ in range(options.pairs):
        with what(server):
            measured.append((*wrk(server.url + path_of(job), CONNECTIONS, client.token),
                             *wrk(url, CONNECTIONS)))
    rate, tail, other_rate, other_tail = medians(measured)
    return ([a / b for a, _, b, _ in measured], f"{rate:.0f} against {other_rate:.0f}",
            [a / b for _, a, _, b in measured], f"{tail:.2f} ms against {other_tail:.2f} ms")


def polls(options):
    for what, title in ((contextlib.nullcontext, "status polls"), (import_under_way, "status polls during an import")):
        with serving({"server.loops": "1"}) as server:
            client = Client(server, server.create_client())
            job, _ = client.run(HANDBOOK)
            body = client.get(f"/import/content/{job}/status").content
            one_core(server.process.pid)
            with nginx(body) as url:
                rates, rate_note, tails, tail_note = against_nginx(options, what, server, client, job, url)
        beside = " beside the same" if what is import_under_way else ""
        yield Row(f"{title} against nginx{beside}, requests a second", 0.9, rates, rate_note)
        yield Row(f"{title}, 99th percentile over nginx's{beside}", 1.5, tails, tail_note, at_most=True)
    yield steady(options)


def steady(options):
    """Polls at a rate that leaves the server idle, of the job that runs; both cores are for whoever wants them."""
    measured = []
    for _ in range(options.pairs):
        with serving() as server:
            client = Client(server, server.create_client())
            port = server.url.rsplit(":", 1)[1]

            def tail(client, job):
                return program("bench_polls", port, path_of(job), client.token, RATE, STEADY, SECONDS)
            job, _ = client.run(HANDBOOK)
            idle = tail(client, job)
            with import_under_way(server) as (client, job):
                measured.append((idle, tail(client, job)))
    idle, busy = medians(measured)
    return Row(f"99th percentile of {RATE:,} polls a second during an import over idle", 2, [b / a for a, b in measured],
               f"{busy:.2f} ms against {idle:.2f} ms", at_most=True)
