"""The package's life on a bare Debian: installed, at work, upgraded, removed, installed again, purged. In this order."""

import contextlib
import os
import re
import signal
import socket
import subprocess

import pytest

from support import guides
from support.debian import ROOT, needs_root

pytestmark = needs_root
SECONDS = 120
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# The chroot shares this machine's network, where port 8080 may be taken.
PORT = {"WAYBILL_SERVER_LISTEN": "127.0.0.1:0"}
SETTINGS = "etc/waybill/waybill.toml"
UNATTENDED = ("--force-confdef", "--force-confold")


class Machine:
    """A Debian in a folder."""

    def __init__(self, root):
        self.root = root

    def run(self, *command, check=True, user="root"):
        environment = {**PORT, "PATH": PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(["chroot", f"--userspec={user}:", self.root, *map(str, command)], env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=SECONDS)
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def install(self, deb, *options):
        target = self.root / "tmp" / "waybill.deb"
        target.write_bytes(deb.read_bytes())
        return self.run("dpkg", *options, "-i", "/tmp/waybill.deb")

    @contextlib.contextmanager
    def serving(self):
        """The unit's own command as the unit's user, on a port of the kernel's choice, until it says that it is ready."""
        unit = (self.root / "lib/systemd/system/waybill.service").read_text()
        command = re.search(r"(?m)^ExecStart=(.*)$", unit).group(1).split()
        user = re.search(r"(?m)^User=(.*)$", unit).group(1)
        name = f"@waybill-test-{os.getpid()}"
        log = self.root / "server.log"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening, open(log, "ab") as output:
            listening.bind(name.replace("@", "\0", 1))
            listening.settimeout(SECONDS)
            server = subprocess.Popen(["chroot", f"--userspec={user}:", self.root, *command], stdout=output, stderr=output,
                                      env={**PORT, "PATH": PATH, "HOME": "/var/lib/waybill", "NOTIFY_SOCKET": name})
            try:
                try:
                    assert listening.recv(4096).startswith(b"READY=1")
                except TimeoutError:
                    pytest.fail(log.read_text())
                yield
                server.send_signal(signal.SIGTERM)
                assert server.wait(SECONDS) == 0
            finally:
                server.kill()
                server.wait()


@pytest.fixture(scope="module")
def machine(debian, tmp_path_factory):
    root = tmp_path_factory.mktemp("debian")
    root.chmod(0o755)  # others than root live in it
    subprocess.run(["tar", "-xpf", debian, "-C", root, "--exclude=./dev/*"], check=True, timeout=SECONDS)
    for device, minor in (("null", 3), ("zero", 5), ("random", 8), ("urandom", 9)):
        os.mknod(root / "dev" / device, 0o666 | 0o020000, os.makedev(1, minor))
        (root / "dev" / device).chmod(0o666)
    return Machine(root)


def newer(deb, folder, version, change_settings):
    """The package once more, as a later version."""
    subprocess.run(["dpkg-deb", "-R", deb, folder], check=True)
    control = folder / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
    if change_settings:
        with open(folder / SETTINGS, "a", encoding="utf-8") as settings:
            settings.write("# A newer version has more to say.\n")
    made = folder.with_suffix(".deb")
    subprocess.run(["dpkg-deb", "-b", "-Znone", "--root-owner-group", folder, made], check=True, stdout=subprocess.DEVNULL)
    return made


def test_installing_makes_a_user_and_a_folder_of_its_own(machine, deb):
    machine.install(deb)
    passwd = machine.run("getent", "passwd", "waybill").stdout.strip().split(":")
    assert 100 <= int(passwd[2]) < 1000
    assert passwd[5:] == ["/var/lib/waybill", "/usr/sbin/nologin"]
    assert machine.run("stat", "-c", "%U %G %a", "/var/lib/waybill").stdout.split() == ["waybill", "waybill", "700"]
    assert machine.run("dpkg", "--verify", "waybill").stdout == ""
    assert machine.run("dpkg-query", "-W", "-f=${Conffiles}", "waybill").stdout.split()[0] == f"/{SETTINGS}"
    # What systemd would start at boot.
    assert (machine.root / "etc/systemd/system/multi-user.target.wants/waybill.service").is_symlink()


def test_the_first_steps_of_the_guide_work_as_they_stand(machine):
    with machine.serving():
        for block in guides.blocks(ROOT / "docs" / "guides" / "systemd.md"):
            machine.run("sh", "-e", "-c", block)
        assert "brakes" in machine.run("waybill", "search", "brakes").stdout.lower()
        assert "Successful" in machine.run("waybill", "jobs").stdout
        assert (machine.root / "var/backups/waybill-monday/waybill.db").exists()
        assert "healthy" in machine.run("waybill", "doctor", "--health").stdout
    owners = machine.run("find", "/var/lib/waybill", "!", "-user", "waybill").stdout
    assert owners == "", "root's commands have left files that the server cannot write"


def test_nobody_else_reaches_data_or_client(machine):
    with machine.serving():
        assert "no credentials" in machine.run("waybill", "jobs", check=False, user="nobody").stderr
        assert machine.run("waybill", "client", "list", check=False, user="nobody").returncode == 3
        assert machine.run("cat", "/var/lib/waybill/master.key", check=False, user="nobody").returncode != 0


def test_an_upgrade_keeps_settings_that_were_edited(machine, deb, tmp_path):
    settings = machine.root / SETTINGS
    mine = settings.read_text()
    assert 'max_upload_bytes = "8GiB"' in mine, "the guide's edit"
    machine.install(newer(deb, tmp_path / "same", "99.1", change_settings=False))
    assert settings.read_text() == mine
    # Where both have changed dpkg asks; this is the answer of unattended upgrades.
    machine.install(newer(deb, tmp_path / "other", "99.2", change_settings=True), *UNATTENDED)
    assert settings.read_text() == mine
    assert "more to say" in (machine.root / (SETTINGS + ".dpkg-dist")).read_text()


def test_removing_keeps_data_and_settings_and_a_second_installation_finds_them(machine, deb):
    machine.run("dpkg", "-r", "waybill")
    assert not (machine.root / "usr/bin/waybill").exists()
    assert (machine.root / "var/lib/waybill/waybill.db").exists()
    assert 'max_upload_bytes = "8GiB"' in (machine.root / SETTINGS).read_text()
    machine.install(deb, *UNATTENDED)
    with machine.serving():
        assert "brakes" in machine.run("waybill", "search", "brakes").stdout.lower()


def test_purging_leaves_nothing(machine):
    machine.run("dpkg", "-P", "waybill")
    left = [path for folder in ("etc", "usr", "var/lib", "lib") for path in (machine.root / folder).rglob("*waybill*")]
    assert left == []
    assert machine.run("getent", "passwd", "waybill", check=False).returncode == 2
