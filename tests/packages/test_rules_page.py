"""docs/rules.md says what the table of rules says."""

import subprocess
import sys

from validation_probe import ROOT, probe_path


def test_the_page_of_rules_is_up_to_date():
    script = ROOT / "tools" / "make_rules_page.py"
    done = subprocess.run([sys.executable, str(script), probe_path(), "--check"], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr
