"""The way of a person who brings a package in: its mistakes, the corrected one, the import, reading, and back."""

import pytest

from support.packages import Package, article, html

ARTICLES = 400


def package(language="en-US"):
    """Articles of which the third has the given language."""
    made = Package()
    for number in range(ARTICLES):
        made.add(article(number, languageCode=language if number == 3 else "en-US"),
                 html(number, f"The heron of page {number} stands in the shallow water."))
    return made


@pytest.fixture
def files(tmp_path):
    return package("en-UK").write(tmp_path / "handbook.zip"), package().write(tmp_path / "handbook-corrected.zip")


def test_from_mistakes_to_undo(browser, server, api, account, files):
    wrong, corrected = files
    browser.do("signIn", **account)

    browser.do("drop", url=server.url, file=str(wrong))
    found = browser.do("checked")
    assert found["notice"] == f"1 of {ARTICLES + 1} items have errors"
    assert found["would"] == {"would be made": ARTICLES, "would be updated": 0, "would stay as they are": 0,
                              "would be refused": 1}

    listing = package("en-UK").contents()["knowledgehub/articles/articles.json"].decode().splitlines()
    place = browser.do("openFinding", text="en-UK")
    assert "en-UK" in listing[place["number"] - 1], "the number names the offending line"
    assert place["line"].strip() == listing[place["number"] - 1].strip()
    assert place["mark"] == '"en-UK"'

    browser.do("choose", file=str(corrected))
    assert browser.do("checked")["notice"] == f"All {ARTICLES + 1} items are fine"
    assert api.get("/articles").json()["articles"] == [], "a check writes nothing"

    shown = browser.do("importAndWatch")
    assert shown["state"] == "Successful"
    assert shown["seen"] == sorted(shown["seen"]) and shown["seen"][-1] == 100
    job = browser.do("jobId")
    assert api.status(job)["results"] == {"successful": ARTICLES + 1, "warnings": 0, "errors": 0}
    assert browser.do("counts") == {"Successful": f"{ARTICLES + 1}", "With warnings": "0", "Errors": "0"}

    marked = browser.do("search", words="heron 17", name="Article 17")
    assert "heron" in [word.lower() for word in marked]
    assert "The heron of page 17 stands in the shallow water." in browser.do("read", text="page 17")

    undone = browser.do("undo", url=server.url, job=job)
    assert undone["said"] == [f"{ARTICLES + 1} items that it made go."]
    assert undone["state"] == "Successful"
    assert api.get("/articles").json()["articles"] == []
    assert api.get("/folders").json()["folders"] == []
