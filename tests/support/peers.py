"""Fixtures of peers that more than one suite speaks with: `from support.peers import bucket, swift`."""

import secrets

import pytest

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
