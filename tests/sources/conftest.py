"""The peers, started once for all the tests of sources."""

import secrets

import pytest

from support.openssh import SSHD, Sshd
from support.swift import SWIFT, Swift


@pytest.fixture(scope="session")
def swift():
    if SWIFT is None:
        pytest.skip("swift-proxy is not installed")
    with Swift() as running:
        yield running


@pytest.fixture
def bucket(swift):
    name = f"bucket-{secrets.token_hex(6)}"
    swift.client.create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def sshd(tmp_path_factory):
    if SSHD is None:
        pytest.skip("openssh-server is not installed")
    with Sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running
