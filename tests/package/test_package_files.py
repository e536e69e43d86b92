"""What is in the Debian package, without installing it."""

import gzip
import io
import re
import shutil
import subprocess
import tarfile

import pytest

# "OK" of systemd-analyze is below 5.0; the unit is held well below that. In tenths.
MOST_EXPOSURE = 15


@pytest.fixture(scope="module")
def files(deb):
    """Regular files of the package by path, and their modes and owners."""
    data = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {member.name.removeprefix("."): (archive.extractfile(member).read(), member)
                for member in archive.getmembers() if member.isfile()}


@pytest.fixture
def unit(files, tmp_path):
    """The unit, with a program in the place that it names that is there on this machine."""
    path = tmp_path / "waybill.service"
    text = files["/lib/systemd/system/waybill.service"][0].decode()
    path.write_text(text.replace("/usr/bin/waybill", shutil.which("true")))
    return path


def test_what_an_operator_looks_for_is_there_and_belongs_to_root(files):
    for path in ("/usr/bin/waybill", "/etc/waybill/waybill.toml", "/lib/systemd/system/waybill.service",
                 "/usr/share/man/man1/waybill.1.gz", "/usr/share/bash-completion/completions/waybill",
                 "/usr/share/zsh/vendor-completions/_waybill", "/usr/share/fish/vendor_completions.d/waybill.fish",
                 "/usr/share/waybill/prometheus/alerts.yaml", "/usr/share/waybill/grafana/waybill.json",
                 "/usr/share/waybill/api/openapi.yaml", "/usr/share/waybill/samples/handbook/manifest.json"):
        assert path in files, path
    assert all((member.uname, member.mode & 0o022) == ("root", 0) for _, member in files.values())
    assert b".SH COMMANDS" in gzip.decompress(files["/usr/share/man/man1/waybill.1.gz"][0])


def test_the_settings_are_the_documented_ones_with_debians_data_folder(files):
    text = files["/etc/waybill/waybill.toml"][0].decode()
    settings = [line for line in text.splitlines() if line and not line.startswith(("#", "["))]
    assert settings == ['data_dir = "/var/lib/waybill"']


def test_libraries_are_depended_on(deb):
    depends = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], capture_output=True, text=True, check=True).stdout
    for library in ("libc6 (>=", "libssl3 (>=", "libsqlite3-0 (>=", "libssh-4 (>=", "adduser"):
        assert library in depends, depends


def test_lintian_finds_no_error(deb):
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed")
    done = subprocess.run(["lintian", "--fail-on", "error", "--allow-root", deb], capture_output=True, text=True, check=False,
                          timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_is_sound(unit):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert str(unit) not in done.stderr, done.stderr


def test_systemd_rates_the_unit_ok(unit):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", unit],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Overall exposure level for waybill\.service: [0-9.]+ (OK|SAFE|PERFECT)", done.stdout), done.stdout
