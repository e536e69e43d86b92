"""Runs Waybill's suites and ends with one line `N passed, N failed`: `./dev test [--long] [NAME…]`.

unit is the GoogleTest programs of src/; asan and tsan are these under the sanitizers, and some black-box suites against
the server built so; the others are the black-box suites beside this file, each a folder, run by pytest against the
release build of the server. Most of a black-box test's time is waiting, so several suites run side by side: each has its own
servers, folders and peers. What they print comes whole, when a suite has ended.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import typing
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "test-results"
BLACK_BOX = ["api", "cli", "packages", "sources", "auth", "web", "faults", "load", "package"]
# Once more on PostgreSQL, beside tests/postgres, which needs it: faults/ makes its faults in SQLite's files.
ON_POSTGRES = ["api", "cli", "packages", "sources", "auth"]
# And with three nodes in place of each server, behind a balancer.
ON_CLUSTER = ["api", "cli", "packages", "sources", "auth", "web"]
NODES = 3
SUITES = ["unit", *BLACK_BOX, "postgres", "cluster", "asan", "tsan"]
# The sanitizers build the whole program twice more: by name only.
DEFAULT = ["unit", *BLACK_BOX, "postgres", "cluster"]
UNIT_PRESETS = {"unit": "release", "asan": "asan", "tsan": "tsan"}
SANITIZED = {"asan": ["api", "cli", "packages", "sources", "faults"], "tsan": ["api", "cli", "sources", "faults", "load"]}
# These fill the machine or stop servers within moments: nothing runs beside them. Nor beside a sanitized server.
ALONE = ["faults", "load"]
# The others, so many at a time, the longest first.
LANES = 3
LONGEST_FIRST = ["postgres", "sources", "packages", "auth", "api", "cli", "unit", "web", "package"]


class Run(typing.NamedTuple):
    """The tests of one folder against one build, on one database, with so many nodes for a server."""

    suite: str  # whose tally it belongs to
    folder: str
    preset: str = "release"
    database: str = ""
    nodes: int = 1

    def name(self):
        parts = [self.preset if self.preset != "release" else "", self.database, str(self.nodes) if self.nodes > 1 else "", self.folder]
        return "-".join(filter(None, parts))

    def alone(self):
        return self.folder in ALONE or self.preset != "release"


def runs_of(suite):
    if suite in SANITIZED:
        return [Run(suite, folder, UNIT_PRESETS[suite]) for folder in ["unit", *SANITIZED[suite]]]
    if suite == "postgres":
        return [Run(suite, "postgres"), *(Run(suite, folder, database="postgres") for folder in ON_POSTGRES)]
    if suite == "cluster":
        return [Run(suite, folder, database="postgres", nodes=NODES) for folder in ON_CLUSTER]
    return [Run(suite, suite)]


class Tally:
    """Counts of one or more suites."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


def build(preset):
    if not (ROOT / "build" / preset / "build.ninja").exists():
        subprocess.run(["cmake", "--preset", preset], cwd=ROOT, check=True, stdout=sys.stderr)
    subprocess.run(["cmake", "--build", "--preset", preset], cwd=ROOT, check=True, stdout=sys.stderr)


def environment():
    values = dict(os.environ)
    values["WAYBILL_TEST_DATA"] = str(ROOT.parent / "shared" / "data")
    values["ASAN_OPTIONS"] = "detect_leaks=1:detect_stack_use_after_return=1"
    values["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
    values["TSAN_OPTIONS"] = f"halt_on_error=1:second_deadlock_stack=1:suppressions={ROOT}/tests/tsan.supp"
    return values


def run_unit(run, values, say):
    """Every *_test program of a preset; a program that dies counts as one failed test."""
    tally = Tally()
    programs = sorted(path for path in (ROOT / "build" / run.preset / "src").rglob("*_test") if path.is_file())
    if not programs:
        tally.failed += 1
        print(f"{run.suite}: no test program was built", file=say)
    for program in programs:
        report = RESULTS / f"{run.suite}-{program.name}.json"
        report.unlink(missing_ok=True)
        outcome = subprocess.run([str(program), f"--gtest_output=json:{report}", "--gtest_brief=1"],
                                 cwd=ROOT, env=values, check=False, stdout=say, stderr=say)
        one = Tally()
        if report.exists():
            for case in (case for group in json.loads(report.read_text())["testsuites"] for case in group["testsuite"]):
                if case.get("failures"):
                    one.failed += 1
                elif case.get("result") == "SKIPPED":
                    one.skipped += 1
                else:
                    one.passed += 1
        if outcome.returncode != 0 and one.failed == 0:
            one.failed += 1
            print(f"{run.suite}: {program.name} ended with {outcome.returncode}", file=say, flush=True)
        tally.add(one)
    return tally


def run_black_box(run, values, long_parts, say):
    report = RESULTS / f"{run.name()}.xml"
    report.unlink(missing_ok=True)
    values["WAYBILL_BIN"] = str(ROOT / "build" / run.preset / "src/app/waybill")
    values["WAYBILL_VALIDATION_PROBE"] = str(ROOT / "build" / run.preset / "src/validation/waybill_validation_probe")
    values["WAYBILL_LONG"] = "1" if long_parts else ""
    values["WAYBILL_TEST_DATABASE"] = run.database
    values["WAYBILL_TEST_NODES"] = str(run.nodes)
    values["WAYBILL_SANITIZER"] = "" if run.preset == "release" else run.preset
    values["PYTHONPATH"] = str(ROOT / "tests")
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-ra", "--durations=5", "-p", "no:cacheprovider", f"--junitxml={report}",
         f"tests/{run.folder}"],
        cwd=ROOT, env=values, check=False, stdout=say, stderr=say)
    tally = Tally()
    if report.exists():
        for group in ElementTree.parse(report).getroot().iter("testsuite"):
            bad = int(group.get("failures", 0)) + int(group.get("errors", 0))
            skipped = int(group.get("skipped", 0))
            tally.failed += bad
            tally.skipped += skipped
            tally.passed += int(group.get("tests", 0)) - bad - skipped
    if outcome.returncode != 0 and tally.failed == 0:
        tally.failed += 1
        print(f"{run.name()}: pytest ended with {outcome.returncode}", file=say)
    return tally


PRINTING = threading.Lock()


def perform(run, long_parts):
    """One run, what it said printed whole; its tally and seconds."""
    start = time.monotonic()
    words = RESULTS / f"{run.name()}.txt"
    with open(words, "w+", encoding="utf-8", errors="replace") as say:
        if run.folder == "unit":
            tally = run_unit(run, environment(), say)
        else:
            tally = run_black_box(run, environment(), long_parts, say)
    took = time.monotonic() - start
    with PRINTING:
        print(f"== {run.name()}: {tally}  ({took:.0f} s)\n{words.read_text(encoding='utf-8', errors='replace')}", flush=True)
    return tally, took


def perform_all(runs, long_parts):
    """{run: (tally, seconds)}: those that may share the machine first, side by side."""
    shared = sorted((run for run in runs if not run.alone()), key=lambda run: LONGEST_FIRST.index(run.folder))
    with concurrent.futures.ThreadPoolExecutor(LANES) as lanes:
        done = dict(zip(shared, lanes.map(lambda run: perform(run, long_parts), shared)))
    for run in runs:
        if run.alone():
            done[run] = perform(run, long_parts)
    return done


def main(arguments):
    long_parts = "--long" in arguments
    names = [name for name in arguments if name != "--long"] or DEFAULT
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"There is no suite {', '.join(unknown)}. There are: {', '.join(SUITES)}.", file=sys.stderr)
        return 2
    RESULTS.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    not_built = set()
    runs = [run for name in names for run in runs_of(name)]
    for preset in sorted({run.preset for run in runs}):
        try:
            build(preset)
        except subprocess.CalledProcessError as error:
            print(f"{preset}: {error}", file=sys.stderr)
            not_built.add(preset)
    done = perform_all([run for run in runs if run.preset not in not_built], long_parts)
    total = Tally()
    lines = []
    for name in names:
        tally, seconds = Tally(), 0.0
        for run in runs_of(name):
            if run in done:
                tally.add(done[run][0])
                seconds += done[run][1]
            else:
                tally.failed += 1
        total.add(tally)
        lines.append(f"{name:10} {tally}  ({seconds:.0f} s)")
    print("\n" + "\n".join(lines) + f"\n\nin {time.monotonic() - start:.0f} s, several at a time\n{total}")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
