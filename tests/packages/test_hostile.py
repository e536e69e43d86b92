"""Packages made to harm: each ends with a clear error in the job and its log, the server goes on, memory is bounded."""

import io
import json
import os
import pathlib
import stat
import struct
import zipfile
import zlib

import pytest

from support.api import Api, validate_all
from support.packages import Package, article, html
from support.server import MEASURED, Server

MEMORY_LIMIT = 300 * 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Small limits, so that the test's bombs need not be large."""
    settings = {"package.max_bytes": str(64 << 20), "server.max_upload_bytes": str(64 << 20), "package.max_entries": "5000"}
    with Server(tmp_path_factory.mktemp("hostile"), settings) as running:
        yield running
        assert not MEASURED or running.peak_memory() < MEMORY_LIMIT


def base():
    return Package(articles=3)


def with_entry(name, data=b"x", **attributes):
    """A clean package with one more entry."""
    buffer = io.BytesIO(base().zip_bytes())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("placeholder")
        info.compress_type = zipfile.ZIP_DEFLATED
        for key, value in attributes.items():
            setattr(info, key, value)
        info.filename = name
        archive.writestr(info, data)
    return buffer.getvalue()


def patch_name(old, new):
    """Python's zipfile tidies names: write another of the same length and put the wanted bytes in both headers."""
    assert len(old) == len(new)
    data = with_entry(old.decode())
    assert data.count(old) == 2
    return data.replace(old, new)


def central(data, name):
    """Offset of an entry's central header."""
    at = -1
    while True:
        at = data.index(b"PK\x01\x02", at + 1)
        length = struct.unpack_from("<H", data, at + 28)[0]
        if data[at + 46:at + 46 + length] == name:
            return at


def change(data, name, offset, form, value):
    data = bytearray(data)
    struct.pack_into(form, data, central(bytes(data), name) + offset, value)
    return bytes(data)


def local_of(data, name):
    return struct.unpack_from("<I", data, central(data, name) + 42)[0]


BODY = b"knowledgehub/articles/content/1.html"


def encrypted():
    data = bytearray(base().zip_bytes())
    for at in (central(bytes(data), BODY) + 8, local_of(bytes(data), BODY) + 6):
        flags = struct.unpack_from("<H", data, at)[0]
        struct.pack_into("<H", data, at, flags | 1)
    return bytes(data)


def overlapping():
    """The third body's directory row points at the second one's bytes."""
    data = base().zip_bytes()
    return change(data, b"knowledgehub/articles/content/2.html", 42, "<I", local_of(data, BODY))


def duplicate():
    return patch_name(b"knowledgehub/articles/content/9.html", b"knowledgehub/articles/content/1.html")


def link(target="/etc/passwd"):
    return with_entry("knowledgehub/articles/content/link.html", target.encode(), create_system=3,
                      external_attr=(stat.S_IFLNK | 0o777) << 16)


def device():
    return with_entry("knowledgehub/articles/content/null.html", b"", create_system=3,
                      external_attr=(stat.S_IFCHR | 0o666) << 16)


def bomb_by_ratio():
    """Forty megabytes of zeros in one body: 1,000 to 1, and far beyond what a body may be."""
    package = base()
    package.files["knowledgehub/articles/content/1.html"] = b"\0" * (40 << 20)
    return package.zip_bytes()


def forged_ratio():
    return change(base().zip_bytes(), BODY, 24, "<I", 60 << 20)


def bomb_by_total():
    package = base()
    chunk = os.urandom(1 << 10) * (8 << 10)  # 8 MiB that compress less than the ratio's limit
    for number in range(9):
        package.files[f"knowledgehub/articles/content/big{number}.html"] = chunk
    return package.zip_bytes()


def many_entries():
    package = base()
    for number in range(5001):
        package.files[f"knowledgehub/articles/inline_resources/{number}"] = b""
    return package.zip_bytes()


def method(value):
    data = bytearray(base().zip_bytes())
    for at in (central(bytes(data), BODY) + 10, local_of(bytes(data), BODY) + 8):
        struct.pack_into("<H", data, at, value)
    return bytes(data)


def flipped_byte():
    data = bytearray(base().zip_bytes(compression=zipfile.ZIP_STORED))
    at = data.index(b"Some text for readers")
    data[at] ^= 0x20
    return bytes(data)


def cut(share):
    data = base().zip_bytes()
    return data[:int(len(data) * share)]


def beyond_the_end():
    return change(base().zip_bytes(), BODY, 42, "<I", 0x7FFFFFF0)


def local_header_disagrees():
    data = bytearray(base().zip_bytes())
    at = local_of(bytes(data), BODY) + 30
    data[at:at + 4] = b"evil"
    return bytes(data)


def directory_count_lies():
    data = bytearray(base().zip_bytes())
    at = data.rindex(b"PK\x05\x06")
    struct.pack_into("<HH", data, at + 8, 60000, 60000)
    return bytes(data)


def json_file(which, text):
    package = base()
    package.files[which] = text if isinstance(text, bytes) else text.encode()
    return package.zip_bytes()


ARTICLES = "knowledgehub/articles/articles.json"
HUB = "knowledgehub/knowledgehub.json"

# What is built, and what must be said: a rule's code among the findings, or words in `error`.
REFUSED = {
    "path with ..": (lambda: patch_name(b"xx/../../evil.txt"[:17].replace(b"..", b"yy"), b"xx/../../evil.txt"), "entry-path-unsafe"),
    "absolute path": (lambda: patch_name(b"Xetc/cron.d/evil", b"/etc/cron.d/evil"), "entry-path-unsafe"),
    "drive letter": (lambda: patch_name(b"CX/windows/evil", b"C:/windows/evil"), "entry-path-unsafe"),
    "backslashes": (lambda: patch_name(b"XXyyXXevil.txt", b"..\\..\\evil.tx"[:14].ljust(14, b"t")), "entry-path-unsafe"),
    "NUL in a name": (lambda: patch_name(b"evilXtxt.htm", b"evil\0txt.htm"), "entry-path-unsafe"),
    "control character in a name": (lambda: patch_name(b"evilXtxt.htm", b"evil\ntxt.htm"), "entry-path-unsafe"),
    "empty path segment": (lambda: patch_name(b"aXXb/evil.htm", b"a//b/evil.htm"), "entry-path-unsafe"),
    "dot segment": (lambda: patch_name(b"aXXXevil.htm", b"a/./evil.htm"), "entry-path-unsafe"),
    "very long path": (lambda: with_entry("a/" * 2000 + "evil.htm"), "entry-path-unsafe"),
    "name that is not UTF-8": (lambda: patch_name(b"evilXtxt.htm", b"evil\xfftxt.htm"), "entry-name-encoding"),
    "symbolic link": (link, "entry-link"),
    "symbolic link inside": (lambda: link("1.html"), "entry-link"),
    "device file": (device, "entry-link"),
    "encrypted": (encrypted, "entry-encrypted"),
    "unknown method (bzip2)": (lambda: method(12), "entry-method"),
    "unknown method (lzma)": (lambda: method(14), "entry-method"),
    "AES method": (lambda: method(99), "entry-encrypted|entry-method"),
    "duplicate entry": (duplicate, "entry-duplicate"),
    "file that is also a folder": (lambda: with_entry("manifest.json/evil.txt"), "entry-duplicate|entry-path-unsafe"),
    "overlapping entries": (overlapping, "entry-overlap"),
    "ratio forged in the directory": (forged_ratio, "entry-ratio-limit|entry-corrupt|package-size-limit"),
    "bomb by total": (bomb_by_total, "package-size-limit"),
    "too many entries": (many_entries, "package-entry-limit"),
    "cut in the middle": (lambda: cut(0.5), "package-unreadable"),
    "cut in the directory": (lambda: cut(0.97), "package-unreadable"),
    "no zip at all": (lambda: b"<html>sign in first</html>", "package-unreadable"),
    "empty file": (lambda: b"", "package-unreadable"),
    "entry beyond the end": (beyond_the_end, "package-unreadable"),
    "local header disagrees": (local_header_disagrees, "package-unreadable"),
    "directory's count lies": (directory_count_lies, "package-unreadable"),
    "zip of nothing": (lambda: b"PK\x05\x06" + bytes(18), "package-empty|package-not-found"),
    "manifest is no JSON": (lambda: json_file("manifest.json", "{oops"), "json-syntax"),
    "manifest is an array": (lambda: json_file("manifest.json", "[]"), "manifest-type"),
    "manifest of another version": (lambda: json_file("manifest.json", '{"formatVersion": "9.9"}'), "manifest-format-version"),
    "hub is no JSON": (lambda: json_file(HUB, '{"knowledge": {"folders": [}'), "json-syntax"),
    "hub is deep": (lambda: json_file(HUB, '{"knowledge":' + "[" * 10000 + "]" * 10000 + "}"), "json-depth"),
    "hub is not UTF-8": (lambda: json_file(HUB, b'{"knowledge": {"folders": [{"name": "\xff"}]}}'), "json-encoding"),
    "hub of the wrong type": (lambda: json_file(HUB, '"hello"'), "hub-structure"),
    "articles.json is empty": (lambda: json_file(ARTICLES, ""), "json-syntax"),
    "articles.json ends early": (lambda: json_file(ARTICLES, '{"articles": [{"name": "a"},'), "json-syntax"),
    "articles.json has no articles": (lambda: json_file(ARTICLES, '{"items": []}'), "articles-structure"),
    "articles.json has rubbish behind it": (lambda: json_file(ARTICLES, '{"articles": []} x'), "json-syntax"),
    "articles.json is deep": (lambda: json_file(ARTICLES, "[" * 100000), "json-depth|json-syntax"),
    "articles.json is UTF-16": (lambda: json_file(ARTICLES, '{"articles": []}'.encode("utf-16")), "json-encoding|json-syntax"),
}


def deep_article():
    return '{"articles": [{"name": "a", "x": ' + "[" * 5000 + "]" * 5000 + "}]}"


def long_article():
    return '{"articles": [{"name": "' + "a" * (5 << 20) + '"}]}'


# One item fails, the others are done.
ITEM_FAILS = {
    "damaged body": (flipped_byte, "entry-corrupt"),
    "bomb in a body": (bomb_by_ratio, "article-content-size|entry-ratio-limit"),
    "body that is not UTF-8": (lambda: json_file("knowledgehub/articles/content/1.html", b"<p>\xff\xfe</p>"), "article-content-encoding"),
    "article nested deep": (lambda: json_file(ARTICLES, deep_article()), "json-depth"),
    "article of five megabytes": (lambda: json_file(ARTICLES, long_article()), "json-size|article-name"),
    "article broken inside": (lambda: json_file(ARTICLES, '{"articles": [{"name": "a" "folder": 1}, {}]}'), "json-syntax"),
    "member twice": (lambda: json_file(ARTICLES, '{"articles": [{"name": "a", "name": "b"}]}'), "json-duplicate-member"),
    "lone surrogate": (lambda: json_file(ARTICLES, '{"articles": [{"name": "\\ud800"}]}'), "json-syntax"),
    "article that is a number": (lambda: json_file(ARTICLES, '{"articles": [17]}'), "article-structure"),
    "content that leaves the package": (lambda: content("../../../../etc/passwd"), "article-content"),
    "content by absolute path": (lambda: content("/etc/passwd"), "article-content"),
    "content by URL": (lambda: content("file:///etc/passwd"), "article-content"),
    "attachment that leaves resources/": (lambda: attachment("resources/../../../manifest.json"), "attachment-invalid"),
}


def content(path):
    package = base()
    package.articles[1]["content"] = path
    return package.zip_bytes()


def attachment(path):
    package = base()
    package.articles[1]["attachments"] = [{"name": "x", "path": path}]
    return package.zip_bytes()


@pytest.fixture(scope="module")
def cases(server):
    """Every hostile package validated: name → (job, status)."""
    api = Api(server, server.create_client())
    made = {name: make() for name, (make, _) in {**REFUSED, **ITEM_FAILS}.items()}
    return api, validate_all(api, server.share / "hostile", made)


def codes(api, job):
    return {row["rule"] for row in api.findings(job)}


@pytest.mark.parametrize("name", REFUSED)
def test_package_is_refused_clearly(cases, name):
    api, done = cases
    job, status = done[name]
    assert status["status"] == "Failed", status
    assert status["retryable"] is False, status
    assert status["error"]
    wanted = set(REFUSED[name][1].split("|"))
    assert wanted & codes(api, job), (codes(api, job), status)
    assert any(f"\t{code}\t" in api.log(job) for code in wanted)
    for line in api.log(job).splitlines():
        assert line.isprintable() or "\t" in line
        assert not set(line.replace("\t", "")) & set(map(chr, range(32)))


@pytest.mark.parametrize("name", ITEM_FAILS)
def test_item_fails_and_the_others_do_not(cases, name):
    api, done = cases
    job, status = done[name]
    wanted = set(ITEM_FAILS[name][1].split("|"))
    assert wanted & codes(api, job), (codes(api, job), status)
    if status["status"] == "Failed":  # a bomb may also be refused with the whole package
        assert "entry-ratio-limit" in wanted and "entry-ratio-limit" in codes(api, job)
        return
    assert status["results"]["errors"] >= 1
    assert status["progress"]["percentage"] == 100


def test_more_than_forty_kinds():
    assert len(REFUSED) + len(ITEM_FAILS) >= 40


def test_one_run_shows_everything_that_is_wrong_with_a_package(server, cases):
    api, _ = cases
    data = patch_name(b"Xetc/cron.d/evil", b"/etc/cron.d/evil")
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        info = zipfile.ZipInfo("knowledgehub/articles/content/l.html")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    path = server.share / "two-problems.zip"
    path.write_bytes(buffer.getvalue())
    job, status = api.run(path, operation=None)
    assert status["status"] == "Failed"
    assert {"entry-path-unsafe", "entry-link"} <= codes(api, job)


def test_folder_with_a_link_is_refused(server, cases):
    api, _ = cases
    folder = base().unpack(server.share / "linked")
    (folder / "knowledgehub/articles/content/evil.html").symlink_to("/etc/passwd")
    job, status = api.run(folder, operation=None)
    assert status["status"] == "Failed"
    assert "link" in status["error"].lower()


def test_share_that_leads_outside_by_a_link_is_refused(server, cases, tmp_path):
    api, _ = cases
    outside = base().write(tmp_path / "outside.zip")
    (server.share / "escape").symlink_to(outside.parent)
    answer = api.post("/import/content/validate",
                      json={"dataSource": {"type": "Shared file path", "path": f"file://{server.share}/escape/outside.zip"}})
    if answer.status_code == 202:
        status = api.wait(answer.headers["Location"].split("/")[-2])
        assert status["status"] == "Failed" and status["retryable"] is False
    else:
        assert answer.status_code == 400


def test_several_zips_in_a_folder_are_named(server, cases):
    api, _ = cases
    folder = server.share / "several"
    base().write(folder / "one.zip")
    base().write(folder / "two.zip")
    _, status = api.run(folder, operation=None)
    assert status["status"] == "Failed" and "one.zip" in status["error"] and "two.zip" in status["error"]


def test_package_changed_under_a_running_job_is_noticed(tmp_path):
    with Server(tmp_path, {"jobs.batch_items": "10", "jobs.max_items_per_second": "100"}) as slow:
        api = Api(slow, slow.create_client())
        path = Package(articles=500).write(slow.share / "changing.zip")
        job = api.submit(path)
        api.wait_processed(job, 10)
        slow.kill9()
        Package(articles=400).write(path)
        slow.start()
        status = Api(slow, slow.create_client()).wait(job)
        assert status["status"] == "Failed"
        assert "changed" in status["error"]


def test_server_is_untouched(server, cases):
    api, _ = cases
    assert api.get("/import/content/health").json()["status"] == "healthy"
    job, status = api.run(base().write(server.share / "clean.zip"))
    assert status["results"] == {"successful": 4, "warnings": 0, "errors": 0}
    assert not pathlib.Path("/etc/cron.d/evil").exists()
