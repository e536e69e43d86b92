"""Fixtures that all black-box suites share."""

import pytest

from support.api import Api
from support.packages import Package
from support.server import Server

MANAGE = "knowledge.contentmgr.manage"
READ = "knowledge.contentmgr.read"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for a file of tests; tests that need settings of their own start their own."""
    with Server(tmp_path_factory.mktemp("waybill")) as running:
        yield running


@pytest.fixture(scope="module")
def api(server):
    return Api(server, server.create_client("default", (MANAGE, READ)))


@pytest.fixture(scope="module")
def other(server):
    """A client of another department."""
    return Api(server, server.create_client("other", (MANAGE, READ)))


@pytest.fixture
def share(server, tmp_path):
    """A folder below the server's root that no other test uses."""
    folder = server.share / tmp_path.name
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def small(share):
    """A clean package of ten articles."""
    return Package(articles=10).write(share / "small.zip")
