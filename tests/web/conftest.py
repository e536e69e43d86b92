import re

import pytest

from support import browser as browsers

# What Chromium itself writes where a test breaks a connection.
EXPECTED = r"^Failed to load resource: net::ERR_CONNECTION_RESET$"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    if missing := browsers.missing():
        pytest.skip(f"the console's tests need {missing}")
    with browsers.Browser(tmp_path_factory.mktemp("pictures")) as running:
        yield running


@pytest.fixture
def browser(chromium):
    """A browser that has seen nothing yet; at the end its page must have complained of nothing."""
    chromium.open()
    yield chromium
    assert [text for text in chromium.problems() if not re.search(EXPECTED, text)] == []


@pytest.fixture(scope="module")
def account(server):
    """A client's id and secret, as the sign-in page takes them."""
    made = server.create_client("default", ("knowledge.contentmgr.manage", "knowledge.contentmgr.read"), "console")
    return {"url": server.url, "id": made["client_id"], "secret": made["client_secret"]}
