"""MediaWiki of Debian's package, with its pages in SQLite: maintenance/importDump.php, as its manual says for many pages."""

import os
import pathlib
import shutil
import subprocess
import time
from xml.sax.saxutils import escape

SCRIPTS = pathlib.Path("/usr/share/mediawiki/maintenance")


def missing():
    """Why it cannot run here; None where it can."""
    if not shutil.which("php") or not SCRIPTS.is_dir():
        return "MediaWiki is not installed, which --peers does"
    return None


def dump(bodies, path):
    """The pages as an export: each with a number for a title, since not every name is one to MediaWiki."""
    with open(path, "w", encoding="utf-8") as out:
        out.write('<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">\n')
        for number, body in enumerate(bodies, 1):
            text = escape("".join(c for c in body if c >= " " or c in "\t\n\r"))
            out.write(f"<page><title>Page {number}</title><ns>0</ns><id>{number}</id><revision><id>{number}</id>"
                      "<timestamp>2024-03-01T10:00:00Z</timestamp><contributor><username>Bench</username><id>1</id></contributor>"
                      f'<model>wikitext</model><format>text/x-wiki</format><text xml:space="preserve">{text}</text>'
                      "</revision></page>\n")
        out.write("</mediawiki>\n")


def php(*arguments):
    """Runs to its end; seconds, and the most bytes that were resident."""
    start = time.monotonic()
    process = subprocess.Popen(["php", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - start
    if process.returncode != 0:
        raise RuntimeError(f"MediaWiki: {printed[-500:]}")
    return took, usage.ru_maxrss * 1024


def run(export, pages, folder):
    """Seconds of the import into an empty wiki, without links and search, and its peak memory."""
    php(SCRIPTS / "install.php", "--dbtype", "sqlite", "--dbname", "wiki", "--dbpath", folder / "data", "--confpath", folder,
        "--scriptpath", "", "--server", "http://127.0.0.1", "--pass", "not-a-secret-1", "Bench", "Admin")
    settings = folder / "LocalSettings.php"
    took, peak = php(SCRIPTS / "importDump.php", "--conf", settings, "--no-updates", export)
    counted = subprocess.run(["php", SCRIPTS / "sql.php", "--conf", settings, "--json", "--query",
                              "SELECT count(*) AS pages FROM page WHERE page_title LIKE 'Page%'"],
                             check=True, capture_output=True, text=True).stdout
    if f'"{pages}"' not in counted and f": {pages}" not in counted:
        raise RuntimeError(f"MediaWiki has not all of {pages} pages: {counted}")
    return took, peak
