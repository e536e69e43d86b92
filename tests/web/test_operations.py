"""What a person does after the first import: compare, repair, save findings, follow a job through a broken connection."""

import csv
import io

from support import openapi
from support.packages import Package, article, html
from support.server import wait_for


def package(text, wrong=()):
    made = Package()
    for number in range(20):
        made.add(article(number, languageCode="en-UK" if number in wrong else "en-US"), html(number, text))
    return made


def test_a_check_shows_the_difference_of_one_article(browser, server, api, account):
    folder = server.share / "difference"
    assert api.wait(api.submit(package("low tide").write(folder / "old.zip")))["results"]["errors"] == 0
    source = {"type": "Shared file path", "path": f"file://{package('high tide').write(folder / 'new.zip')}"}
    answer = api.post("/import/content/validate", json={"dataSource": source, "operation": "reimport"})
    check = answer.headers["Location"].split("/")[-2]
    assert api.wait(check)["status"] == "Successful"
    browser.do("signIn", **account)
    shown = browser.do("operations.mjs:difference", url=server.url, job=check, name="Article 7")
    assert shown["outcome"] == "Would be updated"
    assert shown["deleted"] == ["low"] and shown["inserted"] == ["high"]


def test_failed_items_are_run_again_from_a_corrected_package(browser, server, api, account, tmp_path):
    folder = server.share / "repair"
    job = api.submit(package("mud", wrong=(3, 4)).write(folder / "wrong.zip"), operation="reimport")
    assert api.wait(job)["results"]["errors"] == 2
    corrected = package("mud").write(tmp_path / "corrected.zip")
    browser.do("signIn", **account)
    repair = browser.do("operations.mjs:rerun", url=server.url, job=job, file=str(corrected))
    assert repair["state"] == "Successful"
    assert api.status(repair["job"])["results"] == {"successful": 2, "warnings": 0, "errors": 0}


def test_findings_are_filtered_as_one_types_and_saved(browser, server, api, account):
    job = api.submit(package("sand", wrong=(1, 2, 11)).write(server.share / "saved" / "wrong.zip"), operation="reimport")
    assert api.wait(job)["results"]["errors"] == 3
    browser.do("signIn", **account)
    found = browser.do("operations.mjs:filterAndSave", url=server.url, job=job, text="Article 11")
    assert len(found["rows"]) == 1 and found["count"] == "1 finding"
    rows = list(csv.DictReader(io.StringIO(found["csv"])))
    assert [row["item"] for row in rows] == ["Guides/Article 11"]


def test_the_number_of_findings_is_that_of_the_rows_whether_or_not_a_summary_comes(browser, server, api, account):
    job = api.submit(package("clay", wrong=(1, 2, 11)).write(server.share / "counted" / "wrong.zip"), operation="reimport")
    assert api.wait(job)["results"]["errors"] == 3
    browser.do("signIn", **account)
    said = browser.do("operations.mjs:countWithoutSummary", url=server.url, job=job, text="Article 11")
    assert said["before"] == {"count": "1 finding", "all": "3"}, "the segments keep the last text's numbers until this one's are here"
    assert said["after"] == {"count": "1 finding", "all": ""}, "they say none rather than those of another text"


def test_a_broken_connection_is_taken_up_where_it_broke(browser, server, api, account):
    """The page's first stream breaks off after one event, its second try fails; the third is the server's own."""
    job = api.submit(package("salt").write(server.share / "broken" / "salt.zip"), operation="reimport")
    assert api.wait(job)["status"] == "Successful"
    browser.do("signIn", **account)
    shown = browser.do("operations.mjs:breakStreams", url=server.url, job=job)
    assert shown["states"] == ["In Progress", "Successful"]
    assert shown["said"], "while there is no news the page says so"
    assert shown["resumedFrom"] == [None, "3", "3"], "each try names the last event that came"


def test_what_an_undo_has_left_is_taken_back_from_its_page(browser, server, api, account):
    def stacked(text, numbers):
        made = Package(folders=("Stacked",))
        for number in numbers:
            made.add(article(number, folder="Stacked"), html(number, text))
        return made

    folder = server.share / "stacked"
    first = api.submit(stacked("ebb", range(3)).write(folder / "first.zip"))
    assert api.wait(first)["status"] == "Successful"
    second = api.submit(stacked("flood", [0, 9]).write(folder / "second.zip"), operation="reimport")
    assert api.wait(second)["results"]["errors"] == 0
    browser.do("signIn", **account)
    assert browser.do("undo", url=server.url, job=first)["state"] == "Successful"
    part = browser.do("jobId")
    assert api.status(part)["results"] == {"successful": 2, "warnings": 0, "errors": 2}
    undo = api.post(f"/import/content/{second}/undo").headers["Location"].split("/")[-2]
    assert api.wait(undo)["results"]["errors"] == 0
    rest = browser.do("operations.mjs:rest", url=server.url, job=part)
    assert rest["state"] == "Successful" and api.status(rest["job"])["results"]["errors"] == 0
    assert "Stacked" not in {row["path"] for row in api.all("/folders", "folders")}


def test_server_page_counts_what_is_done(browser, server, api, account):
    assert api.wait(api.submit(package("foam").write(server.share / "counted" / "foam.zip"), operation="reimport"))["status"] == "Successful"
    browser.do("signIn", **account)
    shown = wait_for(lambda: (found := browser.do("operations.mjs:server", url=server.url))["items"] >= 20 and found, "the counters")
    assert shown["health"] == "Healthy"


def test_docs_show_every_operation_and_try_them(browser, server):
    shown = browser.do("operations.mjs:docs", url=server.url)
    assert set(shown["paths"]) == set(openapi.document()["paths"])
    assert shown["tried"].startswith("200"), "the operation that was tried out is this server's own"
