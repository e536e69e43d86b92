"""Waybill on PostgreSQL, against what the database can do and against a queue that lives in it."""

import contextlib
import subprocess
import tempfile
import time

from content import ALL, sets
from paths import ROOT, WORK
from peers import npm
from programs import program
from support.postgres import Postgres, programs
from table import Missing, Row, medians
from work import run_job

# Durable, as it comes; but no checkpoint falls into one side of a pair alone.
SETTINGS = {"fsync": "on", "max_wal_size": "8GB", "checkpoint_timeout": "1h"}
EMPTY = "empty"  # the database that others are copies of
# What a server writes beside what an import brings.
NOT_CONTENT = {"jobs", "clients", "signing_keys", "search_queue"}


class Databases:
    """Databases with Waybill's schema and nothing in them, each a copy of one that was migrated once."""

    def __init__(self, server):
        self.server = server
        server.query("postgres", f"CREATE DATABASE {EMPTY}")
        subprocess.run([ROOT / "build/release/src/app/waybill", "migrate", "--database", server.url(EMPTY)], check=True,
                       stdout=subprocess.DEVNULL)
        self.number = 0

    @contextlib.contextmanager
    def copy(self, **settings):
        self.number += 1
        name = f"copy_{self.number}"
        self.server.query("postgres", f"CREATE DATABASE {name} TEMPLATE {EMPTY} STRATEGY file_copy")
        for setting, value in settings.items():
            self.server.query("postgres", f"ALTER DATABASE {name} SET {setting} = {value}")
        try:
            yield self.server.url(name)
        finally:
            self.server.query("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def filled(self, url):
        """The tables that have rows."""
        names = self.server.query(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for name, in names if self.server.query(url, f"SELECT 1 FROM {name} LIMIT 1")}

    def psql(self, url, *commands):
        arguments = [argument for command in commands for argument in ("-c", command)]
        return subprocess.Popen([programs() / "psql", url, "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", *arguments],
                                stdout=subprocess.DEVNULL)


class CopiedRows:
    """The rows of an import, table by table, as files in COPY's binary format."""

    def __init__(self, databases, url, folder):
        self.databases = databases
        names = databases.filled(url) - databases.filled(EMPTY) - NOT_CONTENT
        # Folders first: articles refer to them.
        self.files = {name: f"{folder}/{name}" for name in sorted(names, key=lambda name: (name != "folders", name))}
        dump = databases.psql(url, *[f"\\copy {name} TO '{file}' WITH (FORMAT binary)" for name, file in self.files.items()])
        if dump.wait() != 0:
            raise SystemExit("bench: the rows of the import could not be read")

    def seconds(self, index):
        """How long a bare COPY of them takes, into the same tables with their indexes: one transaction for what search reads
        (with `index`), and beside it one for the rest. Nothing is computed: the words of each text are rows as well."""
        with self.databases.copy() as url:
            # The limit queues nothing for the index.
            self.databases.server.query(url, "ALTER TABLE article_revisions DISABLE TRIGGER USER")
            commands = {name: f"\\copy {name} FROM '{file}' WITH (FORMAT binary)" for name, file in self.files.items()}
            search = [commands[name] for name in commands if name.startswith("search_")]
            rows = [commands[name] for name in commands if not name.startswith("search_")]
            start = time.monotonic()
            running = [self.databases.psql(url, *rows)] + ([self.databases.psql(url, *search)] if index else [])
            if any(process.wait() != 0 for process in running):
                raise SystemExit("bench: the rows of the import could not be copied")
            return time.monotonic() - start


def import_row(options, databases, name, package, index):
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        def ours(then=lambda url: None):
            with databases.copy() as url:
                took = run_job(package, settings={"jobs.wait_for_index": str(index).lower()}, database=url)[0]
                then(url)
                return took
        copied = []
        ours(lambda url: copied.append(CopiedRows(databases, url, folder)))
        times = [(ours(), copied[0].seconds(index)) for _ in range(options.pairs)]
    mine, limit = medians(times)
    title = f"import into PostgreSQL, {name}, against COPY of its rows and its index's" if index else \
        f"import into PostgreSQL without the index, {name}, against COPY of its rows"
    return Row(title, 0.6, [b / a for a, b in times], f"{mine:.3f} s against {limit:.3f} s")


def imports(options):
    with Postgres(**SETTINGS) as server:
        databases = Databases(server)
        for name, package in sets(*ALL[:2]) if options.long else sets("Boost"):
            yield import_row(options, databases, name, package, index=False)
        for name, package in sets("C reference", *(ALL[:2] if options.long else ())):
            yield import_row(options, databases, name, package, index=True)


# Workers of one process: as many as a small server has, and as many as graphile-worker's own load test has in each of its processes
# (its documentation, "Performance": concurrentJobs 24, without batching, which takes jobs before there is a worker for them).
CLAIMERS = (4, 24)


def claims(options):
    """Empty jobs, taken and ended: at most one commit each on our side (decision 74), two on the other. The rows that do not wait
    for the disk show what the statements cost."""
    jobs = 5_000 if options.long else 2_000
    rows = [(f"empty jobs a second on PostgreSQL, {workers} workers{how}, against graphile-worker", workers, durable)
            for workers in CLAIMERS for how, durable in (("", "on"), (", no wait for the disk", "off"))]
    peer, why = npm.installed("graphile-worker", options)
    if not peer:
        yield from (Missing(name, why) for name, _, _ in rows)
        return
    with Postgres(**SETTINGS) as server:
        databases = Databases(server)
        for name, workers, durable in rows:
            rates = []
            for _ in range(options.pairs):
                with databases.copy(synchronous_commit=durable) as url, tempfile.TemporaryDirectory(dir=WORK) as folder:
                    ours = jobs / program("bench_claims", url, folder, jobs, workers)
                with databases.copy(synchronous_commit=durable) as url:
                    rates.append((ours, jobs / npm.run(peer, "queue.mjs", "work", jobs, workers, database=url)))
            mine, theirs = medians(rates)
            yield Row(name, 3, [a / b for a, b in rates], f"{mine:.0f} against {theirs:.0f}")
