"""The API viewer at /docs: WCAG 2.2 AA by axe in both themes and at phone width, as it opens and with an operation, a schema
and the dialog for a token opened by keyboard; no sideways scrolling."""

import os

import pytest

IMPORT = "/knowledge/contentmgr/v4/import/content"


@pytest.mark.parametrize("width", [1280, 360], ids=["desktop", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_api_viewer_is_for_everyone(chromium, server, dark, width):
    chromium.open(width=width, height=900, mobile=width < 500, dark=dark)
    chromium.do("docs.mjs:open", url=server.url)
    name = f"{'dark' if dark else 'light'}-{width}-docs"
    bad, wide = {}, {}

    def look(at, within=None):
        bad[at] = chromium.do("pages.mjs:violations", within=within)
        wide[at] = chromium.do("pages.mjs:overflow")
        if os.environ.get("WAYBILL_TEST_PICTURES"):
            chromium.do("pages.mjs:picture", name=f"{name}-{at}")

    look("opened")
    assert "Request body" in " ".join(chromium.do("docs.mjs:operation", method="post", path=IMPORT))
    chromium.do("docs.mjs:schema")
    look("operation-and-schema")
    chromium.do("docs.mjs:authorize")
    look("authorize", within=".dialog-ux")
    assert {at: found for at, found in bad.items() if found} == {}
    assert {at: found for at, found in wide.items() if found["wide"] > 0} == {}
    assert chromium.problems() == []


def test_the_viewer_follows_the_readers_choice_of_colours(browser, server):
    browser.do("goTo", url=f"{server.url}/console")
    browser.do("docs.mjs:chooseTheme", name="Dark")
    browser.do("docs.mjs:open", url=server.url)
    assert browser.do("docs.mjs:isDark")
