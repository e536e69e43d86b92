"""Prints how close Waybill comes to what the machine can do: `./dev bench [--long] [--peers] [NAME…]`.

Each row is measured in this run against a limit or a peer; the figure is the median of the pairs. See README.md.
"""

import argparse
import sys
import time

import paths
from rows import beside, far, growth, passes, peers, polls, postgres, submissions, whole_jobs
from table import Options, header

GROUPS = {
    "html": passes.html,
    "json": passes.articles_json,
    "import": whole_jobs.imports,
    "validation": whole_jobs.validations,
    "reimport": whole_jobs.reimports,
    "growth": growth.growth,
    "base": growth.full_base,
    "polls": polls.polls,
    "cancel": beside.cancels,
    "second-job": beside.second_jobs,
    "departments": beside.departments,
    "beside": beside.validation_beside,
    "submissions": submissions.submissions,
    "sftp": far.sftp,
    "postgres": postgres.imports,
    "claims": postgres.claims,
    "peers": peers.peers,
}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"a group of rows: {', '.join(GROUPS)}; without one all")
    parser.add_argument("--pairs", type=int, default=5, help="measurements of each side, %(default)s as the rows are meant")
    parser.add_argument("--long", action="store_true", help="the full sizes: half an hour and more")
    parser.add_argument("--peers", action="store_true", help="also the peers that have to be installed first")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in GROUPS]
    if unknown:
        parser.error(f"there is no group {', '.join(unknown)}; there are: {', '.join(GROUPS)}")
    paths.WORK.mkdir(parents=True, exist_ok=True)
    options = Options(given.pairs, given.long, given.peers)
    outcomes, start = [], time.monotonic()
    print(header(), flush=True)
    for name in given.names or GROUPS:
        for row in GROUPS[name](options):
            print(row, flush=True)
            outcomes.append(row.reached())
    print(f"{outcomes.count(True)} rows reached their aim, {outcomes.count(False)} are short of it, "
          f"{outcomes.count(None)} were not measured; {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
