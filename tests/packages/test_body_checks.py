"""Checks of bodies that an earlier job has made: a reimport takes them over, and nobody can tell but by the time it takes.

Every way in which an article's surroundings can change is one test of src/worker/body_check_test.cpp; here is what a client
sees, over zips, and on real pages.
"""

import contextlib
import io
import re
import sqlite3
import zipfile

import pytest

from support import postgres
from support.api import Api
from support.documents import pack, pages_of
from support.packages import Package, article
from support.server import Server

pytestmark = pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="each node counts what it does itself")
COUNTED = re.compile(r'waybill_article_bodies_total\{check="(made|recalled)"\} (\d+)')


def bodies(api):
    """How many bodies were checked, and how many checks taken over."""
    counted = dict(COUNTED.findall(api.get("/metrics").text))
    return int(counted["made"]), int(counted["recalled"])


def change_all(server, expression):
    """Sets what is kept of the checks of all articles."""
    if server.data in postgres.DATABASES:
        postgres.shared().query(postgres.DATABASES[server.data], f"UPDATE articles SET body_check = {expression}")
        return
    with contextlib.closing(sqlite3.connect(server.data / "waybill.db", timeout=60)) as database, database:
        database.execute(f"UPDATE articles SET body_check = {expression}")


def seen(api, job):
    """All that a job says, but for moments and its own name."""
    status = {key: value for key, value in api.status(job).items()
              if "Time" not in key and key not in ("logFileLocation", "estimatedCompletion")}
    findings = [{key: value for key, value in finding.items() if key not in ("sequence", "time")} for finding in api.findings(job)]
    log = [line.split("\t", 1)[1] for line in api.log(job).splitlines()]
    log = [re.sub(r"by worker \S+, epoch \d+", "by a worker", line) for line in log]
    items, after = [], None
    while True:
        page = api.get(f"/import/content/{job}/items", params={"limit": 500, **({"after": after} if after else {})}).json()
        items += page["items"]
        after = page.get("next")
        if not after:
            return {"status": status, "log": log, "items": items, "findings": findings}


def run(api, package, operation="reimport"):
    """(checks made, checks recalled, what is seen of it)"""
    before = bodies(api)
    job, status = api.run(package, operation)
    assert status["status"] == "Successful", status
    after = bodies(api)
    return after[0] - before[0], after[1] - before[1], seen(api, job)


def same(one, other):
    for key in ("status", "items", "findings", "log"):
        assert one[key] == other[key], key


def linked(articles=20):
    """Each links to the next and uses a picture; every third has what is warned of."""
    def body(number):
        text = f'<h1>{number}</h1>\n<a href="{(number + 1) % articles}.html">next</a><img src="../inline_resources/a.png">'
        return text + ('\n<a href="nowhere.html">x</a><script>1</script>' if number % 3 == 0 else "")
    package = Package()
    for number in range(articles):
        package.add(article(number), body(number))
    package.files["knowledgehub/articles/inline_resources/a.png"] = b"a picture"
    return package


@pytest.fixture
def department(server, request):
    """A client of a department of its own."""
    return Api(server, server.create_client(request.node.name[:60]))


def test_unchanged_package_is_recalled_and_says_the_same(server, share, department):
    path = linked().write(share / "a.zip")
    assert run(department, path, "import")[:2] == (20, 0)
    made, recalled, outcome = run(department, path)
    assert (made, recalled) == (0, 20)
    assert outcome["status"]["results"] == {"successful": 14, "warnings": 7, "errors": 0}
    change_all(server, "NULL")
    made, recalled, full = run(department, path)
    assert (made, recalled) == (20, 0)
    same(outcome, full)
    assert run(department, path)[:2] == (0, 20)


def test_validation_recalls_too_and_keeps_nothing(server, share, department):
    path = linked().write(share / "a.zip")
    run(department, path, "import")
    made, recalled, outcome = run(department, path, None)
    assert (made, recalled) == (0, 20)
    change_all(server, "NULL")
    made, recalled, full = run(department, path, None)
    assert (made, recalled) == (20, 0)
    same(outcome, full)
    assert run(department, path)[:2] == (20, 0)


def test_other_rules_make_every_check_again(server, share, department):
    path = linked().write(share / "a.zip")
    run(department, path, "import")
    # What a program with other rules has kept begins otherwise.
    zeros = "decode(repeat('00', 32), 'hex') || substr(body_check, 33)" if postgres.wanted() else \
        "CAST(zeroblob(32) || substr(body_check, 33) AS BLOB)"
    change_all(server, zeros)
    assert run(department, path)[:2] == (20, 0)
    assert run(department, path)[:2] == (0, 20)


def test_changed_body_is_checked_alone(share, department):
    package = linked()
    run(department, package.write(share / "a.zip"), "import")
    package.files["knowledgehub/articles/content/4.html"] = b"<p>new <a href='nowhere.html'>x</a></p>"
    made, recalled, outcome = run(department, package.write(share / "a.zip"))
    assert (made, recalled) == (1, 19)
    assert outcome["status"]["results"]["warnings"] == 8
    assert [item["outcome"] for item in outcome["items"]].count("updated") == 1


def test_link_to_a_page_that_is_gone_is_found(share, department):
    package = linked()
    run(department, package.write(share / "a.zip"), "import")
    package.articles = [entry for entry in package.articles if entry["name"] != "Article 5"]
    del package.files["knowledgehub/articles/content/5.html"]
    made, _, outcome = run(department, package.write(share / "a.zip"))
    assert made == 19, "the package's files are other ones"
    assert any("5.html" in finding["message"] and finding.get("item") == "Guides/Article 4" for finding in outcome["findings"]), outcome["findings"]


def test_changed_picture_changes_the_articles_that_show_it(share, department):
    package = linked()
    run(department, package.write(share / "a.zip"), "import")
    package.files["knowledgehub/articles/inline_resources/a.png"] = b"another picture"
    _, _, outcome = run(department, package.write(share / "a.zip"))
    assert [item["outcome"] for item in outcome["items"]].count("updated") == 20
    assert outcome["status"]["results"] == {"successful": 14, "warnings": 7, "errors": 0}


def test_a_body_with_the_same_packed_bytes_and_another_checksum_is_damaged(share, department):
    package = linked()
    run(department, package.write(share / "a.zip"), "import")
    whole = package.zip_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        checksum = archive.getinfo("knowledgehub/articles/content/4.html").CRC.to_bytes(4, "little")
    assert whole.count(checksum) == 2  # in the local header and in the directory
    (share / "a.zip").write_bytes(whole.replace(checksum, b"\1\2\3\4"))
    made, recalled, outcome = run(department, share / "a.zip")
    assert (made, recalled) == (1, 19)
    assert [finding["rule"] for finding in outcome["findings"] if finding["severity"] == "error"] == ["entry-corrupt"]


def test_zip_packed_anew_is_checked_again_and_changes_nothing(share, department):
    package = linked()
    run(department, package.write(share / "a.zip"), "import")
    path = package.write(share / "a.zip", compression=zipfile.ZIP_STORED)
    made, _, outcome = run(department, path)
    assert made == 20
    assert {item["outcome"] for item in outcome["items"]} == {"unchanged"}
    assert run(department, path)[:2] == (0, 20)


def test_a_language_that_is_turned_off_is_found(tmp_path):
    path = linked().write(tmp_path / "share" / "a.zip")
    config = tmp_path / "waybill.toml"
    config.write_text("")
    environment = {"WAYBILL_CONFIG": str(config)}
    with Server(tmp_path / "server", {"sources.file_roots": str(path.parent)}, environment) as server:
        credentials = server.create_client()
        run(Api(server, credentials), path, "import")
        assert server.stop() == 0
        config.write_text('[languages]\ndefault = ["fr-FR"]\n')
        server.start()
        _, recalled, outcome = run(Api(server, credentials), path)
        assert recalled == 0
        assert outcome["status"]["results"]["errors"] == 20


@pytest.mark.parametrize("documents, root, title", [
    ("cppreference-doc-en-html", "/usr/share/cppreference/doc/html", "C++ reference"),
])
def test_real_pages_say_the_same_recalled_and_checked(tmp_path, documents, root, title):
    (tmp_path / "share").mkdir()
    path = pack(pages_of(documents, root), tmp_path / "share" / "real.zip", title)
    with Server(tmp_path / "server", {"sources.file_roots": str(path.parent)}) as server:
        api = Api(server, server.create_client())
        pages, _, first = run(api, path, "import")
        made, recalled, outcome = run(api, path)
        assert (made, recalled) == (0, pages)
        assert outcome["findings"] == first["findings"]
        assert outcome["status"]["results"] == first["status"]["results"]
        change_all(server, "NULL")
        made, recalled, full = run(api, path)
        assert (made, recalled) == (pages, 0)
        same(outcome, full)
        _, recalled, validation = run(api, path, None)
        assert recalled == pages
        assert validation["findings"] == first["findings"]
        assert validation["items"] == full["items"]
