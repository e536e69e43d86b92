"""The world around the server fails: each fault is told in clear words, `retryable` says what is true, the server lives on
where it can, and once the fault is mended the end is that of an undisturbed run."""

import errno
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import uuid

import pytest

from support import trials
from support.api import FINAL, Api
from support.faults import DAY
from support.packages import Package
from support.server import Server, wait_for

LONG = bool(os.environ.get("WAYBILL_LONG"))
SLOWLY = {"jobs.batch_items": "10", "jobs.max_items_per_second": "200", "jobs.lease": "2s"}


@pytest.fixture(scope="module")
def share(tmp_path_factory):
    folder = tmp_path_factory.mktemp("share")
    trials.package(60).write(folder / "one.zip")
    return folder


@pytest.fixture(scope="module")
def stage(share, tmp_path_factory):
    """An undisturbed import, and the template for disturbed ones."""
    return trials.Stage(trials.Import, "many small commits", tmp_path_factory.mktemp("stage"), share)


@pytest.fixture
def world(stage, tmp_path):
    made = stage._world(tmp_path / "world")
    yield made
    made.reap()


def same_end(stage, world, job):
    """Rows and blobs are those of the undisturbed run, and nothing is damaged."""
    findings = sorted((row["rule"], row["item"]) for row in world.api.findings(job))
    assert world.server.stop() == 0
    assert trials.rows_of(world.server.data) == stage.wanted.rows
    assert stage.wanted.blobs <= set(trials.blobs(world.server.data))
    assert not trials.damage(world.server.data)
    assert findings == sorted((rule, item) for rule, item, _ in stage.wanted.findings[0].elements())


def submit_in_spite(world, path, seconds=60):
    """As a client does that tries again on 503 and where its connection is refused; every refusal is one of the contract's."""
    body = {"dataSource": {"type": "Shared file path", "path": f"file://{path}"}, "operation": "import"}
    key = {"Idempotency-Key": str(uuid.uuid4())}  # an answer that was lost may have been a 202
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            answer = world.api.post("/import/content", json=body, headers=key)
        except trials.GONE:
            assert world.server.process.poll() is None, "the server is gone"
            time.sleep(0.05)
            continue
        if answer.status_code == 202:
            return answer.headers["Location"].split("/")[-2]
        assert answer.status_code in (500, 503), answer.text
        if answer.status_code == 503:
            assert "Retry-After" in answer.headers
        time.sleep(0.05)
    raise AssertionError("it was never accepted")


def bring_to_its_end(world, job):
    """The job ends well, by itself or by the retry that `retryable` promises."""
    status = world.api.wait(job, seconds=40)
    if status["status"] == "Failed":
        assert status["retryable"] is True, status
        assert world.api.post(f"/import/content/{job}/retry").status_code in (202, 204)
        status = world.api.wait(job, seconds=40)
    assert status["status"] == "Successful", status
    return status


POINTS = 120 if LONG else 8


@pytest.mark.parametrize("kind", ["change", "read"])
def test_io_error_on_any_single_call_is_survived(stage, tmp_path, kind):
    """EIO on one call, the so-manieth since the start, spread over all of an import's calls."""
    failed = 0
    for number in range(POINTS):
        world = stage._world(tmp_path / str(number))
        try:
            at = 1 + round(stage.changes * number / POINTS) if kind == "change" else 1 + round(100 * number / POINTS)
            if kind == "change":
                world.shim.fail_changes(errno.EIO, first=at, count=1)
            else:
                world.shim.fail_reads(errno.EIO, first=at, count=1)
            job = submit_in_spite(world, world.share / "one.zip")
            try:
                bring_to_its_end(world, job)
                failed += world.shim.failed
                world.shim.mend()  # a point that the job did not reach is not to hit what only looks at its end
                same_end(stage, world, job)
            except AssertionError as problem:
                raise AssertionError(f"EIO on {kind} {at}: {problem}\n{world.server.log()[-1500:]}") from problem
        finally:
            world.reap()
            shutil.rmtree(tmp_path / str(number), ignore_errors=True)
    assert failed >= POINTS // 2, "most points were never reached"


@pytest.mark.parametrize("number, words", [(errno.ENOSPC, "full|space"), (errno.EROFS, "read-only|Read-only"), (errno.EIO, "disk|error")])
def test_disk_that_stops_taking_writes_fails_the_job_retryably_and_a_retry_ends_it(stage, world, number, words):
    world.server.settings.update(SLOWLY)
    world.server.stop()
    world.start()
    job = world.api.submit(world.share / "one.zip")
    world.api.wait_processed(job, 10)
    world.shim.fail_changes(number, growing_only=number == errno.ENOSPC)
    # Nothing can be written down, not even the end: the server says so where it can, and goes on serving reads.
    answer = world.api.post("/import/content", json={
        "dataSource": {"type": "Shared file path", "path": f"file://{world.share}/one.zip"}, "operation": "import"})
    assert answer.status_code == 503 and "Retry-After" in answer.headers, answer.text
    health = wait_for(lambda: (lambda h: h if h["status"] == "unhealthy" else None)(
        world.api.get("/import/content/health", checked=False).json()), "health that says so")
    assert any(any(word in issue for word in words.split("|")) for issue in health["issues"]), health
    assert world.api.status(job)["status"] in FINAL | {"In Progress"}
    world.shim.mend()
    bring_to_its_end(world, job)
    wait_for(lambda: world.api.get("/import/content/health", checked=False).status_code == 200, "health")
    same_end(stage, world, job)


def test_full_file_system(share, tmp_path):
    """A real one: a tmpfs of a few megabytes."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small], capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a tmpfs")
    try:
        server = Server(small, {"sources.file_roots": str(share), "jobs.lease": "2s"})
        package = Package()
        for number in range(60):
            package.add({"name": f"Article {number}", "folder": {"path": "Guides"}, "content": f"content/{number}.html"},
                        b"<p>" + os.urandom(150_000).hex().encode() + b"</p>")
        package.write(share / "large.zip")
        with server:
            api = Api(server, server.create_client())
            job = api.submit(share / "large.zip")
            seen = {}

            def full():
                seen.update(api.status(job))
                health = api.get("/import/content/health", checked=False).json()
                return seen["status"] == "Failed" or health["status"] == "unhealthy"
            wait_for(full, "a full disk")
            if seen["status"] == "Failed":
                assert seen["retryable"] is True and ("full" in seen["error"] or "space" in seen["error"]), seen
            subprocess.run(["mount", "-o", "remount,size=200m", small], check=True)
            status = api.wait(job)
            if status["status"] == "Failed":
                assert status["retryable"] is True and ("full" in status["error"] or "space" in status["error"]), status
                assert api.post(f"/import/content/{job}/retry").status_code in (202, 204)
                status = api.wait(job)
            assert status["status"] == "Successful" and status["results"]["errors"] == 0, status
            assert server.stop() == 0
            assert not trials.damage(server.data)
    finally:
        subprocess.run(["umount", small], check=False)


def start_fails(server):
    """The exit status and the words of a server that does not start."""
    with pytest.raises(AssertionError):
        server.start()
    status = server.process.wait(timeout=30)
    server.process.stdout.close()
    server.process = None
    said = [line for line in server.log().splitlines() if line.startswith("waybill serve: ")]
    assert said, server.log()[-2000:]
    return status, said[-1]


def test_read_only_data_folder_is_said_at_the_start(stage, world):
    world.server.stop()
    world.shim.fail_changes(errno.EROFS)
    status, words = start_fails(world.server)
    assert status == 3 and ("read-only" in words.lower() or "cannot" in words), words


def test_busy_database_delays_and_is_said(stage, world):
    """Another process holds the write lock: requests are answered 503, a running job waits or fails retryably."""
    holder = sqlite3.connect(world.server.data / "waybill.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    answer = world.api.post("/import/content", json={
        "dataSource": {"type": "Shared file path", "path": f"file://{world.share}/one.zip"}, "operation": "import"})
    assert answer.status_code == 503 and "Retry-After" in answer.headers, answer.text
    holder.execute("ROLLBACK")
    job = submit_in_spite(world, world.share / "one.zip")
    bring_to_its_end(world, job)
    assert world.server.stop() == 0
    holder.execute("BEGIN IMMEDIATE")
    status, words = start_fails(world.server)
    assert status == 3 and "busy" in words, words
    holder.execute("ROLLBACK")
    holder.close()


@pytest.mark.parametrize("place", ["header", "middle", "cut", "no database"])
def test_damaged_database_is_said_at_the_start_and_never_built_upon(stage, world, place):
    job, _ = world.api.run(world.share / "one.zip")
    assert world.server.stop() == 0
    file = world.server.data / "waybill.db"
    database = sqlite3.connect(file)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    data = bytearray(file.read_bytes())
    if place == "header":
        data[16:20] = b"\xff" * 4
    elif place == "middle":  # of a page with rows that no start needs to read
        for at in range(10 * 8192, len(data) - 8192, 8192):
            data[at:at + 64] = b"\xa5" * 64
    elif place == "cut":
        del data[len(data) // 2:]
    else:
        data[:] = b"<html>not a database</html>" * 1000
    file.write_bytes(data)
    status, words = start_fails(world.server)
    assert status == 3 and ("damaged" in words or "not a database" in words) and "backup" in words, words
    assert file.read_bytes() == bytes(data), "it was written to"


def test_damaged_search_index_is_made_anew(stage, world):
    world.api.run(world.share / "one.zip")
    assert world.server.stop() == 0
    for suffix in ("-wal", "-shm"):
        (world.server.data / f"search.db{suffix}").unlink(missing_ok=True)
    (world.server.data / "search.db").write_bytes(b"rubbish" * 5000)
    world.start()
    hits = wait_for(lambda: world.api.get("/search", params={"q": "Words"}).json()["hits"], "the index")
    assert hits


@pytest.mark.parametrize("suffix", ["lost", "other"])
def test_lost_master_key_is_said(stage, world, suffix):
    assert world.server.stop() == 0
    key = world.server.data / "master.key"
    key.chmod(0o600)
    if suffix == "lost":
        key.unlink()
    else:
        key.write_bytes(os.urandom(32))
    status, words = start_fails(world.server)
    assert status == 3 and "master.key" in words and "put" in words, words


def test_few_descriptors_slow_the_server_down_and_no_more(stage, world):
    """With hardly a descriptor left, connections are refused or wait; the job and the server live on."""
    pid = world.server.process.pid
    used = world.server.descriptors()
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 4, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    host, port = world.server.url.removeprefix("http://").split(":")
    crowd = []
    for _ in range(50):
        crowd.append(socket.create_connection((host, int(port)), timeout=5))
    for connection in crowd:
        connection.close()
    job = submit_in_spite(world, world.share / "one.zip")
    status = world.api.wait(job, seconds=40)
    if status["status"] == "Failed":
        assert status["retryable"] is True, status
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    if status["status"] == "Failed":
        assert world.api.post(f"/import/content/{job}/retry").status_code in (202, 204)
        assert world.api.wait(job)["status"] == "Successful"
    same_end(stage, world, job)


def test_memory_that_runs_out_loses_nothing(stage, world):
    """Allocations fail in the midst of an import; the server may say so, stand still or die: the next start goes on."""
    world.server.settings.update(SLOWLY)
    world.server.stop()
    world.start()
    job = world.api.submit(world.share / "one.zip")
    seen = world.api.wait_processed(job, 10)["progress"]["processed"]
    pid = world.server.process.pid
    size = int(open(f"/proc/{pid}/statm").read().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))
    for _ in range(10):
        try:
            answer = world.api.get(f"/import/content/{job}/status", timeout=1, checked=False)
        except trials.GONE:
            continue
        if answer.status_code == 200:
            assert answer.json()["progress"]["processed"] >= seen
            seen = answer.json()["progress"]["processed"]
    world.reap()
    world.start()
    assert world.api.status(job)["progress"]["processed"] >= seen
    bring_to_its_end(world, job)
    same_end(stage, world, job)


@pytest.mark.parametrize("days", [1, -1])
def test_clock_that_jumps_by_a_day_disturbs_no_job(stage, world, days):
    world.server.settings.update(SLOWLY)
    world.server.stop()
    world.start()
    job = world.api.submit(world.share / "one.zip")
    world.api.wait_processed(job, 10)
    world.shim.move_clock(days * DAY)
    # What is accepted now is due now, by whichever clock.
    world.api = Api(world.server, world.credentials)
    other = world.api.submit(world.share / "one.zip", operation=None)
    status = world.api.wait(job, seconds=30)
    assert status["status"] == "Successful", status
    assert "estimatedCompletion" not in status
    assert world.api.wait(other, seconds=30)["status"] == "Successful"
    assert "Resumed" not in world.api.log(job), "the job was taken from a worker that was alive"
    world.shim.move_clock(0)
    world.api = Api(world.server, world.credentials)
    later = world.api.submit(world.share / "one.zip", operation=None)
    assert world.api.wait(later, seconds=30)["status"] == "Successful"
    same_end(stage, world, job)


def test_job_that_was_due_before_the_clock_was_set_back_runs(stage, world):
    """It waits behind another one of its department while the clock goes back."""
    world.server.settings.update(SLOWLY)
    world.server.stop()
    world.start()
    first = world.api.submit(world.share / "one.zip")
    second = world.api.submit(world.share / "one.zip")
    world.api.wait_processed(first, 5)
    world.shim.move_clock(-DAY)
    world.api = Api(world.server, world.credentials)
    assert world.api.wait(first, seconds=30)["status"] == "Successful"
    assert world.api.wait(second, seconds=30)["status"] == "Successful"


ARTICLES = 1200  # so many more than a job reads ahead that what happens to the package happens in time
STEADILY = {**SLOWLY, "jobs.max_items_per_second": "400"}


class Place:
    """A package where a job reads it, and what can happen to it there."""

    def __init__(self, folder, kind):
        self.folder, self.kind = folder, kind
        self.package = trials.package(ARTICLES)
        if kind == "folder":
            self.path = self.package.unpack(folder / "package")
        elif kind == "zip in a folder":
            self.path = folder / "package"
            self.zip = self.package.write(self.path / "one.zip")
        else:
            self.path = self.zip = self.package.write(folder / "one.zip")
        self.away = folder.parent / "away"

    def vanishes(self):
        self.path.rename(self.away)

    def is_deleted(self):
        if self.kind == "folder":
            shutil.rmtree(self.path)
        else:
            self.zip.unlink()

    def comes_back(self):
        self.away.rename(self.path)

    def files(self):
        return sorted(self.path.glob("**/*.html")) if self.kind == "folder" else [self.zip]

    def is_cut(self):
        for file in self.files():
            with open(file, "r+b") as cut:
                cut.truncate(file.stat().st_size // 2)

    def is_written_over(self):
        """In place, at the same size."""
        for file in self.files():
            with open(file, "r+b") as over:
                over.write(os.urandom(file.stat().st_size))

    def is_replaced(self):
        """By other files of the same names; whoever has the old ones open reads on in them."""
        self.vanishes()
        other = trials.package(ARTICLES, version=2)
        if self.kind == "folder":
            other.unpack(self.path)
        else:
            other.write(self.zip)


def what_was_done_stays(api, status):
    done = status["results"]["successful"] + status["results"]["warnings"]
    there = sum(len(api.all(f"/{kind}", kind)) for kind in ("folders", "articles", "topics", "portals"))
    assert there == done, "what was done stays"


def failed_under_way(api, job, retryable):
    """The end of a job whose package went wrong in its midst: said clearly, and no item is blamed."""
    status = api.wait(job)
    assert status["status"] == "Failed" and status["retryable"] is retryable, status
    assert "after processing" in status["error"] and status["progress"]["processed"] >= 20, status
    # Some items of the package are in error by themselves: those in a language that there is not.
    items = [row for row in api.findings(job, severity="error") if row["kind"] != "package"]
    assert {row["rule"] for row in items} <= {"article-language"}, items
    what_was_done_stays(api, status)
    return status


@pytest.mark.parametrize("kind", ["zip", "folder", "zip in a folder"])
@pytest.mark.parametrize("what", ["vanishes", "is_deleted", "is_cut", "is_written_over", "is_replaced"])
def test_package_that_goes_wrong_under_a_running_job_is_said(tmp_path, kind, what):
    share = tmp_path / "share"
    with Server(tmp_path, {**STEADILY, "sources.file_roots": str(share)}) as server:
        api = Api(server, server.create_client())
        place = Place(share, kind)
        job = api.submit(place.path)
        api.wait_processed(job, 20)
        getattr(place, what)()
        if what in ("is_replaced", "vanishes") or (what == "is_deleted" and kind != "folder"):
            # What it has open is whole, and stays what it was.
            status = api.wait(job)
            assert status["status"] == "Successful", status
            assert status["progress"]["processed"] == status["progress"]["total"]
            what_was_done_stays(api, status)
            return
        error = failed_under_way(api, job, retryable=True)["error"]
        assert ("was removed" if what == "is_deleted" else "changed") in error, error
        assert (".html" in error or ".txt" in error) if kind == "folder" else "one.zip" in error, error
        # The same job goes on with the same package or not at all.
        assert api.post(f"/import/content/{job}/retry").status_code in (202, 204)
        failed_under_way(api, job, retryable=what == "is_deleted")


def bring_to_its_end_by_retry(api, job):
    assert api.post(f"/import/content/{job}/retry").status_code in (202, 204)
    status = api.wait(job)
    assert status["status"] == "Successful" and status["progress"]["processed"] == status["progress"]["total"], status
    what_was_done_stays(api, status)


@pytest.mark.parametrize("kind", ["zip", "folder", "zip in a folder"])
@pytest.mark.parametrize("what", ["vanishes", "is_cut", "is_written_over", "is_replaced"])
def test_package_that_goes_wrong_while_the_server_is_away_is_said(tmp_path, kind, what):
    share = tmp_path / "share"
    with Server(tmp_path, {**STEADILY, "sources.file_roots": str(share)}) as server:
        credentials = server.create_client()
        api = Api(server, credentials)
        place = Place(share, kind)
        job = api.submit(place.path)
        api.wait_processed(job, 20)
        server.kill9()
        getattr(place, what)()
        server.start()
        api = Api(server, credentials)
        status = failed_under_way(api, job, retryable=what == "vanishes")
        assert place.path.name in status["error"] or "changed" in status["error"], status
        if what == "vanishes":
            place.comes_back()
            bring_to_its_end_by_retry(api, job)


def test_mount_that_is_away_when_a_job_goes_on_is_no_package_without_files(tmp_path):
    """An empty folder is what a mount point without its mount looks like."""
    share = tmp_path / "share"
    with Server(tmp_path, {**STEADILY, "sources.file_roots": str(share)}) as server:
        credentials = server.create_client()
        api = Api(server, credentials)
        place = Place(share, "folder")
        job = api.submit(place.path)
        api.wait_processed(job, 20)
        server.kill9()
        place.vanishes()
        place.path.mkdir()
        server.start()
        api = Api(server, credentials)
        failed_under_way(api, job, retryable=True)
        place.path.rmdir()
        place.comes_back()
        bring_to_its_end_by_retry(api, job)


def test_terminated_server_ends_in_five_seconds_whatever_it_does(stage, world):
    """While an import runs, polls wait, an upload is under way and connections idle."""
    world.server.settings.update(SLOWLY)
    world.server.stop()
    world.start()
    job = world.api.submit(world.share / "one.zip")
    world.api.wait_processed(job, 10)
    host, port = world.server.url.removeprefix("http://").split(":")
    idle = [socket.create_connection((host, int(port))) for _ in range(20)]
    idle[0].sendall(b"POST /knowledge/contentmgr/v4/import/uploads HTTP/1.1\r\nHost: x\r\nContent-Type: application/zip\r\n"
                    b"Content-Length: 1000000\r\nAuthorization: Bearer " + world.api.token.encode() + b"\r\n\r\nPK")
    idle[1].sendall(b"GET /knowledge/contentmgr/v4/import/content/" + job.encode() + b"/status HTTP/1.1\r\nHost: x\r\n"
                    b"Prefer: wait=60\r\nAuthorization: Bearer " + world.api.token.encode() + b"\r\n\r\n")
    start = time.monotonic()
    world.server.process.send_signal(signal.SIGTERM)
    assert world.server._reap() == 0
    assert time.monotonic() - start < 5
    for connection in idle:
        connection.close()
    world.start()
    bring_to_its_end(world, job)
    same_end(stage, world, job)


def test_database_of_the_first_schema_is_brought_up_to_date_and_a_newer_one_refused(stage, world):
    assert world.server.stop() == 0
    migrations = sorted((trials.pathlib.Path(__file__).parents[2] / "src/storage/sqlite/migrations").glob("*.sql"))
    shutil.rmtree(world.server.data)
    world.server.data.mkdir()
    database = sqlite3.connect(world.server.data / "waybill.db")
    database.executescript(migrations[0].read_text())
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()
    world.server.start()
    api = Api(world.server, world.server.create_client())
    _, status = api.run(world.share / "one.zip")
    assert status["status"] == "Successful"
    assert world.server.stop() == 0
    database = sqlite3.connect(world.server.data / "waybill.db")
    assert database.execute("PRAGMA user_version").fetchone()[0] == len(migrations)
    database.execute("PRAGMA user_version = 999")
    database.commit()
    database.close()
    status, words = start_fails(world.server)
    assert status == 3 and "999" in words and "newer program" in words, words
