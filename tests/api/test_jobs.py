"""The life of a job as a client sees it: schedule, stop time, cancel, idempotency, caching, waiting, health, lists."""

import datetime
import re
import threading
import time

import pytest

from support.api import Api
from support.packages import Package
from support.server import Server, wait_for

IMPORT = "/import/content"


def moment(seconds):
    """RFC 3339 in so many seconds from now."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory):
    settings = {"jobs.batch_items": "20", "jobs.max_items_per_second": "400"}
    with Server(tmp_path_factory.mktemp("slow"), settings) as running:
        yield running


@pytest.fixture(scope="module")
def slow(slow_server):
    return Api(slow_server, slow_server.create_client())


@pytest.fixture(scope="module")
def large(slow_server):
    return Package(articles=4000, folders=("Large",)).write(slow_server.share / "large.zip")


def test_scheduled_job_waits_and_can_be_cancelled_unread(api, small):
    at = moment(3600)
    job = api.submit(small, scheduleTime={"date": at})
    status = api.status(job)
    assert status["status"] == "Scheduled"
    assert status["startTime"] == at
    assert "currentOperation" not in status and "logFileLocation" not in status and "progress" not in status
    assert api.post(f"{IMPORT}/{job}/cancel").status_code == 204
    status = api.status(job)
    assert status["status"] == "Cancelled"
    assert status["results"] == {"successful": 0, "warnings": 0, "errors": 0}
    assert api.post(f"{IMPORT}/{job}/cancel").status_code == 409


def test_date_in_the_past_is_due_at_once(api, small):
    job = api.submit(small, scheduleTime={"date": "2024-03-01T10:00:00.000Z"})
    assert api.wait(job)["status"] == "Successful"


def test_scheduled_job_starts_when_it_is_due(api, small):
    at = moment(2)
    job = api.submit(small, scheduleTime={"date": at})
    assert api.status(job)["status"] == "Scheduled"
    status = api.wait(job)
    assert status["status"] == "Successful"
    assert status["startTime"] >= at


def test_stop_date_stops_as_if_cancelled_and_keeps_what_was_finished(slow, large):
    stop = moment(6)  # all of it takes ten; a sanitized server is slow to begin
    job = slow.submit(large, scheduleTime={"date": moment(0), "stopDate": stop})
    seen = slow.wait(job, states={"In Progress", "Cancelled"})
    assert seen["scheduledStopTime"] == stop
    status = slow.wait(job)
    assert status["status"] == "Cancelled"
    assert 0 < status["progress"]["processed"] < status["progress"]["total"]
    assert sum(status["results"].values()) == status["progress"]["processed"]
    assert "stop" in slow.log(job).lower()
    stored = len(slow.all("/articles", "articles", folder="Large", limit=500))
    assert stored == status["progress"]["processed"] - 1  # the folder is the other item


def test_cancelled_job_keeps_what_it_imported_and_the_log_says_who(slow_server, large):
    credentials = slow_server.create_client("cancelling")
    api = Api(slow_server, credentials)
    job = api.submit(large)
    api.wait_processed(job, 30)
    assert api.post(f"{IMPORT}/{job}/cancel").status_code == 204
    status = api.wait(job, seconds=20)
    assert status["status"] == "Cancelled"
    processed = status["progress"]["processed"]
    assert 0 < processed < 4001
    assert len(api.all("/articles", "articles", folder="Large", limit=500)) == processed - 1
    assert credentials["client_id"] in api.log(job)
    assert api.post(f"{IMPORT}/{job}/cancel").status_code == 409


def test_same_idempotency_key_makes_one_job(api, small):
    headers = {"Idempotency-Key": "key-1"}
    first = api.submit(small, headers=headers)
    assert api.submit(small, headers=headers) == first
    answer = api.post(IMPORT, headers=headers, json={
        "dataSource": {"type": "Shared file path", "path": f"file://{small}"}, "operation": "reimport"})
    assert answer.status_code == 409 and answer.json()["code"] == "409-100"
    assert api.submit(small, headers={"Idempotency-Key": "key-2"}) != first
    for bad in ("", "x" * 256):
        answer = api.post(IMPORT, headers={"Idempotency-Key": bad}, json={
            "dataSource": {"type": "Shared file path", "path": f"file://{small}"}, "operation": "import"})
        assert answer.status_code == 400 and answer.json()["code"] == "400-152"


def test_same_key_from_many_at_once_makes_one_job(api, small):
    jobs = []
    threads = [threading.Thread(target=lambda: jobs.append(api.submit(small, headers={"Idempotency-Key": "race"})))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(jobs) == 8 and len(set(jobs)) == 1


def test_another_clients_key_is_another_key(server, api, small):
    headers = {"Idempotency-Key": "shared"}
    second = Api(server, server.create_client())
    assert api.submit(small, headers=headers) != second.submit(small, headers=headers)


def test_unchanged_status_is_304(api, small):
    job, _ = api.run(small)
    answer = api.get(f"{IMPORT}/{job}/status")
    tag = answer.headers["ETag"]
    again = api.get(f"{IMPORT}/{job}/status", headers={"If-None-Match": tag})
    assert again.status_code == 304 and again.content == b"" and again.headers["ETag"] == tag
    assert api.get(f"{IMPORT}/{job}/status", headers={"If-None-Match": '"other"'}).status_code == 200
    assert "Retry-After" not in answer.headers


def test_retry_after_suggests_the_next_poll(slow, large):
    job = slow.submit(large)
    answer = slow.get(f"{IMPORT}/{job}/status")
    assert int(answer.headers["Retry-After"]) >= 1
    slow.post(f"{IMPORT}/{job}/cancel")
    slow.wait(job)


def test_prefer_wait_holds_the_answer_until_the_status_changes(api, small):
    job = api.submit(small, scheduleTime={"date": moment(2)})
    start = time.monotonic()
    answer = api.get(f"{IMPORT}/{job}/status", headers={"Prefer": "wait=30"})
    assert time.monotonic() - start < 20
    assert answer.json()["status"] != "Scheduled"
    assert "wait=30" in answer.headers["Preference-Applied"]
    api.wait(job)
    start = time.monotonic()
    api.get(f"{IMPORT}/{job}/status", headers={"Prefer": "wait=30"})
    assert time.monotonic() - start < 5, "an ended job's status does not change: there is nothing to wait for"


def test_prefer_wait_ends_when_the_time_is_over(api, small):
    job = api.submit(small, scheduleTime={"date": moment(3600)})
    assert api.get(f"{IMPORT}/{job}/status", headers={"Prefer": "wait=1"}).json()["status"] == "Scheduled"
    api.post(f"{IMPORT}/{job}/cancel")


def test_prefer_wait_holds_back_no_news(api, small):
    job = api.submit(small, scheduleTime={"date": moment(3600)})
    etag = api.get(f"{IMPORT}/{job}/status").headers["ETag"]
    start = time.monotonic()
    answer = api.get(f"{IMPORT}/{job}/status", headers={"Prefer": "wait=30", "If-None-Match": '"another"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, etag)
    assert time.monotonic() - start < 20, "an answer that the caller does not have was held back"
    assert api.get(f"{IMPORT}/{job}/status", headers={"Prefer": "wait=1", "If-None-Match": etag}).status_code == 304
    api.post(f"{IMPORT}/{job}/cancel")


def test_one_import_at_a_time_in_a_department_and_validations_beside_it(slow_server, slow, large):
    first = slow.submit(large)
    slow.wait(first, states={"In Progress"})
    second = slow.submit(Package(articles=3).write(slow_server.share / "second.zip"))
    validation = slow.submit(Package(articles=3).write(slow_server.share / "third.zip"), operation=None)
    elsewhere = Api(slow_server, slow_server.create_client("elsewhere"))
    beside = elsewhere.submit(Package(articles=3).write(slow_server.share / "fourth.zip"))
    assert slow.wait(validation)["status"] == "Successful"
    assert elsewhere.wait(beside)["status"] == "Successful"
    assert slow.status(second)["status"] == "Scheduled"
    assert slow.status(first)["status"] == "In Progress"
    slow.post(f"{IMPORT}/{first}/cancel")
    assert slow.wait(second)["status"] == "Successful"


def test_reads_never_go_back(slow, large):
    job = slow.submit(large)
    stop = threading.Event()
    problems = []

    def poll():
        last = -1
        client = Api(slow.server)
        client.token = slow.token
        while not stop.is_set():
            status = client.status(job)
            processed = status.get("progress", {}).get("processed", 0)
            if processed < last:
                problems.append((last, processed))
            last = processed

    threads = [threading.Thread(target=poll) for _ in range(4)]
    for thread in threads:
        thread.start()
    slow.wait_processed(job, 800)
    slow.post(f"{IMPORT}/{job}/cancel")
    slow.wait(job)
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []


def test_estimate_is_never_in_the_past_and_settles(slow, large):
    job = slow.submit(large)
    estimates = []

    def look():
        status = slow.status(job)
        if "estimatedCompletion" in status:
            assert status["estimatedCompletion"] >= moment(-1.5), "an estimate in the past"
            estimates.append(status["estimatedCompletion"])
        return status.get("progress", {}).get("processed", 0) >= 1500 or status["status"] not in ("Scheduled", "In Progress")

    wait_for(look, "1,500 items")
    slow.post(f"{IMPORT}/{job}/cancel")
    slow.wait(job)
    parsed = [datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in estimates]
    second_half = parsed[len(parsed) // 2:]
    # 4,001 items at 400 a second are ten seconds: the later estimates agree within three.
    assert (max(second_half) - min(second_half)).total_seconds() < 3


def test_health_needs_no_token_and_names_its_components(server):
    answer = Api(server).get(IMPORT + "/health")
    assert answer.status_code == 200
    value = answer.json()
    assert value["status"] == "healthy", value
    assert set(value["components"]) == {"database", "fileSystem", "externalServices", "processingEngine", "storage"}
    assert re.fullmatch(r"(\d+d )?(\d+h )?(\d+m )?\d+s", value["uptime"])
    assert value["issues"] == []


def test_job_list_is_newest_first_with_filters_and_cursor(server):
    api = Api(server, server.create_client("lists"))
    package = Package(articles=1).write(server.share / "list.zip")
    made = [api.run(package, operation=operation)[0] for operation in ("import", None, "reimport", None, "import")]
    rows = api.all(IMPORT, "jobs", limit=2)
    assert [row["id"] for row in rows] == made[::-1]
    assert [row["id"] for row in api.all(IMPORT, "jobs", jobType="Validation")] == [made[3], made[1]]
    assert api.all(IMPORT, "jobs", status="Failed") == []
    assert api.get(IMPORT, params={"status": "Sleeping"}).json()["code"] == "400-152"
    assert api.get(IMPORT, params={"limit": "0"}).json()["code"] == "400-152"


def test_submitted_job_is_on_disk_when_202_is_sent(tmp_path):
    with Server(tmp_path, {"jobs.lease": "2s"}) as server:
        api = Api(server, server.create_client())
        package = Package(articles=2).write(server.share / "a.zip")
        job = api.submit(package)
        server.kill9()
        server.start()
        again = Api(server, server.create_client())
        assert again.wait(job)["status"] == "Successful"


def test_log_has_range_and_one_line_an_event(api, share):
    package = Package(articles=3)
    package.articles[1]["languageCode"] = "en-UK"
    job, status = api.run(package.write(share / "log.zip"))
    assert status["results"]["errors"] == 1
    text = api.log(job)
    lines = text.splitlines()
    assert all(re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t(INFO|REMARK|WARNING|ERROR)\t", line) for line in lines)
    found = [line for line in lines if "\tarticle-language\t" in line]
    assert len(found) == 1
    fields = found[0].split("\t")
    assert fields[3] == "article Guides/Article 1"
    assert re.fullmatch(r"knowledgehub/articles/articles\.json:\d+:\d+", fields[4])
    assert "did you mean" in fields[5].lower()
    tail = api.get(f"{IMPORT}/{job}/log", headers={"Range": "bytes=-40"})
    assert tail.status_code == 206 and tail.content.decode() == text[-40:]
    # Put in its place beside the package, and the same there.
    assert status["logFileLocation"] == f"file://{share}/logs/import-logs-{job}.txt"
    assert (share / "logs" / f"import-logs-{job}.txt").read_text() == text


def test_log_stays_on_the_server_where_the_source_cannot_be_written_to(api, share):
    package = Package(articles=1).write(share / "sub" / "a.zip")
    (share / "sub" / "logs").write_text("a file is in the way")
    job, status = api.run(package)
    assert status["status"] == "Successful"
    assert f"/import/content/{job}/log" in status["logFileLocation"]
    assert any("WARNING" in line and "log" in line for line in api.log(job).splitlines())
