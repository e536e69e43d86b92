"""The peers, started once for all the tests of sources."""

import pytest

from support.openssh import SSHD, Sshd
from support.peers import bucket, swift  # noqa: F401 (fixtures)


@pytest.fixture(scope="session")
def sshd(tmp_path_factory):
    if SSHD is None:
        pytest.skip("openssh-server is not installed")
    with Sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running
