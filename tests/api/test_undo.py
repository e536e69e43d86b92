"""Preview, undo and rerun-failed: what a person does after the first import."""

import copy

import pytest

from support.packages import Package, article, html

IMPORT = "/import/content"


@pytest.fixture
def api(server):
    """A department for each test, so that one test's content is no other's."""
    from support.api import Api

    api.number += 1
    return Api(server, server.create_client(f"dept-{api.number}", ("knowledge.contentmgr.manage", "knowledge.contentmgr.read")))


api.number = 0


def contents(api):
    """Everything a reader sees, without revisions, ids and times."""
    rows = []
    for member, path in (("folders", "/folders"), ("articles", "/articles"), ("topics", "/topics"), ("portals", "/portals")):
        for row in api.all(path, member):
            text = api.get(f"/articles/{row['id']}/content").text if member == "articles" else ""
            rows.append((member, row.get("path") or row["name"], row.get("description"), row.get("articleMacro"), text))
    return sorted(rows, key=str)


def start(api, job, action, **options):
    answer = api.post(f"{IMPORT}/{job}/{action}", **options)
    assert answer.status_code == 202, answer.text
    assert answer.content == b""
    new = answer.headers["Location"].split("/")[-2]
    return new, api.wait(new)


def preview(api, job):
    answer = api.get(f"{IMPORT}/{job}/preview")
    assert answer.status_code == 200
    return answer.json()


def package(count=10, suffix=""):
    made = Package(articles=count, body=lambda number: html(number, f"Some text{suffix}.\nAnd a zebra."))
    made.topics = [{"name": "Start", "addArticles": {"fromFolders": [{"path": "Guides"}]}}]
    made.portals = [{"name": "Help", "addTopics": {"fromTopics": [{"path": "Start"}]}}]
    return made


def test_a_validation_foretells_exactly_what_the_import_does(api, share):
    path = package().write(share / "a.zip")
    check, status = api.run(path, None)
    assert status["results"]["errors"] == 0
    told = preview(api, check)
    assert told["complete"] and told["operation"] == "import"
    assert told["counts"] == {"created": 13, "updated": 0, "unchanged": 0, "refused": 0}
    assert told["kinds"]["article"]["created"] == 10
    assert contents(api) == []
    job, _ = api.run(path)
    assert preview(api, job)["counts"] == told["counts"]
    changed = package(12, " changed").write(share / "a.zip")
    for operation, expected in (("import", {"created": 2, "updated": 0, "unchanged": 3, "refused": 10}),
                                ("reimport", {"created": 2, "updated": 10, "unchanged": 3, "refused": 0})):
        answer = api.post(f"{IMPORT}/validate", json={"operation": operation, "dataSource": {
            "type": "Shared file path", "path": f"file://{changed}"}})
        check = answer.headers["Location"].split("/")[-2]
        api.wait(check)
        assert preview(api, check)["counts"] == expected
    job, _ = api.run(changed, "reimport")
    assert preview(api, job)["counts"] == expected


def test_the_difference_of_one_article(api, share):
    one = package(1)
    one.articles[0]["description"] = "Old"
    api.run(one.write(share / "a.zip"))
    two = package(1, " changed")
    two.articles[0]["articleKeywords"] = "new"
    check, _ = api.run(two.write(share / "a.zip"), None)
    items = api.get(f"{IMPORT}/{check}/items", params={"kind": "article", "q": "ARTICLE 0"}).json()["items"]
    assert [(item["path"], item["outcome"]) for item in items] == [("Guides/Article 0", "refused")]
    item = api.get(f"{IMPORT}/{check}/items/{items[0]['number']}").json()
    members = {member["name"]: member for member in item["difference"]["members"]}
    assert members == {"description": {"name": "description", "before": "Old"},
                       "articleKeywords": {"name": "articleKeywords", "after": "new"}}
    lines = item["difference"]["body"]["lines"]
    assert [line["op"] for line in lines] == ["replace", "equal"]
    assert {"op": "insert", "text": " changed"} in lines[0]["words"]
    # The import that does it shows the same, as it was and as it is.
    job, _ = api.run(share / "a.zip", "reimport")
    assert api.get(f"{IMPORT}/{job}/items/{item['number']}").json()["difference"] == item["difference"]
    history = api.get(f"/articles/{items[0]['articleId']}/history").json()["revisions"]
    assert [row["revision"] for row in history] == [2, 1]
    assert history[0]["jobId"] == job


def test_contents_of_old_validations_are_let_go(api, share):
    path = package(1).write(share / "a.zip")
    checks = [api.run(path, None)[0] for _ in range(4)]
    assert api.get(f"{IMPORT}/{checks[3]}/items/2").json()["difference"]["body"]["changed"]
    assert api.get(f"{IMPORT}/{checks[0]}/items/2").status_code == 409
    assert preview(api, checks[0])["counts"]["created"] == 4, "the counts stay"


def test_undo_takes_an_import_back_and_undo_of_that_brings_it_again(api, share):
    job, _ = api.run(package().write(share / "a.zip"))
    before = contents(api)
    assert len(before) == 13
    ids = [row["id"] for row in api.all("/articles", "articles")]
    assert len(api.get("/search", params={"q": "zebra"}).json()["hits"]) == 10
    undo, status = start(api, job, "undo")
    assert status["jobType"] == "Undo" and status["status"] == "Successful"
    assert status["results"] == {"successful": 13, "warnings": 0, "errors": 0}
    assert contents(api) == []
    assert api.get("/search", params={"q": "zebra"}).json()["hits"] == []
    assert api.get(f"/articles/{ids[0]}").status_code == 404
    row = next(row for row in api.get(IMPORT, params={"jobType": "Undo"}).json()["jobs"])
    assert row["id"] == undo and row["target"] == job and "dataSource" not in row
    assert "takes back the job " + job in api.log(undo)
    redo, status = start(api, undo, "undo")
    assert status["results"] == {"successful": 13, "warnings": 0, "errors": 0}
    assert contents(api) == before
    assert [row["id"] for row in api.all("/articles", "articles")] == ids
    assert len(api.get("/search", params={"q": "zebra"}).json()["hits"]) == 10
    # And all of it once more by an import: nothing is to be done.
    job, _ = api.run(share / "a.zip")
    assert preview(api, job)["counts"]["unchanged"] == 13
    assert redo != undo


def test_undo_restores_what_was_updated_and_leaves_what_is_newer(api, share):
    api.run(package().write(share / "a.zip"))
    before = contents(api)
    second, _ = api.run(package(11, " second").write(share / "b.zip"), "reimport")
    third = Package(articles=1, body=lambda number: html(number, "third"))
    third.add(article(99), html(99))
    newer, _ = api.run(third.write(share / "c.zip"), "reimport")
    undo, status = start(api, second, "undo")
    assert status["results"] == {"successful": 10, "warnings": 0, "errors": 1}
    left = api.findings(undo)
    assert [(row["rule"], row["item"]) for row in left] == [("undo-superseded", "Guides/Article 0")]
    assert newer in left[0]["message"]
    now = contents(api)
    expected = [row for row in before if row[1] != "Article 0"]
    assert [row for row in now if row[1] not in ("Article 0", "Article 99")] == expected


def test_jobs_are_taken_back_one_after_the_other(api, share):
    jobs, states = [], [contents(api)]
    for count, suffix in ((8, ""), (10, " second"), (9, " third")):
        job, status = api.run(package(count, suffix).write(share / "a.zip"), "reimport")
        assert status["results"]["errors"] == 0
        jobs.append(job)
        states.append(contents(api))
    ids = {row["name"]: row["id"] for row in api.all("/articles", "articles")}
    undos = []
    for left in (2, 1, 0):
        undo, status = start(api, jobs[left], "undo")
        assert status["results"]["errors"] == 0, api.findings(undo)
        assert contents(api) == states[left]
        undos.append(undo)
    # And forward again, each undo undone, the newest first; things have the ids that they had.
    for done, undo in enumerate(reversed(undos)):
        redo, status = start(api, undo, "undo")
        assert status["results"]["errors"] == 0, api.findings(redo)
        assert contents(api) == states[done + 1]
    assert {row["name"]: row["id"] for row in api.all("/articles", "articles")} == ids
    # Each job is there again, so it can be taken back again.
    undo, status = start(api, jobs[2], "undo")
    assert status["results"]["errors"] == 0 and contents(api) == states[2]
    assert api.post(f"{IMPORT}/{jobs[2]}/undo").status_code == 409


def test_an_undo_that_has_left_something_is_finished_by_another(api, share):
    first, _ = api.run(package().write(share / "a.zip"))
    one = Package(articles=1, body=lambda number: html(number, "newer"))
    one.add(article(99), html(99))
    second, _ = api.run(one.write(share / "b.zip"), "reimport")
    part, status = start(api, first, "undo")
    assert status["results"] == {"successful": 11, "warnings": 0, "errors": 2}
    assert {row["rule"] for row in api.findings(part)} == {"undo-superseded", "undo-in-use"}
    assert all("Undo the newer job first, then this one again." in row["advice"] for row in api.findings(part))
    again, status = start(api, first, "undo")
    assert status["results"]["errors"] == 2, "nothing has changed since"
    start(api, second, "undo")
    rest, status = start(api, first, "undo")
    assert status["results"] == {"successful": 13, "warnings": 0, "errors": 0}, api.findings(rest)
    assert preview(api, rest)["counts"] == {"created": 0, "updated": 0, "unchanged": 11, "refused": 0, "removed": 2}
    assert contents(api) == []
    answer = api.post(f"{IMPORT}/{first}/undo")
    assert answer.status_code == 409 and {"key": "undoneBy", "value": rest} in answer.json()["details"]
    assert api.get("/search", params={"q": "zebra"}).json()["hits"] == []


def test_what_cannot_be_undone_says_why(api, share, small, other):
    path = package(1).write(share / "a.zip")
    check, _ = api.run(path, None)
    job, _ = api.run(path)
    same, _ = api.run(path)
    for each, words in ((check, "validation"), (same, "changed nothing")):
        answer = api.post(f"{IMPORT}/{each}/undo")
        assert answer.status_code == 409 and words in answer.json()["developerMessage"]
    assert other.post(f"{IMPORT}/{job}/undo").status_code == 404
    undo, _ = start(api, job, "undo")
    answer = api.post(f"{IMPORT}/{job}/undo")
    assert answer.status_code == 409
    assert {"key": "undoneBy", "value": undo} in answer.json()["details"]


def test_a_repair_runs_only_what_failed(api, share):
    wrong = package()
    lost = wrong.add(article(50, folder="Nowhere"), html(50))
    nameless = wrong.add(article(51), html(51))
    del nameless["name"]
    job, status = api.run(wrong.write(share / "a.zip"))
    assert status["results"]["errors"] == 2
    # The same package again: they fail again, and nothing else is touched.
    again, status = start(api, job, "rerun-failed")
    assert status["results"] == {"successful": 0, "warnings": 0, "errors": 2}
    assert status["progress"] == {"processed": 2, "total": 2, "percentage": 100}
    right = copy.deepcopy(wrong)
    right.articles[10]["folder"]["path"] = "Guides"
    right.articles[11]["name"] = "Named"
    right.files["knowledgehub/articles/content/0.html"] = html(0, "not looked at").encode()
    path = right.write(share / "b.zip")
    mended, status = start(api, again, "rerun-failed", json={
        "dataSource": {"type": "Shared file path", "path": f"file://{path}"}})
    assert status["results"] == {"successful": 2, "warnings": 0, "errors": 0}, api.findings(mended)
    assert len(api.all("/articles", "articles")) == 12
    assert lost["name"] in {row["name"] for row in api.all("/articles", "articles")}
    assert api.post(f"{IMPORT}/{mended}/rerun-failed").status_code == 409
    row = next(row for row in api.get(IMPORT).json()["jobs"] if row["id"] == mended)
    assert row["target"] == again and row["jobType"] == "Import"


def test_wrong_requests_are_refused_by_name(api, small):
    job, _ = api.run(small)
    assert api.post(f"{IMPORT}/{job}/rerun-failed", json={"datasource": {}}).json()["details"][0]["key"] == "datasource"
    for query in ({"outcome": "Created"}, {"kind": "package"}, {"after": "x"}, {"limit": 1001}, {"q": "x" * 256}):
        assert api.get(f"{IMPORT}/{job}/items", params=query).json()["code"] == "400-152", query
    for number in ("0", "99", "-1", "a"):
        assert api.get(f"{IMPORT}/{job}/items/{number}").status_code == 404
    assert api.get(IMPORT, params={"from": "yesterday"}).json()["code"] == "400-152"


def test_jobs_are_found_by_text_and_time(api, share):
    first, _ = api.run(package(1).write(share / "Alpha.zip"))
    second, _ = api.run(package(1).write(share / "beta.zip"))
    found = lambda **query: [row["id"] for row in api.get(IMPORT, params=query).json()["jobs"]]
    assert found(q="alpha") == [first]
    assert found(q=second[:13].lower()) == [second]
    created = {row["id"]: row["created"] for row in api.get(IMPORT).json()["jobs"]}
    assert found(**{"from": created[second]}) == [second]
    assert first in found(to=created[second]) and second not in found(to=created[second])
