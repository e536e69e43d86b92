"""A job alone on the machine, from its submission to its end, against the least work that it must do."""

import tempfile

from content import ALL, repacked, sets
from paths import WORK
from programs import program
from table import Row, medians, pairs
from work import Client, run_job, serving, timed


def limit(what, package):
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        return program("bench_limits", what, package, folder)


def chosen(options, least=1):
    """The first sets; all of them with --long."""
    return sets(*(ALL if options.long else ALL[:least]))


def imports(options):
    for name, package in chosen(options, 2):
        yield Row(f"import, {name}, against inflate + insert + index", 0.8,
                  *pairs(options, lambda: run_job(package)[0], lambda: limit("index", package)))
        yield Row(f"import without the index, {name}, against inflate + insert", 0.8,
                  *pairs(options, lambda: run_job(package, settings={"jobs.wait_for_index": "false"})[0],
                         lambda: limit("insert", package)))


def validations(options):
    for name, package in chosen(options):
        yield Row(f"validation, {name}, against inflate", 0.7,
                  *pairs(options, lambda: run_job(package, operation=None)[0],
                         lambda: program("bench_limits", "inflate", package)))


def reimports(options):
    """The import, the same again, and once more with one body in a hundred changed, on one server."""
    for name, package in chosen(options):
        same, other = repacked(package), repacked(package, 100)
        times = []
        for _ in range(options.pairs):
            with serving() as server:
                client = Client(server, server.create_client())
                times.append([timed(client, each, "reimport") for each in (same, same, other)])
        first, again, some = medians(times)
        yield Row(f"import of {name} over its reimport unchanged", 5, [a / b for a, b, _ in times],
                  f"{again:.3f} s against {first:.3f} s")
        yield Row(f"import of {name} over its reimport with 1 % changed", 5, [a / c for a, _, c in times],
                  f"{some:.3f} s against {first:.3f} s")
