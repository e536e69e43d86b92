"""The same package from a disk, a bucket and an SFTP server makes the same knowledge: the 10,137 pages of openjdk-17-doc."""

import hashlib
import os
import zipfile

import pytest

from support import postgres
from support.api import Api
from support.documents import pack, pages_of
from support.dump import knowledge
from support.server import MEASURED, Server
from support.swift import KEY, SECRET

LONG = bool(os.environ.get("WAYBILL_LONG"))
SHAPES = ["zip", "folder"] if LONG else ["zip"]  # a folder: some ten thousand files to bring one by one
MOST_MEMORY = 300e6  # bytes
MOST_CHARACTERS = 5_000_000  # of an article's body (contract, section 3)


pytestmark = [pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="one node runs each job, and has shown it alone"),
              # And of many minutes under a sanitizer, which has seen the same code with fewer pages.
              pytest.mark.skipif(not MEASURED, reason="ten thousand large pages are not for a sanitized server")]


@pytest.fixture(scope="module")
def pages():
    return pages_of("openjdk-17-doc", "/usr/share/doc/openjdk-17-jre-headless/api")


@pytest.fixture(scope="module")
def package(pages, tmp_path_factory):
    return pack(pages, tmp_path_factory.mktemp("package") / "openjdk.zip", "OpenJDK 17")


def is_too_long(page):
    return page.stat().st_size > MOST_CHARACTERS and len(page.read_text(encoding="utf-8")) > MOST_CHARACTERS


def kept_bytes(data):
    """The files that the server keeps beside its database, by path and content."""
    folder = data / "blobs"
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*") if path.is_file()}


def imported(folder, source, **settings):
    """What the package became on a server of its own, and that server's peak memory."""
    with Server(folder, settings) as server:
        api = Api(server, server.create_client())
        job, status = api.run("", dataSource=source)
        assert status["status"] == "Successful", status
        errors = [{name: value for name, value in finding.items() if name in ("file", "rule", "item")}
                  for finding in api.findings(job, severity="error")]
        peak = server.peak_memory()
        assert server.stop() == 0
    return {"results": status["results"], "errors": errors, "knowledge": knowledge(server.data),
            "files": kept_bytes(server.data)}, peak


@pytest.fixture(scope="module")
def from_disk(pages, package, tmp_path_factory):
    source = {"type": "Shared file path", "path": f"file://{package}"}
    whole, _ = imported(tmp_path_factory.mktemp("disk"), source, **{"sources.file_roots": str(package.parent)})
    files = [page for page in pages.rglob("*.html") if page.is_file()]
    too_long = {f"knowledgehub/articles/content/{page.relative_to(pages)}" for page in files if is_too_long(page)}
    assert {finding["file"] for finding in whole["errors"]} == too_long
    assert whole["knowledge"]["articles"][0] == len(files) - len(too_long) > 10_000
    assert whole["files"], "the pages bring style sheets and scripts along"
    return whole


def imported_from_afar(folder, source, **settings):
    whole, peak = imported(folder, source, **{"network.allow": "127.0.0.0/8", **settings})
    print(f"peak memory {peak / 1e6:.0f} MB")
    assert peak < MOST_MEMORY
    return whole


@pytest.mark.parametrize("shape", SHAPES)
def test_from_s3_it_is_the_same(from_disk, package, swift, bucket, tmp_path, shape):
    path = f"s3://{bucket}/in/openjdk"
    if shape == "zip":
        path += ".zip"
        swift.put(bucket, "in/openjdk.zip", package.read_bytes())
    else:
        with zipfile.ZipFile(package) as archive:
            for name in archive.namelist():
                swift.put(bucket, f"in/openjdk/{name}", archive.read(name))
    source = {"type": "AWS S3 bucket", "path": path, "credentials": {"accessKeyId": KEY, "secretAccessKey": SECRET}}
    assert imported_from_afar(tmp_path, source, **{"s3.endpoint": swift.url}) == from_disk


@pytest.mark.parametrize("shape", SHAPES)
def test_from_sftp_it_is_the_same(from_disk, package, sshd, tmp_path, shape):
    hosts = tmp_path / "hosts"
    hosts.write_text(sshd.known_hosts())
    path = package
    if shape == "folder":
        path = tmp_path / "openjdk"
        with zipfile.ZipFile(package) as archive:
            archive.extractall(path)
    source = {"type": "Shared file path", "path": sshd.url(str(path)),
              "credentials": {"username": sshd.user, "privateKey": sshd.user_key}}
    assert imported_from_afar(tmp_path, source, **{"sftp.known_hosts": str(hosts)}) == from_disk
