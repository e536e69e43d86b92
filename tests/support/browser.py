"""A real browser as a process of its own: Debian's Chromium, led by tests/web/driver.mjs."""

import json
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PEERS = pathlib.Path(os.environ.get("WAYBILL_TEST_PEERS", ROOT / "build" / "test-peers"))
NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium")


def missing():
    """What keeps the browser from running here; empty where nothing does."""
    wanted = {"node": NODE, "chromium": CHROMIUM, "playwright-core and axe-core from npm": all(
        (PEERS / "node_modules" / name).is_dir() for name in ("playwright-core", "axe-core"))}
    return ", ".join(name for name, there in wanted.items() if not there)


class Browser:
    """Use it as a context manager. Each open() is a browser that has seen nothing yet."""

    def __init__(self, pictures):
        self.pictures = pathlib.Path(pictures)
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(
            [NODE, str(ROOT / "tests/web/driver.mjs"), str(PEERS), CHROMIUM, str(self.pictures)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _ask(self, command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the browser's driver ended at {command}"
        said = json.loads(line)
        if "error" in said:
            raise AssertionError(f"{command}\n{said['error']}\nwhat the page showed: {said['picture']}")
        return said["value"]

    def open(self, **options):
        return self._ask({"open": options or {"width": 1280}})

    def do(self, step, **arguments):
        """Runs a function of tests/web/steps.mjs, or of "file.mjs:name"; returns what it returned."""
        return self._ask({"do": step if ":" in step else f"steps.mjs:{step}", "args": arguments})

    def problems(self):
        return self._ask({"problems": True})
