"""Trials of a server's life: a script of requests is run undisturbed, then again with a fault in its midst, and what is
left at the end must be the same. Each trial adds a row's worth to docs/reliability.md's table."""

import collections
import contextlib
import hashlib
import pathlib
import re
import shutil
import sqlite3
import time

import requests

from support.api import FINAL, Api
from support.dump import LEFT_OUT, records, tables
from support.faults import Shim
from support.packages import Package, article, html
from support.server import Server, credentials

READ = "knowledge.contentmgr.read"
MANAGE = "knowledge.contentmgr.manage"
# What the client sees of a server that dies under its request.
GONE = (requests.ConnectionError, requests.Timeout, OSError)


class Dead(Exception):
    """The server is gone: the script ends here."""


def package(articles, version=1):
    """Clean items, warnings, errors, links, attachments, topics and a portal; version 2 differs in some."""
    made = Package(folders=("One", "Two"))
    made.files["knowledgehub/articles/resources/manual.txt"] = b"How to. " * 500
    for number in range(articles):
        entry = article(number, ("One", "Two")[number % 2])
        text = f'Words {number} <a href="{(number + 1) % articles}.html">next</a>'
        if version == 2 and number % 3 == 0:
            text += " and more of them"
        if number % 17 == 5:
            text += '<a href="gone.html">gone</a>'
        if number % 19 == 7:
            entry["languageCode"] = "xx-XX"
        if number % 10 == 1:
            path = f"resources/{number}-{version}.txt"
            made.files[f"knowledgehub/articles/{path}"] = f"attachment {number} {version} ".encode() * 20
            entry["attachments"] = [{"name": "own", "path": path}, {"name": "manual", "path": "resources/manual.txt"}]
        made.add(entry, html(number, text))
    made.topics = [{"name": f"Topic {number}", "addArticles": {"fromFolders": [{"path": "One"}]}} for number in range(8)]
    made.portals = [{"name": "All", "addTopics": {"fromTopics": [{"path": f"Topic {number}"} for number in range(8)]}}]
    return made


class World:
    """One server, its shim, and what it has acknowledged."""

    def __init__(self, folder, share, settings, keep=False, template=None):
        self.folder = pathlib.Path(folder)
        self.share = pathlib.Path(share)
        data = self.folder / "data"
        if template:
            self.folder.mkdir(parents=True)
            shutil.copytree(template / "data", data)
        self.shim = Shim(self.folder / "shim", data, keep=keep)
        self.server = Server(self.folder, {"sources.file_roots": str(self.share), "jobs.lease": "2s", "auth.token_life": "24h",
                                           **settings},
                             self.shim.environment)
        self.credentials = None
        self.api = None
        self.acknowledged = {}  # job → items that a poll said are done
        self.facts = {}         # what else was acknowledged, by name
        self.resume = None      # seconds from the restart until the job went on

    def start(self):
        self.started = time.time()
        self.server.start()
        if self.credentials:
            self.api = Api(self.server, self.credentials)
        return self

    # what scripts do: each raises Dead where the server goes away under it

    def submit(self, path, operation="import", **extra):
        job = self._do(lambda: self.api.submit(path, operation, **extra))
        self.acknowledged[job] = 0
        return job

    def follow(self, job, until=None):
        """Polls until the job has ended, or `until(status)`; notes what it says."""
        while True:
            status = self._do(lambda: self.api.status(job))
            done = status.get("progress", {}).get("processed", 0)
            assert done >= self.acknowledged[job], f"processed fell from {self.acknowledged[job]} to {done}"
            self.acknowledged[job] = done
            if status["status"] in FINAL or (until and until(status)):
                return status
            time.sleep(0.002)

    def cancel(self, job):
        answer = self._do(lambda: self.api.post(f"/import/content/{job}/cancel"))
        assert answer.status_code in (204, 409), answer.text
        self.facts.setdefault("cancelled", set())
        if answer.status_code == 204:
            self.facts["cancelled"].add(job)

    def upload(self, path):
        answer = self._do(lambda: self.api.post("/import/uploads", data=path.read_bytes(),
                                                headers={"Content-Type": "application/zip"}))
        assert answer.status_code == 201, answer.text
        self.facts.setdefault("uploads", []).append(answer.json()["path"])
        return answer.json()["path"]

    def create_client(self, name):
        outcome = self.server.cli("client", "create", "--name", name, "--department", "default", "--json", "--scope", MANAGE)
        if outcome.returncode == -9:
            raise Dead(name)
        assert outcome.returncode == 0, outcome.stderr
        self.facts.setdefault("clients", []).append(credentials(outcome.stdout))

    def _do(self, request):
        try:
            return request()
        except GONE as problem:
            if self.server.process.poll() is None and self.shim.kill_at:
                try:
                    self.server.process.wait(timeout=5)
                except Exception:
                    raise problem from None
            raise Dead(str(problem)) from None

    # what is left

    def dead(self):
        return self.server.process is None or self.server.process.poll() is not None

    def reap(self):
        if self.server.process is not None:
            self.server.process.kill()
            self.server._reap()

    def resumed_after(self, job):
        """Seconds from the restart to the log's word that the job goes on; None where it had ended before."""
        for line in reversed(self.api.log(job).splitlines()):
            stamp, *_, text = line.split("\t")
            if re.match(r"(Resumed at item|\w+ started by)", text):
                moment = time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone + float(stamp[19:23])
                return moment - self.started if moment >= self.started - 0.001 else None
        return None


def rows_of(data):
    """Every row of the knowledge base without moments and job ids, counted."""
    database = sqlite3.connect(f"file:{data / 'waybill.db'}?mode=ro", uri=True)
    counted = collections.Counter()
    for table in tables(database):
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in LEFT_OUT]
        for row in database.execute(f"SELECT {', '.join(columns)} FROM {table}"):
            counted[(table, repr(row))] += 1
    database.close()
    return counted


def records_of(data, jobs):
    """How many jobs there are, and what each of those named has written down of its items: all of it, and without what
    became of them."""
    with contextlib.closing(sqlite3.connect(f"file:{data / 'waybill.db'}?mode=ro", uri=True)) as database:
        (count,) = database.execute("SELECT count(*) FROM jobs").fetchone()
        return count, [records(database, job) for job in jobs], [records(database, job, {"outcome"}) for job in jobs]


def damage(data):
    """What SQLite finds wrong with the databases, and blobs whose bytes are not what their names say."""
    found = []
    for name in ("waybill.db", "search.db"):
        database = sqlite3.connect(data / name)
        found += [f"{name}: {row[0]}" for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
        database.close()
    found += [f"blob {path.name}" for path in blobs(data).values() if hashlib.sha256(path.read_bytes()).hexdigest() != path.name]
    return found


def blobs(data):
    return {path.name: path for path in (data / "blobs").rglob("*") if path.is_file() and path.parent.name != "incoming"}


def log_facts(text):
    """The log's lines that must stand there once each: findings by rule and item, and the milestones."""
    facts = collections.Counter()
    for line in text.splitlines():
        stamp, level, rule, item, *_, message = line.split("\t")
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", stamp), line
        if rule != "-":
            facts[(rule, item, message)] += 1
        elif re.match(r"(Ended|Failed|Cancelled|Stopped|Package|\d+ items)", message):
            facts[("-", re.match(r"\w+|\d+ items", message).group(), "")] += 1
    return facts


class Script:
    """What is done to a server. `act` may be cut short by Dead; `settle` brings the world to its end after a restart."""

    name = ""
    articles = 60
    needs_server = True
    settings = {}

    def prepare(self, world):
        """Once, undisturbed: what is there before."""

    def act(self, world):
        raise NotImplementedError

    def settle(self, world):
        """To the end; returns the jobs whose findings and logs are compared."""
        raise NotImplementedError


class Import(Script):
    name = "import"
    operation = "import"

    def file(self, world):
        return world.share / "one.zip"

    def act(self, world):
        world.job = None
        world.job = world.submit(self.file(world), self.operation)
        world.follow(world.job)

    def settle(self, world):
        if world.job is None:  # never acknowledged: the client would ask again
            world.job = world.submit(self.file(world), self.operation)
        status = world.follow(world.job)
        assert status["status"] == "Successful", status
        return [world.job]


class Reimport(Import):
    name = "reimport"
    operation = "reimport"

    def prepare(self, world):
        world.api.run(world.share / "one.zip")

    def file(self, world):
        return world.share / "two.zip"


class Validation(Reimport):
    name = "validation"
    operation = None


class Cancel(Import):
    """Cancelled in the midst; what an acknowledged cancel leaves is then completed by a second job."""

    name = "cancel"
    settings = {"jobs.max_items_per_second": "400"}

    def act(self, world):
        world.job = None
        world.job = world.submit(self.file(world))
        world.follow(world.job, lambda status: status.get("progress", {}).get("processed", 0) >= 20)
        world.cancel(world.job)
        world.follow(world.job)

    def settle(self, world):
        if world.job is not None:
            status = world.follow(world.job)
            wanted = {"Cancelled"} if world.job in world.facts.get("cancelled", ()) else {"Cancelled", "Successful"}
            assert status["status"] in wanted, status
            facts = log_facts(world.api.log(world.job))
            assert all(count == 1 for count in facts.values()), facts
        world.second = world.submit(self.file(world), "reimport")
        assert world.follow(world.second)["status"] == "Successful"
        return []


class Schedule(Import):
    """One job for in a moment, one for next week: both are kept, the first runs when its time has come."""

    name = "schedule"

    def act(self, world):
        world.job = world.later = None
        world.later = world.submit(self.file(world), scheduleTime={"date": moment_in(5 * 24 * 3600)})
        world.job = world.submit(self.file(world), scheduleTime={"date": moment_in(0.3)})
        world.follow(world.job)

    def settle(self, world):
        if world.later is None:
            world.later = world.submit(self.file(world), scheduleTime={"date": moment_in(5 * 24 * 3600)})
        assert world.api.status(world.later)["status"] == "Scheduled"
        return super().settle(world)


class UploadAndImport(Import):
    name = "upload"

    def act(self, world):
        world.job = None
        world.job = world.submit(world.upload(self.file(world)))
        world.follow(world.job)

    def settle(self, world):
        if world.job is None:
            paths = world.facts.get("uploads") or [world.upload(self.file(world))]
            world.job = world.submit(paths[-1])
        jobs = super().settle(world)
        left = list((world.server.data / "incoming").iterdir())
        assert not left, f"left behind: {left}"
        return jobs


class Clients(Script):
    """Clients are made by the command line while no server runs; each that was printed can get a token."""

    name = "client creation"
    needs_server = False

    def act(self, world):
        for number in range(3):
            world.create_client(f"client {number}")

    def settle(self, world):
        for made in world.facts.get("clients", []):
            Api(world.server, made)
        while len(world.facts.get("clients", [])) < 3:
            world.create_client("again")
        listed = world.server.cli("client", "list", "--json", check=0).stdout
        assert all(made["client_id"] in listed for made in world.facts["clients"])
        return []


class FirstStart(Script):
    """The very first start, which makes keys, databases and the local client."""

    name = "first start"
    needs_server = False
    fresh = True

    def act(self, world):
        try:
            world.start()
        except AssertionError as problem:
            raise Dead(str(problem)) from None
        world.server.stop()

    def settle(self, world):
        world.server.cli("jobs", check=0)  # with the client that the start made
        return []


def moment_in(seconds):
    moment = time.time() + seconds
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03d}Z"


SCRIPTS = [Import, Reimport, Validation, Cancel, Schedule, UploadAndImport, Clients, FirstStart]
COMMITS = {"many small commits": {"jobs.batch_items": "5"}, "few large commits": {"jobs.batch_items": "2000"}}


class End:
    """What is left of a world once it has come to its end and its server was stopped."""

    def __init__(self, world, jobs):
        self.results = [world.api.status(job)["results"] for job in jobs]
        self.findings = [collections.Counter((row["rule"], row["item"], row["message"]) for row in world.api.findings(job))
                         for job in jobs]
        self.logs = [log_facts(world.api.log(job)) for job in jobs]
        assert world.server.stop() == 0
        self.rows = rows_of(world.server.data)
        self.jobs, self.records, self.places = records_of(world.server.data, jobs)
        self.blobs = set(blobs(world.server.data))
        self.damage = damage(world.server.data)


class Stage:
    """A script under one way of committing: its template, its undisturbed end, and trials of it."""

    def __init__(self, script, commits, folder, share):
        self.script = script()
        self.folder = pathlib.Path(folder)
        self.share = share
        self.settings = {**COMMITS[commits], **self.script.settings}
        self.fresh = getattr(script, "fresh", False)
        self.number = 0
        self._make_template()
        world = self._world("undisturbed")
        try:
            before = world.shim.changes
            self._act(world)
            self.changes = world.shim.changes - before
            self.wanted = self._end(world)
        finally:
            world.reap()
        assert not self.wanted.damage
        assert all(self.wanted.records), "a job has written nothing down, so that comparing it would show nothing"

    def _make_template(self):
        self.template = None
        if self.fresh:
            return
        world = World(self.folder / "template", self.share, self.settings).start()
        self.credentials = world.credentials = world.server.create_client(scopes=(MANAGE, READ))
        world.api = Api(world.server, world.credentials)
        self.script.prepare(world)
        assert world.server.stop() == 0
        self.template = self.folder / "template"

    def _world(self, name, keep=False):
        world = World(self.folder / name, self.share, self.settings, keep, self.template)
        if self.template:
            world.credentials = self.credentials
        if self.script.needs_server:
            world.start()
        return world

    def _act(self, world):
        try:
            self.script.act(world)
        except Dead:
            pass

    def _end(self, world, running=()):
        if world.dead():
            world.reap()
            world.start()
        if not world.credentials:
            world.credentials = world.server.create_client(scopes=(MANAGE, READ))
            world.api = Api(world.server, world.credentials)
        jobs = self.script.settle(world)
        for job in running:
            world.resume = world.resumed_after(job)
        return End(world, jobs)

    def trial(self, part, table, row, lose=None, chance=None):
        """Kills after `part` (0 to 1) of the script's changes, restarts, compares. False where it was over too soon."""
        self.number += 1
        world = self._world(f"trial-{self.number}", keep=lose is not None)
        try:
            at = max(1, round(part * self.changes))
            world.shim.kill_in(at)
            self._act(world)
            killed = world.dead() and world.shim.changes >= world.shim.kill_at
            world.shim.mend()
            world.reap()
            if not killed and self.script.needs_server:
                return False
            if lose:
                world.shim.lose_power(lose, chance)
            where = f"{self.script.name}, kill at change {at} of {self.changes}" + (f", {lose}" if lose else "")
            self._compare(world, where, table, row)
            return True
        finally:
            world.reap()
            shutil.rmtree(world.folder, ignore_errors=True)

    def _compare(self, world, where, table, row):
        acknowledged = dict(world.acknowledged)
        running = [job for job in acknowledged if job is getattr(world, "job", None)]
        try:
            world.start()
            end = self._end(world, running)
        except AssertionError as problem:
            raise AssertionError(f"{where}: {problem}\n{world.server.log()[-1500:]}") from problem
        lost = self.wanted.rows - end.rows
        doubled = end.rows - self.wanted.rows
        table.add(row, acknowledged=sum(acknowledged.values()) + sum(len(value) for value in world.facts.values()),
                  lost=sum(lost.values()), doubled=sum(doubled.values()), resume=world.resume)
        assert not end.damage, f"{where}: {end.damage}"
        assert not lost and not doubled, f"{where}: lost {list(lost)[:3]}, doubled {list(doubled)[:3]}"
        assert self.wanted.blobs <= end.blobs, f"{where}: blobs are missing"
        assert end.results == self.wanted.results, where
        # A job that was stored while its answer was lost has run as well: the next one found nothing left to change.
        which = "records" if end.jobs == self.wanted.jobs else "places"
        for got, wanted in zip(getattr(end, which), getattr(self.wanted, which), strict=True):
            assert got == wanted, f"{where}: records missing {list(wanted - got)[:3]}, too many {list(got - wanted)[:3]}"
        assert end.findings == self.wanted.findings, where
        assert end.logs == self.wanted.logs, (f"{where}: missing {[a - b for a, b in zip(self.wanted.logs, end.logs)]}, "
                                              f"too much {[b - a for a, b in zip(self.wanted.logs, end.logs)]}")


class Table:
    """The rows of docs/reliability.md."""

    HEAD = ("fault", "runs", "acknowledged", "lost", "doubled", "resumed after, median", "at most")

    def __init__(self):
        self.rows = {}

    def add(self, row, acknowledged, lost, doubled, resume):
        value = self.rows.setdefault(row, {"runs": 0, "acknowledged": 0, "lost": 0, "doubled": 0, "resume": []})
        value["runs"] += 1
        value["acknowledged"] += acknowledged
        value["lost"] += lost
        value["doubled"] += doubled
        if resume is not None:
            value["resume"].append(resume)

    def lines(self):
        def seconds(values, pick):
            return f"{pick(sorted(values)):.2f} s" if values else "–"
        yield "| " + " | ".join(self.HEAD) + " |"
        yield "| --- " + "| ---: " * (len(self.HEAD) - 1) + "|"
        for row, value in self.rows.items():
            yield (f"| {row} | {value['runs']} | {value['acknowledged']} | {value['lost']} | {value['doubled']} | "
                   f"{seconds(value['resume'], lambda v: v[len(v) // 2])} | {seconds(value['resume'], lambda v: v[-1])} |")

    def write(self, page, begin, end):
        """Puts the table between two marks of a page."""
        text = page.read_text()
        head, rest = text.split(begin, 1)
        tail = rest.split(end, 1)[1]
        page.write_text(head + begin + "\n" + "\n".join(self.lines()) + "\n" + end + tail)
