"""The page beside an import of 10,000 pages: it stays light, and nothing jumps. Frame rates depend on the machine: they are told, not judged."""

import json
import os
import pathlib

import pytest

PAGES = pathlib.Path("/usr/share/doc/openjdk-17-doc/api")
MOST_HEAP = 150 * 1024 * 1024


@pytest.mark.skipif(not os.environ.get("WAYBILL_LONG"), reason="./dev test --long web")
@pytest.mark.skipif(not PAGES.is_dir(), reason="openjdk-17-doc is not installed")
def test_ten_thousand_pages_beside_the_open_page(browser, server, api, account, record_property, capsys):
    package = server.share / "jdk" / "jdk.zip"
    package.parent.mkdir()
    server.cli("pack", PAGES.resolve(), "-o", package, "--name", "JDK", "--folder", "JDK", check=0)
    browser.do("signIn", **account)
    job = api.submit(package)
    ride = browser.do("ride.mjs:rideAlong", url=server.url, job=job)
    record_property("ride", json.dumps(ride))
    with capsys.disabled():
        print(f"\n{json.dumps(ride)}")
    assert ride["state"] == "Successful"
    assert api.status(job)["progress"]["total"] >= 9_000
    assert ride["mostHeap"] < MOST_HEAP
    assert ride["layoutShift"] < 0.05, ride["shifts"]
    assert ride["looks"] > 3, "the page showed the import as it went"
