"""The walk of the founding document: submit, poll, the five states, and its three example answers by real jobs."""

import json
import re
import shutil
import subprocess

import pytest

from support.api import BASE, Api
from support.packages import Package, article, html
from support.server import Server, wait_for

RFC3339_MS = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
JOB_ID = re.compile(r"^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$")

# Member names of the seed's three examples.
IN_PROGRESS = {"status", "jobType", "progress", "logFileLocation", "startTime", "estimatedCompletion", "currentOperation"}
SUCCESSFUL = {"status", "jobType", "progress", "logFileLocation", "startTime", "completionTime", "results"}
FAILED = {"status", "jobType", "progress", "logFileLocation", "startTime", "failureTime", "error", "retryable"}


def curl(*arguments):
    outcome = subprocess.run(["curl", "-sS", "-i", *arguments], capture_output=True, text=True, check=True, timeout=60)
    head, _, body = outcome.stdout.replace("\r\n", "\n").partition("\n\n")
    return head, body


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory):
    """Small batches and a brake, so that what happens in between can be seen."""
    settings = {"jobs.batch_items": "50", "jobs.max_items_per_second": "1000"}
    with Server(tmp_path_factory.mktemp("slow"), settings) as running:
        yield running


@pytest.fixture(scope="module")
def slow(slow_server):
    return Api(slow_server, slow_server.create_client())


def test_the_walk_by_curl_exactly_as_it_is_written(server, api, share):
    package = Package(articles=20).write(share / "walk.zip")
    head, body = curl("--location", "--request", "POST", f"{server.url}{BASE}/import/content",
                      "--header", f"Authorization: Bearer {api.token}", "--header", "Content-Type: application/json",
                      "--data", json.dumps({"dataSource": {"type": "Shared file path", "path": f"file://{package}"},
                                            "operation": "import"}))
    assert head.startswith("HTTP/1.1 202 ")
    assert body == ""
    location = re.search(r"(?im)^location: (\S+)$", head).group(1)
    job = re.fullmatch(re.escape(BASE) + r"/import/content/([^/]+)/status", location).group(1)
    assert JOB_ID.match(job)

    def poll():
        head, body = curl("--location", "--request", "GET", f"{server.url}{BASE}/import/content/{job}/status",
                          "--header", f"Authorization: Bearer {api.token}")
        assert head.startswith("HTTP/1.1 200 ")
        return json.loads(body)

    status = wait_for(lambda: (lambda s: s if s["status"] == "Successful" else None)(poll()), "the end of the job")
    assert status["progress"] == {"processed": 21, "total": 21, "percentage": 100}
    assert status["results"] == {"successful": 21, "warnings": 0, "errors": 0}


def test_job_in_progress_has_the_members_of_the_example(slow, slow_server):
    package = Package(articles=4999).write(slow_server.share / "progress.zip")
    job = slow.submit(package)
    status = wait_for(lambda: (lambda s: s if s["status"] != "Scheduled" and "estimatedCompletion" in s
                               and s["currentOperation"] == "Processing content items" else None)(slow.status(job)),
                      "an answer with an estimate")
    assert set(status) == IN_PROGRESS
    assert status["status"] == "In Progress"
    assert status["jobType"] == "Import"
    progress = status["progress"]
    assert progress["total"] == 5000
    assert 0 < progress["processed"] < 5000
    assert progress["percentage"] == progress["processed"] * 100 // 5000
    assert status["logFileLocation"].endswith(f"/logs/import-logs-{job}.txt")
    assert RFC3339_MS.match(status["startTime"]) and RFC3339_MS.match(status["estimatedCompletion"])
    assert status["estimatedCompletion"] > status["startTime"]
    assert slow.post(f"/import/content/{job}/cancel").status_code == 204
    assert slow.wait(job)["status"] == "Cancelled"


def test_successful_validation_with_ten_warnings_and_five_errors(server, api, share):
    package = Package(folders=("Mixed",))
    for number in range(4999):
        entry, body = article(number, "Mixed"), html(number)
        if number % 500 == 250:  # 10 of them
            body = html(number, '<a href="nowhere.html">gone</a>')
        if number % 1000 == 999 or number == 4998:  # 999, 1999, 2999, 3999 and 4998
            entry["languageCode"] = "xx-XX"
        package.add(entry, body)
    job, status = api.run(package.write(share / "mixed.zip"), operation=None)
    assert set(status) == SUCCESSFUL
    assert status["status"] == "Successful"
    assert status["jobType"] == "Validation"
    assert status["progress"] == {"processed": 5000, "total": 5000, "percentage": 100}
    assert status["results"] == {"successful": 4985, "warnings": 10, "errors": 5}
    assert RFC3339_MS.match(status["completionTime"])
    assert len(api.findings(job, severity="error")) == 5
    assert len(api.findings(job, severity="warning")) == 10
    assert "Mixed" not in [row["path"] for row in api.all("/folders", "folders")], "a validation wrote a folder"


def test_failed_job_has_the_members_of_the_example_and_says_how_far_it_came(slow, slow_server):
    folder = Package(articles=4999).unpack(slow_server.share / "vanishing")
    job = slow.submit(folder)
    slow.wait_processed(job, 1)
    # The files go away under the job, as those of a network mount do.
    shutil.rmtree(folder / "knowledgehub" / "articles" / "content")
    status = slow.wait(job)
    assert status["status"] == "Failed", status
    assert set(status) - {"results"} == FAILED
    progress = status["progress"]
    assert 0 < progress["processed"] < progress["total"] == 5000
    assert status["error"].endswith(f"after processing {progress['processed']} items")
    assert status["retryable"] is True
    assert sum(status["results"].values()) == progress["processed"]
    assert len(status["error"]) <= 1024


def test_all_five_states_are_reached(slow, slow_server):
    small = Package(articles=5).write(slow_server.share / "five.zip")
    large = Package(articles=9000, folders=("Large",)).write(slow_server.share / "five-large.zip")
    seen = set()
    running = slow.submit(large)
    seen.add(slow.wait(running, states={"In Progress"})["status"])
    waiting = slow.submit(small)  # one import at a time in a department
    status = slow.status(waiting)
    seen.add(status["status"])
    assert status["status"] == "Scheduled"
    assert status["currentOperation"] == "Waiting for a worker"
    slow.post(f"/import/content/{running}/cancel")
    seen.add(slow.wait(running)["status"])
    seen.add(slow.wait(waiting)["status"])
    (slow_server.share / "broken.zip").write_bytes(b"this is no zip")
    broken = slow.submit(slow_server.share / "broken.zip")
    status = slow.wait(broken)
    seen.add(status["status"])
    assert status["retryable"] is False
    assert "progress" not in status
    assert seen == {"Scheduled", "In Progress", "Cancelled", "Successful", "Failed"}
