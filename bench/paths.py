"""Where things lie, and the way to the tests' helpers. Imported before anything of `support`."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "build/release/bench"
WORK = ROOT / "build/bench"  # packages that are made once, and what a measurement leaves while it runs

sys.path.insert(0, str(ROOT / "tests"))
os.environ.setdefault("WAYBILL_BIN", str(ROOT / "build/release/src/app/waybill"))
