"""The packages that are measured with: real content, unlike each other, and content that is made. Each is made once and kept
below build/bench/."""

import json
import os
import pathlib
import subprocess
import zipfile

from paths import WORK
from support.packages import article, html

# Debian's documentation packages and where they lie.
SETS = {"cppreference": "/usr/share/cppreference/doc/html",             # cppreference-doc-en-html
        "C reference": "/usr/share/cppreference/doc/html/en/c",          # a part of it: 553 pages, 18 MB
        "Boost": "/usr/share/doc/libboost1.81-doc",                      # libboost1.81-doc
        "OpenJDK": "/usr/share/doc/openjdk-17-jre-headless/api"}         # openjdk-17-doc
ALL = ("cppreference", "Boost", "OpenJDK")
MOST_ITEMS = 100_000  # of one package, by the contract
FOLDERS = 10
LARGE_PARTS = 4  # attachments of the largest size that the contract allows


def real(name):
    """The set as a package; None where it is not installed."""
    folder, path = pathlib.Path(SETS[name]), WORK / f"{name.replace(' ', '-')}.zip"
    if not folder.is_dir():
        return None
    if not path.exists():
        subprocess.run([os.environ["WAYBILL_BIN"], "pack", folder, "-o", path, "--name", name, "--json"], check=True,
                       stdout=subprocess.DEVNULL)
    return path


def sets(*names):
    """Name and package of those that are installed."""
    for name in names:
        package = real(name)
        if package:
            yield name, package


def written(name, write):
    """The package below build/bench/, by `write(archive)` where it is not there yet."""
    path = WORK / name
    if not path.exists():
        with zipfile.ZipFile(path.with_suffix(".part"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("manifest.json", '{"formatVersion": "1.0"}')
            write(archive)
        path.with_suffix(".part").rename(path)
    return path


def made(items, first=0):
    """So many small items: ten folders and articles, numbered from `first`."""
    def write(archive):
        folders = [{"name": f"Folder {number}"} for number in range(FOLDERS)]
        numbers = range(first, first + items - FOLDERS)
        articles = [{"name": f"Article {number}", "folder": {"path": f"Folder {number % FOLDERS}"},
                     "content": f"content/{number}.html", "description": "One of many",
                     "articleKeywords": "made, small", "tags": ["one", "two"]} for number in numbers]
        archive.writestr("knowledgehub/knowledgehub.json", json.dumps({"knowledge": {"folders": folders}}))
        archive.writestr("knowledgehub/articles/articles.json", json.dumps({"articles": articles}, indent=1))
        for number in numbers:
            archive.writestr(f"knowledgehub/articles/content/{number}.html",
                             f"<h1>Article {number}</h1><p>{'Some words for the reader. ' * 8}</p>")
    return written(f"made-{items}-{first}.zip", write)


def topics(count):
    """Topics and nothing else, for a job that is long at linking."""
    def write(archive):
        parents = [{"name": f"Topic {parent}", "topics": [{"name": f"Topic {number}"} for number in range(99)]}
                   for parent in range(count // 100)]
        archive.writestr("knowledgehub/knowledgehub.json", json.dumps({"knowledge": {"topics": parents}}))
    return written(f"topics-{count}.zip", write)


def repacked(package, changed=0):
    """The package again, with one body in `changed` different; all by one packer, so that those alike are alike byte by byte."""
    path = package.with_name(f"{package.stem}-{changed}.zip")
    if not path.exists():
        with zipfile.ZipFile(package) as old, zipfile.ZipFile(path.with_suffix(".part"), "w", zipfile.ZIP_DEFLATED,
                                                              compresslevel=1) as new:
            bodies = 0
            for name in old.namelist():
                data = old.read(name)
                if name.endswith(".html"):
                    bodies += 1
                    data += b"<p>Changed.</p>" if changed and bodies % changed == 0 else b""
                new.writestr(name, data)
        path.with_suffix(".part").rename(path)
    return path


def large(parts=LARGE_PARTS):
    """Attachments that do not compress, 25 MiB each."""
    def write(archive):
        articles = [article(number, attachments=[{"name": f"{number}.bin", "path": f"resources/{number}.bin"}])
                    for number in range(parts)]
        archive.writestr("knowledgehub/knowledgehub.json", json.dumps({"knowledge": {"folders": [{"name": "Guides"}]}}))
        archive.writestr("knowledgehub/articles/articles.json", json.dumps({"articles": articles}))
        for number in range(parts):
            archive.writestr(f"knowledgehub/articles/content/{number}.html", html(number))
            archive.writestr(f"knowledgehub/articles/resources/{number}.bin", os.urandom(25 << 20), zipfile.ZIP_STORED)
    return written(f"large-{parts}.zip", write)
