"""Crowds and floods on loopback: idle connections, slow clients, long queues, many submitters, guessed secrets. Health, status
and running jobs go on, refusals name when to come again, and what was taken is given back."""

import concurrent.futures
import gc
import json
import os
import resource
import select
import socket
import threading
import time

import pytest
import requests

from support.api import BASE, Api
from support.packages import Package
from support.server import MEASURED, Server, wait_for

LONG = bool(os.environ.get("WAYBILL_LONG"))
IDLE = 10_000 if LONG else 1_500 if MEASURED else 300
QUEUED = 10_000 if LONG else 600 if MEASURED else 200
SUBMITTERS = 64
CLIENTS = 64 if LONG else 4
EACH = 30 if LONG else 5
SLOW = 300 if LONG else 60


@pytest.fixture(autouse=True, scope="module")
def many_descriptors():
    """The test's own, which the server inherits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16_384), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def address(server):
    host, port = server.url.removeprefix("http://").split(":")
    return host, int(port)


def alive(server):
    answer = requests.get(server.url + BASE + "/import/content/health", timeout=30)
    assert answer.status_code == 200, answer.text


def test_crowd_of_idle_connections_costs_little_and_is_given_back(tmp_path):
    room = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200
    if room < IDLE:
        pytest.skip(f"only {room} descriptors are allowed here")
    with Server(tmp_path, {"log.level": "warning"}) as server:
        api = Api(server, server.create_client())
        package = Package(articles=50).write(server.share / "p.zip")
        api.run(package)
        before, memory = server.descriptors(), server.resident()
        crowd = []
        for _ in range(IDLE):
            connection = socket.create_connection(address(server), timeout=60)
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            crowd.append(connection)
        for connection in crowd:
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        assert server.descriptors() >= before + IDLE
        grown = server.resident() - memory
        alive(server)
        assert api.run(package, operation="reimport")[1]["status"] == "Successful"
        for connection in crowd:
            connection.close()
        wait_for(lambda: server.descriptors() <= before + 10, "descriptors to be given back")
        print(f"{IDLE} connections took {grown / IDLE / 1024:.1f} KiB each")
        assert not MEASURED or grown / IDLE < 64 * 1024
        # A second crowd takes no more: the memory is used again.
        for _ in range(IDLE // 2):
            with socket.create_connection(address(server), timeout=60) as connection:
                connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                connection.recv(4096)
        assert not MEASURED or server.resident() - memory <= grown + (16 << 20)


def test_slow_heads_and_bodies_are_ended_and_hold_nobody_up(tmp_path):
    """Slow-loris: clients that never fall silent and never come to an end. Each is told so and its connection closed, by the
    overall time of a head and the least rate of a body; what came of an upload is gone."""
    slowness = {"server.head_timeout": "2s", "server.body_timeout": "2s", "server.min_body_rate": "1KiB"}
    with Server(tmp_path, slowness) as server:
        api = Api(server, server.create_client())
        package = Package(articles=200).write(server.share / "p.zip")
        before = server.descriptors()
        headers = f"Host: x\r\nAuthorization: Bearer {api.token}\r\n"
        kinds = {
            "head": f"POST {BASE}/import/content HTTP/1.1\r\n{headers}X-Slow: ",
            "body": f"POST {BASE}/import/content HTTP/1.1\r\n{headers}Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{{",
            "chunks": f"POST {BASE}/import/content HTTP/1.1\r\n{headers}Content-Type: application/json\r\n"
                      "Transfer-Encoding: chunked\r\n\r\nffff\r\n",
            "upload": f"POST {BASE}/import/uploads HTTP/1.1\r\n{headers}Content-Type: application/zip\r\nContent-Length: 60000000\r\n\r\nPK",
        }
        slow = {}
        for number in range(SLOW):
            kind = list(kinds)[number % len(kinds)]
            connection = socket.create_connection(address(server), timeout=60)
            connection.sendall(kinds[kind].encode())
            slow[connection] = kind
        job = api.submit(package)
        answers = {kind: [] for kind in kinds}
        end = time.monotonic() + 120
        while slow and time.monotonic() < end:
            answered, _, _ = select.select(list(slow), [], [], 0.2)
            for connection in answered:
                answers[slow.pop(connection)].append(to_the_end(connection))
            for connection in slow:
                connection.send(b"x")
            alive(server)
        assert not slow, f"{len(slow)} slow clients were never let go"
        assert api.wait(job)["status"] == "Successful"
        for kind, texts in answers.items():
            for text in texts:
                head, _, body = text.partition(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 408 ") and b"\r\nConnection: close" in head, (kind, text)
                error = json.loads(body)
                assert error["code"] == "408-100", (kind, error)
                assert ("head" if kind == "head" else "body") in error["developerMessage"], (kind, error)
        wait_for(lambda: server.descriptors() <= before + 10, "descriptors to be given back")
        wait_for(lambda: not list((server.data / "incoming").iterdir()), "what came of the uploads to go")


def to_the_end(connection):
    """All that the server still says; closed then."""
    with connection:
        text = b""
        try:
            while piece := connection.recv(65536):
                text += piece
        except ConnectionResetError:
            pass
        return text


def test_long_queue_is_bounded_for_each_client_and_slows_nothing(tmp_path):
    limit = QUEUED
    with Server(tmp_path, {"jobs.queued_per_client": str(limit), "log.level": "warning", "jobs.running": "1",
                           "jobs.max_items_per_second": "5"}) as server:
        api = Api(server, server.create_client())
        # At five items a second the first job outlives the test: what ends would make room for one more.
        package = Package(articles=10_000).write(server.share / "p.zip")
        body = {"dataSource": {"type": "Shared file path", "path": f"file://{package}"}, "operation": "import"}
        running = api.submit(package)
        jobs = []

        def submit(_):
            answer = requests.post(server.url + BASE + "/import/content", json=body, timeout=120,
                                   headers={"Authorization": f"Bearer {api.token}"})
            return answer.status_code, answer.headers.get("Location", ""), answer.headers.get("Retry-After")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for status, location, again in pool.map(submit, range(limit + 50)):
                if status == 202:
                    jobs.append(location.split("/")[-2])
                else:
                    assert status in (429, 503) and again, (status, again)
        assert limit - 60 <= len(jobs) < limit, f"{len(jobs)} of at most {limit - 1} beside the running one were taken"
        refused = api.post("/import/content", json=body)
        assert refused.status_code == 429 and int(refused.headers["Retry-After"]) >= 1
        other = Api(server, server.create_client("elsewhere"))
        other_job = other.submit(package)
        start = time.monotonic()
        for job in (jobs[0], jobs[-1], other_job, running):
            assert api.get(f"/import/content/{job}/status").status_code in (200, 404)
        alive(server)
        assert time.monotonic() - start < 20
        listed, after = 0, None
        for _ in range(3):
            page = api.get("/import/content", params={"limit": 100, **({"after": after} if after else {})}).json()
            listed += len(page["jobs"])
            after = page.get("next")
        assert listed == 300
        # All of them are on disk.
        server.kill9()
        server.start()
        api = Api(server, api.credentials)
        assert all(api.get(f"/import/content/{job}/status").status_code == 200 for job in jobs[:: max(1, len(jobs) // 100)])
        assert api.status(running)["status"] == "In Progress"


def test_many_clients_submit_at_once_and_each_acknowledged_job_ends(tmp_path):
    with Server(tmp_path, {"log.level": "warning"}) as server:
        package = Package(articles=5).write(server.share / "p.zip")
        # Secrets are slow to check by design: in the short run, few clients have many connections each.
        clients = [Api(server, server.create_client(f"department {number}", ("knowledge.contentmgr.manage",))) for number in range(CLIENTS)]
        before = server.descriptors()
        memory = []
        taken, refused, problems = [], [], []
        lock = threading.Lock()

        def work(number):
            client = clients[number % len(clients)]
            session = requests.Session()
            for _ in range(EACH):
                try:
                    answer = session.post(server.url + BASE + "/import/content", timeout=120, headers={"Authorization": f"Bearer {client.token}"},
                                          json={"dataSource": {"type": "Shared file path", "path": f"file://{package}"}, "operation": "import"})
                except OSError as problem:
                    problems.append(problem)
                    continue
                with lock:
                    if answer.status_code == 202:
                        taken.append((client, answer.headers["Location"].split("/")[-2]))
                    elif answer.status_code in (429, 503) and "Retry-After" in answer.headers:
                        refused.append(answer.status_code)
                    else:
                        problems.append(answer.text)
            session.close()
        for _ in range(2):
            threads = [threading.Thread(target=work, args=(number,)) for number in range(SUBMITTERS)]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                alive(server)
                time.sleep(0.1)
            for thread in threads:
                thread.join()
            assert not problems, problems[:3]
            print(f"{len(taken)} taken, {len(refused)} told to come again")
            assert len(taken) >= SUBMITTERS * EACH // 2
            for client, job in taken:
                assert client.wait(job)["results"] == {"successful": 6, "warnings": 0, "errors": 0}
            taken.clear()
            memory.append(server.resident())
        assert not MEASURED or memory[1] <= memory[0] + (16 << 20), f"the second crowd took more: {memory}"
        gc.collect()
        wait_for(lambda: server.descriptors() <= before + 10, "descriptors to be given back")


def test_flood_of_guessed_secrets_starves_neither_health_nor_status_nor_jobs(tmp_path):
    """Each guess costs the server an Argon2id hash."""
    with Server(tmp_path, {"log.level": "warning", "jobs.max_items_per_second": "300"}) as server:
        made = server.create_client()
        api = Api(server, made)
        job = api.submit(Package(articles=600).write(server.share / "p.zip"))
        stop, codes, without = threading.Event(), set(), []

        def guess():
            session = requests.Session()
            while not stop.is_set():
                answer = session.post(server.url + "/oauth2/v2.0/token", timeout=120, data={"grant_type": "client_credentials"},
                                      auth=(made["client_id"], "wrong"))
                codes.add(answer.status_code)
                if answer.status_code in (429, 503) and "Retry-After" not in answer.headers:
                    without.append(answer.text)
        threads = [threading.Thread(target=guess) for _ in range(32)]
        for thread in threads:
            thread.start()
        try:
            polls = 0
            end = time.monotonic() + 200
            while time.monotonic() < end:
                alive(server)
                status = api.status(job)
                polls += 1
                if status["status"] != "In Progress" and status["status"] != "Scheduled":
                    break
                time.sleep(0.02)
            assert status["status"] == "Successful", status
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert codes <= {400, 401, 429, 503} and not without, (codes, without[:1])
        assert polls > 10
        Api(server, made)  # and the right secret is taken again
