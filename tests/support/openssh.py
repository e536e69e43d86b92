"""A real OpenSSH server for the tests: its own configuration and keys, loopback, a port of the kernel's choice."""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import time

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
PRIVILEGE_FOLDER = pathlib.Path("/run/sshd")  # where sshd as root changes its root to; the package's unit makes it
START_SECONDS = 60


def new_key(file, kind="ed25519", passphrase="", form=()):
    """A key pair by ssh-keygen; returns the private key's text."""
    bits = ("-b", "2048") if kind == "rsa" else ()
    subprocess.run(["ssh-keygen", "-q", "-t", kind, *bits, *form, "-N", passphrase, "-C", "test", "-f", file],
                   check=True, stdin=subprocess.DEVNULL, timeout=120)
    return pathlib.Path(file).read_text()


class Sshd:
    """sshd that knows SFTP alone. `host_keys` are kinds of ssh-keygen; `options` are lines of its configuration.

    The user who runs the tests logs in with the key `user_key`. Use it as a context manager."""

    def __init__(self, folder, host_keys=("ed25519",), options=(), port=0):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self.port = port
        self.options = list(options)
        self.process = None
        self.user_key = new_key(self.folder / "user_key")
        self.authorized = self.folder / "authorized_keys"
        self.authorize((self.folder / "user_key.pub").read_text())
        self.host_files = []
        for kind in host_keys:
            self.new_host_key(kind)

    def authorize(self, public):
        with open(self.authorized, "a", encoding="utf-8") as file:
            file.write(public)

    def new_host_key(self, kind):
        """Makes, or replaces, the host key of a kind; a running server must be started anew."""
        file = self.folder / f"host_{kind}"
        for old in (file, file.with_suffix(".pub")):
            old.unlink(missing_ok=True)
        new_key(file, kind)
        if file not in self.host_files:
            self.host_files.append(file)

    # what clients need to know

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    def url(self, path, port=None):
        return f"sftp://127.0.0.1:{port or self.port}{path}"

    def known_hosts(self, port=None):
        """The lines of a known-hosts file for this server."""
        lines = []
        for file in self.host_files:
            kind, key = file.with_suffix(".pub").read_text().split()[:2]
            lines.append(f"[127.0.0.1]:{port or self.port} {kind} {key}\n")
        return "".join(lines)

    def fingerprint(self, kind):
        shown = subprocess.run(["ssh-keygen", "-lf", self.folder / f"host_{kind}.pub"], check=True, text=True,
                               capture_output=True, timeout=60).stdout
        return shown.split()[1]

    def sftp(self, *commands):
        """Runs commands with OpenSSH's own client; returns what it printed."""
        known = self.folder / "client_known_hosts"
        known.write_text(self.known_hosts())
        run = subprocess.run(["sftp", "-q", "-b", "-", "-F", "/dev/null", "-i", self.folder / "user_key", "-P", str(self.port),
                              "-o", f"UserKnownHostsFile={known}", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
                              f"{self.user}@127.0.0.1"], input="\n".join(commands) + "\n", text=True,
                             capture_output=True, check=False, timeout=120)
        assert run.returncode == 0, run.stderr
        return run.stdout

    # life

    def _configure(self):
        lines = [f"ListenAddress 127.0.0.1:{self.port}", "PidFile none", "UsePAM no", "StrictModes no", "LogLevel VERBOSE",
                 f"AuthorizedKeysFile {self.authorized}", "PermitRootLogin yes", "Subsystem sftp internal-sftp",
                 "ForceCommand internal-sftp", "X11Forwarding no", "AllowTcpForwarding no", "MaxStartups 100",
                 "PasswordAuthentication no", "KbdInteractiveAuthentication no"]
        lines += [f"HostKey {file}" for file in self.host_files]
        # The first value of a keyword counts.
        (self.folder / "sshd_config").write_text("\n".join(self.options + lines) + "\n")

    def start(self):
        if os.getuid() == 0 and not PRIVILEGE_FOLDER.exists():
            PRIVILEGE_FOLDER.mkdir(mode=0o755, exist_ok=True)  # and stays: another suite's sshd may need it
        if not self.port:
            # sshd cannot be told to let the kernel choose: a port that it chose for us just now.
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        self._configure()
        with open(self.folder / "sshd.log", "ab") as log:
            # -D: stays our child, so that it can be ended by its process id.
            self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", self.folder / "sshd_config"], stderr=log,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None and time.monotonic() < end, "sshd did not start: " + self.log()
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                    if probe.recv(4) == b"SSH-":
                        return self
            except OSError:
                time.sleep(0.02)  # until it listens: there is no other sign

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=60)
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def log(self):
        return (self.folder / "sshd.log").read_text(errors="replace")
