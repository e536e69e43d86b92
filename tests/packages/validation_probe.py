"""Where the probe is that judges one JSON file as an import does (src/validation/probe_main.cpp)."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def probe_path():
    """The probe of WAYBILL_VALIDATION_PROBE, else the one built last."""
    named = os.environ.get("WAYBILL_VALIDATION_PROBE")
    if named:
        return named
    built = sorted(ROOT.glob("build/*/src/validation/waybill_validation_probe"), key=lambda p: p.stat().st_mtime)
    if not built:
        pytest.fail("build waybill_validation_probe, or name it in WAYBILL_VALIDATION_PROBE")
    return str(built[-1])
