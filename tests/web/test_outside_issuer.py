"""People sign in at an outside issuer, a real OpenID provider: authorization code with PKCE."""

import pytest

from support import oidc
from support.server import Server

pytestmark = pytest.mark.skipif(not oidc.AVAILABLE, reason="oidc-provider is not installed from npm")


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    with oidc.Provider() as provider:
        settings = {"auth.outside_issuers": provider.issuer, "network.allow": "127.0.0.1",
                    "console.issuer": provider.issuer, "console.client_id": "console",
                    "console.scope": "openid knowledge.contentmgr.manage knowledge.contentmgr.read"}
        with Server(tmp_path_factory.mktemp("outside"), settings) as running:
            provider.console_comes_back_to(f"{running.url}/console/callback")
            yield running


def test_a_person_signs_in_and_comes_back_to_where_they_were(browser, outside):
    shown = browser.do("issuer.mjs:signInOutside", url=outside.url, address="/console/knowledge?view=topics")
    assert shown["address"] == f"{outside.url}/console/knowledge?view=topics"
    assert shown["name"] == "Pat of Sales"
    assert shown["challenge"] == "S256"


def test_an_answer_that_was_not_asked_for_signs_nobody_in(browser, outside):
    said = browser.do("issuer.mjs:forgedAnswer", url=outside.url)
    assert "not begun in this tab" in said
