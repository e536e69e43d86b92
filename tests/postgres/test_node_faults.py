"""Faults between nodes and their database: the job goes on, and ends as one that nothing happened to. The whole of it (--long)
writes the second table of docs/reliability.md."""

import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import pytest

from support import hosts, postgres
from support.cutting_proxy import CuttingProxy
from support.hosts import Hosts
from support.node_faults import Fault, FaultTable, Undisturbed
from support.postgres import Postgres
from support.server import wait_for

LONG = bool(os.environ.get("WAYBILL_LONG"))
RUNS = 3 if LONG else 1
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
NO_HOSTS = hosts.missing()
ELSEWHERE = "on the other node, within the lease (2 s) and two seconds"
# What each test makes, and where the job goes on.
FAULTS = {
    "killed": ("the node is killed (`SIGKILL`)", ELSEWHERE),
    "asleep": ("it sleeps for longer than its lease (`SIGSTOP`) and wakes", ELSEWHERE + "; what the sleeper commits late is "
               "refused by the epoch"),
    "asleep in a COPY": ("it falls asleep in the midst of a COPY, for whose rows the server waits", ELSEWHERE),
    "stopped": ("it is stopped (`SIGTERM`)", ELSEWHERE),
    "unanswered": ("nothing of the database's answers reaches it any more", ELSEWHERE + "; it is ready again when they do"),
    "cut off": ("it is cut off from the database: no packet goes either way, in a network namespace", ELSEWHERE + "; it is "
                "ready again when they do"),
    "parted": ("the nodes are cut off from each other, in network namespaces", "on the same node: they do not speak with each "
               "other"),
    "slow way": ("each packet between it and the database takes 50 ms longer, either way", "on the same node"),
    "slow node": ("it gets no more than a tenth of its time (`SIGSTOP`, `SIGCONT`, twice a second)", "on either node"),
    "restarted": ("the database is killed and started again, twice", "on the same node"),
    "away": ("the database is away for longer than calls wait", "on either node, when it is back; `/readyz` says so meanwhile"),
    "full": ("the database has no connection left for five seconds", "on either node"),
    "failed over": ("the database is killed, and its synchronous replica promoted", "on either node, with all that was "
                    "acknowledged"),
    "fallen back": ("the same with an asynchronous replica that was behind", "on either node, at the last item that the replica "
                    "has: what it lost is done again"),
}


@pytest.fixture(scope="module")
def table():
    made = FaultTable(FAULTS)
    yield made
    print("\n".join(made.lines()))
    if LONG:
        made.write(PAGE)
    # The median of what a whole run tries: one may meet the machine's other work.
    late = {fault: made.median(fault) for fault, (_, where) in FAULTS.items()
            if where.startswith(ELSEWHERE) and fault in made.rows and made.median(fault) > Fault.LEASE + 2}
    assert not (LONG and late), late


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return Undisturbed(tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(params=range(RUNS), ids=lambda number: f"run {number + 1}")
def folder(request, tmp_path):
    return tmp_path


@pytest.fixture
def own():
    """A PostgreSQL of one test, which may end it."""
    with Postgres() as server:
        yield server


def comes_back(fault):
    wait_for(lambda: fault.apis[fault.runner].get("/readyz", checked=False).status_code == 200, "the node to be ready again")


def test_a_nodes_job_goes_on_elsewhere_when_it_is_killed(folder, undisturbed, table):
    with Fault(folder) as fault:
        fault.strikes()
        fault.runner.kill9()
        took = fault.goes_on_elsewhere()
        table.add("killed", fault.ended_as(undisturbed), took)


def test_a_node_that_slept_through_its_lease_writes_nothing_more(folder, undisturbed, table):
    with Fault(folder) as fault:
        fault.strikes()
        fault.runner.process.send_signal(signal.SIGSTOP)
        took = fault.goes_on_elsewhere()
        fault.runner.process.send_signal(signal.SIGCONT)
        table.add("asleep", fault.ended_as(undisturbed), took)
        epochs = set(re.findall(r"epoch (\d+)", fault.apis[fault.other].log(fault.job)))
        assert epochs == {"1", "2"}, "the sleeper took it back"
        assert fault.runner.process.poll() is None, "it goes on serving"
        assert fault.apis[fault.runner].wait(fault.job)["status"] == "Successful"


def test_a_node_that_sleeps_in_the_midst_of_a_copy_loses_its_job_too(folder, undisturbed, table):
    """The server waits for its rows, and holds the job for it meanwhile."""
    with Postgres(tcp=True) as own, CuttingProxy(("127.0.0.1", own.port)) as proxy:
        direct = own.make()
        name = direct.split("/")[3].split("?")[0]
        with Fault(folder, direct, f"postgres://waybill@127.0.0.1:{proxy.port}/{name}", own) as fault:
            proxy.hold_behind = b"COPY job_items"
            assert proxy.held.wait(60)
            fault.runner.process.send_signal(signal.SIGSTOP)
            fault.strikes()
            took = fault.goes_on_elsewhere()
            fault.runner.process.send_signal(signal.SIGCONT)
            proxy.release()
            table.add("asleep in a COPY", fault.ended_as(undisturbed), took)
            comes_back(fault)


def test_a_node_that_is_stopped_hands_its_job_over_at_once(folder, undisturbed, table):
    with Fault(folder) as fault:
        fault.strikes()
        assert fault.runner.stop() == 0
        took = fault.goes_on_elsewhere()
        table.add("stopped", fault.ended_as(undisturbed), took)


@pytest.mark.parametrize("word", (None, b"COPY "), ids=("anywhere", "copy"))
def test_a_node_without_the_databases_answers_loses_its_job_and_writes_nothing_more(folder, undisturbed, table, word):
    """Also from the moment on that it has begun a COPY, for whose rows the server then waits."""
    with Postgres(tcp=True) as own, CuttingProxy(("127.0.0.1", own.port)) as proxy:
        direct = own.make()
        name = direct.split("/")[3].split("?")[0]
        with Fault(folder, direct, f"postgres://waybill@127.0.0.1:{proxy.port}/{name}", own) as fault:
            if word:
                proxy.hold_on = word
                assert proxy.held.wait(60)
                fault.strikes()
            else:
                fault.strikes()
                proxy.hold_at = 0  # from now on nothing comes back
            took = fault.goes_on_elsewhere()
            status = fault.apis[fault.other].wait_processed(fault.job, 400)
            assert status["status"] != "Failed", status
            proxy.release()
            table.add("unanswered", fault.ended_as(undisturbed), took)
            comes_back(fault)


@pytest.mark.skipif(NO_HOSTS is not None, reason=str(NO_HOSTS))
def test_a_node_whose_network_is_cut_loses_its_job_and_comes_back(folder, undisturbed, table):
    with Hosts(2) as places, Postgres(address=places.address) as own:
        name = own.make().split("/")[3].split("?")[0]
        with Fault(folder, f"postgres://waybill@{places.address}:{own.port}/{name}", server=own, hosts=places) as fault:
            fault.strikes()
            places[0].cut_off()
            took = fault.goes_on_elsewhere()
            wait_for(lambda: fault.apis[fault.runner].get("/readyz", checked=False).status_code == 503, "readiness to tell")
            places[0].mend()
            table.add("cut off", fault.ended_as(undisturbed), took)
            comes_back(fault)


@pytest.mark.skipif(NO_HOSTS is not None, reason=str(NO_HOSTS))
def test_nodes_that_do_not_see_each_other_work_as_before(folder, undisturbed, table):
    with Hosts(2) as places, Postgres(address=places.address) as own:
        name = own.make().split("/")[3].split("?")[0]
        with Fault(folder, f"postgres://waybill@{places.address}:{own.port}/{name}", server=own, hosts=places) as fault:
            port = int(fault.other.url.rsplit(":", 1)[1])
            assert places[0].sees(places[1].address, port), "they do before"
            fault.strikes()
            places.part()
            assert not places[0].sees(places[1].address, port)
            took = fault.goes_on(fault.row()[1])
            # Each hears of what the other does, and has it done.
            assert fault.apis[fault.other].status(fault.job)["status"] == "In Progress"
            table.add("parted", fault.ended_as(undisturbed), took)
            assert fault.row()[0] == 1
            job = fault.apis[fault.other].submit(fault.nodes.share / "package.zip", None)
            assert fault.apis[fault.runner].wait(job)["status"] == "Successful"


def test_a_slow_way_to_the_database_only_takes_longer(folder, undisturbed, table):
    with Postgres(tcp=True) as own, CuttingProxy(("127.0.0.1", own.port)) as proxy:
        direct = own.make()
        name = direct.split("/")[3].split("?")[0]
        with Fault(folder, direct, f"postgres://waybill@127.0.0.1:{proxy.port}/{name}", own,
                   **{"jobs.batch_items": 100, "jobs.batch_time": "400ms"}) as fault:  # a batch has many calls
            fault.strikes()
            proxy.delay = 0.05
            took = fault.goes_on(fault.row()[1])
            table.add("slow way", fault.ended_as(undisturbed), took)
            assert fault.row()[0] == 1, "it has kept its lease all the while"


class Slowed:
    """A process that runs for a tenth of the time."""

    def __init__(self, process):
        self.process = process
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self.over.is_set() and self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)
            self.over.wait(0.45)
            self.process.send_signal(signal.SIGCONT)
            self.over.wait(0.05)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def test_a_slow_node_hinders_nobody(folder, undisturbed, table):
    with Fault(folder) as fault:
        fault.strikes()
        with Slowed(fault.runner.process):
            took = fault.goes_on(fault.row()[1])
            assert fault.apis[fault.other].status(fault.job)["status"] == "In Progress"
            table.add("slow node", fault.ended_as(undisturbed), took)


def test_a_restart_of_the_database_fails_no_job(folder, undisturbed, table, own):
    with Fault(folder, own.make(), server=own) as fault:
        for how in (signal.SIGQUIT, signal.SIGINT):
            behind = fault.row()[1]
            fault.strikes()
            own.restart(how)
            took = fault.goes_on(behind)
        table.add("restarted", fault.ended_as(undisturbed), took)


def test_a_database_that_is_away_for_longer_fails_no_job_and_health_tells(folder, undisturbed, table, own):
    with Fault(folder, own.make(), server=own) as fault:
        behind = fault.row()[1]
        own.stop(signal.SIGQUIT)
        for api in fault.apis.values():
            wait_for(lambda one=api: one.get("/readyz", checked=False).status_code == 503, "readiness to tell", 60)
            assert api.get("/livez").status_code == 200, "a restart of the server would not help"
        time.sleep(8)  # longer than calls wait for a restart
        own.start()
        fault.strikes()
        took = fault.goes_on(behind)
        table.add("away", fault.ended_as(undisturbed), took)


def test_a_database_out_of_connections_is_got_over(folder, undisturbed, table):
    with Postgres(max_connections="18") as few:
        with Fault(folder, few.make(), server=few, **{"storage.connections": 4}) as fault:
            behind = fault.row()[1]
            # All that is left, and more than that.
            holders = [subprocess.Popen([postgres.programs() / "psql", few.url("postgres"), "-c", "SELECT pg_sleep(5)"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(18)]
            for holder in holders:
                holder.wait(timeout=120)
            assert any(holder.returncode != 0 for holder in holders), "there was a connection left for each"
            fault.strikes()
            took = fault.goes_on(behind)
            table.add("full", fault.ended_as(undisturbed), took)


def both(primary, replica, database):
    """A URL that names the two servers."""
    name = database.split("/")[3].split("?")[0]
    return (f"postgres:///{name}?host={primary.folder},{replica.folder}&port={primary.port},{replica.port}&user=waybill")


def set_on(server, setting, value):
    server.query("postgres", f"ALTER SYSTEM SET {setting} = '{value}'")
    server.query("postgres", "SELECT pg_reload_conf()")


def test_a_fail_over_to_a_synchronous_replica_loses_nothing(folder, undisturbed, table, own):
    with Postgres(primary=own) as replica:
        set_on(own, "synchronous_standby_names", "*")
        wait_for(lambda: own.query("postgres", "SELECT sync_state FROM pg_stat_replication") == [["sync"]], "the replica")
        with Fault(folder, both(own, replica, own.make()), server=own) as fault:
            acknowledged = fault.apis[fault.other].status(fault.job)["progress"]["processed"]
            fault.strikes()
            own.stop(signal.SIGQUIT)
            replica.promote()
            behind = fault.row()[1]
            assert behind >= acknowledged, "what a client was told is lost"
            took = fault.goes_on(behind)
            table.add("failed over", fault.ended_as(undisturbed), took)


def fall_back(fault, own, replica):
    """A fail-over that loses a hundred items and more; (the position that is left, the one that was)."""
    name = fault.nodes.database.split("/")[3].split("?")[0]
    there = f"SELECT position FROM jobs WHERE id = '{fault.job}' AND position > 0"
    wait_for(lambda: replica.query(name, there), "the replica to have the job")
    set_on(replica, "primary_conninfo", "")  # from now on it learns nothing
    wait_for(lambda: not own.query("postgres", "SELECT 1 FROM pg_stat_replication"), "the replica to be alone")
    left = int(replica.query(name, there)[0][0])
    fault.goes_on(left + 100)
    acknowledged = fault.row()[1]
    fault.strikes()
    own.stop(signal.SIGQUIT)
    assert int(replica.query(name, there)[0][0]) == left, "the replica has learnt more"
    replica.promote()
    return left, acknowledged


def test_what_a_fail_over_to_an_asynchronous_replica_loses_is_done_again(folder, undisturbed, table, own):
    with Postgres(primary=own) as replica:
        with Fault(folder, both(own, replica, own.make()), server=own) as fault:
            _, acknowledged = fall_back(fault, own, replica)
            took = fault.goes_on(acknowledged)
            table.add("fallen back", fault.ended_as(undisturbed), took)


def test_a_run_that_is_ahead_of_the_database_writes_nothing_more(folder, undisturbed, own):
    """Above, the lease in the replica's old row has mostly run out, and the epoch refuses what the run would write. Here it
    lasts, so that the run, whose batches are far apart, sends its next one to the new primary as the job's rightful owner."""
    with Postgres(primary=own) as replica:
        with Fault(folder, both(own, replica, own.make()), server=own, **{"jobs.lease": "10min", "jobs.batch_time": "400ms"}) as fault:
            def told():
                return fault.apis[fault.runner].status(fault.job)["progress"]["processed"]

            left, acknowledged = fall_back(fault, own, replica)
            # A run that is over is told of by its row, which stands further back than the run did.
            wait_for(lambda: fault.row()[1] != left or told() < acknowledged, "the run to send its batch")
            assert fault.row() == (1, left), "it wrote behind items that the database does not have"
            fault.nodes.query(f"UPDATE jobs SET lease_until = 0 WHERE id = '{fault.job}'")  # nobody waits for its end
            fault.goes_on(acknowledged)
            fault.ended_as(undisturbed)
