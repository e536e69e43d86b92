"""The command line against a real server, and without one: what it prints and how it exits."""

import json
import pathlib
import re
import signal
import socket
import subprocess
import zipfile

import pytest

from support.packages import Package, article, html
from support.server import BINARY

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
JOB_ID = re.compile(r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}")


def objects(text):
    return [json.loads(line) for line in text.splitlines() if line]


@pytest.fixture
def problems(share):
    """Ten articles: one without its body, one with a broken link."""
    package = Package(articles=8)
    package.add(article(8))
    package.add(article(9), html(9, '<a href="nowhere.html">gone</a>'))
    return package.write(share / "problems.zip")


def job_of(outcome):
    return JOB_ID.search(outcome.stdout + outcome.stderr).group(0)


def test_import_follows_the_job_and_search_finds_its_articles(server, share):
    package = Package(folders=("Imported",))
    package.add(article(1, "Imported", name="Moulding quokkas"), html(1, "All about quokkas."))
    outcome = server.cli("import", package.write(share / "follow.zip"), check=0)
    assert "Successful" in outcome.stdout
    assert "\x1b" not in outcome.stdout + outcome.stderr, "escape sequences in a pipe"
    found = server.cli("search", "quokkas", check=0).stdout
    assert "Moulding quokkas" in found
    found = objects(server.cli("search", "quokkas", "--json", check=0).stdout)
    assert "Moulding quokkas" in json.dumps(found)


def test_import_with_errors_exits_with_1_and_names_what_is_wrong(server, problems):
    outcome = server.cli("import", problems, check=1)
    assert "content/8.html" in outcome.stdout + outcome.stderr
    job = job_of(outcome)
    rows = objects(server.cli("findings", job, "--severity", "error", "--json", check=0).stdout)
    assert len(rows) == 1
    assert rows[0]["severity"] == "error"
    log = server.cli("log", job, check=0).stdout
    assert log.count("\n") > 3
    assert "content/8.html" in log


def test_json_of_an_import_is_the_status_that_the_api_answers(server, api, share):
    package = Package(articles=3, folders=("Json",)).write(share / "json.zip")
    outcome = server.cli("import", package, "--json", check=0)
    lines = objects(outcome.stdout)
    last = lines[-1]
    job = job_of(outcome)
    answer = api.status(job)
    assert last["status"] == answer["status"] == "Successful"
    assert last["results"] == answer["results"] == {"successful": 4, "warnings": 0, "errors": 0}


def test_reimport_updates_what_is_there(server, api, share):
    for text in ("first words", "second words"):
        package = Package(folders=("Reimported",))
        package.add(article(1, "Reimported", name="Reimported article"), html(1, text))
        server.cli("import", "--reimport", package.write(share / f"{text}.zip"), check=0)
    assert "Reimported article" in server.cli("search", '"second words"', check=0).stdout
    assert "Reimported article" not in server.cli("search", '"first words"', check=0).stdout


def test_an_idempotency_key_makes_no_second_job(server, share):
    package = Package(articles=1, folders=("Once",)).write(share / "once.zip")
    # The server reads the path itself: an upload would make a source of its own each time.
    jobs = {job_of(server.cli("import", package, "--via", "file", "--no-wait", "--idempotency-key", "once", check=0))
            for _ in range(2)}
    assert len(jobs) == 1


def test_a_scheduled_job_is_listed_and_cancelled(server, share):
    package = Package(articles=1, folders=("Later",)).write(share / "later.zip")
    job = job_of(server.cli("import", package, "--schedule", "+90m", "--no-wait", check=0))
    assert "Scheduled" in server.cli("status", job, check=0).stdout
    assert job in server.cli("jobs", "--status", "Scheduled", check=0).stdout
    server.cli("cancel", job, check=0)
    assert job not in server.cli("jobs", "--status", "Scheduled", check=0).stdout
    # Following a job that was cancelled is no success.
    assert "Cancelled" in server.cli("status", job, "--watch", check=3).stdout


def test_a_failed_job_exits_with_3_and_says_why(server, share):
    (share / "broken.zip").write_bytes(b"this is no zip")
    outcome = server.cli("import", share / "broken.zip", "--via", "file", check=3)
    assert "Failed" in outcome.stdout + outcome.stderr
    assert "zip" in outcome.stdout + outcome.stderr


def test_validate_needs_no_server(tmp_path, server):
    outcome = server.cli("validate", SAMPLES / "handbook", check=0)
    assert "19" in outcome.stdout
    outcome = server.cli("validate", SAMPLES / "handbook-with-problems", "--all", check=1)
    text = outcome.stdout + outcome.stderr
    for part in ("error", "warning", "knowledgehub/articles/articles.json:"):
        assert part in text, text
    rows = objects(server.cli("validate", SAMPLES / "handbook-with-problems", "--json", check=1).stdout)
    assert any("error" in json.dumps(row) for row in rows)


def test_validate_on_the_server_compares_with_what_it_holds(server, share):
    package = Package(articles=2, folders=("Held",))
    held = package.write(share / "held.zip")
    server.cli("import", held, check=0)
    server.cli("validate", held, "--server-side", check=0)  # the same content: nothing to do
    package.files["knowledgehub/articles/content/1.html"] = html(1, "Something else.").encode()
    changed = package.write(share / "changed.zip")
    outcome = server.cli("validate", changed, "--server-side", check=1)
    assert "exists" in outcome.stdout
    server.cli("validate", changed, check=0)  # by itself it is fine


def test_pack_makes_a_package_that_imports_with_links_and_images(server, api, tmp_path):
    site = tmp_path / "site"
    (site / "deep" / "images").mkdir(parents=True)
    (site / "index.html").write_text('<html><head><title>Packed home</title></head><body><p>Welcome, wombats.</p>'
                                     '<a href="deep/page.html">deep</a></body></html>')
    (site / "deep" / "page.html").write_text('<html><head><title>Packed page</title></head><body><p>Deep down.</p>'
                                             '<img src="images/dot.png"><a href="../index.html">home</a></body></html>')
    (site / "deep" / "images" / "dot.png").write_bytes(bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"))
    server.cli("pack", site, "-o", tmp_path / "site.zip", check=0)
    first = (tmp_path / "site.zip").read_bytes()
    server.cli("pack", site, "-o", tmp_path / "again.zip", check=0)
    assert (tmp_path / "again.zip").read_bytes() == first, "the same tree gave other bytes"
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        assert archive.testzip() is None
        assert "manifest.json" in archive.namelist()
    server.cli("validate", tmp_path / "site.zip", check=0)
    server.cli("import", tmp_path / "site.zip", check=0)
    found = objects(server.cli("search", "wombats", "--json", check=0).stdout)
    assert "Packed home" in json.dumps(found)


def test_a_printed_token_opens_the_api(server, small):
    token = server.cli("token", check=0).stdout.strip()
    assert token.count(".") == 2
    outcome = server.cli("jobs", "--server", server.url, "--token", token, check=0)
    assert outcome.stderr == ""


@pytest.mark.parametrize("arguments", [
    ("import",),
    ("import", "--nonsense", "x.zip"),
    ("import", "/nowhere/at/all.zip"),
    ("import", "--schedule", "tomorrow", str(SAMPLES / "handbook")),
    ("validate", "/nowhere/at/all.zip"),
    ("nonsense",),
    ("search",),
])
def test_wrong_usage_exits_with_2_and_says_what_was_expected(server, arguments):
    outcome = server.cli(*arguments, check=2)
    assert outcome.stdout == ""
    assert outcome.stderr.strip()
    assert "terminate called" not in outcome.stderr


def test_an_unreachable_server_exits_with_4(server):
    with socket.socket() as held:  # bound, never listening: nobody can answer there
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        outcome = server.cli("jobs", "--server", url, "--token", "x", check=4)
    assert url.removeprefix("http://") in outcome.stderr


def test_a_refused_token_exits_with_4(server):
    outcome = server.cli("jobs", "--server", server.url, "--token", "x.y.z", check=4)
    assert outcome.stderr.strip()


def test_a_job_that_is_not_there_exits_with_4(server):
    for job in ("11111111-1111-4111-8111-111111111111", "not-an-id"):
        outcome = server.cli("status", job, check=4)
        assert "no such job" in outcome.stderr
        assert outcome.stdout == ""


def test_interrupting_the_command_leaves_the_job_going(server, api, share):
    package = Package(articles=1, folders=("Interrupted",)).write(share / "interrupted.zip")
    process = subprocess.Popen(
        [BINARY, "import", str(package), "--via", "file", "--schedule", "+90m"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env={**server.environment, "WAYBILL_DATA_DIR": str(server.data)})
    try:
        seen = ""
        while not JOB_ID.search(seen):
            line = process.stderr.readline()
            assert line, "it ended by itself"
            seen += line
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
    finally:
        process.kill()
        process.communicate()
    job = JOB_ID.search(seen).group(0)
    assert api.status(job)["status"] == "Scheduled"
    assert api.post(f"/import/content/{job}/cancel").status_code == 204


def test_doctor_finds_a_healthy_data_folder(server):
    outcome = server.cli("doctor")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert server.url.removeprefix("http://") in outcome.stdout
    assert objects(server.cli("doctor", "--json", check=0).stdout)


def test_every_command_has_help(server):
    commands = re.findall(r"^  ([a-z]+) {2,}", server.cli("--help", check=0).stdout.split("Subcommands:")[1], re.M)
    assert len(commands) >= 13
    for command in commands:
        assert "Usage: waybill " + command in server.cli(command, "--help", check=0).stdout
