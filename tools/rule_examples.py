"""The examples of docs/rules/examples.yaml: lays one out, runs it, and says what Waybill finds."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from support import server as support  # noqa: E402  (the folder is known only now)

EXAMPLES = ROOT / "docs" / "rules" / "examples.yaml"
SECONDS = 120  # for one example; the slowest takes four on an idle machine


def load():
    """The package that every example begins with, and the examples by code."""
    read = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    return read["package"], read["examples"]


def lay_out(side, package, folder):
    """Writes the package, with the files of one side of an example, below `folder`."""
    for path, text in {**package, **side.get("files", {})}.items():
        if text is not None:
            target = folder / "package" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


def findings(example, side_name, package, folder):
    """What Waybill finds in one side (wrong, right) of an example, worked out in the empty `folder`."""
    side = example[side_name]
    lay_out(side, package, folder)
    with contextlib.ExitStack() as stack:
        environment = dict(os.environ)
        if example.get("server"):
            settings = {"sources.file_roots": str(folder), **{name: str(value) for name, value in example.get("settings", {}).items()}}
            running = stack.enter_context(support.Server(folder / "server", settings))
            environment = {**running.environment, "WAYBILL_DATA_DIR": str(running.data)}
        waybill = str(pathlib.Path(support.BINARY).resolve())
        environment["PATH"] = f"{pathlib.Path(waybill).parent}:{environment['PATH']}"
        if "run" in side:
            # The last command may well say that something is wrong: what was found is what counts.
            subprocess.run(["sh", "-e", "-c", side["run"]], cwd=folder, env=environment, capture_output=True, text=True,
                           timeout=SECONDS, check=False)
        if example.get("server"):
            return of_newest_job(waybill, environment)
        target = side.get("validate") or ("package.zip" if (folder / "package.zip").exists() else "package")
        return rows_of(subprocess.run([waybill, "validate", "--json", target], cwd=folder, env=environment, capture_output=True,
                                      text=True, timeout=SECONDS, check=False))


def of_newest_job(waybill, environment):
    listed = subprocess.run([waybill, "jobs", "--limit", "1", "--json"], env=environment, capture_output=True, text=True,
                            timeout=SECONDS, check=True)
    job = re.search(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", listed.stdout).group(0)
    return rows_of(subprocess.run([waybill, "findings", job, "--json"], env=environment, capture_output=True, text=True,
                                  timeout=SECONDS, check=False))


def rows_of(outcome):
    """Lines of JSON: a finding has `rule`, the last line of a validation has not."""
    rows = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert rows or not outcome.stderr, outcome.stderr
    return [row for row in rows if "rule" in row]
