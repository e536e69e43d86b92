"""Every rule has a page, made from the table of rules, whose wrong example has that finding alone and whose right one none."""

import pathlib
import sys

import pytest

from validation_probe import ROOT, probe_path

sys.path.insert(0, str(ROOT / "tools"))
import make_rules_page  # noqa: E402  (the folder is known only now)
import rule_examples  # noqa: E402

PACKAGE, EXAMPLES = rule_examples.load()
RUN = [code for code, example in EXAMPLES.items() if "none" not in example]
REMAKE = "is not up to date: run tools/make_rules_page.py"


@pytest.fixture(scope="module")
def rules():
    return {rule["code"]: rule for rule in make_rules_page.rules_of(probe_path())}


def test_every_rule_has_an_example_and_a_page_and_nothing_else_has(rules):
    assert set(EXAMPLES) == set(rules)
    assert {page.stem for page in make_rules_page.FOLDER.glob("*.md")} == set(rules)


def test_the_list_of_rules_is_up_to_date(rules):
    assert make_rules_page.PAGE.read_text(encoding="utf-8") == make_rules_page.index_of(rules.values(), PACKAGE), REMAKE


@pytest.mark.parametrize("code", [code for code in EXAMPLES if code not in RUN])
def test_a_page_without_an_example_says_why(rules, code):
    page = make_rules_page.FOLDER / f"{code}.md"
    assert page.read_text(encoding="utf-8") == make_rules_page.page_of(rules[code], EXAMPLES[code], [], pathlib.Path()), REMAKE


@pytest.mark.parametrize("code", RUN)
def test_the_wrong_example_has_this_finding_alone(rules, code, tmp_path):
    rows = rule_examples.findings(EXAMPLES[code], "wrong", PACKAGE, tmp_path)
    assert {row["rule"] for row in rows} == {code}
    page = make_rules_page.FOLDER / f"{code}.md"
    assert page.read_text(encoding="utf-8") == make_rules_page.page_of(rules[code], EXAMPLES[code], rows, tmp_path), REMAKE


@pytest.mark.parametrize("code", RUN)
def test_the_right_example_has_no_finding(code, tmp_path):
    assert rule_examples.findings(EXAMPLES[code], "right", PACKAGE, tmp_path) == []
