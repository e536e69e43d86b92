#!/usr/bin/env python3
"""Writes docs/rules.md and a page for each rule, docs/rules/CODE.md, from the table of rules (src/report/rules.h) and the
examples (docs/rules/examples.yaml), which it runs.

    tools/make_rules_page.py PROBE     PROBE is the built waybill_validation_probe; WAYBILL_BIN names the built waybill

That the pages are up to date is what tests/packages/test_rules_page.py shows.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import rule_examples

PAGE = rule_examples.ROOT / "docs" / "rules.md"
FOLDER = rule_examples.ROOT / "docs" / "rules"

INTRODUCTION = """\
# Rules

Everything that Waybill can find in a package, by its code. The codes stand in findings, logs and exports and keep
their meaning. Each has a page with a wrong and a right example. All of it is made by `tools/make_rules_page.py` from
`src/report/rules.h` and `docs/rules/examples.yaml`, and every example is run by the tests.

An **error** means that the item is not done; where the finding is of the package, that the job fails. After a
**warning** the item is done and somebody should look at it; a **remark** is worth knowing. One run shows all findings.
"""

# By the beginning of the code; the first that fits.
SECTIONS = [
    ("The package", ("package-", "entry-")),
    ("JSON files", ("json-",)),
    ("manifest.json", ("manifest-",)),
    ("knowledgehub.json", ("hub-", "folder-", "topic-", "portal-")),
    ("articles.json", ("articles-", "article-", "attachment-")),
    ("Article bodies and resources", ("reference-", "active-", "resources-")),
    ("Against the knowledge base", ("already-", "item-")),
    ("Taking a job back", ("undo-",)),
]
LANGUAGES = {".json": "json", ".html": "html", ".svg": "xml"}
JOB = "7A84B875-6F75-4C7B-B137-0632B62DB0BD"  # in place of whatever a run made
MOST_SHOWN = 3


def rules_of(probe):
    printed = subprocess.run([probe, "--rules"], capture_output=True, text=True, check=True, timeout=60).stdout
    return json.loads(printed)


def section_of(code):
    for title, beginnings in SECTIONS:
        if code.startswith(beginnings):
            return title
    raise SystemExit(f"no section of tools/make_rules_page.py fits the rule {code}")


def escaped(text):
    """Characters that Markdown would take for its own."""
    for character in "\\`*_<>[]|":
        text = text.replace(character, "\\" + character)
    return text


def files_text(files):
    parts = []
    for path, text in files.items():
        if text is None:
            parts.append(f"\n`{path}` is not there.\n")
        elif not text:
            parts.append(f"\n`{path}` is there, and empty.\n")
        else:
            parts.append(f"\n`{path}`\n\n```{LANGUAGES.get(pathlib.PurePath(path).suffix, '')}\n{text.rstrip()}\n```\n")
    return "".join(parts)


def index_of(rules, package):
    parts = [INTRODUCTION]
    for title, _ in SECTIONS:
        parts.append(f"\n## {title}\n\n| rule | | what is wrong |\n| --- | --- | --- |\n")
        parts += [f"| [{rule['code']}](rules/{rule['code']}.md) | {rule['severity']} | {escaped(rule['title'])} |\n"
                  for rule in rules if section_of(rule["code"]) == title]
    parts.append("\n## The package of the examples\n\nEvery example begins with this package in the folder `package`, and shows "
                 "what differs from it.\n")
    parts.append(files_text(package))
    return "".join(parts)


def side_text(side):
    text = files_text(side.get("files", {}))
    if "run" in side:
        text += f"\n```sh\n{side['run'].rstrip()}\n```\n"
    if "validate" in side:
        text += f"\nValidated is `{side['validate']}`.\n"
    return text


def said_text(rows, folder):
    """What was found, without what differs from run to run."""
    lines = []
    for row in rows[:MOST_SHOWN]:
        place = ":".join(str(row[name]) for name in ("file", "line", "column") if row.get(name))
        lines.append("  ".join(part for part in (f"{row['severity']} {row['rule']}", row.get("item", ""), place) if part))
        lines.append(f"  {row['message']}")
        if row.get("advice"):
            lines.append(f"  → {row['advice']}")
    if len(rows) > MOST_SHOWN:
        lines.append(f"… and {len(rows) - MOST_SHOWN} more")
    text = "\n".join(lines).replace(str(folder), "/srv/packages")
    text = re.sub(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", JOB, text)
    return f"\nWaybill says:\n\n```text\n{text}\n```\n"


def page_of(rule, example, rows, folder):
    """The page of a rule, with what was found (`rows`) in its wrong example when that was run in `folder`."""
    parts = [f"# {rule['code']}\n\n**{rule['severity']}** · {escaped(rule['title'])}.\n\n{escaped(rule['remedy'])}\n"]
    if "note" in example:
        parts.append(f"\n{example['note']}\n")
    if "none" in example:
        parts.append(f"\n{example['none']}\n")
    else:
        parts.append(f"\n## Wrong\n{side_text(example['wrong'])}{said_text(rows, folder)}")
        parts.append(f"\n## Right\n{side_text(example['right'])}\nWaybill finds nothing.\n")
    parts.append("\n---\n\n[All rules](../rules.md)")
    if "none" not in example:
        parts.append(" · [The package that the examples begin with](../rules.md#the-package-of-the-examples)")
    return "".join(parts) + "\n"


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    rules = rules_of(arguments[0])
    package, examples = rule_examples.load()
    PAGE.write_text(index_of(rules, package), encoding="utf-8")
    for rule in rules:
        example = examples[rule["code"]]
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            rows = [] if "none" in example else rule_examples.findings(example, "wrong", package, folder)
            (FOLDER / f"{rule['code']}.md").write_text(page_of(rule, example, rows, folder), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
