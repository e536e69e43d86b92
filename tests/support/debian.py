"""What the tests of the Debian package share."""

import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="installing into a folder as into a machine needs root")
