"""A thousand open streams of server-sent events: each is told everything in its order, others are served meanwhile, and what
the streams took is given back whether they end or break off. And events over TLS."""

import datetime
import json
import resource
import selectors
import socket

import pytest
import requests

from support.api import BASE, FINAL, Api
from support.events import events_in
from support.faulty_store import self_signed
from support.packages import Package, article, html
from support.server import MEASURED, Server, wait_for

STREAMS = 1_000 if MEASURED else 200
MOST_EACH = 64 * 1024  # bytes of the server's memory for one open stream
SLOWLY = {"jobs.batch_items": "20", "jobs.max_items_per_second": "60", "log.level": "warning"}


@pytest.fixture(autouse=True, scope="module")
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16_384), hard))
    if min(hard, 16_384) < 2 * STREAMS + 300:
        pytest.skip(f"only {hard} descriptors are allowed here")
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def open_streams(server):
    """As the server counts them."""
    for line in requests.get(server.url + "/metrics", timeout=60).text.splitlines():
        if line.startswith("waybill_event_streams "):
            return int(float(line.split()[1]))
    raise AssertionError("no such metric")


class Reader:
    """One stream, read without a thread of its own."""

    def __init__(self, api, job):
        host, port = api.server.url.removeprefix("http://").split(":")
        self.connection = socket.create_connection((host, int(port)), timeout=60)
        self.connection.sendall((f"GET {BASE}/import/content/{job}/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                 f"Authorization: Bearer {api.token}\r\nAccept: text/event-stream\r\n\r\n").encode())
        self.connection.setblocking(False)
        self.bytes = b""

    def take(self):
        """False at the end of the stream."""
        try:
            part = self.connection.recv(65_536)
        except BlockingIOError:
            return True
        self.bytes += part
        return part != b""

    def events(self):
        head, _, body = self.bytes.partition(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0] and b"chunked" in head, head
        text, rest = b"", body
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            text, rest = text + rest[:int(size, 16)], rest[int(size, 16) + 2:]
        found = []
        for block in text.decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
            if "data" in fields:
                found.append((fields["event"], json.loads(fields["data"])))
        return found


def read_all(readers):
    with selectors.DefaultSelector() as selector:
        for reader in readers:
            selector.register(reader.connection, selectors.EVENT_READ, reader)
        while selector.get_map():
            ready = selector.select(timeout=60)
            assert ready, "nothing was told for a minute, not even that the server is there"
            for key, _ in ready:
                if not key.data.take():
                    selector.unregister(key.fileobj)
                    key.fileobj.close()


def package(path, articles=240, broken=40):
    made = Package(articles=articles)
    for number in range(broken):
        made.add(article(9_000 + number), html(9_000 + number, f'<a href="gone-{number}.html">gone</a>'))
    return made.write(path)


def test_a_thousand_streams_are_told_everything_and_leave_nothing_behind(tmp_path):
    with Server(tmp_path, SLOWLY) as server:
        api = Api(server, server.create_client())
        job = api.submit(package(server.share / "a.zip"))
        wait_for(lambda: "progress" in api.status(job), "the first item")
        before, memory = server.descriptors(), server.resident()
        readers = [Reader(api, job) for _ in range(STREAMS)]
        wait_for(lambda: open_streams(server) == STREAMS, "all streams to be open")
        assert server.descriptors() >= before + STREAMS
        assert requests.get(server.url + BASE + "/import/content/health", timeout=30).status_code == 200
        # A half of them breaks off in the middle: the server sees it without being told.
        gone, rest = readers[::2], readers[1::2]
        for reader in gone:
            reader.connection.close()
        grown = server.resident() - memory
        read_all(rest)
        last, findings = api.status(job), api.findings(job)
        assert last["status"] == "Successful" and len(findings) == 40
        for reader in rest:
            events = reader.events()
            assert [data["sequence"] for event, data in events if event == "finding"] == [row["sequence"] for row in findings]
            assert events[-1] == ("end", {"status": "Successful"})
            shown = {**events[-2][1]}
            assert events[-2][0] == "status" and shown.pop("id") == job and shown == last
        if MEASURED:
            assert grown < STREAMS * MOST_EACH, f"{grown / STREAMS:.0f} bytes a stream"
        wait_for(lambda: open_streams(server) == 0, "the streams to be let go")
        wait_for(lambda: server.descriptors() <= before + 5, "the descriptors to come back")
        print(f"{STREAMS} streams: {grown / STREAMS / 1024:.1f} KiB each")


def test_streams_come_and_go_without_growth(tmp_path):
    """Round after round of streams that are opened and dropped while a job waits: memory stays."""
    with Server(tmp_path, {"log.level": "warning"}) as server:
        api = Api(server, server.create_client())
        tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        job = api.submit(package(server.share / "a.zip", articles=1, broken=0),
                         scheduleTime={"date": tomorrow.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
        before, sizes = server.descriptors(), []
        for _ in range(4):
            readers = [Reader(api, job) for _ in range(STREAMS // 2)]
            wait_for(lambda: open_streams(server) == len(readers), "all streams to be open")
            for reader in readers:
                reader.connection.close()
            wait_for(lambda: open_streams(server) == 0, "the streams to be let go")
            wait_for(lambda: server.descriptors() <= before + 5, "the descriptors to come back")
            sizes.append(server.resident())
        if MEASURED:
            assert sizes[-1] - sizes[0] < STREAMS * 4 * 1024, sizes
        assert api.post(f"/import/content/{job}/cancel").status_code == 204


def test_events_over_tls_come_as_they_happen(tmp_path):
    certificate, key = self_signed(tmp_path / "tls")
    settings = {**SLOWLY, "server.certificate": str(certificate), "server.private_key": str(key)}
    with Server(tmp_path, settings) as server:
        assert server.url.startswith("https://")
        api = Api(server)
        api.http.verify, api.http.trust_env = str(certificate), False
        api.credentials = server.create_client()
        api.renew()
        job = api.submit(package(server.share / "a.zip", articles=120, broken=10))
        seen, last, ended = [], 0, False
        # Taken up again after each ten events, as a reader whose connection breaks.
        while not ended:
            with requests.get(f"{server.url}{BASE}/import/content/{job}/events", stream=True, timeout=60, verify=str(certificate),
                              headers={"Authorization": f"Bearer {api.token}", "Last-Event-ID": str(last)}) as answer:
                assert answer.status_code == 200
                for taken, (event, last, data) in enumerate(events_in(answer), 1):
                    seen.append((event, data))
                    ended = event == "end"
                    if taken == 10:
                        break
        found = [data["sequence"] for event, data in seen if event == "finding"]
        assert found == [row["sequence"] for row in api.findings(job)] and len(found) == 10
        percentages = [data["progress"]["percentage"] for event, data in seen if event in ("progress", "status") and "progress" in data]
        assert percentages == sorted(percentages) and len(set(percentages)) > 3, "as they happen, not all at the end"
        assert seen[-1] == ("end", {"status": "Successful"})
        assert api.status(job)["status"] in FINAL
