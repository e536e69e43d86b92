"""Several servers on one PostgreSQL, as an operator sets them up: one database, one master key, one place of blobs
and uploads, one issuer's name, a data folder of each node's own."""

import contextlib
import pathlib
import signal

from support import postgres
from support.server import Server


class Nodes:
    """`with Nodes(folder, 3) as nodes`; `nodes[0]` is a Server. All read packages below `share`.

    `bucket`: the environment that names one (`support.swift.as_storage`), in place of a shared folder."""

    def __init__(self, folder, count=2, settings=None, environment=None, database=None, bucket=None):
        folder = pathlib.Path(folder)
        self.share = folder / "share"
        self.share.mkdir(parents=True, exist_ok=True)
        self.database = database or postgres.shared().make()
        self.server = None  # the Postgres of that database, where it is not the shared one
        common = {"sources.file_roots": self.share, "auth.issuer": "https://kb.example.com", **(settings or {})}
        environment = {"WAYBILL_STORAGE_KEY_FILE": str(folder / "master.key"),
                       **(bucket or {"WAYBILL_STORAGE_SHARED_DIR": str(folder / "shared")}), **(environment or {})}
        self.nodes = []
        for number in range(count):
            self.nodes.append(Server(folder / f"node{number}", common, environment, database=self.database, nodes=1))
            self.nodes[-1].share = self.share

    def __getitem__(self, number):
        return self.nodes[number]

    def __iter__(self):
        return iter(self.nodes)

    def __len__(self):
        return len(self.nodes)

    def __enter__(self):
        for node in self.nodes:
            node.start()
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            if node.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    node.process.send_signal(signal.SIGCONT)
                node.stop()

    def query(self, sql):
        return (self.server or postgres.shared()).query(self.database, sql)

    def owner_of(self, job):
        """The worker that holds a job's lease."""
        return self.query(f"SELECT owner FROM jobs WHERE id = '{job}'")[0][0]

    def knowledge(self):
        """Every row of the knowledge base as text, without moments and job ids."""
        rows = []
        for table in ("folders", "articles", "article_revisions", "topics", "portals", "replaced_items", "article_types",
                      "sequences"):
            rows += [(table, row[0]) for row in self.query(
                f"SELECT (to_jsonb(one) - '{{job,created,modified,time,content}}'::text[])::text FROM {table} AS one "
                "ORDER BY 1")]
        return rows
