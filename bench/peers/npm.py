"""Peers from npm: each is installed into build/bench-peers/ as its lock file pins it."""

import filecmp
import os
import pathlib
import shutil
import subprocess
import urllib.parse

from paths import ROOT

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = ROOT / "build/bench-peers"


def installed(name, options, build=None):
    """The folder of the peer and None; or None and why there is none. `build(folder, log)` makes what npm alone does not."""
    source, target = HERE / name, FOLDER / name
    done, lock = target / "installed.json", source / "package-lock.json"
    if done.exists() and filecmp.cmp(done, lock, shallow=False):
        return target, None
    if not options.peers:
        return None, "a peer to be installed, which --peers does"
    if not shutil.which("npm"):
        return None, "npm is not installed"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in ("package.json", "package-lock.json"):
        shutil.copy(source / file, target)
    log = target / "install.log"
    try:
        with open(log, "w", encoding="utf-8") as out:
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=target, stdout=out,
                           stderr=subprocess.STDOUT, check=True)
            if build:
                build(target, out)
    except subprocess.CalledProcessError:
        return None, f"npm could not install it: {log.relative_to(ROOT)}"
    shutil.copy(lock, done)
    return target, None


def environment_of(database):
    """How programs that follow libpq's variables find a database of support.postgres."""
    url = urllib.parse.urlsplit(database)
    values = urllib.parse.parse_qs(url.query)
    return {"PGHOST": values["host"][0], "PGPORT": values["port"][0], "PGUSER": values["user"][0],
            "PGDATABASE": url.path.lstrip("/")}


def run(folder, script, *arguments, database):
    """The number that a peer's script prints."""
    done = subprocess.run(["node", HERE / folder.name / script, *map(str, arguments)], check=False, capture_output=True,
                          text=True, env={**os.environ, "PEER_FOLDER": str(folder), **environment_of(database)})
    if done.returncode != 0:
        raise SystemExit(f"bench: {script} of {folder.name}: {done.stderr}")
    return float(done.stdout)
