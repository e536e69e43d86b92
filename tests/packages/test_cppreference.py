"""The main job on real content: the 4,424 pages of Debian's cppreference-doc-en-html, packed, imported, compared, searched."""

import json
import random
import zipfile

import pytest

from support import dump
from support.api import FINAL, Api
from support.documents import pack, pages_of
from support.server import Server


@pytest.fixture(scope="module")
def pages():
    return pages_of("cppreference-doc-en-html", "/usr/share/cppreference/doc/html")


@pytest.fixture(scope="module")
def package(pages, tmp_path_factory):
    return pack(pages, tmp_path_factory.mktemp("package") / "cppreference.zip", "C++ reference")


@pytest.fixture(scope="module")
def imported(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cppreference")
    with Server(folder, {"sources.file_roots": str(package.parent)}) as server:
        api = Api(server, server.create_client())
        job, status = api.run(package)
        assert status["status"] == "Successful", status
        assert status["results"]["errors"] == 0, api.findings(job, severity="error")[:5]
        yield api


def test_packing_is_deterministic(pages, package, tmp_path):
    again = pack(pages, tmp_path / "again.zip", "C++ reference")
    assert again.read_bytes() == package.read_bytes()


def test_every_body_is_equal_byte_for_byte(imported, package):
    with zipfile.ZipFile(package) as archive:
        top = "knowledgehub/articles/"
        entries = json.loads(archive.read(top + "articles.json"))["articles"]
        by_identity = {(entry["folder"]["path"], entry["name"]): entry for entry in entries}
        rows = imported.all("/articles", "articles", limit=500)
        assert len(rows) == len(entries) == len(by_identity) == 4424
        for row in rows:
            entry = by_identity[(row["folder"]["path"], row["name"])]
            answer = imported.request("GET", f"/articles/{row['id']}/content", checked=False)
            assert answer.content == archive.read(top + entry["content"]), entry["content"]


def test_searching_for_std_vector_finds_its_page_on_the_first_screen(imported):
    hits = imported.get("/search", params={"q": "std::vector", "limit": 10}).json()["hits"]
    names = [hit["name"] for hit in hits]
    assert any(name.startswith("std::vector - cppreference") for name in names), names


def test_pages_keep_their_links(imported):
    hits = imported.get("/search", params={"q": "std::vector", "limit": 10}).json()["hits"]
    page = next(hit for hit in hits if hit["name"].startswith("std::vector - cppreference"))
    one = imported.get(f"/articles/{page['id']}").json()
    assert any(link.get("articleId") for link in one["links"])


def test_twenty_kills_of_this_import_change_nothing(package, tmp_path):
    roots = {"sources.file_roots": str(package.parent), "jobs.lease": "1s"}
    with Server(tmp_path / "undisturbed", roots) as server:
        _, wanted = Api(server, server.create_client()).run(package)
        assert server.stop() == 0
        wanted_dump = dump.knowledge(server.data)
    # A brake, so that there is time for twenty kills, each at a random moment after the start before; the last leaves
    # 266 items, more than a second.
    chance = random.Random(20240229)
    with Server(tmp_path / "disturbed", {**roots, "jobs.max_items_per_second": "200", "jobs.batch_items": "100"}) as server:
        credentials = server.create_client()
        api = Api(server, credentials)
        job = api.submit(package)
        killed = 0
        for moment in sorted(chance.randrange(0, 5000) for _ in range(20)):
            if api.wait_processed(job, moment)["status"] in FINAL:
                break
            server.kill9()
            killed += 1
            server.start()
            api = Api(server, credentials)
        status = api.wait(job)
        assert killed == 20, "the import was over before it could be disturbed so often"
        assert status["status"] == "Successful"
        assert status["results"] == wanted["results"]
        assert server.stop() == 0
        assert dump.knowledge(server.data) == wanted_dump
