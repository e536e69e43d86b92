"""What holds for every page: WCAG 2.2 AA by axe in both themes, no sideways scrolling, few bytes before the first paint."""

import os

import pytest

from support.packages import Package, article, html

MOST_FIRST_BYTES = 100 * 1024


@pytest.fixture(scope="module")
def addresses(server, api, tmp_path_factory):
    """A server with something on each page, and where the pages are."""
    folder = server.share / "pages"
    package = Package(folders=("Guides", "Policies"))
    for number in range(30):
        package.add(article(number, articleSummary="What a reader finds first.", tags=["tide"]), html(number, "Herons fish at low tide."))
    package.files["knowledgehub/articles/resources/tides.txt"] = b"high, low"
    package.articles[0]["attachments"] = [{"name": "Tides", "path": "resources/tides.txt"}]
    package.topics = [{"name": "Shore", "description": "All about the shore", "addArticles": {"fromFolders": [{"path": "Guides"}]}}]
    package.portals = [{"name": "Public", "addTopics": {"fromTopics": [{"path": "Shore"}]}}]
    first = api.submit(package.write(folder / "first.zip"))
    assert api.wait(first)["status"] == "Successful"
    for number, entry in enumerate(package.articles):
        package.files[f"knowledgehub/articles/{entry['content']}"] = html(number, "Herons fish at high tide.<br><img src='gone.png'>").encode()
    package.articles[5]["languageCode"] = "en-UK"
    package.articles[6]["name"] = ""
    second = api.submit(package.write(folder / "second.zip"), operation="reimport")
    assert api.wait(second)["status"] == "Successful"
    check = api.submit(folder / "second.zip", operation=None)
    assert api.wait(check)["status"] == "Successful"
    finding = api.get(f"/import/content/{second}/findings").json()["findings"][0]["sequence"]
    changed = api.get(f"/import/content/{second}/items?outcome=updated").json()["items"][0]["number"]
    known = api.get("/articles?folder=Guides").json()["articles"][0]["id"]
    return {
        "jobs": "/console/jobs",
        "job-findings": f"/console/jobs/{second}",
        "job-items": f"/console/jobs/{second}/items",
        "job-log": f"/console/jobs/{second}/log",
        "check": f"/console/jobs/{check}",
        "finding": f"/console/jobs/{second}/findings/{finding}",
        "difference": f"/console/jobs/{second}/items/{changed}",
        "new-import": "/console/new",
        "folders": "/console/knowledge",
        "folder": "/console/knowledge?folder=Guides",
        "topics": "/console/knowledge?view=topics",
        "topic": "/console/knowledge?view=topics&topic=Shore",
        "portals": "/console/knowledge?view=portals",
        "article": f"/console/articles/{known}",
        "search": "/console/search?q=heron",
        "server": "/console/server",
        "rules": "/docs/rules",
        "rule": "/docs/rules/article-language",
        "nowhere": "/console/nowhere",
    }


def keep_pictures(browser, name):
    """Pictures for people to look at, where WAYBILL_TEST_PICTURES names a folder."""
    if os.environ.get("WAYBILL_TEST_PICTURES"):
        browser.do("pages.mjs:picture", name=name)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_for_everyone(chromium, server, account, addresses, dark):
    chromium.open(width=1280, height=900, dark=dark)
    chromium.do("goTo", url=f"{server.url}/console")
    theme = "dark" if dark else "light"
    keep_pictures(chromium, f"{theme}-sign-in")
    bad = {"sign-in": chromium.do("pages.mjs:violations")}
    chromium.do("signIn", **account)
    for name, address in addresses.items():
        chromium.do("pages.mjs:show", url=server.url, address=address)
        keep_pictures(chromium, f"{theme}-{name}")
        bad[name] = chromium.do("pages.mjs:violations")
    assert {name: found for name, found in bad.items() if found} == {}
    assert chromium.problems() == []


@pytest.mark.parametrize("width", [360, 640], ids=["phone", "zoom200"])
def test_no_page_scrolls_sideways(chromium, server, account, addresses, width):
    chromium.open(width=width, height=740, mobile=width < 500, dark=width < 500)
    chromium.do("goTo", url=f"{server.url}/console")
    keep_pictures(chromium, f"{width}-sign-in")
    wide = {"sign-in": chromium.do("pages.mjs:overflow")}
    chromium.do("signIn", **account)
    for name, address in addresses.items():
        chromium.do("pages.mjs:show", url=server.url, address=address)
        keep_pictures(chromium, f"{width}-{name}")
        wide[name] = chromium.do("pages.mjs:overflow")
    assert {name: found for name, found in wide.items() if found["wide"] > 0} == {}


def test_first_paint_is_light(browser, server):
    sizes = browser.do("pages.mjs:firstPaint", url=server.url)
    assert "/console" in sizes and len(sizes) >= 3, sizes
    assert sum(sizes.values()) < MOST_FIRST_BYTES, sizes
