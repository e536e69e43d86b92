"""Two nodes on one PostgreSQL with an import that a fault meets, what it must come to, and the table of what was tried."""

import collections
import time

from support.api import Api
from support.nodes import Nodes
from support.packages import Package
from support.server import wait_for

MANAGE = "knowledge.contentmgr.manage"
READ = "knowledge.contentmgr.read"
ARTICLES = 600


class Undisturbed:
    """What the package becomes where nothing happens."""

    def __init__(self, folder):
        with Nodes(folder, 1) as nodes:
            api = Api(nodes[0], nodes[0].create_client("default", (MANAGE, READ)))
            _, status = api.run(Package(articles=ARTICLES).write(nodes.share / "package.zip"))
            self.results, self.knowledge = status["results"], collections.Counter(nodes.knowledge())


class Fault:
    """Two nodes with a slow import; `runner` is the node that has it. `way`: how that node reaches the database; `server`:
    the Postgres of `database`, where it is not the shared one; `hosts`: where the nodes run, if not on this machine; `rate`:
    items a second."""

    LEASE = 2.0

    def __init__(self, folder, database=None, way=None, server=None, hosts=None, rate=50, **settings):
        self.nodes = Nodes(folder, 2, {"jobs.max_items_per_second": rate, "jobs.lease": f"{int(self.LEASE * 1000)}ms",
                                       "jobs.batch_time": "50ms", "jobs.batch_items": 20, **settings},
                           database=database)
        self.nodes.server = server
        if way:
            self.nodes[0].environment["WAYBILL_STORAGE_DATABASE"] = way
        for number, node in enumerate(self.nodes if hosts else ()):
            hosts[number].place(node)

    def __enter__(self):
        self.nodes[0].start()
        credentials = self.nodes[0].create_client("default", (MANAGE, READ))
        self.runner = self.nodes[0]
        self.apis = {self.runner: Api(self.runner, credentials)}
        path = Package(articles=ARTICLES).write(self.nodes.share / "package.zip")
        self.job = self.apis[self.runner].submit(path)
        self.apis[self.runner].wait_processed(self.job, 60)
        # The second comes only now, so that it is known which has the job.
        self.other = self.nodes[1].start()
        self.apis[self.other] = Api(self.other, credentials)
        self.strikes()
        return self

    def __exit__(self, *problem):
        self.nodes.__exit__(*problem)

    def row(self):
        """Epoch and position of the job."""
        return tuple(map(int, self.nodes.query(f"SELECT epoch, position FROM jobs WHERE id = '{self.job}'")[0]))

    def strikes(self):
        """The fault happens now."""
        self.started = time.time()

    def goes_on_elsewhere(self):
        """Seconds from the fault until another node had the job, by the job's own log."""
        wait_for(lambda: self.row()[0] > 1, "the other node to take the job over", 60)
        said = "SELECT e.time FROM log_entries AS e JOIN jobs AS j ON j.number = e.job " \
               f"WHERE j.id = '{self.job}' AND e.message LIKE 'Resumed at item%epoch 2%'"
        return int(wait_for(lambda: self.nodes.query(said), "its word that it goes on", 60)[0][0]) / 1000 - self.started

    def goes_on(self, behind, seconds=60):
        """Seconds from the fault until an item after those `behind` was seen to be committed."""
        wait_for(lambda: self.row()[1] > behind, "the job to go on", seconds)
        return time.time() - self.started

    def ended_as(self, wanted):
        """Compares the end, row by row; (lost, doubled)."""
        status = self.apis[self.other].wait(self.job)
        assert status["status"] == "Successful" and status["results"] == wanted.results, status
        got = collections.Counter(self.nodes.knowledge())
        numbers = [int(row[0]) for row in self.nodes.query(
            "SELECT i.number FROM job_items AS i JOIN jobs AS j ON j.number = i.job "
            f"WHERE j.id = '{self.job}' ORDER BY i.number")]
        assert numbers == list(range(1, len(numbers) + 1)), "an item is lost or doubled"
        lost, doubled = wanted.knowledge - got, got - wanted.knowledge
        assert not lost and not doubled, f"lost {list(lost)[:3]}, doubled {list(doubled)[:3]}"
        return sum(lost.values()), sum(doubled.values())


class FaultTable:
    """The second table of docs/reliability.md: rows in the order of `faults`, name → words."""

    BEGIN, END = "<!-- nodes: begin -->", "<!-- nodes: end -->"

    def __init__(self, faults):
        self.faults = faults
        self.rows = {}

    def add(self, fault, ended, seconds):
        assert fault in self.faults
        row = self.rows.setdefault(fault, {"lost": 0, "doubled": 0, "seconds": []})
        row["lost"] += ended[0]
        row["doubled"] += ended[1]
        row["seconds"].append(seconds)

    def lines(self):
        yield "| fault | runs | lost | doubled | goes on | after, median | at most |"
        yield "| --- | ---: | ---: | ---: | --- | ---: | ---: |"
        for fault, (words, where) in self.faults.items():
            if fault in self.rows:
                row = self.rows[fault]
                yield (f"| {words} | {len(row['seconds'])} | {row['lost']} | {row['doubled']} | {where} | "
                       f"{self.median(fault):.1f} s | {max(row['seconds']):.1f} s |")

    def median(self, fault):
        took = sorted(self.rows[fault]["seconds"])
        return took[len(took) // 2]

    def write(self, page):
        """Where all was tried."""
        if set(self.rows) != set(self.faults):
            return
        head, rest = page.read_text().split(self.BEGIN, 1)
        tail = rest.split(self.END, 1)[1]
        page.write_text(head + self.BEGIN + "\n" + "\n".join(self.lines()) + "\n" + self.END + tail)
