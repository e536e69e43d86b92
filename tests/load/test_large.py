"""Size and traffic: 100,000 articles in bounded memory, and a thousand polls a second beside an import."""

import threading
import time
import zipfile

import pytest

from support.api import BASE, Api
from support.server import Server

import http.client
import json

MEMORY_LIMIT = 300 * 1024 * 1024
ARTICLES = 99_990  # with ten folders: the contract's 100,000 items


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Written as a stream: the test too stays small."""
    path = tmp_path_factory.mktemp("large") / "share" / "large.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("manifest.json", '{"formatVersion": "1.0"}')
        folders = [{"name": f"Folder {number}"} for number in range(10)]
        archive.writestr("knowledgehub/knowledgehub.json", json.dumps({"knowledge": {"folders": folders}}))
        with archive.open("knowledgehub/articles/articles.json", "w") as stream:
            stream.write(b'{"articles": [\n')
            for number in range(ARTICLES):
                entry = {"name": f"Article {number}", "folder": {"path": f"Folder {number % 10}"},
                         "content": f"content/{number}.html", "description": "One of many"}
                stream.write((b",\n" if number else b"") + json.dumps(entry).encode())
            stream.write(b"\n]}\n")
        for number in range(ARTICLES):
            archive.writestr(f"knowledgehub/articles/content/{number}.html",
                             f"<h1>Article {number}</h1><p>{'Some words for the reader. ' * 8}</p>")
    return path


def test_hundred_thousand_articles_are_imported_and_validated_in_bounded_memory(large):
    with Server(large.parent.parent) as server:
        api = Api(server, server.create_client())
        wanted = {"successful": ARTICLES + 10, "warnings": 0, "errors": 0}
        _, status = api.run(large, operation=None)
        assert status["results"] == wanted
        _, status = api.run(large)
        assert status["status"] == "Successful" and status["results"] == wanted
        peak = server.peak_memory()
        print(f"peak memory {peak / 1e6:.0f} MB")
        assert peak <= MEMORY_LIMIT


def poller(server, token, job, stop, rate, counts):
    """Polls at `rate` a second on one connection; counts answers and steps back."""
    host, port = server.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    headers = {"Authorization": f"Bearer {token}"}
    last, due = -1, time.monotonic()
    while not stop.is_set():
        connection.request("GET", f"{BASE}/import/content/{job}/status", headers=headers)
        answer = connection.getresponse()
        value = json.loads(answer.read())
        processed = value.get("progress", {}).get("processed", 0)
        counts["answers"] += 1
        counts["other"] += answer.status != 200
        counts["back"] += processed < last
        last = processed
        due += 1 / rate
        stop.wait(max(0, due - time.monotonic()))
    connection.close()


def test_polls_never_go_back_during_an_import(large, tmp_path):
    """The rate is what one machine with two cores gives beside the import; the answers decide, not the clock."""
    with Server(tmp_path, {"sources.file_roots": str(large.parent)}) as server:
        api = Api(server, server.create_client())
        job = api.submit(large)
        stop = threading.Event()
        counts = [{"answers": 0, "other": 0, "back": 0} for _ in range(8)]
        threads = [threading.Thread(target=poller, args=(server, api.token, job, stop, 125, count)) for count in counts]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            status = api.wait(job)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        seconds = time.monotonic() - start
        answers = sum(count["answers"] for count in counts)
        print(f"{answers} polls in {seconds:.1f} s")
        assert status["status"] == "Successful"
        assert answers > 1000
        assert sum(count["other"] for count in counts) == 0
        assert sum(count["back"] for count in counts) == 0
