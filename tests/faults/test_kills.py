"""The server dies at points spread over every stage of all it does, by SIGKILL or with the power, and nothing is lost or
doubled. The whole of it (--long) writes the table of docs/reliability.md."""

import os
import pathlib
import random
import shutil

import pytest

from support import trials

LONG = bool(os.environ.get("WAYBILL_LONG"))
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
# Two hundred kills and a hundred power cuts in all, or a handful of each.
KILLS = 13 if LONG else 2
CUTS = 7 if LONG else 1
WAYS = ("strict", "renamed", "torn")
RESUME_SECONDS = 2.0
CASES = [(script, commits) for script in trials.SCRIPTS for commits in trials.COMMITS]
NAMES = [f"{script.name}, {commits}" for script, commits in CASES]


@pytest.fixture(scope="module")
def share(tmp_path_factory):
    folder = tmp_path_factory.mktemp("share")
    trials.package(60).write(folder / "one.zip")
    trials.package(60, version=2).write(folder / "two.zip")
    return folder


@pytest.fixture(scope="module")
def table():
    """Written down at the end, where everything was tried."""
    made = trials.Table()
    yield made
    print("\n".join(made.lines()))
    if LONG and len(made.rows) == 2 * len(trials.SCRIPTS):
        made.write(PAGE, "<!-- table: begin -->", "<!-- table: end -->")


def run(stage, count, table, row, ways=(None,), seed=0):
    """`count` trials at points spread over the script; one that is over before its point is tried a little earlier."""
    chance = random.Random(seed)
    for number in range(count):
        part = (number + chance.random()) / count
        for _ in range(5):
            if stage.trial(part, table, row, ways[number % len(ways)], random.Random(number)):
                break
            part *= 0.9
        else:
            raise AssertionError(f"{stage.script.name}: no point could be reached in five tries")


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_kill_at_any_point_loses_and_doubles_nothing(case, share, table, tmp_path):
    script, commits = case
    row = f"`SIGKILL`, {script.name}"
    stage = trials.Stage(script, commits, tmp_path, share)
    run(stage, KILLS, table, row, seed=NAMES.index(f"{script.name}, {commits}"))
    assert table.rows[row]["lost"] == table.rows[row]["doubled"] == 0
    # The median: one start may wait for the machine's other work.
    waited = sorted(table.rows[row]["resume"])
    assert not waited or waited[len(waited) // 2] < RESUME_SECONDS, waited
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_power_cut_loses_and_doubles_nothing_that_was_acknowledged(case, share, table, tmp_path):
    script, commits = case
    row = f"power cut, {script.name}"
    stage = trials.Stage(script, commits, tmp_path, share)
    first = NAMES.index(f"{script.name}, {commits}")
    run(stage, CUTS, table, row, ways=WAYS[first % 3:] + WAYS[:first % 3], seed=100 + first)
    assert table.rows[row]["lost"] == table.rows[row]["doubled"] == 0
    shutil.rmtree(tmp_path, ignore_errors=True)
