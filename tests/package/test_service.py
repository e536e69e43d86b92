"""The unit under a real systemd, booted from a folder by systemd-nspawn: hardened as it is, the server does its work."""

import re
import shutil
import subprocess

import pytest

from support.debian import needs_root

pytestmark = needs_root
SECONDS = 300

# Runs inside, once the machine is up, as the last thing before it is switched off.
PROBE = r"""#!/bin/sh
exec > /probe.txt 2>&1
show() { echo "[$1]"; shift; "$@"; echo "= $?"; }
show active systemctl is-active waybill
show status systemctl show -p StatusText -p Type -p NRestarts waybill
pid=$(systemctl show -p MainPID --value waybill)
show user stat -c %U "/proc/$pid"
show filter grep -E '^(Seccomp|NoNewPrivs|CapBnd):' "/proc/$pid/status"
show import waybill import /usr/share/waybill/samples/handbook
show search waybill search brakes
show health waybill doctor --health
show share waybill doctor
show kill kill -KILL "$pid"
until [ "$(systemctl show -p NRestarts --value waybill)" = 1 ] && systemctl is-active -q waybill; do sleep 0.1; done
show again waybill search brakes
show hang kill -STOP "$(systemctl show -p MainPID --value waybill)"
until [ "$(systemctl show -p NRestarts --value waybill)" = 2 ] && systemctl is-active -q waybill; do sleep 0.1; done
show after waybill search brakes
show stop systemctl stop waybill
show result systemctl show -p Result -p ExecMainStatus waybill
show modes stat -c '%U %a' /var/lib/waybill /var/lib/waybill/master.key
show log journalctl -u waybill --no-pager -o cat
"""
UNIT = """[Unit]
After=multi-user.target waybill.service
[Service]
Type=oneshot
ExecStart=/probe.sh
ExecStopPost=/usr/bin/systemctl --no-block poweroff
TimeoutStartSec=240
[Install]
WantedBy=multi-user.target
"""


@pytest.fixture(scope="module")
def told(debian, deb, tmp_path_factory):
    """What the probe saw: its parts by name."""
    if not shutil.which("systemd-nspawn"):
        pytest.skip("systemd-nspawn is not installed (package systemd-container)")
    root = tmp_path_factory.mktemp("booted")
    root.chmod(0o755)
    subprocess.run(["tar", "-xpf", debian, "-C", root, "--exclude=./dev/*"], check=True, timeout=SECONDS)
    shutil.copy(deb, root / "waybill.deb")
    (root / "probe.sh").write_text(PROBE)
    (root / "probe.sh").chmod(0o755)
    (root / "etc/systemd/system/probe.service").write_text(UNIT)
    # The watchdog's minute is too long for a test.
    drop_in = root / "etc/systemd/system/waybill.service.d"
    drop_in.mkdir()
    (drop_in / "test.conf").write_text("[Service]\nWatchdogSec=3\n")
    for command in (["dpkg", "-i", "/waybill.deb"], ["systemctl", "enable", "probe.service"]):
        done = subprocess.run(["chroot", root, *command], capture_output=True, text=True, check=False, timeout=SECONDS)
        assert done.returncode == 0, done.stdout + done.stderr
    # A network of its own: the service has its usual port.
    booted = subprocess.run(["systemd-nspawn", "--quiet", "--directory", root, "--register=no", "--keep-unit", "--private-network",
                             "--console=pipe", "/lib/systemd/systemd"],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False, timeout=SECONDS)
    if not (root / "probe.txt").exists():
        pytest.skip(f"no systemd boots here: {(booted.stdout + booted.stderr)[-500:]}")
    text = (root / "probe.txt").read_text(errors="replace")
    print(text)
    return {name: (part, int(status)) for name, part, status in re.findall(r"(?ms)^\[(\w+)\]\n(.*?)^= (\d+)$", text)}


def test_the_service_starts_at_boot_and_says_when_it_is_ready(told):
    assert told["active"] == ("active\n", 0)
    assert "Type=notify" in told["status"][0]
    assert "StatusText=Listens on http://127.0.0.1:8080" in told["status"][0]
    assert told["user"][0] == "waybill\n"


def test_the_hardening_is_in_force(told):
    for line in ("NoNewPrivs:\t1", "Seccomp:\t2", "CapBnd:\t0000000000000000"):
        assert line in told["filter"][0]
    assert told["modes"][0].split("\n")[:2] == ["waybill 700", "waybill 600"]


def test_the_main_job_is_done_under_it(told):
    assert told["import"][1] == 0, told["import"][0]
    assert "brakes" in told["search"][0].lower()
    assert told["health"] == ("healthy\n", 0)
    assert told["share"][1] == 0, told["share"][0]


def test_a_kill_and_a_hang_are_followed_by_a_start_that_has_everything(told):
    assert told["again"] == told["search"]
    assert told["after"] == told["search"]
    assert "watchdog" in told["log"][0].lower()


def test_a_stop_is_an_end_in_order(told):
    assert told["stop"][1] == 0
    assert "Result=success" in told["result"][0] and "ExecMainStatus=0" in told["result"][0]
