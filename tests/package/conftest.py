"""The Debian package, made once, and a bare Debian to install it into."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from support.debian import ROOT
from support.server import BINARY

SUITE = "bookworm"
MAKE_SECONDS = 600  # fetching and unpacking Debian on a busy machine


@pytest.fixture(scope="session")
def deb():
    """The package of the built waybill."""
    if not shutil.which("dh"):
        pytest.skip("debhelper is not installed")
    # Debug symbols take most of the time, and are not looked at here.
    made = subprocess.run([ROOT / "tools" / "make_deb.sh", BINARY], cwd=ROOT, capture_output=True, text=True, check=False,
                          env={**os.environ, "DEB_BUILD_OPTIONS": "noautodbgsym"}, timeout=MAKE_SECONDS)
    assert made.returncode == 0, made.stderr
    return pathlib.Path(made.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def debian(deb):
    """A tar of a bare Debian with what the package depends on and without the package; kept in build/ for the next run."""
    if not shutil.which("mmdebstrap"):
        pytest.skip("mmdebstrap is not installed")
    depends = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], capture_output=True, text=True, check=True).stdout
    # "a (>= 1) | b, c" → a, c
    names = sorted({re.match(r"[a-z0-9.+-]+", choice.strip()).group(0) for choice in depends.split(",")} | {"systemd"})
    tar = ROOT / "build" / f"{SUITE}-{hashlib.sha256(' '.join(names).encode()).hexdigest()[:12]}.tar"
    if not tar.exists():
        partial = tar.with_suffix(".partial.tar")
        # From where this machine gets its own packages.
        sources = [str(path) for path in (pathlib.Path("/etc/apt/sources.list.d/debian.sources"),
                                          pathlib.Path("/etc/apt/sources.list")) if path.exists()][:1]
        made = subprocess.run(["mmdebstrap", "--variant=apt", f"--include={','.join(names)}", SUITE, partial, *sources],
                              capture_output=True, text=True, check=False, timeout=MAKE_SECONDS)
        if made.returncode != 0:
            pytest.skip(f"no Debian can be had here: {made.stderr.strip().splitlines()[-1]}")
        partial.rename(tar)
    return tar
