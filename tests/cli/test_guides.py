"""The commands of docs/guides/, run as they stand and in their order: the guides that need no peer and no root."""

import os
import pathlib
import subprocess

import pytest

from support import guides
from support.packages import Package
from support.server import BINARY

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "guides"
SECONDS = 120


@pytest.fixture
def run(server, tmp_path):
    """Runs a guide in a folder of its own; where it leaves off, its output."""
    folder = tmp_path / "work"
    folder.mkdir()

    def run_guide(name, **variables):
        environment = {**server.environment, "WAYBILL_DATA_DIR": str(server.data), "SERVER": server.url, "SHARE": str(server.share),
                       "PATH": f"{pathlib.Path(BINARY).resolve().parent}:{os.environ['PATH']}", **variables}
        script = "\n".join(guides.blocks(GUIDES / name))
        done = subprocess.run(["sh", "-e", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False,
                              timeout=SECONDS)
        assert done.returncode == 0, f"{name}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    run_guide.folder = folder
    return run_guide


def test_from_a_folder_of_html(run):
    pages = run.folder / "pages" / "care"
    pages.mkdir(parents=True)
    (pages.parent / "index.html").write_text('<title>Start</title><p><a href="care/brakes.html">Brakes</a></p>')
    (pages / "brakes.html").write_text("<title>Brakes</title><p>Squeeze both levers.</p>")
    output = run("html-folder.md")
    assert "Brakes" in output, "the search"
    assert output.count("Successful") >= 4
    assert "Undo" in output


def test_from_a_pipeline(run, server):
    Package(articles=3, folders=("Pipeline",)).unpack(run.folder / "handbook")
    output = run("pipeline.md", COMMIT="4f2a9c1")
    assert "Successful" in output
    assert (run.folder / "findings.sarif").exists()


def test_from_an_sdk(run, server):
    Package(articles=3, folders=("Sdk",)).write(server.share / "handbook.zip")
    output = run("sdks.md")
    assert "Successful 100 %" in output
    assert "upload://" in output


def test_every_guide_is_listed_and_its_links_lead_somewhere():
    listed = (GUIDES / "README.md").read_text()
    for page in GUIDES.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in listed, page.name
        for target in guides.links(page):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
    readme = (ROOT / "README.md").read_text()
    assert "docs/guides/README.md" in readme


def test_what_is_wrong_fails_the_build(run):
    package = Package(articles=1)
    package.articles[0]["folder"] = {"path": "Nowhere"}
    package.unpack(run.folder / "handbook")
    first = guides.blocks(GUIDES / "pipeline.md")[0]
    environment = {**os.environ, "PATH": f"{pathlib.Path(BINARY).resolve().parent}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-e", "-c", first], cwd=run.folder, env=environment, capture_output=True, text=True, check=False,
                          timeout=SECONDS)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "handbook/knowledgehub/articles/articles.json" in (run.folder / "findings.sarif").read_text()
