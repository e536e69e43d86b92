"""Servers whose s3:// means a store on loopback."""

import contextlib

from support.api import Api
from support.server import Server


@contextlib.contextmanager
def api_at_store(folder, endpoint, **settings):
    """A server with settings of its own; gives its Api."""
    with Server(folder, {"network.allow": "127.0.0.0/8", "s3.endpoint": endpoint, **settings}) as running:
        yield Api(running, running.create_client())
