"""What jobs cost each other: a cancellation, a second job, a second department, a validation, each beside an import."""

import datetime
import os
import pathlib
import statistics
import tempfile
import time

from content import MOST_ITEMS, large, made, real, topics
from paths import ROOT, WORK
from support.api import FINAL
from support.openssh import Sshd
from rows.polls import import_under_way
from table import Missing, Row, medians
from work import Client, serving, timed

HANDBOOK = ROOT / "samples/handbook"
STARTS = 3  # of a second job, in each pair


def clients(server, count):
    """Each of a department of its own."""
    return [Client(server, server.create_client(f"department {number}")) for number in range(count)]


def real_or_made():
    return real("Boost") or made(20_000)


# how fast a cancellation takes effect

def cancelled_at(client, step, package, **extra):
    """Milliseconds from the cancellation to the state Cancelled, asked for as soon as the job says that it is at `step`;
    None where the job was through with it before it was seen."""
    job = client.submit(package, **extra)
    while (status := client.status(job)).get("currentOperation") != step:
        if status["status"] in FINAL:
            return None
    start = time.monotonic()
    answer = client.post(f"/import/content/{job}/cancel")
    while (status := client.status(job))["status"] not in FINAL:
        pass
    took = time.monotonic() - start
    return 1000 * took if answer.status_code == 204 and status["status"] == "Cancelled" else None


def cancel_row(options, title, step, package, settings=None, **extra):
    """Each time in a department that is empty."""
    with serving(settings) as server:
        times = [cancelled_at(client, step, package, **extra) for client in clients(server, options.pairs)]
    seen = [took for took in times if took is not None]
    if not seen:
        return Missing(title, "the step is over before a poll sees it")
    missed = f", {len(times) - len(seen)} not caught" if len(seen) < len(times) else ""
    return Row(title, 100, seen, f"median {statistics.median(seen):.1f} ms{missed}", "ms", at_most=True, by_worst=True)


def cancels(options):
    yield cancel_row(options, "worst cancel, Reading package", "Reading package", made(MOST_ITEMS))
    yield cancel_row(options, "worst cancel, Processing content items", "Processing content items", real_or_made())
    yield cancel_row(options, "worst cancel, Linking topics and portals", "Linking topics and portals",
                     topics(49_000 if options.long else 20_000))
    yield cancel_row(options, "worst cancel, Updating search index", "Updating search index", real_or_made())
    with tempfile.TemporaryDirectory(dir=WORK) as folder, Sshd(pathlib.Path(folder, "sshd")) as sshd:
        hosts = pathlib.Path(folder, "hosts")
        hosts.write_text(sshd.known_hosts())
        for step, package in (("Fetching package", made(MOST_ITEMS)), ("Processing content items", large())):
            source = {"type": "Shared file path", "path": sshd.url(str(package)),
                      "credentials": {"username": sshd.user, "privateKey": sshd.user_key}}
            yield cancel_row(options, f"worst cancel, {step}, over SFTP", step, package,
                             {"network.allow": "127.0.0.0/8", "sftp.known_hosts": hosts}, dataSource=source)


# two jobs at once

def start_of(client):
    """Milliseconds from the submission of a validation to the moment that the server says it began at."""
    asked = time.time()
    _, status = client.run(HANDBOOK, operation=None)
    began = datetime.datetime.fromisoformat(status["startTime"].replace("Z", "+00:00")).timestamp()
    return max(1000 * (began - asked), 1)


def second_jobs(options):
    measured = []
    for _ in range(options.pairs):
        with serving() as server:
            [other] = clients(server, 1)

            def start():
                return statistics.median(start_of(other) for _ in range(STARTS))
            idle = start()
            with import_under_way(server):
                measured.append((idle, start()))
    idle, beside = medians(measured)
    yield Row("start of a job beside an import over its start on an idle server", 2, [b / a for a, b in measured],
              f"{beside:.1f} ms against {idle:.1f} ms", at_most=True)


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def side_by_side(server, jobs):
    """Seconds until each of some (client, package, operation) has ended, submitted at once; and the cores that were busy."""
    start, used = time.monotonic(), processor_seconds(server.process.pid)
    running = [(client, client.submit(package, operation)) for client, package, operation in jobs]
    took = {}
    while len(took) < len(running):
        for client, job in running:
            if job not in took and client.status(job)["status"] in FINAL:
                took[job] = time.monotonic() - start
        time.sleep(0.01)
    if any(client.status(job)["status"] != "Successful" for client, job in running):
        raise SystemExit("bench: a job did not end well")
    return [took[job] for _, job in running], (processor_seconds(server.process.pid) - used) / max(took.values())


def departments(options):
    package = real_or_made()
    measured, cores = [], []
    for _ in range(options.pairs):
        with serving() as server:
            one, two, three, four = clients(server, 4)
            alone = timed(one, package) + timed(two, package)
            both, used = side_by_side(server, [(three, package, "import"), (four, package, "import")])
            measured.append((alone, max(both)))
            cores.append(used)
    alone, both = medians(measured)
    yield Row("two imports one after the other over two at once", 2, [a / b for a, b in measured],
              f"{alone:.3f} s against {both:.3f} s")
    yield Row(f"cores busy with two imports at once, of {os.cpu_count()}", 0.9 * os.cpu_count(), cores, unit="")


def validation_beside(options):
    package = real_or_made()
    measured = []
    for _ in range(options.pairs):
        with serving() as server:
            one, two, three, four = clients(server, 4)
            alone = timed(one, package) + timed(two, package, None)
            beside = side_by_side(server, [(three, package, "import"), (four, package, None)])[0][0]
            measured.append((alone, beside))
    alone, beside = medians(measured)
    yield Row("import + validation alone over the import with that validation beside it", 1, [a / b for a, b in measured],
              f"{alone:.3f} s against {beside:.3f} s")
