"""What an import makes: folders, articles, topics, portals, their bodies, resources and links, and how they read back."""

import base64
import json

import pytest

from support.api import Api
from support.packages import Package, article, html
from support.server import Server

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def rich():
    package = Package(folders=())
    package.folders = [{"name": "Guides", "description": "How to", "folders": [{"name": "Bikes"}, {"name": "Locks"}]}]
    package.add({"name": "Brakes", "folder": {"path": "Guides/Bikes"}, "content": "content/brakes.html",
                 "description": "All about brakes", "articleSummary": "Stop well", "articleKeywords": "brake, stop",
                 "additionalInfo": "internal", "articleMacro": "brakes", "articleType": {"typeName": "How-to"},
                 "languageCode": "en-US", "availabilityDate": "2024-03-01T10:00:00.000Z",
                 "expirationDate": "2034-03-01T10:00:00Z",
                 "customAttributes": [{"name": "owner", "type": "text", "value": ["workshop"]}],
                 "attachments": [{"name": "Manual", "path": "resources/manual.pdf"}],
                 "tags": [{"category": "part", "name": "brake"}, "safety"],
                 "imageURL": "https://example.com/brake.png", "includeInGenAI": True},
                '<h1>Brakes</h1><p>Squeeze the lever. See <a href="locks.html#top">locks</a>.</p>'
                '<img src="../inline_resources/brake.png" alt="a brake">')
    package.add({"name": "Locks", "folder": {"path": "Guides/Locks"}, "content": "content/locks.html"},
                '<p>Zylinderschloss and <a href="brakes.html">brakes</a> und <a href="https://example.com/">more</a></p>')
    package.files["knowledgehub/articles/inline_resources/brake.png"] = PNG
    package.files["knowledgehub/articles/resources/manual.pdf"] = b"%PDF-1.4 the manual"
    package.topics = [{"name": "Safety", "description": "Stay safe", "topics": [{"name": "Stopping", "addArticles": {
        "fromArticles": [{"path": "Guides/Bikes/Brakes"}], "fromFolders": [{"path": "Guides/Locks"}]}}]}]
    package.portals = [{"name": "Riders", "description": "For riders", "addTopics": {
        "fromTopics": [{"path": "Safety/Stopping"}], "fromFolders": [{"path": "Guides"}]}}]
    return package


@pytest.fixture(scope="module")
def imported(server):
    """A department of its own with the rich package in it."""
    api = Api(server, server.create_client("rich"))
    package = rich()
    job, status = api.run(package.write(server.share / "rich.zip"))
    assert status["results"] == {"successful": 8, "warnings": 0, "errors": 0}, (status, api.findings(job))
    return api, package


def named(rows, name):
    found = [row for row in rows if row["name"] == name]
    assert len(found) == 1, (name, rows)
    return found[0]


def test_folders_are_there(imported):
    api, _ = imported
    rows = api.all("/folders", "folders")
    assert [row["path"] for row in rows] == ["Guides", "Guides/Bikes", "Guides/Locks"]
    assert rows[0]["description"] == "How to"
    assert all(row["id"].startswith("WB-") for row in rows)


def test_article_is_there_with_all_it_has(imported):
    api, _ = imported
    row = named(api.all("/articles", "articles"), "Brakes")
    one = api.get(f"/articles/{row['id']}").json()
    expected = {"name": "Brakes", "folder": {"path": "Guides/Bikes"}, "languageCode": "en-US",
                "description": "All about brakes", "articleSummary": "Stop well", "articleKeywords": "brake, stop",
                "additionalInfo": "internal", "articleMacro": "brakes", "articleType": {"typeName": "How-to"},
                "availabilityDate": "2024-03-01T10:00:00.000Z", "expirationDate": "2034-03-01T10:00:00.000Z",
                "customAttributes": [{"name": "owner", "type": "text", "value": ["workshop"]}],
                "imageURL": "https://example.com/brake.png", "includeInGenAI": True}
    for key, value in expected.items():
        assert one[key] == value, key
    assert {tag["name"] for tag in one["tags"]} == {"brake", "safety"}
    links = {link["url"]: link.get("articleId") for link in one["links"]}
    assert links["locks.html#top"] == named(api.all("/articles", "articles"), "Locks")["id"]
    assert one["attachments"][0]["name"] == "Manual"


def test_bodies_are_equal_byte_for_byte_and_never_live(imported):
    api, package = imported
    for row in api.all("/articles", "articles"):
        entry = named(package.articles, row["name"])
        answer = api.get(f"/articles/{row['id']}/content")
        assert answer.content == package.files["knowledgehub/articles/" + entry["content"]]
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_attachments_and_inline_resources_can_be_fetched(imported):
    api, _ = imported
    row = named(api.all("/articles", "articles"), "Brakes")
    one = api.get(f"/articles/{row['id']}").json()
    assert api.get(f"/articles/{row['id']}/attachments/0").content == b"%PDF-1.4 the manual"
    path = one["inlineResources"][0]["path"]
    assert path == "inline_resources/brake.png"
    encoded = path.replace("/", "%2F")
    assert api.get(f"/articles/{row['id']}/resources/{encoded}").content == PNG


def test_topics_and_portals_have_their_articles(imported):
    api, _ = imported
    articles = {row["name"]: row["id"] for row in api.all("/articles", "articles")}
    topics = {row["path"]: row for row in api.all("/topics", "topics")}
    assert set(topics) == {"Safety", "Safety/Stopping"}
    assert sorted(topics["Safety/Stopping"]["articles"]) == sorted(articles.values())
    portal = api.all("/portals", "portals")[0]
    assert portal["name"] == "Riders" and portal["topics"] == [topics["Safety/Stopping"]["id"]]


def test_search_finds_words_phrases_and_never_fails(imported):
    api, _ = imported

    def names(query):
        return [hit["name"] for hit in api.get("/search", params={"q": query}).json()["hits"]]

    assert names("squeeze") == ["Brakes"]
    assert names("Zylinderschloss") == ["Locks"]
    assert names("brakes")[0] == "Brakes"
    assert names('"squeeze the lever"') == ["Brakes"]
    assert names('"lever the squeeze"') == []
    for odd in ('"', "AND", "NOT", "a OR", "*", "(", "name:", "^", "-", "\u00e9\U0001F600", "'", "NEAR(", "%00", "std::vector"):
        assert isinstance(names(odd), list)


def test_second_import_changes_nothing(imported, server):
    api, package = imported
    before = api.all("/articles", "articles")
    for operation in ("import", "reimport"):
        _, status = api.run(server.share / "rich.zip", operation=operation)
        assert status["results"] == {"successful": 8, "warnings": 0, "errors": 0}
    assert api.all("/articles", "articles") == before


def test_changed_article_is_an_error_for_import_and_updated_by_reimport(server):
    api = Api(server, server.create_client("changing"))
    package = Package(articles=3)
    path = package.write(server.share / "changing.zip")
    api.run(path)
    package.files["knowledgehub/articles/content/1.html"] = b"<p>new words</p>"
    package.write(path)
    validation, status = api.run(path, operation=None)
    assert status["results"]["errors"] == 1
    job, status = api.run(path)
    assert status["results"] == {"successful": 3, "warnings": 0, "errors": 1}
    found = api.findings(job, severity="error")
    assert [row["rule"] for row in found] == ["already-exists"]
    assert found[0]["item"] == "Guides/Article 1"
    _, status = api.run(path, operation="reimport")
    assert status["results"] == {"successful": 4, "warnings": 0, "errors": 0}
    row = named(api.all("/articles", "articles"), "Article 1")
    assert api.get(f"/articles/{row['id']}/content").content == b"<p>new words</p>"
    assert [hit["name"] for hit in api.get("/search", params={"q": "new words"}).json()["hits"]] == ["Article 1"]


def test_departments_do_not_see_each_other(server, imported):
    api, _ = imported
    other = Api(server, server.create_client("strangers"))
    row = api.all("/articles", "articles")[0]
    for path in ("", "/content"):
        assert other.get(f"/articles/{row['id']}{path}").status_code == 404
    assert other.all("/articles", "articles") == []
    assert other.all("/folders", "folders") == []
    assert other.get("/search", params={"q": "brakes"}).json()["hits"] == []


def test_validation_that_passes_is_an_import_that_passes(server):
    api = Api(server, server.create_client("twins"))
    path = rich().write(server.share / "twins.zip")
    _, validated = api.run(path, operation=None)
    assert api.all("/folders", "folders") == []
    _, imported = api.run(path)
    assert validated["results"] == imported["results"]


def test_every_problem_of_a_package_is_shown_in_one_run(server):
    api = Api(server, server.create_client("problems"))
    package = Package(articles=4)
    package.articles[0].update({"name": "", "languageCode": "en-UK", "availabilityDate": "2023-02-30T10:00:00Z"})
    package.articles[1].update({"folder": {"path": "Guide"}, "colour": "red"})
    package.articles[2]["content"] = "content/2.htm"
    package.files["knowledgehub/articles/content/3.html"] = b'<a href="1.htm">x</a><script>alert(1)</script>'
    job, status = api.run(package.write(server.share / "problems.zip"), operation=None)
    assert status["results"] == {"successful": 1, "warnings": 1, "errors": 3}
    rows = {row["rule"]: row for row in api.findings(job)}
    assert set(rows) >= {"article-name", "article-language", "article-date", "article-folder-unknown",
                         "article-unknown-member", "article-content-missing", "reference-broken", "active-content"}
    text = package.contents()["knowledgehub/articles/articles.json"].decode()
    row = rows["article-language"]
    assert row["file"] == "knowledgehub/articles/articles.json"
    assert row["pointer"] == "/articles/0/languageCode"
    line = next(number for number, content in enumerate(text.splitlines(), 1) if "en-UK" in content)
    assert row["line"] == line
    assert "en-US" in row["advice"] or "en-GB" in row["advice"]
    assert "Guides" in rows["article-folder-unknown"]["message"] + rows["article-folder-unknown"]["advice"]
    assert "2.html" in rows["article-content-missing"]["advice"]
    assert "1.html" in rows["reference-broken"]["advice"]
    assert rows["reference-broken"]["line"] == 1


def test_folder_package_equals_its_zip(server):
    one = Api(server, server.create_client("zip"))
    two = Api(server, server.create_client("folder"))
    package = rich()
    _, first = one.run(package.write(server.share / "same.zip"))
    _, second = two.run(package.unpack(server.share / "same-folder"))
    assert first["results"] == second["results"]

    def plain(api):
        own = ("id", "jobId", "created", "modified")
        return [json.loads(json.dumps({key: value for key, value in row.items() if key not in own}).replace(row["id"], "ID"))
                for row in api.all("/articles", "articles")]

    assert plain(one) == plain(two)


def test_package_below_one_top_folder_and_the_accepted_names(server):
    api = Api(server, server.create_client("top"))
    package = Package(articles=2)
    files = package.contents()
    package.files["knowledgehub/knowledge.json"] = files["knowledgehub/knowledgehub.json"]
    package.files["knowledgehub/articles/article.json"] = files["knowledgehub/articles/articles.json"]
    package.files["knowledgehub/knowledgehub.json"] = None
    package.files["knowledgehub/articles/articles.json"] = None
    _, status = api.run(package.write(server.share / "top.zip", top="export-2024/"))
    assert status["results"] == {"successful": 3, "warnings": 0, "errors": 0}


def test_language_must_be_enabled_for_the_department(tmp_path):
    (tmp_path / "waybill.toml").write_text('[languages]\nsmall = ["en-US"]\n')
    with Server(tmp_path, environment={"WAYBILL_CONFIG": str(tmp_path / "waybill.toml")}) as server:
        package = Package(articles=1)
        package.articles[0]["languageCode"] = "de-DE"
        path = package.write(server.share / "a.zip")
        small = Api(server, server.create_client("small"))
        job, status = small.run(path, operation=None)
        assert status["results"]["errors"] == 1
        assert [row["rule"] for row in small.findings(job, severity="error")] == ["article-language-off"]
        large = Api(server, server.create_client("large"))
        assert large.run(path, operation=None)[1]["results"]["errors"] == 0
