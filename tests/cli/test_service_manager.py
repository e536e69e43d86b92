"""What the server tells the service manager that started it (sd_notify(3)), with a socket of the test in its place."""

import socket

import pytest
import requests

from support import postgres
from support.server import Server

SECONDS = 60
pytestmark = pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="each node tells its own manager")


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """A socket as systemd has it, and its name as NOTIFY_SOCKET gives it."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@waybill-test-{tmp_path.name}-{id(tmp_path)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0", 1))
        listening.settimeout(SECONDS)
        yield listening, name


def receive(listening, line):
    """Reads on to the message with that line."""
    while True:
        message = listening.recv(4096).decode().split("\n")
        if line in message:
            return message


def test_ready_is_said_when_requests_are_taken_and_stopping_at_sigterm(manager, tmp_path):
    listening, name = manager
    with Server(tmp_path / "server", environment={"NOTIFY_SOCKET": name}) as server:
        message = receive(listening, "READY=1")
        assert f"STATUS=Listens on {server.url}" in message
        assert requests.get(server.url + "/livez", timeout=SECONDS).status_code == 200
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.recv(4096)  # nobody asked for the watchdog
        listening.settimeout(SECONDS)
        assert server.stop() == 0
        receive(listening, "STOPPING=1")


def test_the_watchdog_is_told_again_and_again(manager, tmp_path):
    listening, name = manager
    with Server(tmp_path / "server", environment={"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "100000"}):
        for _ in range(3):
            receive(listening, "WATCHDOG=1")


def test_a_watchdog_meant_for_another_process_is_none(manager, tmp_path):
    listening, name = manager
    environment = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2000", "WATCHDOG_PID": "1"}
    with Server(tmp_path / "server", environment=environment) as server:
        receive(listening, "READY=1")
        # A watchdog of two milliseconds would have been told before a request is answered.
        for _ in range(20):
            requests.get(server.url + "/livez", timeout=SECONDS)
        assert server.stop() == 0
        assert listening.recv(4096).startswith(b"STOPPING=1")


def test_a_manager_that_is_not_there_disturbs_nothing(tmp_path):
    with Server(tmp_path / "server", environment={"NOTIFY_SOCKET": str(tmp_path / "nobody")}) as server:
        assert requests.get(server.url + "/livez", timeout=SECONDS).status_code == 200
        assert server.stop() == 0
