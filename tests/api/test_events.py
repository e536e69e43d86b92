"""Server-sent events of a job, and its findings in every form."""

import csv
import io
import json
import threading

import pytest
import requests

from support import postgres
from support.api import Api
from support.events import events_in
from support.packages import Package, article, html
from support.server import Server

IMPORT = "/import/content"


def read_events(api, job, last=None, params=None):
    """Yields (event, id, data) until the stream ends."""
    headers = {"Authorization": f"Bearer {api.token}", "Accept": "text/event-stream"}
    if last is not None:
        headers["Last-Event-ID"] = str(last)
    path = f"/knowledge/contentmgr/v4{IMPORT}/{job}/events"
    with requests.get(api.server.url + path, headers=headers, params=params, stream=True, timeout=60) as answer:
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "text/event-stream"
        yield from events_in(answer)


def broken(count=40):
    package = Package(articles=400)
    for number in range(count):
        package.add(article(1000 + number), html(1000 + number, f'<a href="gone-{number}.html">gone</a>'))
    return package


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    settings = {"jobs.batch_items": "20", "jobs.max_items_per_second": "300"}
    with Server(tmp_path_factory.mktemp("slow"), settings) as running:
        yield Api(running, running.create_client())


def test_events_tell_the_whole_course_and_end(slow):
    job = slow.submit(broken().write(slow.server.share / "a.zip"))
    events = list(read_events(slow, job))
    kinds = [event for event, _, _ in events]
    assert kinds[0] == "status" or kinds[0] == "finding"
    assert kinds[-1] == "end" and kinds[-2] == "status"
    assert "progress" in kinds
    last = events[-2][2]
    assert last.pop("id") == job
    # Another node may need half a second to hear of the end (docs/operations.md).
    assert last == (slow.wait(job) if postgres.nodes_wanted() > 1 else slow.status(job))
    found = [data for event, _, data in events if event == "finding"]
    assert found == slow.findings(job)
    processed = [data["progress"]["processed"] for event, _, data in events if event in ("progress", "status")
                 and "progress" in data]
    assert processed == sorted(processed), "never goes back"
    numbers = [number for _, number, _ in events]
    assert numbers == sorted(numbers)


def test_a_reader_that_breaks_off_again_and_again_misses_nothing(slow):
    job = slow.submit(broken(60).write(slow.server.share / "b.zip"))
    found, last, ended = [], 0, False
    while not ended:
        taken = 0
        for event, number, data in read_events(slow, job, last):
            last = number
            if event == "finding":
                found.append(data["sequence"])
                taken += 1
            ended = event == "end"
            if taken == 7:
                break
    wanted = [row["sequence"] for row in slow.findings(job)]
    assert found == wanted and len(found) == 60


def test_many_readers_at_once_see_the_same_end(slow):
    job = slow.submit(broken(5).write(slow.server.share / "c.zip"))
    ends = []

    def read():
        ends.append([data["status"] for event, _, data in read_events(slow, job, params={"findings": "false"})
                     if event == "end"])

    threads = [threading.Thread(target=read) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert ends == [["Successful"]] * 100


def test_a_job_that_has_ended_tells_all_and_closes(api, small):
    job, _ = api.run(small)
    assert [event for event, _, _ in read_events(api, job)] == ["status", "end"]
    answer = api.get(f"{IMPORT}/{job}/events", headers={"Last-Event-ID": "x"})
    assert answer.status_code == 400


def test_another_department_sees_no_events(api, other, small):
    job, _ = api.run(small)
    assert other.get(f"{IMPORT}/{job}/events").status_code == 404


@pytest.fixture(scope="module")
def job_with_findings(server, api):
    package = broken(1200)
    package.add(article(5000, folder='No,"where"'), html(5000))
    path = package.write(server.share / "findings.zip")
    return api.run(path)[0]


def export(api, job, accept, **query):
    answer = api.get(f"{IMPORT}/{job}/findings", headers={"Accept": accept}, params=query)
    assert answer.status_code == 200, answer.text
    assert f"findings-{job}" in answer.headers["Content-Disposition"]
    return answer.content.decode()


def test_every_form_holds_all_findings(api, job_with_findings):
    rows = api.findings(job_with_findings)
    assert len(rows) == 1201
    lines = export(api, job_with_findings, "application/x-ndjson").splitlines()
    assert [json.loads(line) for line in lines] == rows
    records = list(csv.DictReader(io.StringIO(export(api, job_with_findings, "text/csv"), newline="")))
    assert [{key: str(row.get(key, "")) for key in records[0]} for row in rows] == records
    sarif = json.loads(export(api, job_with_findings, "application/sarif+json"))
    results = sarif["runs"][0]["results"]
    assert [(result["ruleId"], result["message"]["text"]) for result in results] == \
        [(row["rule"], row["message"]) for row in rows]


def test_sarif_has_what_its_standard_asks_for(api, job_with_findings):
    """The clauses of SARIF 2.1.0 (OASIS) that bear on what is written."""
    sarif = json.loads(export(api, job_with_findings, "application/sarif+json", severity="error,warning"))
    assert sarif["version"] == "2.1.0" and len(sarif["runs"]) == 1  # 3.13.2, 3.13.4
    run = sarif["runs"][0]
    driver = run["tool"]["driver"]
    assert driver["name"] == "Waybill"  # 3.19.8
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))  # 3.19.23
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"].endswith(".")  # 3.11.3
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]  # 3.27.6
        assert result["level"] in ("error", "warning")  # 3.27.10
        for location in result["locations"]:
            artifact = location["physicalLocation"]["artifactLocation"]
            assert artifact["uriBaseId"] in run["originalUriBaseIds"]  # 3.4.4
            assert " " not in artifact["uri"] and not artifact["uri"].startswith("/")  # 3.4.3
            region = location["physicalLocation"].get("region", {"startLine": 1})
            assert region["startLine"] >= 1 and region.get("startColumn", 1) >= 1  # 3.30.5, 3.30.6


def test_findings_are_found_by_text_file_and_several_rules(api, job_with_findings):
    assert len(api.findings(job_with_findings, q="GONE-11.HTML")) == 1
    assert len(api.findings(job_with_findings, file="knowledgehub/articles/content/1003.html")) == 1
    assert len(api.findings(job_with_findings, rule="article-folder-unknown,reference-broken")) == 1201
    assert len(api.findings(job_with_findings, severity="error")) == 1
    page = api.get(f"{IMPORT}/{job_with_findings}/findings", params={"summary": "true", "limit": 1}).json()
    assert page["summary"]["errors"] == 1 and page["summary"]["warnings"] == 1200
    assert {row["rule"]: row["count"] for row in page["summary"]["rules"]} == \
        {"article-folder-unknown": 1, "reference-broken": 1200}


def test_pages_of_an_export_name_the_next(api, job_with_findings):
    answer = api.get(f"{IMPORT}/{job_with_findings}/findings", headers={"Accept": "text/csv"}, params={"limit": 10})
    assert answer.text.count("\r\n") == 11 and 'rel="next"' in answer.headers["Link"]
