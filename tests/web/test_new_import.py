"""Ways of bringing a package in beside a dropped zip, and what is said before anything is sent."""

import datetime
import json

from support.packages import Package, article, html


def test_a_folder_is_packed_in_the_page(browser, server, api, account, tmp_path):
    package = Package()
    for number in range(30):
        package.add(article(number), html(number, "Oyster catchers. " * 400))
    folder = package.unpack(tmp_path / "shore birds")
    browser.do("signIn", **account)
    browser.do("new_import.mjs:chooseFolder", folder=str(folder))
    assert browser.do("checked")["notice"] == "All 31 items are fine"


def test_what_is_no_package_is_refused_before_it_is_sent(browser, account, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "shore.txt").write_text("no package")
    browser.do("signIn", **account)
    said = browser.do("new_import.mjs:chooseFolder", folder=str(tmp_path / "pictures"), refused=True)
    assert "neither knowledgehub/knowledgehub.json nor knowledgehub/articles/articles.json" in said


def test_a_path_is_checked_as_one_types(browser, account):
    browser.do("signIn", **account)
    said = browser.do("new_import.mjs:typePaths", paths=[
        "/srv/packages", "s3://a_b/folder", "sftp://me@host/x", "file://srv/x.zip", "s3://my-bucket/folder/", "sftp://host/x.zip"])
    assert [one["problem"] is None for one in said] == [False, False, False, False, True, True]
    assert "file:///srv/packages" in said[0]["problem"]
    assert said[4]["fields"] == ["Region", "Access key id", "Secret access key", "Session token"]
    assert said[5]["fields"] == ["User name", "Password", "Private key"]


def test_a_path_of_the_server_is_checked_and_imported(browser, server, api, account):
    package = Package(articles=5).write(server.share / "path" / "five.zip")
    browser.do("signIn", **account)
    browser.do("new_import.mjs:checkPath", path=f"file://{package}")
    assert browser.do("checked")["notice"] == "All 6 items are fine"
    assert browser.do("importAndWatch")["state"] == "Successful"


def test_access_is_tested_before_anything_is_submitted(browser, server, api, account):
    package = Package(articles=3).write(server.share / "access" / "three.zip")
    browser.do("signIn", **account)
    fine = browser.do("new_import.mjs:testAccess", path=f"file://{package}", name="access-fine")
    assert fine["said"].startswith("The server gets at the package") and "zip of" in fine["said"]
    assert fine["violations"] == []
    wrong = browser.do("new_import.mjs:testAccess", path=f"file://{server.share}/access/four.zip", name="access-wrong")
    assert wrong["said"].startswith("The server does not get at the package") and "four.zip" in wrong["said"]
    assert "Correct the path" in wrong["said"] and wrong["violations"] == []
    hidden = browser.do("new_import.mjs:testAccess", path="sftp://127.0.0.1:1/x.zip", name="access-refused",
                        fields={"User name": "me", "Password": "a pass word"})
    assert "network.allow" in hidden["said"] and "a pass word" not in hidden["said"]
    assert hidden["address"].endswith("/console/new") and api.all("/import/content", "jobs", q="access") == []


def test_an_import_of_tomorrow_is_cancelled_and_goes_on(browser, server, api, account):
    package = Package(articles=4).write(server.share / "later" / "four.zip")
    tomorrow = datetime.datetime.now() + datetime.timedelta(days=1)
    browser.do("signIn", **account)
    browser.do("new_import.mjs:checkPath", path=f"file://{package}")
    browser.do("checked")
    job = browser.do("new_import.mjs:importLater", begin=tomorrow.strftime("%Y-%m-%dT%H:%M"))
    status = api.status(job)
    assert status["status"] == "Scheduled"
    # The browser is in Berlin's zone: its wall clock is an hour or two ahead of UTC's.
    ahead = tomorrow.replace(second=0, microsecond=0) - datetime.datetime.strptime(status["startTime"], "%Y-%m-%dT%H:%M:%S.000Z")
    assert ahead in (datetime.timedelta(hours=1), datetime.timedelta(hours=2))

    assert browser.do("new_import.mjs:act", button="Cancel", confirm="Cancel the job", state="Cancelled") \
        == "It has not begun: nothing is read or written."
    assert api.status(job)["status"] == "Cancelled"
    said = browser.do("new_import.mjs:act", button="Go on", confirm="Go on", state="Successful")
    assert said == "It had not come to the first item: the job begins now."
    assert api.status(job)["results"] == {"successful": 5, "warnings": 0, "errors": 0}


def test_an_ended_session_is_said_and_leads_back(browser, server, account):
    browser.do("signIn", **account)
    after = browser.do("new_import.mjs:loseSession", **account)
    assert "no longer accepts your session" in after["said"]
    assert after["address"] == f"{server.url}/console/knowledge", "after signing in again one is where one was"
    kept = json.loads(after["kept"])
    assert account["secret"] not in after["kept"] and kept["name"] == account["id"]
