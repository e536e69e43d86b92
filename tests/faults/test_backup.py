"""`waybill backup` of a running server: one moment of it, and a copy that goes on with its jobs."""

import json
import os
import shutil

import pytest

from support import trials
from support.api import Api
from support.server import Server, wait_for

SLOWLY = {"jobs.batch_items": "10", "jobs.max_items_per_second": "300", "jobs.lease": "2s"}
ARTICLES = 300


@pytest.fixture(scope="module")
def share(tmp_path_factory):
    folder = tmp_path_factory.mktemp("share")
    trials.package(ARTICLES).write(folder / "one.zip")
    return folder


@pytest.fixture(scope="module")
def undisturbed(share, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("undisturbed"), {"sources.file_roots": str(share)}) as server:
        _, status = Api(server, server.create_client()).run(share / "one.zip")
        assert server.stop() == 0
        return status["results"], trials.rows_of(server.data), set(trials.blobs(server.data))


@pytest.mark.parametrize("source", ["share", "upload"])
def test_backup_under_load_is_consistent_and_goes_on_with_its_jobs(share, undisturbed, tmp_path, source):
    results, rows, blobs = undisturbed
    with Server(tmp_path / "first", {**SLOWLY, "sources.file_roots": str(share)}) as server:
        credentials = server.create_client()
        api = Api(server, credentials)
        path = share / "one.zip"
        if source == "upload":
            path = api.post("/import/uploads", data=path.read_bytes(), headers={"Content-Type": "application/zip"}).json()["path"]
        job = api.submit(path)
        copies, seen = [], []
        for number, moment in enumerate((10, 120, 230)):
            seen.append(api.wait_processed(job, moment)["progress"]["processed"])
            target = tmp_path / f"copy-{number}" / "data"
            target.parent.mkdir()
            said = json.loads(server.cli("backup", target, "--json", check=0).stdout)
            assert said["folder"] == str(target) and said["files"] > 3
            copies.append(target)
        assert api.wait(job)["results"] == results, "the backup disturbed the job"
    shutil.rmtree(server.data)  # nothing of the copies leans on the original
    for target, processed in zip(copies, seen):
        assert not (target.stat().st_mode & 0o077), "it holds keys: the owner's alone"
        with Server(target.parent, {"sources.file_roots": str(share), "jobs.lease": "2s"}) as restored:
            again = Api(restored, credentials)  # clients and their secrets are there, too
            assert again.status(job)["progress"]["processed"] >= processed
            status = again.wait(job)
            assert status["status"] == "Successful" and status["results"] == results
            facts = trials.log_facts(again.log(job))
            assert all(count == 1 for count in facts.values()), facts
            assert wait_for(lambda: again.get("/search", params={"q": "Words"}).json()["hits"], "the index")
            assert restored.stop() == 0
            assert trials.rows_of(target) == rows and blobs <= set(trials.blobs(target))
            assert not trials.damage(target)


def test_backup_never_overwrites_and_says_what_is_wrong(tmp_path):
    with Server(tmp_path / "server") as server:
        taken = tmp_path / "taken"
        taken.mkdir()
        outcome = server.cli("backup", taken)
        assert outcome.returncode != 0 and "there already" in outcome.stderr
        assert not list(taken.iterdir())
        outcome = server.cli("backup", tmp_path / "copy", "--data-dir", tmp_path / "nothing")
        assert outcome.returncode != 0 and "no database" in outcome.stderr
        assert not (tmp_path / "copy").exists() and not (tmp_path / "copy.partial").exists()
        assert server.cli("backup", tmp_path / "copy", check=0).stdout.startswith("Backup of ")


def test_backup_that_finds_the_disk_full_leaves_nothing(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root may mount a tmpfs")
    import subprocess
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a tmpfs")
    try:
        with Server(tmp_path / "server") as server:
            outcome = server.cli("backup", small / "copy")
            assert outcome.returncode != 0 and ("full" in outcome.stderr or "space" in outcome.stderr), outcome.stderr
            assert not list(small.iterdir())
    finally:
        subprocess.run(["umount", small], check=False)
