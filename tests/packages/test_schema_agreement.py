"""The JSON Schemas in api/schemas/ and the code in src/validation/ refuse the same packages.

What one file alone cannot tell (whether a folder exists, which of two dates is later, what is nested too deep) is
in no schema; such rules are left out of the comparison.
"""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validation_probe import probe_path

ROOT = Path(__file__).resolve().parents[2]

STRUCTURAL_RULES = {
    "manifest": {"manifest-type", "manifest-format-version", "manifest-value"},
    "hub": {
        "hub-structure", "topic-children-limit",
        "folder-structure", "folder-name", "folder-description",
        "topic-structure", "topic-name", "topic-description",
        "portal-structure", "portal-name",
    },
    "articles": {
        "article-structure", "article-name", "article-folder", "article-content", "article-text-length",
        "article-macro", "article-type", "article-language", "article-date", "article-attribute", "article-tags",
        "article-image-url", "attachment-invalid",
    },
}

# The same cases in every run: a failure is a disagreement, never bad luck.
FIXED = settings(max_examples=40, deadline=None, derandomize=True, database=None,
                 suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.fixture(scope="session")
def probe(tmp_path_factory):
    """Gives the findings of a document as the code judges it."""
    path = probe_path()
    file = tmp_path_factory.mktemp("probe") / "file.json"

    def run(kind, document):
        file.write_text(json.dumps(document), encoding="ascii")
        done = subprocess.run([path, kind, str(file)], capture_output=True, timeout=60, check=True)
        # Of bytes, splitlines() ends lines at "\n" and "\r" alone.
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def ecma_pattern(validator, pattern, instance, schema):
    """JSON Schema means ECMA-262, where '$' is the very end; in Python it also stands before a last newline."""
    if validator.is_type(instance, "string") and not re.search(pattern.replace("$", r"\Z"), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": ecma_pattern})


def schema_of(name):
    return json.loads((ROOT / "api" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))


def why(validator, instance):
    """The schema's complaints, shortened; empty where it has none."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(instance)]


ARTICLE = Validator({**schema_of("articles"), "anyOf": [{"$ref": "#/$defs/article"}]})
MANIFEST = Validator(schema_of("manifest"))
HUB = Validator(schema_of("knowledgehub"))


def errors_of(kind, findings):
    return [f for f in findings if f["severity"] == "error" and f["rule"] in STRUCTURAL_RULES[kind]]


def assert_articles_agree(probe, articles):
    by_article = {}
    for finding in errors_of("articles", probe("articles", {"articles": articles})):
        index = int(finding["pointer"].split("/")[2])
        by_article.setdefault(index, []).append(finding)
    for index, article in enumerate(articles):
        schema, code = why(ARTICLE, article), by_article.get(index, [])
        assert bool(schema) == bool(code), f"of {article!r}\nthe schema says {schema}\nthe code says {code}"


def assert_file_agrees(probe, kind, validator, document):
    schema, code = why(validator, document), errors_of(kind, probe(kind, document))
    assert bool(schema) == bool(code), f"of {document!r}\nthe schema says {schema}\nthe code says {code}"


# Values, right and wrong

WRONG_TYPES = [None, True, False, 0, 1.5, "", "x", [], ["x"], {}, {"a": 1}]

# One byte, two, three and four in UTF-8; what rules single out; white space of several kinds.
CHARACTERS = list("ab/.\\<>`,?;&\"'!+:@[]#%-_ \t\n\r\x0b\x00\x7f\x85\xa0äß€\u2003\u2028\u3000\u200b😀")


def around(limit):
    """Texts about as long as a limit, in code points of different width."""
    return [character * (limit + more) for character in "x€😀" for more in (-1, 0, 1)]


NAMES = ["N", "a b", "ä", "a/b", "/", "n\n", *around(255)]
FOLDER_PATHS = ["A", "A/B", "/A", "A/", "A//B", "/", "//", "A\n", "A/\n", "a/" * 19 + "a", "a/" * 20 + "a",
                *around(255), *("A/" + name for name in around(255))]
FILES = ["a.html", "content/a.html", "./a.htm", "a/./b.XHTML", "/a.html", "a//b.html", "../a.html", "a/../b.html",
         "a/..", "a\\b.html", "a.html/", "a.html/.", ".html", "..html", "a.html\n", "a.txt", "a.htmlx", "html",
         "..\n/a.html", "a\x00.html", "./.", ".", "..", "...html"]
ATTACHMENTS = ["resources/a", "./resources/a", "././resources/./a", "resources", "resources/", "resources/.",
               "resources/..", "resources/../resources/a", "resources//a", "/resources/a", "a/resources/b", "Resources/a",
               "resources\\a", "resources/a/b.pdf", "resources/a\n", "resources/..\n", "resources/.\n", "resources/...",
               "resources/a/.", "./resources", "resources/\x00", "resources/a%20b"]
DATES = ["2024-03-01T10:00:00.000Z", "2024-03-01T10:00:00Z", "2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z",
         "2100-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "0000-02-29T00:00:00Z", "9999-12-31T23:59:59.999Z",
         "2024-04-31T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z",
         "2024-01-32T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T23:60:00Z", "2024-01-01T23:59:60Z",
         "2024-01-01T00:00:00.00Z", "2024-01-01T00:00:00.0000Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+00:00",
         "2024-01-01T00:00:00-23:59", "2024-01-01T00:00:00+24:00", "2024-01-01t00:00:00z", "2024-01-01 00:00:00Z",
         "2024-01-01", "2024-01-01T00:00:00Z\n", " 2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123456789Z",
         "2024-01-01T00:00:00.1234567890Z", "２024-01-01T00:00:00Z"]
URLS = ["http://h", "https://h/x.png", "HTTPS://H", "ftp://h", "//h", "h", "http:h", "http:/h", "http://", "http:///x",
        "http://?a", "http://#a", "http://:80", "http://h:", "http://h:80", "http://h:8x", "http://h:80:1",
        "http://u@h", "http://u:p@h:1/", "http://u@v@h", "http://@h", "http://u@", "http://[::1]", "http://[]", "http://[",
        "http://[g]", "http://[::1]x", "http://[::1]:8", "http://a[b", "http://a]b", "http://u[@h", "http://h/[x]",
        "http://h?a@b:c", "http://h/a b", "http://h\n", "http://h/\x7f", "http://ä/ö", "http://h/\\", "http://h<",
        'http://h/"', "xhttp://h", "http://" + "h" * 1993, "http://" + "h" * 1994, "http://" + "😀" * 1993,
        "http://" + "😀" * 1994]
MACROS = ["m", "ä", "", "a b", *(f"a{c}b" for c in CHARACTERS), *around(255)]
LANGUAGES = schema_of("articles")["$defs"]["language"]["enum"]
LANGUAGES = [*LANGUAGES, "en-us", "en", "en_US", "xx-XX", "en-US\n", " en-US"]


def objects(members):
    """Objects with any of the members, each with any of its values, and now and then one that nobody knows."""
    known = {name: st.sampled_from(values) if isinstance(values, list) else values for name, values in members.items()}
    return st.fixed_dictionaries({}, optional={**known, "unknown": st.sampled_from(WRONG_TYPES)})


def mostly(good, odd):
    """The good value four times in five."""
    return st.integers(0, 4).flatmap(lambda n: odd if n == 0 else st.just(good))


any_text = st.text(st.sampled_from(CHARACTERS), max_size=12)
any_wrong = st.sampled_from(WRONG_TYPES)


def member(values, *more):
    return st.one_of(st.sampled_from(values), any_text, any_wrong, *more)


attribute = st.one_of(any_wrong, objects({
    "name": [*WRONG_TYPES, *around(4000)], "type": WRONG_TYPES,
    "value": [[], ["a"], [""], [1], [None], "a", {}, *([value] for value in around(4000))]}))
attachment = st.one_of(any_wrong, objects({"name": ["n", "", *WRONG_TYPES], "path": [*ATTACHMENTS, *WRONG_TYPES]}))
tag = st.one_of(any_wrong, objects({"category": WRONG_TYPES, "name": ["t", *WRONG_TYPES]}))

GOOD_ARTICLE = {"name": "N", "folder": {"path": "A/B"}, "content": "content/a.html"}
ARTICLE_MEMBERS = {
    "name": member(NAMES),
    "folder": st.one_of(any_wrong, objects({"path": member(FOLDER_PATHS)})),
    "content": member(FILES, any_text.map(lambda text: text + ".html")),
    "description": member(around(1000)),
    "articleSummary": member(around(1024)),
    "articleKeywords": member(around(1024)),
    "additionalInfo": member(around(1024)),
    "articleMacro": member(MACROS),
    "articleType": st.one_of(any_wrong, objects({"typeName": [*WRONG_TYPES, *around(255)]})),
    "languageCode": member(LANGUAGES),
    "availabilityDate": member(DATES),
    "expirationDate": member(DATES),
    "customAttributes": st.one_of(any_wrong, st.lists(attribute, max_size=3), st.sampled_from(
        [[{"name": "a", "value": []}] * count for count in (15, 16)])),
    "attachments": st.one_of(any_wrong, st.lists(attachment, max_size=3), st.sampled_from(
        [[{"name": "a", "path": "resources/a"}] * count for count in (50, 51)])),
    "tags": st.one_of(any_wrong, st.lists(tag, max_size=3)),
    "imageURL": member(URLS, any_text.map(lambda text: "http://" + text)),
    "includeInGenAI": any_wrong,
    "unknown": any_wrong,
}


@st.composite
def articles(draw):
    """A good article with up to two members replaced, added or taken out."""
    article = dict(GOOD_ARTICLE)
    for name in draw(st.lists(st.sampled_from(sorted(ARTICLE_MEMBERS)), max_size=2, unique=True)):
        article[name] = draw(ARTICLE_MEMBERS[name])
    if draw(st.integers(0, 9)) == 0:
        del article[draw(st.sampled_from(sorted(GOOD_ARTICLE)))]
    return article


def edge_articles():
    """Every listed value of every member alone in an otherwise good article."""
    lists = {"name": NAMES, "content": FILES, "articleMacro": MACROS, "languageCode": LANGUAGES, "imageURL": URLS,
             "availabilityDate": DATES, "expirationDate": DATES, "description": around(1000),
             "articleSummary": around(1024), "articleKeywords": around(1024), "additionalInfo": around(1024)}
    yield from WRONG_TYPES
    yield GOOD_ARTICLE
    for name in [*GOOD_ARTICLE, *ARTICLE_MEMBERS]:
        for value in [*lists.get(name, []), *WRONG_TYPES]:
            yield {**GOOD_ARTICLE, name: value}
        yield {key: value for key, value in GOOD_ARTICLE.items() if key != name}
    for path in FOLDER_PATHS:
        yield {**GOOD_ARTICLE, "folder": {"path": path}}
    for path in ATTACHMENTS:
        yield {**GOOD_ARTICLE, "attachments": [{"name": "a", "path": path}]}
    for text in around(255):
        yield {**GOOD_ARTICLE, "articleType": {"typeName": text}}
    for text in around(4000):
        yield {**GOOD_ARTICLE, "customAttributes": [{"name": text, "value": ["v"]}]}
        yield {**GOOD_ARTICLE, "customAttributes": [{"name": "n", "value": ["v", text]}]}
    for count in (15, 16):
        yield {**GOOD_ARTICLE, "customAttributes": [{"name": "a", "value": []}] * count}
    for count in (50, 51):
        yield {**GOOD_ARTICLE, "attachments": [{"name": "a", "path": "resources/a"}] * count}


def test_schemas_are_schemas():
    for name in ("manifest", "knowledgehub", "articles"):
        jsonschema.Draft202012Validator.check_schema(schema_of(name))


def test_every_edge_of_an_article(probe):
    cases = list(edge_articles())
    refused = [bool(why(ARTICLE, case)) for case in cases]
    assert any(refused) and not all(refused)
    assert_articles_agree(probe, cases)


@FIXED
@given(batch=st.lists(articles(), min_size=5, max_size=20))
def test_articles(probe, batch):
    assert_articles_agree(probe, batch)


manifests = st.one_of(any_wrong, objects({
    "$schema": WRONG_TYPES,
    "formatVersion": mostly("1.0", st.sampled_from([*WRONG_TYPES, "1", "1.0\n", 1.0, "2.0"])),
    "name": WRONG_TYPES, "description": WRONG_TYPES, "generator": mostly("g", any_wrong),
    "createdDate": mostly("2024-01-01T00:00:00Z", st.sampled_from([*DATES, *WRONG_TYPES])),
    "language": mostly("en-US", st.sampled_from([*LANGUAGES, *WRONG_TYPES])),
    "department": mostly("d", any_wrong),
    "counts": mostly({"total": 0}, st.one_of(any_wrong, objects({
        name: [0, 1, 3.0, -1, 1.5]
        for name in ("folders", "articles", "topics", "portals", "total")}))),
}))


@settings(FIXED, max_examples=300)
@given(document=manifests)
def test_manifest(probe, document):
    assert_file_agrees(probe, "manifest", MANIFEST, document)


COUNTS = [0, 1, 3.0, -1, 1.5, -0.0, 9007199254740991, 9007199254740992, 1e300, *WRONG_TYPES]


@pytest.mark.parametrize("member_name, values", [
    ("createdDate", DATES), ("language", LANGUAGES), ("formatVersion", ["1.0", "1", "1.0\n", 1.0, "2.0"]),
    *[("counts", [{name: count} for count in COUNTS])
      for name in ("folders", "articles", "topics", "portals", "total")],
    *[(name, WRONG_TYPES) for name in ("$schema", "formatVersion", "name", "description", "createdDate", "generator",
                                       "language", "department", "counts", "unknown")],
])
def test_every_edge_of_a_manifest(probe, member_name, values):
    for value in values:
        assert_file_agrees(probe, "manifest", MANIFEST, {member_name: value})


references = mostly([{"path": "A/B"}], st.one_of(any_wrong, st.lists(
    st.one_of(any_wrong, objects({"path": ["A", *WRONG_TYPES]})), max_size=2)))
names = mostly("n", st.one_of(any_wrong, st.sampled_from(NAMES)))


def hub_objects(members):
    return st.one_of(any_wrong, objects(members), *[st.fixed_dictionaries({"name": names}, optional=members)] * 4)


def nested(member_name, limit, more):
    description = mostly("d", st.sampled_from([*WRONG_TYPES, *around(limit)]))
    return st.recursive(
        hub_objects({"description": description, **more}),
        lambda children: hub_objects({"description": description, **more,
                                      member_name: st.one_of(any_wrong, st.lists(children, max_size=2))}),
        max_leaves=4)


folders = nested("folders", 1000, {})
topics = nested("topics", 255, {"addArticles": st.one_of(any_wrong, objects(
    {"fromArticles": references, "fromFolders": references}))})
portals = hub_objects({"description": mostly("d" * 2000, any_wrong), "fromTopics": references,
                       "addTopics": st.one_of(any_wrong, objects({"fromTopics": references, "fromFolders": references}))})


def lists_of(items):
    return st.one_of(*[st.lists(items, max_size=2)] * 4, any_wrong)


hubs = objects({"folders": lists_of(folders), "topics": lists_of(topics), "portals": lists_of(portals)})
hub_files = st.one_of(any_wrong, hubs, st.builds(lambda hub: {"knowledge": hub}, st.one_of(hubs, any_wrong)),
                      st.builds(lambda hub, beside: {**beside, "knowledge": hub}, hubs, hubs))


@settings(FIXED, max_examples=400)
@given(document=hub_files)
def test_hub(probe, document):
    assert_file_agrees(probe, "hub", HUB, document)


def edge_hubs():
    """Every value of every member of each kind alone, with the wrapper and without."""
    texts = [*WRONG_TYPES, *NAMES, *around(255), *around(1000)]
    reference_lists = [*WRONG_TYPES, *[[value] for value in WRONG_TYPES], *[[{"path": value}] for value in WRONG_TYPES]]
    for kind, members in {
        "folders": {"folders": []},
        "topics": {"topics": [], "addArticles": ["fromArticles", "fromFolders"]},
        "portals": {"addTopics": ["fromTopics", "fromFolders"], "fromTopics": [], "portals": []},
    }.items():
        yield from ({kind: value} for value in [*WRONG_TYPES, *[[value] for value in WRONG_TYPES]])
        yield {kind: [{}]}
        for name in ("name", "description"):
            yield from ({kind: [{"name": "n", name: value}]} for value in texts)
        for name, lists in members.items():
            yield from ({kind: [{"name": "n", name: value}]} for value in reference_lists)
            for inner in lists:
                yield from ({kind: [{"name": "n", name: {inner: value}}]} for value in reference_lists)


def test_every_edge_of_a_hub(probe):
    for hub in edge_hubs():
        assert_file_agrees(probe, "hub", HUB, hub)
        assert_file_agrees(probe, "hub", HUB, {"knowledge": hub})
    for value in WRONG_TYPES:
        for name in ("knowledge", "$schema", "unknown"):
            assert_file_agrees(probe, "hub", HUB, {name: value})
        for name in ("folders", "topics", "portals", "$schema", "unknown"):
            assert_file_agrees(probe, "hub", HUB, {"knowledge": {}, name: value})


@pytest.mark.parametrize("count", [2500, 2501])
def test_topics_under_one(probe, count):
    children = [{"name": str(number)} for number in range(count)]
    document = {"topics": [{"name": "t", "topics": children}]}
    assert bool(why(HUB, document)) == (count > 2500)
    assert_file_agrees(probe, "hub", HUB, document)
