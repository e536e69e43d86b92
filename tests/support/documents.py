"""Debian's documentation packages: real content for the tests."""

import pathlib
import subprocess

import pytest

from support.server import BINARY


def pages_of(package, folder):
    """The folder of a documentation package's pages; installs it where it is missing, skips where it cannot be had."""
    pages = pathlib.Path(folder)
    if not pages.is_dir():
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", package], check=False, capture_output=True)
    if not pages.is_dir():
        pytest.skip(f"{package} cannot be had here")
    return pages


def pack(pages, target, name):
    """Packs a folder of pages with Waybill's own command line."""
    subprocess.run([BINARY, "pack", str(pages), "-o", str(target), "--name", name], check=True, timeout=300)
    return target
