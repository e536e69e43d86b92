import re

import pytest
import requests

from support import browser as browsers
from support.server import Server

# What Chromium itself writes where a test breaks a connection or ends a session.
EXPECTED = r"^Failed to load resource: (net::ERR_CONNECTION_RESET|the server responded with a status of 401 .*)$"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    if missing := browsers.missing():
        pytest.skip(f"the console's tests need {missing}")
    with Server(tmp_path_factory.mktemp("probe")) as probe:
        if requests.get(f"{probe.url}/console", timeout=30).status_code == 404:
            pytest.skip("the server was built without the console")
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
