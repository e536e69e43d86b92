"""Programs that do the main job as well, on this machine and the same pages: readable, searchable, in how much memory. The peers
make no full-text index."""

import pathlib
import tempfile
import zipfile

from content import real
from paths import WORK
from peers import directus, mediawiki
from table import Missing, Row, medians
from work import run_job

# Peer over Waybill: time until the pages can be read, until they are found as well, memory.
AIMS = (("time until readable", 30), ("time until readable over ours until searchable", 20), ("peak memory", 4))


def bodies_of(package):
    with zipfile.ZipFile(package) as archive:
        return [archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if name.endswith(".html")]


def prepared(options):
    """Each peer's name, why it cannot run, and a function of (export, pages, folder) with one that writes the export."""
    program, why = directus.installed(options)
    yield "MediaWiki", mediawiki.missing(), mediawiki.dump, mediawiki.run
    yield "Directus", why, directus.dump, lambda *arguments: directus.run(program, *arguments)


def measure(options, package, bodies, dump, run):
    measured = []
    for _ in range(options.pairs):
        readable, _ = run_job(package, settings={"jobs.wait_for_index": "false"})
        searchable, memory = run_job(package)
        with tempfile.TemporaryDirectory(dir=WORK) as name:
            folder = pathlib.Path(name)
            dump(bodies, folder / "export")
            took, peak = run(folder / "export", len(bodies), folder)
        measured.append(((took, readable), (took, searchable), (peak / 1e6, memory / 1e6)))
    return measured


def peers(options):
    package = real("cppreference")
    bodies = bodies_of(package) if package and options.peers else []
    for name, why, dump, run in prepared(options):
        titles = [f"{name} over Waybill, cppreference, {what}" for what, _ in AIMS]
        if not package:
            why = "cppreference-doc-en-html is not installed"
        elif not why and not options.peers:
            why = "it takes minutes, which --peers gives it"
        try:
            measured = None if why else measure(options, package, bodies, dump, run)
        except Exception as problem:  # whatever a peer has against it: the row says so, and the others go on
            why = f"it failed: {problem}"[:200].replace("\n", " ")
            measured = None
        for title, (what, aim), column in zip(titles, AIMS, zip(*measured) if measured else AIMS):
            if not measured:
                yield Missing(title, why)
                continue
            theirs, ours = medians(column)
            unit = "MB" if "memory" in what else "s"
            yield Row(title, aim, [a / b for a, b in column], f"{theirs:.1f} {unit} against {ours:.1f} {unit}")
