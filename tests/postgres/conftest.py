"""The peers of these tests."""

from support.peers import bucket, swift  # noqa: F401 (fixtures)
