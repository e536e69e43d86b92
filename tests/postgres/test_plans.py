"""How the database finds what a node asks for while 100,000 ended jobs lie in the table: by the plans that it says it used."""

import re
import subprocess

import pytest

from support import postgres
from support.api import Api
from support.nodes import Nodes
from support.packages import Package
from support.postgres import Postgres
from support.server import BINARY, clean_environment

ENDED = 100_000


class Plan:
    """A statement that was run, and how: auto_explain's words in the server's log."""

    def __init__(self, entry):
        lines = entry.splitlines()
        at = next((number for number, line in enumerate(lines) if "  (cost=" in line), len(lines))
        self.statement = " ".join(" ".join(lines[:at]).split()).removeprefix("Query Text: ")
        self.nodes = [line.strip().removeprefix("->").strip() for line in lines[at:]]

    def reads(self, how):
        return any(how in node for node in self.nodes)

    def indexes(self):
        """That it reads jobs by."""
        return {found for node in self.nodes for found in re.findall(r"(?:using|Bitmap Index Scan on) (jobs_\w+)", node)}

    def __repr__(self):
        return f"{self.statement[:200]}\n" + "\n".join(self.nodes)


def plans_in(log):
    entries = re.split(r"^.*LOG:  duration: [\d.]+ ms  plan:\n", log, flags=re.MULTILINE)[1:]
    return [Plan(re.split(r"^\d{4}-\d\d-\d\d ", entry, maxsplit=1, flags=re.MULTILINE)[0]) for entry in entries]


def add_ended_jobs(nodes, like):
    """As many as ENDED, of many departments; the table is then analyzed, as autovacuum does."""
    columns = [row[0] for row in nodes.query(
        "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = 'jobs'::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attname NOT IN ('number', 'id', 'department') ORDER BY attnum")]
    names = ", ".join(columns)
    nodes.query(f"INSERT INTO jobs (id, department, {names}) SELECT gen_random_uuid(), 'd' || one % 50, {names} "
                f"FROM jobs, generate_series(1, {ENDED}) AS one WHERE id = '{like}'")
    nodes.query("ANALYZE jobs")


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    """Of all that a node runs from a submission to the end of a job that holds its lease for a while."""
    settings = {"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0",
                "auto_explain.log_nested_statements": "on"}
    with Postgres(**settings) as server:
        with Nodes(tmp_path_factory.mktemp("plans"), 1, {"jobs.lease": "1s", "jobs.max_items_per_second": 40, "jobs.batch_items": 10},
                   database=server.make()) as nodes:
            nodes.server = server
            api = Api(nodes[0], nodes[0].create_client())
            path = Package(articles=100).write(nodes.share / "package.zip")
            job, status = api.run(path)
            assert status["status"] == "Successful", status
            add_ended_jobs(nodes, job)
            before = (server.folder / "log").stat().st_size
            _, status = api.run(path, operation="reimport")
            assert status["status"] == "Successful", status
        with open(server.folder / "log", encoding="utf-8", errors="replace") as log:
            log.seek(before)
            return plans_in(log.read())


def of(plans, *words):
    found = [plan for plan in plans if all(word in plan.statement for word in words)]
    assert found, f"no statement with {words} was run"
    return found


# Hold rows of jobs that have not ended alone, whatever lies in the table …
OPEN = {"jobs_open", "jobs_open_by_client", "jobs_running", "jobs_one_import_in_progress"}
# … and these lead to one row.
KEYS = {"jobs_pkey", "jobs_id_key"}


def check(plans, indexes):
    for plan in plans:
        assert not plan.reads("Seq Scan on jobs"), plan
        assert plan.indexes() and plan.indexes() <= indexes, plan


def test_a_claim_reads_indexes_of_open_jobs(plans):
    looks = of(plans, "FROM jobs AS job", "SKIP LOCKED")
    check(looks, OPEN)
    for plan in looks:
        assert not plan.reads("Sort"), plan
    for plan in of(plans, "UPDATE jobs SET state = 1"):
        check([plan], {"jobs_pkey"})
        assert plan.reads("Index Cond: (number = ANY ($"), plan
    check(of(plans, "count(*)", "FROM jobs WHERE state = 1 AND owner"), OPEN)


def test_a_heartbeat_and_a_commit_find_their_job_at_once(plans):
    check(of(plans, "UPDATE jobs SET lease_until"), OPEN | KEYS)
    check(of(plans, "SELECT number, epoch, state, last_entry, department, position FROM jobs"), KEYS)
    check(of(plans, "UPDATE jobs SET phase = $2"), KEYS)
    check(of(plans, "UPDATE jobs SET state = given.state"), OPEN | KEYS)
    check(of(plans, "SELECT department FROM jobs WHERE id = ANY"), OPEN | KEYS)


def test_when_to_look_again_is_read_from_indexes_of_open_jobs(plans):
    check(of(plans, "SELECT min(moment)"), OPEN)


def test_nothing_that_runs_a_job_goes_through_all_of_them(plans):
    # The health check asks for any one row, the metrics count all.
    allowed = ("SELECT number FROM jobs LIMIT 1", "SELECT type, undo, state, count(*) FROM jobs")
    for plan in plans:
        if not plan.statement.startswith(allowed):
            assert not plan.reads("Seq Scan on jobs"), plan


# A transaction that stays open elsewhere

class OpenTransaction:
    """One that has looked at the jobs and then does nothing, as a forgotten session does."""

    def __init__(self, server, url):
        self.process = subprocess.Popen([postgres.programs() / "psql", url, "-q", "-A", "-t"], cwd="/", text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, **server.user)
        self.process.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT count(*) FROM jobs;\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip().isdigit()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


FIRST = (-(2 ** 63), -(2 ** 63), -(2 ** 63))


def pages_read(server, url, start):
    """By a claim, which is then taken back: pages of tables and indexes."""
    claim = f"FROM waybill_claim_job(2000000000000, 'another', 2000000001000, 1000, 1::smallint, {start[0]}, {start[1]}, {start[2]})"
    # The first call of a session reads the catalogs as well.
    plan = server.query(url, f"BEGIN; SELECT count(*) {claim}; EXPLAIN (ANALYZE, BUFFERS) SELECT * {claim}; ROLLBACK")
    words = " ".join(row[0] for row in plan)
    assert "rows=1 loops=1" in words, words
    return sum(int(pages) for pages in re.findall(r"(?:hit|read)=(\d+)", words.split("Planning:")[0]))


@pytest.fixture
def waiting():
    """A database in which 3,000 jobs wait, and its planner does not know of them: where and its URL."""
    server = postgres.shared()
    url = server.make()
    subprocess.run([BINARY, "migrate", "--database", url], check=True, capture_output=True, env=clean_environment())
    server.query(url, """
        INSERT INTO jobs (id, department, client, type, operation, source_type, source_path, source_region, traceparent, created,
                          due, state, phase, successful, warnings, errors, position, source_version, log_location, error,
                          retryable, epoch, owner, cancel_requested_by, version, last_entry)
        SELECT gen_random_uuid(), 'd', 'c', 1, 0, 0, '', '', '', one, one, 0, 0, 0, 0, 0, 0, '', '', '', 0, 0, '', '', 1, 0
        FROM generate_series(1, 3000) AS one""")
    return server, url


def test_a_look_does_not_read_all_that_wait_however_small_the_table_is_thought_to_be(waiting):
    assert pages_read(*waiting, FIRST) < 100


def test_a_look_that_begins_behind_ended_jobs_does_not_read_them_again(waiting):
    server, url = waiting
    server.query(url, "VACUUM ANALYZE jobs")
    assert pages_read(server, url, FIRST) < 100
    with OpenTransaction(server, url):
        server.query(url, """
            DO $$ BEGIN
              FOR one IN 1 .. 2000 LOOP
                PERFORM ended.number FROM waybill_claim_job(2000000000000, 'w', 2000000001000, 1000, 1::smallint,
                                                            -9223372036854775808, -9223372036854775808, -9223372036854775808) AS job,
                  waybill_end_job(job.id, job.epoch, 2::smallint, 2000000000000, '', 0::smallint, '', 'done', 0::smallint, 3) AS ended;
                COMMIT;
              END LOOP;
            END $$""")
        [[due, number]] = server.query(url, "SELECT due, number FROM jobs WHERE state = 2 ORDER BY due DESC LIMIT 1")
        assert (due, server.query(url, "SELECT count(*) FROM jobs WHERE state = 2")) == ("2000", [["2000"]])
        assert pages_read(server, url, FIRST) > 1000, "then this test shows nothing"
        assert pages_read(server, url, (due, number, number)) < 100
