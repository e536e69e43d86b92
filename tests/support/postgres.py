"""A PostgreSQL of the tests' own: in a temporary folder, on a socket there, ended by the process id held here."""

import atexit
import ctypes
import functools
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PR_SET_PDEATHSIG = 1


def programs():
    """The folder of the newest installed version's programs; None where there is none."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def other_user():
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise AssertionError("there is no user but root")


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Postgres:
    """A server; `with Postgres() as server`. Its databases are of UTF8 and trust whoever can open the socket.

    `tcp`: it listens on loopback as well; `address`: on this one of the machine. `primary`: it is a streaming replica of that
    server, which runs, until promote()."""

    def __init__(self, tcp=False, address=None, primary=None, **settings):
        self.settings = {"listen_addresses": "", "fsync": "off", "max_connections": "200", **settings}
        self.port = 5432  # on a socket in a folder of its own it is no more than a name
        address = address or ("127.0.0.1" if tcp else None)
        if address:
            with socket.create_server((address, 0)) as free:
                self.port = free.getsockname()[1]
            self.settings["listen_addresses"] = address
        self.settings["port"] = self.port
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="waybill-pg-"))
        self.user = other_user()
        if self.user:
            os.chown(self.folder, self.user["user"], self.user["group"])
        self.process = None
        self.made = 0
        if primary:
            self._run("pg_basebackup", "-D", self.folder / "data", "-h", primary.folder, "-p", primary.port, "-U", "waybill",
                      "-X", "stream", "-R", "--checkpoint=fast", "--no-sync")
            return
        self._run("initdb", "-D", self.folder / "data", "-U", "waybill", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync", "--no-instructions")
        if address and address != "127.0.0.1":
            with open(self.folder / "data" / "pg_hba.conf", "a", encoding="utf-8") as rules:
                rules.write(f"host all all {address}/24 trust\n")

    def _run(self, program, *arguments):
        done = subprocess.run([programs() / program, *map(str, arguments)], cwd="/", capture_output=True, text=True,
                              check=False, **self.user)
        assert done.returncode == 0, f"{program}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self):
        arguments = [programs() / "postgres", "-D", self.folder / "data", "-k", self.folder]
        for name, value in self.settings.items():
            arguments += ["-c", f"{name}={value}"]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(list(map(str, arguments)), cwd="/", stdout=log, stderr=log,
                                            preexec_fn=die_with_parent, **self.user)
        end = time.monotonic() + 60
        while subprocess.run([programs() / "pg_isready", "-q", "-h", self.folder, "-p", str(self.port), "-U", "waybill", "-d", "postgres"],
                             check=False).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < end, (self.folder / "log").read_text()
            time.sleep(0.05)
        return self

    def stop(self, how=signal.SIGINT):
        """SIGINT: at once and orderly; SIGQUIT: as a crash would."""
        self.process.send_signal(how)
        self.process.wait(timeout=60)
        self.process = None

    def restart(self, how=signal.SIGQUIT):
        self.stop(how)
        self.start()

    def promote(self):
        self._run("pg_ctl", "promote", "-D", self.folder / "data")

    def close(self):
        if self.process is not None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    # databases

    def url(self, database):
        return f"postgres:///{database}?host={self.folder}&port={self.port}&user=waybill"

    def make(self, template="template1"):
        """A new database, empty or as another that nobody is connected with; its URL."""
        self.made += 1
        name = f"made_{os.getpid()}_{self.made}"
        self.query("postgres", f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

    def query(self, database, sql):
        """The rows as lists of texts. `database`: a name, or a URL of this server."""
        url = database if "://" in database else self.url(database)
        printed = self._run("psql", url, "-X", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1", "-c", sql)
        return [row.split("\x1f") for row in printed.rstrip("\n").split("\x1e")] if printed.strip("\n") else []


@functools.cache
def shared():
    """One server for a run of the tests."""
    server = Postgres().start()
    atexit.register(server.close)
    return server


# By data folder: the databases of the servers of this run, for what looks into one.
DATABASES = {}


def wanted():
    """Whether the suites run on PostgreSQL: `./dev test postgres`."""
    return os.environ.get("WAYBILL_TEST_DATABASE") == "postgres"


def nodes_wanted():
    """How many servers stand for one, behind a balancer: `./dev test cluster`."""
    return int(os.environ.get("WAYBILL_TEST_NODES") or 1)
