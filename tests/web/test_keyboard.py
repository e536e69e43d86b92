"""The console by keyboard alone: every stop can be seen, dialogs give the focus back, rows are gone through by arrows."""

from support.packages import Package, article, html


def test_sign_in_look_at_findings_and_ask_for_an_undo(browser, server, api, account):
    package = Package()
    for number in range(12):
        package.add(article(number, languageCode="en-UK" if number < 6 else "en-US"), html(number))
    job = api.submit(package.write(server.share / "keyboard" / "mixed.zip"))
    assert api.wait(job)["results"]["errors"] == 6
    finding = api.get(f"/import/content/{job}/findings").json()["findings"]

    browser.do("goTo", url=f"{server.url}/console")
    browser.do("keyboard.mjs:tabTo", text="Client id")
    browser.do("keyboard.mjs:type", text=account["id"])
    browser.do("keyboard.mjs:tabTo", text="Client secret")
    browser.do("keyboard.mjs:type", text=account["secret"])
    browser.do("keyboard.mjs:press", keys="Enter")
    browser.do("keyboard.mjs:heading", name="Jobs")

    browser.do("keyboard.mjs:tabTo", text="Import of mixed.zip")
    browser.do("keyboard.mjs:press", keys="Enter")
    assert browser.do("keyboard.mjs:heading", name="Import of mixed.zip") == "Import of mixed.zip", "the new page has the focus"

    browser.do("keyboard.mjs:tabTo", text=finding[0]["message"])
    browser.do("keyboard.mjs:press", keys=["ArrowDown", "ArrowDown"])
    browser.do("keyboard.mjs:waitFocus", text=finding[2]["message"], index=2)
    browser.do("keyboard.mjs:press", keys="Enter")
    assert browser.do("keyboard.mjs:heading", name=finding[2]["message"]) == finding[2]["message"]

    browser.do("goTo", url=f"{server.url}/console/jobs/{job}")
    browser.do("keyboard.mjs:tabTo", text="Undo")
    browser.do("keyboard.mjs:press", keys="Enter")
    browser.do("keyboard.mjs:dialog", open=True)
    browser.do("keyboard.mjs:press", keys="Escape")
    browser.do("keyboard.mjs:dialog", open=False)
    assert browser.do("keyboard.mjs:focusedText") == "Undo", "the focus is back where it was"
    assert api.status(job)["status"] == "Successful" and api.get("/articles").json()["articles"] != []


def test_skip_link_leads_to_the_content(browser, server, account):
    browser.do("signIn", **account)
    browser.do("goTo", url=f"{server.url}/console/jobs")
    browser.do("keyboard.mjs:tabTo", text="Skip to content", most=1)
    browser.do("keyboard.mjs:press", keys="Enter")
    assert browser.do("keyboard.mjs:tabTo", text="New import", most=2)
