"""What an operator meets who sets a server up on PostgreSQL, and what becomes of it when the database goes away."""

import json
import subprocess

from support import postgres
from support.api import Api
from support.packages import Package
from support.server import BINARY, Server

MANAGE = "knowledge.contentmgr.manage"
READ = "knowledge.contentmgr.read"


def refused(tmp_path, database):
    """What `waybill serve` says on such a database, which it must not start on."""
    server = Server(tmp_path)
    environment = {key: value for key, value in server.environment.items() if key != "WAYBILL_STORAGE_DATABASE"}
    done = subprocess.run([BINARY, "serve", "--listen", "127.0.0.1:0", "--data-dir", str(tmp_path / "data"),
                           "--database", database], env=environment, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 3, done
    return done.stderr


def test_a_database_that_cannot_be_reached_is_said(tmp_path):
    words = refused(tmp_path, "postgres://me:secret@127.0.0.1:1/waybill")
    assert "127.0.0.1:1/waybill" in words and "storage.database" in words and "secret" not in words, words


def test_a_database_that_is_not_there_is_said(tmp_path):
    words = refused(tmp_path, postgres.shared().url("no_such_database"))
    assert "no_such_database" in words and "createdb" in words, words


def test_a_schema_of_a_newer_program_is_refused_and_left_alone(tmp_path):
    url = postgres.shared().make()
    with Server(tmp_path / "first", database=url):
        pass
    postgres.shared().query(url, "INSERT INTO waybill_schema (step, name, oldest_program) VALUES (4711, 'later', 4711)")
    words = refused(tmp_path / "second", url)
    assert "4711" in words and "newer program" in words, words


def test_another_node_needs_the_master_key(tmp_path):
    url = postgres.shared().make()
    with Server(tmp_path / "first", database=url):
        pass
    words = refused(tmp_path / "second", url)
    assert "master.key" in words and "copy" in words, words
    key = (tmp_path / "first" / "data" / "master.key").read_bytes()
    (tmp_path / "second" / "data").mkdir(parents=True, exist_ok=True)
    (tmp_path / "second" / "data" / "master.key").write_bytes(key)
    with Server(tmp_path / "second", database=url) as server:
        assert server.url


def test_migrate_makes_the_schema_once_and_a_server_then_needs_no_right_to(tmp_path):
    server = Server(tmp_path, database=postgres.shared().make())
    server.cli("migrate", "--json", check=0)
    assert json.loads(server.cli("migrate", "--json", check=0).stdout) == {"steps": 0}
    database = server.database
    postgres.shared().query(database, "CREATE ROLE plain LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN "
                                      "SCHEMA public TO plain")
    try:
        plain = Server(tmp_path / "plain", database=database.replace("user=waybill", "user=plain"))
        with plain:
            api = Api(plain, plain.create_client("default", (MANAGE, READ)))
            _, status = api.run(Package(articles=5).write(plain.share / "small.zip"))
            assert status["status"] == "Successful", status
    finally:
        postgres.shared().query(database, "DROP OWNED BY plain; DROP ROLE plain")


def test_backup_says_whose_matter_it_is(tmp_path):
    with Server(tmp_path, database=postgres.shared().make()) as server:
        outcome = server.cli("backup", tmp_path / "copy")
        assert outcome.returncode == 2 and "pg_dump" in outcome.stderr, outcome


def test_doctor_looks_at_the_database(tmp_path):
    with Server(tmp_path, database=postgres.shared().make()) as server:
        assert "can be reached" in server.cli("doctor").stdout
