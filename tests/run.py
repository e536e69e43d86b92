"""Runs Waybill's suites and ends with one line `N passed, N failed`: `./dev test [--long] [NAME…]`.

unit is the GoogleTest programs of src/; asan and tsan are these under the sanitizers, and some black-box suites against
the server built so; the others are the black-box suites beside this file, each a folder, run by pytest against the
release build of the server.
"""

import json
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "test-results"
BLACK_BOX = ["api", "cli", "packages", "sources", "auth", "web", "faults", "load", "package"]
# Once more on PostgreSQL, beside tests/postgres, which needs it: faults/ makes its faults in SQLite's files.
ON_POSTGRES = ["api", "cli", "packages", "sources", "auth"]
# And with three nodes in place of each server, behind a balancer. auth/ looks into the log of the one server that it asked.
ON_CLUSTER = ["api", "cli"]
NODES = 3
SUITES = ["unit", *BLACK_BOX, "postgres", "cluster", "asan", "tsan"]
# The sanitizers build the whole program twice more: by name only.
DEFAULT = ["unit", *BLACK_BOX, "postgres", "cluster"]
UNIT_PRESETS = {"unit": "release", "asan": "asan", "tsan": "tsan"}
SANITIZED = {"asan": ["api", "cli", "packages", "sources", "faults"], "tsan": ["api", "cli", "sources", "faults", "load"]}


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


def run_unit(suite, preset):
    """Every *_test program of a preset; a program that dies counts as one failed test."""
    tally = Tally()
    programs = sorted(path for path in (ROOT / "build" / preset / "src").rglob("*_test") if path.is_file())
    if not programs:
        tally.failed += 1
        print(f"{suite}: no test program was built", file=sys.stderr)
    for program in programs:
        report = RESULTS / f"{suite}-{program.name}.json"
        report.unlink(missing_ok=True)
        outcome = subprocess.run([str(program), f"--gtest_output=json:{report}", "--gtest_brief=1"],
                                 cwd=ROOT, env=environment(), check=False)
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
            print(f"{suite}: {program.name} ended with {outcome.returncode}", file=sys.stderr)
        tally.add(one)
    return tally


def run_black_box(suite, long_parts, preset="release", database="", nodes=1):
    report = RESULTS / ("-".join(filter(None, [preset if preset != "release" else "", database, str(nodes) if nodes > 1 else "", suite])) + ".xml")
    report.unlink(missing_ok=True)
    values = environment()
    values["WAYBILL_BIN"] = str(ROOT / "build" / preset / "src/app/waybill")
    values["WAYBILL_VALIDATION_PROBE"] = str(ROOT / "build" / preset / "src/validation/waybill_validation_probe")
    values["WAYBILL_LONG"] = "1" if long_parts else ""
    values["WAYBILL_TEST_DATABASE"] = database
    values["WAYBILL_TEST_NODES"] = str(nodes)
    values["WAYBILL_SANITIZER"] = "" if preset == "release" else preset
    values["PYTHONPATH"] = str(ROOT / "tests")
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", f"--junitxml={report}", f"tests/{suite}"],
        cwd=ROOT, env=values, check=False)
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
        print(f"{suite}: pytest ended with {outcome.returncode}", file=sys.stderr)
    return tally


def main(arguments):
    long_parts = "--long" in arguments
    names = [name for name in arguments if name != "--long"] or DEFAULT
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"There is no suite {', '.join(unknown)}. There are: {', '.join(SUITES)}.", file=sys.stderr)
        return 2
    RESULTS.mkdir(parents=True, exist_ok=True)
    total = Tally()
    lines = []
    for name in names:
        start = time.monotonic()
        try:
            if name in UNIT_PRESETS:
                build(UNIT_PRESETS[name])
                tally = run_unit(name, UNIT_PRESETS[name])
                if name != "unit":
                    for suite in SANITIZED[name]:
                        tally.add(run_black_box(suite, long_parts, UNIT_PRESETS[name]))
            elif name == "postgres":
                build("release")
                tally = run_black_box("postgres", long_parts)
                for suite in ON_POSTGRES:
                    tally.add(run_black_box(suite, long_parts, database="postgres"))
            elif name == "cluster":
                build("release")
                tally = Tally()
                for suite in ON_CLUSTER:
                    tally.add(run_black_box(suite, long_parts, database="postgres", nodes=NODES))
            else:
                build("release")
                tally = run_black_box(name, long_parts)
        except subprocess.CalledProcessError as error:
            print(f"{name}: {error}", file=sys.stderr)
            tally = Tally()
            tally.failed = 1
        total.add(tally)
        lines.append(f"{name:10} {tally}  ({time.monotonic() - start:.0f} s)")
    print("\n" + "\n".join(lines) + f"\n\n{total}")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
