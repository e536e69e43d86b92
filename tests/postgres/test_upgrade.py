"""Rolling upgrade: nodes of this program and of a newer one on one database, across the newer one's migration.

The newer program is played by its migration, since this one knows no later step: a step that it takes while nodes of this
program work, with all that a step may do that says "this program can work on it" (columns with defaults at the end of every
table, indexes, a table of its own)."""

import collections

import pytest

from support.node_faults import Fault, Undisturbed
from support.packages import Package

NEXT = """
BEGIN;
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'waybill_schema' LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN of_the_next_step bigint NOT NULL DEFAULT 7', one.tablename);
  END LOOP;
END $$;
CREATE INDEX of_the_next_step ON articles (of_the_next_step);
CREATE TABLE table_of_the_next_step (id bigint PRIMARY KEY);
INSERT INTO waybill_schema (step, name, oldest_program) SELECT max(step) + 1, 'the next step', {oldest} FROM waybill_schema;
COMMIT;
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return Undisturbed(tmp_path_factory.mktemp("undisturbed"))


def take(nodes, step):
    """As `waybill migrate` does: again where PostgreSQL ended a deadlock with a node at work by ending the step."""
    for left in reversed(range(8)):
        try:
            return nodes.query(step)
        except AssertionError as error:
            if not left or "deadlock detected" not in str(error):
                raise


def rows(nodes):
    """Of the knowledge base, without what the newer program knows alone."""
    return collections.Counter((table, row.replace(', "of_the_next_step": 7', "").replace('"of_the_next_step": 7, ', ""))
                               for table, row in nodes.knowledge())


def test_nodes_of_this_program_go_on_across_the_next_ones_migration(tmp_path, undisturbed):
    with Fault(tmp_path) as fault:
        newest = fault.nodes.query("SELECT max(step) FROM waybill_schema")[0][0]
        take(fault.nodes, NEXT.format(oldest=newest))
        fault.goes_on(fault.row()[1])
        # Node by node: one is stopped and started on the newer schema while the other works.
        assert fault.runner.stop() == 0
        fault.goes_on_elsewhere()
        fault.runner.start()
        fault.apis[fault.runner].renew()
        status = fault.apis[fault.runner].wait(fault.job)
        assert status["status"] == "Successful" and status["results"] == undisturbed.results, status
        assert rows(fault.nodes) == undisturbed.knowledge
        assert fault.apis[fault.runner].get("/search", params={"q": "Article 7"}).json()["hits"]
        small = Package(articles=20).write(fault.nodes.share / "small.zip")
        for api in fault.apis.values():  # whatever else a node does
            job = api.submit(small, "reimport")
            assert api.wait(job)["status"] == "Successful"
        assert fault.runner.cli("migrate", check=0)


def test_a_step_that_this_program_cannot_work_on_keeps_it_from_starting_and_not_from_ending(tmp_path, undisturbed):
    with Fault(tmp_path) as fault:
        newest = int(fault.nodes.query("SELECT max(step) FROM waybill_schema")[0][0])
        fault.nodes.query(f"INSERT INTO waybill_schema (step, name, oldest_program) VALUES ({newest + 1}, 'later', {newest + 1})")
        assert fault.runner.stop() == 0
        with pytest.raises(AssertionError, match="newer program"):
            fault.runner.start()
        fault.runner.process.wait(timeout=60)
        fault.runner.process.stdout.close()
        fault.runner.process = None
        fault.ended_as(undisturbed)  # by the one that runs still
