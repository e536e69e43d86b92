"""pgbouncer in transaction mode: every transaction may get another session, and nothing that Waybill needs is lost by it."""

import shutil
import subprocess
import time

import pytest

from support import postgres
from support.api import Api
from support.nodes import Nodes
from support.packages import Package

MANAGE = "knowledge.contentmgr.manage"
READ = "knowledge.contentmgr.read"
PROGRAM = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"


class Pgbouncer:
    """Before one database; three sessions for everybody."""

    def __init__(self, database):
        server = postgres.shared()
        self.folder = server.folder / f"bouncer-{time.monotonic_ns()}"
        self.folder.mkdir()
        name = database.split("/")[3].split("?")[0]
        (self.folder / "users").write_text('"waybill" ""\n')
        (self.folder / "pgbouncer.ini").write_text(f"""
[databases]
bounced = host={server.folder} dbname={name}
[pgbouncer]
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
unix_socket_dir = {self.folder}
listen_addr =
listen_port = 6432
auth_type = trust
auth_file = {self.folder}/users
logfile = {self.folder}/log
""")
        if server.user:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, server.user["user"], server.user["group"])
        self.url = f"postgres:///bounced?host={self.folder}&port=6432&user=waybill"
        self.process = subprocess.Popen([PROGRAM, self.folder / "pgbouncer.ini"], cwd="/", stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, preexec_fn=postgres.die_with_parent, **server.user)
        end = time.monotonic() + 30
        while not (self.folder / ".s.PGSQL.6432").exists():
            assert self.process.poll() is None and time.monotonic() < end, "pgbouncer does not start"
            time.sleep(0.02)

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=30)


@pytest.mark.skipif(not shutil.which(PROGRAM), reason="pgbouncer is not installed")
def test_two_nodes_share_three_sessions(tmp_path):
    bouncer = Pgbouncer(postgres.shared().make())
    try:
        with Nodes(tmp_path, 2, {"jobs.running": 4}, database=bouncer.url) as nodes:
            apis = []
            for number in range(4):
                credentials = nodes[0].create_client(f"d{number}", (MANAGE, READ))
                apis.append(Api(nodes[number % 2], credentials))
            path = Package(articles=300).write(nodes.share / "package.zip")
            jobs = [(api, api.submit(path)) for api in apis]
            for api, job in jobs:
                status = api.wait(job)
                assert status["status"] == "Successful" and status["results"]["successful"] == 301, status
                assert len(api.all("/articles", "articles", limit=100)) == 300
                assert api.get("/search", params={"q": "Article 7"}).json()["hits"]
            kept = postgres.shared().query(bouncer.url, "SELECT name FROM pg_prepared_statements")
            assert not kept, "a session that others use as well keeps nothing"
    finally:
        bouncer.close()
