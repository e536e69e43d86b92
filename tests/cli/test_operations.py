"""Undo, repair, preview, exports and watching on the command line; a terminal where one is needed."""

import csv
import fcntl
import io
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

import pytest

from support.packages import Package, article, html
from support.server import BINARY, Server

JOB_ID = re.compile(r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}")


def job_of(outcome):
    return JOB_ID.search(outcome.stdout + outcome.stderr).group(0)


@pytest.fixture
def imported(server, share):
    """A job with one item that failed, and its package."""
    package = Package(articles=6, folders=(share.name,))
    package.add(article(7, folder="Nowhere"), html(7, '<a href="gone.html">x</a>'))
    path = package.write(share / "package.zip")
    return job_of(server.cli("import", path, check=1)), package, path


def test_undo_is_followed_and_says_what_it_did(server, imported):
    job, _, _ = imported
    outcome = server.cli("undo", job, check=0)
    assert "Undo" in outcome.stdout and "7 successful" in outcome.stdout
    again = server.cli("undo", job, check=4)
    assert job_of(outcome) in again.stderr and "taken back already" in again.stderr
    redo = server.cli("undo", job_of(outcome), "--json", check=0)
    assert json.loads(redo.stdout.splitlines()[-1])["results"]["successful"] == 7


def test_repair_takes_the_corrected_package(server, imported, share):
    job, package, _ = imported
    package.articles[6]["folder"]["path"] = share.name
    fixed = package.write(share / "fixed.zip")
    outcome = server.cli("rerun-failed", job, fixed, check=0)
    assert "1 with warnings" in outcome.stdout
    assert server.cli("repair", job_of(outcome), check=4).stderr.count("No item") == 1


def test_preview_counts_lists_and_shows_a_difference(server, imported, share):
    job, package, path = imported
    assert server.cli("preview", job, check=0).stdout.startswith("The job made 7, updated 0, left 0 unchanged and refused ")
    changed = Package(articles=6, folders=(share.name,), body=lambda number: html(number, "Other words."))
    check = job_of(server.cli("validate", "--server-side", "--reimport", changed.write(share / "changed.zip"), check=0))
    shown = server.cli("preview", check, "--outcome", "updated", check=0).stdout
    assert "update 6" in shown
    number = re.search(r"^\s+(\d+)\tupdated\s+article", shown, re.M).group(1)
    difference = server.cli("preview", check, "--item", number, check=0).stdout
    assert "{+Other" in difference and "[-" in difference
    assert "\x1b" not in difference
    assert json.loads(server.cli("preview", check, "--json", check=0).stdout)["counts"]["updated"] == 6
    assert "404-100" in server.cli("preview", check, "--item", "99999", check=4).stderr


def test_findings_in_every_format(server, imported):
    job, _, _ = imported
    rows = [json.loads(line) for line in server.cli("findings", job, "--json", check=0).stdout.splitlines()]
    assert len(rows) == 2
    assert [json.loads(line) for line in server.cli("findings", job, "--format", "ndjson", check=0).stdout.splitlines()] == rows
    records = list(csv.DictReader(io.StringIO(server.cli("findings", job, "--format", "csv", check=0).stdout)))
    assert [record["rule"] for record in records] == [row["rule"] for row in rows]
    sarif = json.loads(server.cli("findings", job, "--format", "sarif", check=0).stdout)
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == [row["rule"] for row in rows]
    only = server.cli("findings", job, "--format", "csv", "--text", "GONE.html", check=0).stdout
    assert only.count("reference-broken") == 1 and "article-folder-unknown" not in only
    wrong = server.cli("findings", job, "--format", "xml", check=2).stderr
    assert "sarif" in wrong


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    settings = {"jobs.batch_items": "20", "jobs.max_items_per_second": "300", "jobs.running": "4"}
    with Server(tmp_path_factory.mktemp("slow"), settings) as running:
        yield running


class Terminal:
    """A command on a pseudo terminal of a given size."""

    def __init__(self, server, *arguments, rows=20, columns=100):
        self.master, slave = pty.openpty()
        self.resize(rows, columns)
        environment = {**server.environment, "WAYBILL_DATA_DIR": str(server.data), "TERM": "xterm"}
        self.process = subprocess.Popen([BINARY, *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave,
                                        env=environment, start_new_session=True)
        os.close(slave)
        self.seen = ""

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_until(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition(self.seen):
                return self.seen
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    piece = os.read(self.master, 65536)
                except OSError:
                    break
                self.seen += piece.decode(errors="replace")
        assert condition(self.seen), self.seen[-2000:]
        return self.seen

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        while select.select([self.master], [], [], 0.2)[0]:
            try:
                self.seen += os.read(self.master, 65536).decode(errors="replace")
            except OSError:  # the other side is closed
                break
        os.close(self.master)
        return self.process.returncode


def frames(text):
    return [part for part in text.split("\x1b[H") if part]


def visible(line):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).rstrip("\r\n")


def test_many_jobs_are_watched_without_flicker_at_any_size(slow):
    packages = [Package(articles=900, folders=(f"F{number}",)).write(slow.share / f"{number}.zip") for number in range(3)]
    jobs = [slow.cli("import", path, "--no-wait", check=0).stdout.strip() for path in packages]
    terminal = Terminal(slow, "jobs", "--watch", rows=20, columns=100)
    terminal.read_until(lambda text: "In Progress" in text and len(frames(text)) >= 3)
    before = len(terminal.seen)
    terminal.resize(4, 40)
    terminal.read_until(lambda text: len(frames(text[before:])) >= 3)
    narrow = frames(terminal.seen)[-1]
    lines = [visible(line) for line in narrow.split("\r\n")]
    assert all(len(line) <= 40 for line in lines), lines
    assert len([line for line in lines if line]) <= 3, lines
    assert terminal.seen.count("\x1b[2J") == 1, "the screen is wiped at the start alone"
    assert all(job[:8] in terminal.seen for job in jobs)
    assert terminal.interrupt() == 130
    assert terminal.seen.rstrip().endswith("\x1b[?25h"), "the cursor is back"
    for job in jobs:
        slow.cli("cancel", job)


def test_what_is_under_way_is_watched_above_a_long_queue(slow):
    path = Package(articles=900, folders=("Queued",)).write(slow.share / "a-name-that-is-longer-than-its-column.zip")
    jobs = [slow.cli("import", path, "--no-wait", check=0).stdout.strip() for _ in range(6)]
    terminal = Terminal(slow, "jobs", "--watch", "--limit", "4", rows=20, columns=100)
    # The last one may still be on its way.
    terminal.read_until(lambda text: len(frames(text)) >= 2 and "In Progress" in frames(text)[-2])
    lines = [visible(line) for line in frames(terminal.seen)[-2].split("\r\n")]
    assert "In Progress" in lines[0] and lines[0].startswith(jobs[0][:8]), lines
    assert all("a-name-that-is-longer-t…" in line for line in lines[:4]), lines
    assert terminal.interrupt() == 130
    for job in jobs:
        slow.cli("cancel", job)


def test_watching_jobs_in_a_pipe_is_plain_and_tells_changes_alone(slow):
    path = Package(articles=10, folders=("Piped",)).write(slow.share / "piped.zip")
    slow.cli("import", path, check=0)
    environment = {**slow.environment, "WAYBILL_DATA_DIR": str(slow.data)}
    process = subprocess.Popen([BINARY, "jobs", "--watch", "--limit", "1"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=environment)
    first = process.stdout.readline()
    assert "Successful" in first and "\x1b" not in first
    job = job_of(slow.cli("import", path, check=0))
    assert job in process.stdout.readline(), "what has not changed is not told again"
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "\x1b" not in rest


def test_status_is_watched_on_a_terminal(slow):
    path = Package(articles=300, folders=("Watched",)).write(slow.share / "watched.zip")
    job = slow.cli("import", path, "--no-wait", check=0).stdout.strip()
    terminal = Terminal(slow, "status", job, "--watch")
    seen = terminal.read_until(lambda text: "Successful" in text)
    assert "\x1b[K" in seen and "%" in seen


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_what_the_parser_knows(server, shell):
    script = server.cli("completion", shell, check=0).stdout
    for word in ("import", "rerun-failed", "undo", "findings", "sarif"):
        assert word in script
    assert "severity" in script
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr


def complete(script, line):
    """What bash would offer at the end of the line."""
    program = script + f"""
COMP_LINE={line!r}; COMP_WORDS=($COMP_LINE); case "$COMP_LINE" in *' ') COMP_WORDS+=('') ;; esac
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _waybill; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "--norc", "-c", program], capture_output=True, text=True, check=True, cwd="/")
    return [word for word in done.stdout.split("\n") if word]


def test_bash_completes_commands_options_and_choices(server):
    script = server.cli("completion", "bash", check=0).stdout
    assert complete(script, "waybill un") == ["undo"]
    assert complete(script, "waybill findings --sev") == ["--severity"]
    assert complete(script, "waybill findings X --format sa") == ["sarif"]
    assert complete(script, "waybill client rev") == ["revoke"]
    assert complete(script, "waybill completion fi") == ["fish"]
    assert "In\\ Progress" in complete(script, "waybill jobs --status In") or \
        "In Progress" in complete(script, "waybill jobs --status In")
    assert "--data-dir" in complete(script, "waybill client create --da")


def test_the_manual_page_has_every_command_and_option(server):
    page = server.cli("man", check=0).stdout
    assert page.startswith(".TH WAYBILL 1")
    help_text = server.cli("--help-all", check=0).stdout
    for option in set(re.findall(r"--[a-z][a-z-]+", help_text)) - {"--help"}:
        assert option.replace("-", "\\-") in page, option
    if shutil.which("man"):
        checked = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-"], input=page, capture_output=True, text=True,
                                 check=False, env={**os.environ, "MANROFFSEQ": "", "MANWIDTH": "80"})
        assert checked.returncode == 0 and not checked.stderr, checked.stderr
        assert "rerun-failed" in checked.stdout


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
@pytest.mark.parametrize("way", ["file", "sourced"])
def test_zsh_completes_at_the_first_tab(server, tmp_path, way):
    """As a file that compinit finds, where packages put it, and sourced by a person."""
    (tmp_path / "_waybill").write_text(server.cli("completion", "zsh", check=0).stdout)
    begin = f"fpath=({tmp_path} $fpath); autoload -U compinit; compinit -u -D" if way == "file" else f". {tmp_path}/_waybill"
    master, slave = pty.openpty()
    environment = {"PATH": f"{os.path.dirname(BINARY)}:/usr/bin:/bin", "HOME": str(tmp_path), "TERM": "dumb"}
    process = subprocess.Popen(["zsh", "-f", "-i"], stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True)
    os.close(slave)
    try:
        os.write(master, f"{begin}; PS1=READY\n".encode())
        read_from(master, "READY", 2)  # echoed, and then in earnest
        os.write(master, b"waybill undo --js\t")
        read_from(master, "undo --json", 1)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def read_from(master, text, times, seconds=60):
    """What a terminal shows until it has shown `text` so many times."""
    seen, end = "", time.monotonic() + seconds
    while seen.count(text) < times and time.monotonic() < end:
        if select.select([master], [], [], 0.2)[0]:
            seen += os.read(master, 65536).decode(errors="replace")
    assert seen.count(text) >= times, seen
    return seen


@pytest.mark.parametrize("packed", [True, False])
def test_a_validation_without_a_server_writes_sarif(server, tmp_path, packed):
    package = Package(articles=2)
    package.add(article(3, folder="Nowhere"), html(3, '<a href="gone.html">x</a>'))
    target = package.write(tmp_path / "docs" / "kb.zip") if packed else package.unpack(tmp_path / "docs" / "kb")
    name = str(target.relative_to(tmp_path))
    rows = [json.loads(line) for line in server.cli("validate", name, "--json", check=1, cwd=tmp_path).stdout.splitlines()][:-1]
    server.cli("validate", name, "--sarif-file", "found.sarif", check=1, cwd=tmp_path)
    run = json.loads((tmp_path / "found.sarif").read_text())["runs"][0]
    base, before = ("PACKAGE", "") if packed else ("SRCROOT", "docs/kb/")
    assert list(run["originalUriBaseIds"]) == [base]
    places = [(result["ruleId"], result["locations"][0]["physicalLocation"]) for result in run["results"]]
    assert len(places) == 2
    assert [(rule, place["artifactLocation"], place["region"]["startLine"]) for rule, place in places] == [
        (row["rule"], {"uri": before + row["file"], "uriBaseId": base}, row["line"]) for row in rows]
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_sarif_is_for_packages_on_this_machine(server, tmp_path, share):
    path = Package(articles=1).write(share / "a.zip")
    assert "waybill findings" in server.cli("validate", path, "--server-side", "--sarif-file", tmp_path / "x", check=2).stderr
    assert server.cli("validate", path, "--sarif-file", tmp_path / "no" / "folder", check=2).stderr


def test_health_is_asked_of_the_running_server_alone(server, tmp_path):
    assert server.cli("doctor", "--health", "--set", "server.listen=127.0.0.1:0", check=0).stdout == "healthy\n"
    told = json.loads(server.cli("doctor", "--health", "--json", "--set", "server.listen=127.0.0.1:0", check=0).stdout)
    assert told["status"] == "healthy" and told["components"]["database"] == "healthy"
    with Server(tmp_path / "away") as away:
        away.stop()
        away.cli("doctor", "--health", "--set", "server.listen=127.0.0.1:0", check=4)
