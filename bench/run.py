"""Prints how close Waybill comes to what the machine can do: `./dev bench [NAME…]`.

Each row is the ratio of two measurements that take turns in this run; the figure is the median of the pairs.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
os.environ.setdefault("WAYBILL_BIN", str(ROOT / "build/release/src/app/waybill"))

from support.api import BASE, Api  # noqa: E402
from support.openssh import Sshd  # noqa: E402
from support.packages import Package, article, html  # noqa: E402
from support.server import Server, wait_for  # noqa: E402

PAIRS = 5
PROGRAMS = ROOT / "build/release/bench"
WORK = ROOT / "build/bench"
# Debian's documentation packages and where they lie: real content, unlike each other.
SETS = {"cppreference-doc-en-html": "/usr/share/cppreference/doc/html",
        "libboost1.81-doc": "/usr/share/doc/libboost1.81-doc",
        "openjdk-17-doc": "/usr/share/doc/openjdk-17-jre-headless/api"}
SMALL_ARTICLES = 99_990  # with ten folders: the contract's 100,000 items


def program(name, *arguments):
    out = subprocess.run([PROGRAMS / name, *map(str, arguments)], check=True, capture_output=True, text=True).stdout
    return float(out)


def package_of(name):
    """The set as a package, made once and kept below build/bench/; nothing where it is not installed."""
    folder, path = pathlib.Path(SETS[name]), WORK / f"{name}.zip"
    if not folder.is_dir():
        return None
    if not path.exists():
        subprocess.run([os.environ["WAYBILL_BIN"], "pack", folder, "-o", path, "--name", name, "--json"], check=True,
                       stdout=subprocess.DEVNULL)
    return path


def small_articles():
    """Written once: 100,000 items in one package."""
    path = WORK / "small.zip"
    if path.exists():
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        folders = [{"name": f"Folder {number}"} for number in range(10)]
        archive.writestr("manifest.json", '{"formatVersion": "1.0"}')
        archive.writestr("knowledgehub/knowledgehub.json", json.dumps({"knowledge": {"folders": folders}}))
        articles = [{"name": f"Article {number}", "folder": {"path": f"Folder {number % 10}"},
                     "content": f"content/{number}.html", "description": "One of many",
                     "articleKeywords": "made, small", "tags": ["one", "two"]} for number in range(SMALL_ARTICLES)]
        archive.writestr("knowledgehub/articles/articles.json", json.dumps({"articles": articles}, indent=1))
        for number in range(SMALL_ARTICLES):
            archive.writestr(f"knowledgehub/articles/content/{number}.html",
                             f"<h1>Article {number}</h1><p>{'Some words for the reader. ' * 8}</p>")
    return path


def run_job(package, operation="import", settings=None, source=None):
    """Seconds from the submission to the end of a job on a server of its own, and the server's peak memory."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        with Server(folder, {"sources.file_roots": str(package.parent), "log.level": "warning",
                             **(settings or {})}) as server:
            api = Api(server, server.create_client())
            start = time.monotonic()
            _, status = api.run(package, operation=operation, **({"dataSource": source} if source else {}))
            took = time.monotonic() - start
            if status["status"] != "Successful":
                raise SystemExit(f"bench: the job on {package.name} ended {status}")
            return took, server.peak_memory()


def limit(what, package):
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        return program("bench_limits", what, package, folder)


class Row:
    """One line of the table: `aim` and what was reached, as limit over ours (1.0: as fast as the limit)."""

    def __init__(self, name, aim, ratios, note=""):
        self.name, self.aim, self.ratios, self.note = name, aim, ratios, note

    def __str__(self):
        low, middle, high = min(self.ratios), statistics.median(self.ratios), max(self.ratios)
        mark = "reached" if middle >= self.aim else "short"
        return f"{self.name:58} {self.aim:6.2f} {middle:8.2f}  {low:6.2f} – {high:<6.2f} {mark:8} {self.note}"


def pairs(ours, other):
    """Ratios other/ours of runs that take turns; and the medians of both, in seconds."""
    ratios, mine, theirs = [], [], []
    for _ in range(PAIRS):
        mine.append(ours())
        theirs.append(other())
        ratios.append(theirs[-1] / mine[-1])
    return ratios, f"{statistics.median(mine):.3f} s against {statistics.median(theirs):.3f} s"


def each_set():
    for name in SETS:
        package = package_of(name)
        if package:
            yield name, package


def bench_import():
    for name, package in each_set():
        yield Row(f"import, {name}, against inflate + insert + index", 0.8,
                  *pairs(lambda: run_job(package)[0], lambda: limit("index", package)))
        yield Row(f"import without the index, {name}, against inflate + insert", 0.8,
                  *pairs(lambda: run_job(package, settings={"jobs.wait_for_index": "false"})[0],
                         lambda: limit("insert", package)))


def bench_validation():
    for name, package in each_set():
        yield Row(f"validation, {name}, against inflate", 0.7,
                  *pairs(lambda: run_job(package, operation=None)[0], lambda: program("bench_limits", "inflate", package)))


def bench_html():
    for name, package in each_set():
        for peer, aim in (("libxml2", 10), ("gumbo", 10)):
            yield Row(f"HTML pass, {name}, against {peer}", aim,
                      *pairs(lambda: program("bench_parsers", "html", "ours", package),
                             lambda: program("bench_parsers", "html", peer, package)))


def bench_json():
    package = small_articles()
    yield Row("articles.json of 100,000 articles against simdjson", 0.5,
              *pairs(lambda: program("bench_parsers", "json", "ours", package),
                     lambda: program("bench_parsers", "json", "simdjson", package)))


def wrk(url, connections, token=None, script=None, seconds=4):
    """Requests a second and the 99th percentile in milliseconds, by wrk on a core of its own."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-H", f"Authorization: Bearer {token}"] if token else []
    command += ["-s", str(script)] if script else []
    text = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text:
        raise SystemExit(f"bench: {url} refused some requests:\n{text}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def one_core(pid):
    subprocess.run(["taskset", "-a", "-p", "-c", "0", str(pid)], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def nginx(body):
    """Serves `body` as a static file; yields its URL. One worker, the peer of a poll."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        pathlib.Path(folder, "status").write_bytes(body)
        os.chmod(folder, 0o755)
        conf = pathlib.Path(folder, "nginx.conf")
        conf.write_text(f"""
            daemon off; worker_processes 1; pid {folder}/pid; error_log stderr crit; user root;
            events {{ worker_connections 1024; }}
            http {{ access_log off; open_file_cache max=10; keepalive_requests 100000000; default_type application/json;
                   client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
                   uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
                   server {{ listen 127.0.0.1:{port}; root {folder}; }} }}""")
        process = subprocess.Popen(["nginx", "-c", str(conf), "-p", folder], stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}/status"
            wait_for(lambda: answers(url), "nginx", 30)
            for pid in [process.pid, *pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]:
                one_core(pid)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


def answers(url):
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def bench_polls(connections=64):
    package = ROOT / "samples/handbook"
    with tempfile.TemporaryDirectory(dir=WORK) as folder, Server(
            folder, {"sources.file_roots": str(package.parent), "log.level": "warning", "server.loops": "1"}) as server:
        api = Api(server, server.create_client())
        job, _ = api.run(package)
        answer = api.get(f"/import/content/{job}/status")
        one_core(server.process.pid)
        with nginx(answer.content) as url:
            rates, tails, notes = [], [], []
            for _ in range(PAIRS):
                mine, tail = wrk(f"{server.url}{BASE}/import/content/{job}/status", connections, api.token)
                theirs, other = wrk(url, connections)
                rates.append(mine / theirs)
                tails.append(1.5 * other / tail)
                notes.append((mine, theirs, tail, other))
    mine, theirs, tail, other = (statistics.median(column) for column in zip(*notes))
    yield Row("status polls against nginx, requests a second", 0.9, rates, f"{mine:.0f} against {theirs:.0f}")
    yield Row("status polls, 1.5 × nginx's 99th percentile over ours", 1.0, tails, f"{tail:.2f} ms against {other:.2f} ms")


def bench_submissions(connections=64, each=100):
    """Scheduled for tomorrow, so that nothing but the submission is measured."""
    def ours():
        with tempfile.TemporaryDirectory(dir=WORK) as folder, Server(
                folder, {"log.level": "warning", "jobs.queued_per_client": "1000000"}) as server:
            api = Api(server, server.create_client())
            (server.share / "package.zip").write_bytes(b"")
            later = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + 86_400))
            body = json.dumps({"dataSource": {"type": "Shared file path", "path": f"file://{server.share}/package.zip"},
                               "operation": "import", "scheduleTime": {"date": later}})
            script = pathlib.Path(folder, "submit.lua")
            script.write_text(f"""wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{body}'
""")
            return wrk(f"{server.url}{BASE}/import/content", connections, api.token, script)[0]

    def sync():
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            return 1 / program("bench_limits", "sync", folder, connections, each)
    ratios, notes = [], []
    for _ in range(PAIRS):
        mine, limit_rate = ours(), sync()
        ratios.append(mine / limit_rate)
        notes.append((mine, limit_rate))
    mine, theirs = (statistics.median(column) for column in zip(*notes))
    yield Row(f"durable submissions, {connections} at once, against synced writes", 0.8, ratios,
              f"{mine:.0f} a second against {theirs:.0f}")


def bench_growth():
    """Not ratios of speed but of what a hundred times more costs."""
    package = small_articles()
    ratios, peaks = [], []
    for _ in range(3):
        took, peak = run_job(package)
        peaks.append(peak)
        ratios.append(200e6 / peak)
    yield Row("memory, 100,000 items, against 200 MB", 1.0, ratios, f"peak {max(peaks) / 1e6:.0f} MB in {took:.1f} s")


def bench_reimport():
    for name, package in each_set():
        ratios, notes = [], []
        for _ in range(PAIRS):
            with tempfile.TemporaryDirectory(dir=WORK) as folder, Server(
                    folder, {"sources.file_roots": str(package.parent), "log.level": "warning"}) as server:
                api = Api(server, server.create_client())
                times = []
                for _ in range(2):
                    start = time.monotonic()
                    api.run(package, operation="reimport")
                    times.append(time.monotonic() - start)
                ratios.append(times[0] / times[1])
                notes.append(times)
        first, second = (statistics.median(column) for column in zip(*notes))
        yield Row(f"reimport of {name} unchanged against its import", 5, ratios, f"{second:.3f} s against {first:.3f} s")


LARGE_PARTS = 16  # attachments of the largest size that the contract allows


def large_package():
    """Written once: a zip of 400 MiB that do not compress, in a few attachments."""
    path = WORK / "large.zip"
    if not path.exists():
        package = Package()
        for number in range(LARGE_PARTS):
            place = f"resources/{number}.bin"
            package.files[f"knowledgehub/articles/{place}"] = os.urandom(25 << 20)
            package.add(article(number, attachments=[{"name": f"{number}.bin", "path": place}]), html(number))
        package.write(path, compression=zipfile.ZIP_STORED)
    return path


def bench_sftp():
    """Both from before the connection is made; both write the file to the same disk."""
    file = large_package()
    with tempfile.TemporaryDirectory(dir=WORK) as folder, Sshd(pathlib.Path(folder, "sshd")) as sshd:
        hosts, target = pathlib.Path(folder, "hosts"), pathlib.Path(folder, "fetched")
        hosts.write_text(sshd.known_hosts())

        def ours():
            return program("bench_fetch", sshd.url(str(file)), sshd.user, sshd.folder / "user_key", hosts, folder)

        def job():
            source = {"type": "Shared file path", "path": sshd.url(str(file)),
                      "credentials": {"username": sshd.user, "privateKey": sshd.user_key}}
            return run_job(file, None, {"network.allow": "127.0.0.0/8", "sftp.known_hosts": hosts}, source)[0]

        def theirs():
            start = time.monotonic()
            sshd.sftp(f"get {file} {target}")
            took = time.monotonic() - start
            target.unlink()
            return took
        yield Row("fetch over SFTP of one file of 400 MiB against sftp", 0.7, *pairs(ours, theirs))
        yield Row("validation of a package of 400 MiB over SFTP against sftp", 0.7, *pairs(job, theirs))


BENCHES = {"import": bench_import, "validation": bench_validation, "html": bench_html, "json": bench_json,
           "polls": bench_polls, "submissions": bench_submissions, "growth": bench_growth, "reimport": bench_reimport,
           "sftp": bench_sftp}


def main(names):
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"There is no measurement {', '.join(unknown)}. There are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    WORK.mkdir(parents=True, exist_ok=True)
    print(f"{'':58} {'aim':>6} {'reached':>8}  {'range of the pairs':16}")
    for name in names or BENCHES:
        for row in BENCHES[name]():
            print(row, flush=True)
    for left in WORK.glob("tmp*"):
        shutil.rmtree(left, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
