"""Hostile and broken values inside well-formed packages: a table of what is sent and what must be said of it. With
test_hostile.py's zips and files there are more than 120 kinds."""

import json

import pytest

from support.api import Api, validate_all
from support.packages import Package, article, html
from support.server import MEASURED, Server
import test_hostile as zips

ARTICLES = "knowledgehub/articles/articles.json"
HUB = "knowledgehub/knowledgehub.json"
RTL, ZERO_WIDTH, BOM = "\u202e", "\u200b", "\ufeff"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("content")) as running:
        yield running
        assert not MEASURED or running.peak_memory() < zips.MEMORY_LIMIT


def with_article(**members):
    """The second of three articles has these members."""
    package = Package(articles=3)
    package.articles[1].update(members)
    return package


def without(member):
    package = Package(articles=3)
    del package.articles[1][member]
    return package


def with_body(text):
    package = Package(articles=3)
    package.files["knowledgehub/articles/content/1.html"] = text if isinstance(text, bytes) else text.encode()
    return package


def with_hub(**members):
    package = Package(articles=3)
    for name, value in members.items():
        setattr(package, name, getattr(package, name) + value)
    return package


def with_manifest(**members):
    package = Package(articles=3)
    package.manifest.update(members)
    return package


def with_file(path, data):
    package = Package(articles=3)
    package.files[path] = data
    return package


def nested(kind, depth):
    row = {"name": "end"}
    for number in range(depth):
        row = {"name": f"level {number}", kind: [row]}
    return row


def attached(path, data=None, count=1):
    package = with_article(attachments=[{"name": f"file {number}", "path": path} for number in range(count)])
    if data is not None:
        package.files[f"knowledgehub/articles/{path}"] = data
    return package


# What is sent, and the rule that must be among the findings.
KINDS = {
    # names
    "article without a name": (lambda: without("name"), "article-name"),
    "empty name": (lambda: with_article(name=""), "article-name"),
    "name of 256": (lambda: with_article(name="n" * 256), "article-name"),
    "name with a slash": (lambda: with_article(name="../../etc/passwd"), "article-name"),
    "name that is null": (lambda: with_article(name=None), "article-name|article-structure"),
    "name that is a number": (lambda: with_article(name=7), "article-structure"),
    "name that is a list": (lambda: with_article(name=["a"]), "article-structure"),
    "name twice in the package": (lambda: with_article(name="Article 0"), "article-duplicate"),
    # folders
    "article without a folder": (lambda: without("folder"), "article-folder"),
    "folder that is a text": (lambda: with_article(folder="Guides"), "article-structure|article-folder"),
    "folder without a path": (lambda: with_article(folder={}), "article-folder"),
    "folder that is not there": (lambda: with_article(folder={"path": "Guidez"}), "article-folder-unknown"),
    "folder path with ..": (lambda: with_article(folder={"path": "Guides/../.."}), "article-folder|article-folder-unknown"),
    "folder path with empty parts": (lambda: with_article(folder={"path": "Guides//"}), "article-folder|article-folder-unknown"),
    "folder path of a megabyte": (lambda: with_article(folder={"path": "a/" * 500_000}), "article-folder|article-folder-unknown"),
    "hub folder without a name": (lambda: with_hub(folders=[{}]), "folder-name"),
    "hub folder of 256": (lambda: with_hub(folders=[{"name": "f" * 256}]), "folder-name"),
    "hub folder with a slash": (lambda: with_hub(folders=[{"name": "a/b"}]), "folder-name"),
    "hub folder that is a number": (lambda: with_hub(folders=[3]), "folder-structure"),
    "hub folder's children are a text": (lambda: with_hub(folders=[{"name": "x", "folders": "y"}]), "folder-structure"),
    "hub folders 21 deep": (lambda: with_hub(folders=[nested("folders", 21)]), "folder-depth"),
    "hub folders 5000 deep": (lambda: zips.json_file(HUB, '{"knowledge":{"folders":[' + '{"name":"a","folders":[' * 5000 + "]}" * 5000 + "]}}"), "json-depth|folder-depth"),
    "hub folder twice": (lambda: with_hub(folders=[{"name": "Guides"}]), "folder-duplicate"),
    "hub folder's description of 1001": (lambda: with_hub(folders=[{"name": "x", "description": "d" * 1001}]), "folder-description"),
    "hub folder with a member nobody knows": (lambda: with_hub(folders=[{"name": "x", "__proto__": {"admin": True}}]), "hub-unknown-member"),
    # topics and portals
    "topic without a name": (lambda: with_hub(topics=[{}]), "topic-name"),
    "topic of 256": (lambda: with_hub(topics=[{"name": "t" * 256}]), "topic-name"),
    "topic that is a text": (lambda: with_hub(topics=["t"]), "topic-structure"),
    "topics 21 deep": (lambda: with_hub(topics=[nested("topics", 21)]), "topic-depth"),
    "topic twice": (lambda: with_hub(topics=[{"name": "t"}, {"name": "t"}]), "topic-duplicate"),
    "topic's description of 256": (lambda: with_hub(topics=[{"name": "t", "description": "d" * 256}]), "topic-description"),
    "topic with an unknown article": (lambda: with_hub(topics=[{"name": "t", "addArticles": {"fromArticles": [{"path": "Guides/Artikel 1"}]}}]), "topic-article-unknown"),
    "topic with an unknown folder": (lambda: with_hub(topics=[{"name": "t", "addArticles": {"fromFolders": [{"path": "../x"}]}}]), "topic-folder-unknown"),
    "topic whose articles are a number": (lambda: with_hub(topics=[{"name": "t", "addArticles": 1}]), "topic-structure"),
    "2501 topics under one": (lambda: with_hub(topics=[{"name": "t", "topics": [{"name": str(n)} for n in range(2501)]}]), "topic-children-limit"),
    "50001 topics": (lambda: with_hub(topics=[{"name": str(n), "topics": [{"name": str(m)} for m in range(2400)]} for n in range(21)]), "package-topic-limit"),
    "portal without a name": (lambda: with_hub(portals=[{}]), "portal-name"),
    "portal that is a list": (lambda: with_hub(portals=[[]]), "portal-structure"),
    "portal twice": (lambda: with_hub(portals=[{"name": "p"}, {"name": "p"}]), "portal-duplicate"),
    "portal with an unknown topic": (lambda: with_hub(portals=[{"name": "p", "addTopics": {"fromTopics": [{"path": "no"}]}}]), "portal-topic-unknown"),
    # content
    "article without content": (lambda: without("content"), "article-content"),
    "content that is not there": (lambda: with_article(content="content/none.html"), "article-content-missing|article-content"),
    "content that is a number": (lambda: with_article(content=1), "article-structure"),
    "content by backslashes": (lambda: with_article(content="content\\1.html"), "article-content|article-content-missing"),
    "content with a NUL": (lambda: with_article(content="content/1.html\0.txt"), "article-content|article-content-missing"),
    "content percent-encoded upwards": (lambda: with_article(content="%2e%2e/%2e%2e/manifest.json"), "article-content|article-content-missing"),
    "content that is the articles.json": (lambda: with_article(content="../articles/articles.json"), "article-content|article-content-missing"),
    "body of UTF-16": (lambda: with_body("<p>x</p>".encode("utf-16")), "article-content-encoding"),
    "body with overlong UTF-8": (lambda: with_body(b"<p>\xc0\xae\xc0\xae/</p>"), "article-content-encoding"),
    "body with a surrogate": (lambda: with_body(b"<p>\xed\xa0\x80</p>"), "article-content-encoding"),
    "body that is a PNG": (lambda: with_body(b"\x89PNG\r\n\x1a\n" + bytes(range(256))), "article-content-encoding"),
    "body of five million and one": (lambda: with_body("x" * 5_000_001), "article-content-size"),
    # texts and limits
    "description of 1001": (lambda: with_article(description="d" * 1001), "article-text-length"),
    "summary of 1025": (lambda: with_article(articleSummary="d" * 1025), "article-text-length"),
    "keywords of 1025": (lambda: with_article(articleKeywords="d" * 1025), "article-text-length"),
    "description that is an object": (lambda: with_article(description={}), "article-structure"),
    "macro with blanks": (lambda: with_article(articleMacro="a b"), "article-macro"),
    "macro of 256": (lambda: with_article(articleMacro="m" * 256), "article-macro"),
    "macro with markup": (lambda: with_article(articleMacro="<script>"), "article-macro"),
    "type of 256": (lambda: with_article(articleType={"typeName": "t" * 256}), "article-type"),
    "type that is a text": (lambda: with_article(articleType="FAQ"), "article-structure|article-type"),
    "language that does not exist": (lambda: with_article(languageCode="xx-XX"), "article-language"),
    "language that is a path": (lambda: with_article(languageCode="../en"), "article-language"),
    "language that is a number": (lambda: with_article(languageCode=1), "article-structure|article-language"),
    "date of February 30": (lambda: with_article(availabilityDate="2024-02-30T00:00:00Z"), "article-date"),
    "date without a zone": (lambda: with_article(availabilityDate="2024-02-01T00:00:00"), "article-date"),
    "date of year 99999": (lambda: with_article(expirationDate="99999-01-01T00:00:00Z"), "article-date"),
    "date of month 13": (lambda: with_article(expirationDate="2024-13-01T00:00:00Z"), "article-date"),
    "date that is a number": (lambda: with_article(availabilityDate=1709280000), "article-structure|article-date"),
    "expires before it is available": (lambda: with_article(availabilityDate="2024-02-02T00:00:00Z", expirationDate="2024-02-01T00:00:00Z"), "article-date-order"),
    "sixteen attributes": (lambda: with_article(customAttributes=[{"name": str(n), "type": "text", "value": ["v"]} for n in range(16)]), "article-attribute"),
    "attribute of 4001": (lambda: with_article(customAttributes=[{"name": "n", "type": "text", "value": ["v" * 4001]}]), "article-attribute"),
    "attributes that are a text": (lambda: with_article(customAttributes="a"), "article-structure|article-attribute"),
    "tag that is a number": (lambda: with_article(tags=[1]), "article-tags|article-structure"),
    "image by javascript": (lambda: with_article(imageURL="javascript:alert(1)"), "article-image-url"),
    "image from a file": (lambda: with_article(imageURL="file:///etc/passwd"), "article-image-url"),
    "image of 2001": (lambda: with_article(imageURL="https://x/" + "a" * 2000), "article-image-url"),
    "flag that is a text": (lambda: with_article(includeInGenAI="yes"), "article-structure"),
    "member nobody knows": (lambda: with_article(isAdmin=True), "article-unknown-member"),
    # attachments
    "attachment that is not there": (lambda: attached("resources/none.txt"), "attachment-missing"),
    "attachment that is empty": (lambda: attached("resources/a.txt", b""), "attachment-size"),
    "attachment of 25 MiB and one": (lambda: attached("resources/a.bin", bytes(range(256)) * 102400 + b"x"), "attachment-size|entry-ratio-limit"),
    "51 attachments": (lambda: attached("resources/a.txt", b"x", 51), "attachment-invalid"),
    "attachment outside resources": (lambda: attached("content/1.html"), "attachment-invalid"),
    "attachment by absolute path": (lambda: attached("/etc/passwd"), "attachment-invalid"),
    "attachments that are an object": (lambda: with_article(attachments={"a": 1}), "article-structure|attachment-invalid"),
    # bodies that try to run or to lead away
    "script": (lambda: with_body("<script>alert(1)</script>"), "active-content"),
    "script in odd letters": (lambda: with_body("<ScRiPt >alert(1)</sCrIpT >"), "active-content"),
    "event handler": (lambda: with_body("<p onclick=alert(1)>x</p>"), "active-content"),
    "event handler behind a slash": (lambda: with_body("<img/onerror=alert(1)/src=a.png>"), "active-content"),
    "javascript link": (lambda: with_body('<a href="javascript:alert(1)">x</a>'), "active-content"),
    "javascript link with a tab": (lambda: with_body('<a href="java\tscript:alert(1)">x</a>'), "active-content"),
    "javascript link by entities": (lambda: with_body('<a href="&#106;avascript:alert(1)">x</a>'), "active-content"),
    "javascript behind control characters": (lambda: with_body('<a href="\x01 javascript:alert(1)">x</a>'), "active-content"),
    "frame": (lambda: with_body('<iframe src="https://example.org/"></iframe>'), "active-content"),
    "object": (lambda: with_body('<object data="https://example.org/x"></object>'), "active-content"),
    "embed": (lambda: with_body('<embed src="https://example.org/x">'), "active-content"),
    "script inside SVG": (lambda: with_body("<svg><script>alert(1)</script></svg>"), "active-content"),
    "handler inside SVG": (lambda: with_body("<svg onload=alert(1)></svg>"), "active-content"),
    "reference that leaves the package": (lambda: with_body('<img src="../../../../../etc/passwd">'), "reference-broken|reference-invalid"),
    "reference that is encoded upwards": (lambda: with_body('<img src="%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd">'), "reference-broken|reference-invalid"),
    "reference that is not UTF-8": (lambda: with_body('<img src="%ff%fe.png">'), "reference-invalid|reference-broken"),
    "reference with a NUL": (lambda: with_body('<img src="a%00.png">'), "reference-invalid|reference-broken"),
    "srcset of many": (lambda: with_body('<img srcset="' + ", ".join(f"gone{n}.png {n}w" for n in range(1, 500)) + '">'), "reference-broken"),
    # the manifest
    "manifest's name is a number": (lambda: with_manifest(name=1), "manifest-type"),
    "manifest of another department": (lambda: with_manifest(department="somebody else"), "manifest-department"),
    "manifest's language is none": (lambda: with_manifest(language="tlh"), "manifest-value"),
    "manifest's date is none": (lambda: with_manifest(createdDate="yesterday"), "manifest-value"),
    "manifest's counts lie": (lambda: with_manifest(counts={"articles": 10**9}), "manifest-counts"),
    "manifest's counts are negative": (lambda: with_manifest(counts={"articles": -1}), "manifest-counts|manifest-type|manifest-value"),
    "manifest with a member nobody knows": (lambda: with_manifest(evil=True), "manifest-unknown-member"),
    # JSON
    "number of a thousand digits": (lambda: zips.json_file(ARTICLES, '{"articles": [{"name": ' + "9" * 1000 + "}]}"), "article-structure|json-syntax"),
    "comments": (lambda: zips.json_file(ARTICLES, '{"articles": [/* none */]}'), "json-syntax"),
    "comma at the end": (lambda: zips.json_file(ARTICLES, '{"articles": [{},]}'), "json-syntax"),
    "single quotes": (lambda: zips.json_file(ARTICLES, "{'articles': []}"), "json-syntax"),
    "control character in a text": (lambda: zips.json_file(ARTICLES, '{"articles": [{"name": "a\x01b"}]}'), "json-syntax"),
    "NaN": (lambda: zips.json_file(ARTICLES, '{"articles": [{"name": NaN}]}'), "json-syntax"),
    "articles twice": (lambda: zips.json_file(ARTICLES, '{"articles": [], "articles": []}'), "json-duplicate-member"),
    "articles that are an object": (lambda: zips.json_file(ARTICLES, '{"articles": {}}'), "articles-structure"),
    "file nothing uses": (lambda: with_file("knowledgehub/articles/resources/unused.bin", b"x"), "resources-unused"),
}


@pytest.fixture(scope="module")
def cases(server):
    """All of them validated: name → (job, status)."""
    api = Api(server, server.create_client())
    made = {name: make() for name, (make, _) in KINDS.items()}
    zipped = {name: each if isinstance(each, bytes) else each.zip_bytes() for name, each in made.items()}
    return api, validate_all(api, server.share / "content", zipped)


@pytest.mark.parametrize("name", KINDS)
def test_hostile_value_is_named_and_the_server_goes_on(cases, name):
    api, done = cases
    job, status = done[name]
    found = {row["rule"] for row in api.findings(job)}
    wanted = set(KINDS[name][1].split("|"))
    assert wanted & found, (found, status)
    if status["status"] == "Failed":
        assert status["retryable"] is False and status["error"], status
    else:
        assert status["status"] == "Successful" and status["progress"]["percentage"] == 100, status
    log = api.log(job)
    assert any(f"\t{code}\t" in log for code in wanted)
    for line in log.splitlines():
        assert not set(line.replace("\t", "")) & set(map(chr, range(32))), line


def test_more_than_120_kinds():
    assert len(zips.REFUSED) + len(zips.ITEM_FAILS) + len(KINDS) > 120


@pytest.mark.parametrize("text", [RTL + "txt.exe", "a" + ZERO_WIDTH + "b", BOM + "x", "e\u0301" * 100, "\U0001f4a9" * 60])
def test_odd_but_legal_names_come_back_as_they_went_in(server, cases, text):
    api, _ = cases
    package = Package(folders=("Odd",))
    package.add(article(1, "Odd", name=text), html(1))
    _, status = api.run(package.write(server.share / "odd.zip"), operation="reimport")
    assert status["results"]["errors"] == 0, status
    assert text in [row["name"] for row in api.all("/articles", "articles")]
