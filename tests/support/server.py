"""A real server for the tests: its own data folder, a port of the kernel's choice, ended by the process id held here."""

import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

from support import postgres
from support.balancer import Balancer

BINARY = os.path.abspath(os.environ.get("WAYBILL_BIN", "build/release/src/app/waybill"))
MEASURED = not os.environ.get("WAYBILL_SANITIZER")  # the sanitizers multiply memory: how much is taken shows nothing there
START_SECONDS = 60  # sanitizers and a busy machine; an ordinary start takes a tenth of a second


def clean_environment():
    """This process' without what the tests are told by, which would be settings of Waybill's."""
    return {key: value for key, value in os.environ.items() if not key.startswith("WAYBILL_")}


@functools.cache
def migrated_database():
    """The name of one with the schema, for copies: made by each server anew it would be a tenth of a second of both cores."""
    url = postgres.shared().make()
    subprocess.run([BINARY, "migrate", "--database", url], check=True, capture_output=True, env=clean_environment())
    return url.split("/")[3].split("?")[0]


class Server:
    """`waybill serve` on loopback. Use it as a context manager; kill9() and start() again for crashes.

    `database`: the URL of a PostgreSQL, "" for SQLite whatever the suites run on; None: what the suites run on."""

    def __init__(self, folder, settings=None, environment=None, database=None,
                 nodes=None):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.share = self.folder / "share"
        self.share.mkdir(parents=True, exist_ok=True)
        self.settings = {"sources.file_roots": str(self.share), "log.level": "info", **(settings or {})}
        self.environment = clean_environment()
        self.environment.update({"XDG_STATE_HOME": str(self.folder / "state"), **(environment or {})})
        self.database = None  # the URL of its PostgreSQL; None: SQLite in its data folder
        if database is None and postgres.wanted():
            database = postgres.shared().make(migrated_database())
        if database:
            self.database = database
            self.environment["WAYBILL_STORAGE_DATABASE"] = database
            postgres.DATABASES[self.data] = database
        # As it is asked for, or as the suites run: the others of a cluster, and what stands before all of them.
        self.others = []
        self.balancer = None
        if nodes is None:
            nodes = postgres.nodes_wanted() if database else 1
        if nodes > 1:
            self._join([Server(self.folder / f"node{number}", database=database, nodes=1) for number in range(1, nodes)])
        self.process = None
        self.listen = "127.0.0.1:0"
        self.prefix = []    # of its command: what makes it run elsewhere
        self.reached = None  # the address by which it is reached there
        self.url = None
        self.output = []
        self.errors = self.folder / "server.log"

    def _join(self, others):
        self.others = others
        self.balancer = Balancer()
        scheme = "https" if "server.certificate" in self.settings else "http"
        self.settings = {"server.public_url": f"{scheme}://127.0.0.1:{self.balancer.port}", **self.settings}
        shared = {} if "WAYBILL_STORAGE_BUCKET" in self.environment else {"WAYBILL_STORAGE_SHARED_DIR": str(self.folder / "shared")}
        self.environment = {"WAYBILL_STORAGE_KEY_FILE": str(self.folder / "master.key"), **shared, **self.environment}
        for other in others:
            other.settings = self.settings
            other.environment = {**self.environment, "XDG_STATE_HOME": other.environment["XDG_STATE_HOME"]}

    # life

    def start(self):
        self._start()  # a test that expects it to fail reaps it itself
        if not self.balancer:
            return self
        try:
            for other in self.others:
                other._start()
            self.balancer.targets = [node.address() for node in (self, *self.others)]
        except BaseException:
            self.stop()
            raise
        return self

    def address(self):
        """Host and port that it listens on itself, whatever URL clients see."""
        found = wait_for(lambda: re.findall(r"app\.started.*\baddress=\"?([^\s\"]+)", self._own_log()), "its own address")
        host, port = found[-1].rsplit(":", 1)
        return host, int(port)

    def _start(self):
        arguments = [*self.prefix, BINARY, "serve", "--listen", self.listen, "--data-dir", str(self.data)]
        for name, value in self.settings.items():
            arguments += ["--set", f"{name}={value}"]
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=errors, text=True,
                                            env=self.environment)
        timer = threading.Timer(START_SECONDS, self.process.kill)
        timer.start()
        try:
            for line in self.process.stdout:
                self.output.append(line)
                found = re.search(r"listens on (https?://\S+)", line)
                if found:
                    self.url = found.group(1).rstrip("/")
                    if self.reached:
                        self.url = re.sub(r"//.*:", f"//{self.reached}:", self.url)
                    break
            else:
                raise AssertionError(f"the server did not start: {self.log()[-2000:]}")
        finally:
            timer.cancel()
        return self

    def kill9(self):
        for node in (self, *self.others):
            if node.process is not None:  # one that did not start keeps the others from being started
                node.process.send_signal(signal.SIGKILL)
                node._reap()

    def stop(self):
        """SIGTERM; returns the exit status."""
        for other in self.others:
            other.stop()
        if self.process is None:
            return None
        self.process.terminate()
        return self._reap()

    def _reap(self):
        try:
            status = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()  # told as it was, but nothing stays behind
            raise
        self.process.stdout.close()
        self.process = None
        return status

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process is not None:
            self.stop()
        if self.balancer:
            self.balancer.close()

    # what it says and takes

    def log(self):
        """What it, and whatever nodes stand for it, have said."""
        return "".join(node._own_log() for node in (self, *self.others))

    def uploads(self):
        """The folder of uploads."""
        return pathlib.Path(self.environment.get("WAYBILL_STORAGE_SHARED_DIR", self.data)) / "uploads"

    def _own_log(self):
        return self.errors.read_text(errors="replace") if self.errors.exists() else ""

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident(self):
        """Bytes of the server's own memory: heap and stacks, not pages of files."""
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the kernel does not tell RssAnon")

    def peak_memory(self):
        """Bytes: the most that was resident since the start."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the kernel does not tell VmHWM")

    # the command line on the same machine

    def cli(self, *arguments, check=None, **options):
        """Runs a command of the binary against this server's data folder."""
        outcome = subprocess.run([BINARY, *map(str, arguments)], text=True, capture_output=True, check=False,
                                 env={**self.environment, "WAYBILL_DATA_DIR": str(self.data)}, timeout=300, **options)
        if check is not None:
            assert outcome.returncode == check, f"{arguments}: {outcome.returncode}\n{outcome.stdout}\n{outcome.stderr}"
        return outcome

    def create_client(self, department="default", scopes=("knowledge.contentmgr.manage",), name="test"):
        arguments = ["client", "create", "--name", name, "--department", department, "--json"]
        for scope in scopes:
            arguments += ["--scope", scope]
        return credentials(self.cli(*arguments, check=0).stdout)


def credentials(printed):
    """What `waybill client … --json` printed, by OAuth's names (RFC 6749)."""
    value = json.loads(printed)
    return {"client_id": value["clientId"], "client_secret": value["clientSecret"]}


def wait_for(condition, what, seconds=120):
    """Polls until `condition()` is true; for states that only polling shows."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")
