#!/usr/bin/env python3
"""Writes docs/rules.md from the table of rules (src/report/rules.h), as the probe prints it.

    tools/make_rules_page.py PROBE            writes the page
    tools/make_rules_page.py PROBE --check    exit status 1 where the page is not up to date

PROBE is the built waybill_validation_probe.
"""

import json
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "rules.md"

INTRODUCTION = """\
# Rules

Everything that Waybill can find in a package, by its code. The codes stand in findings, logs and exports and keep
their meaning. This page is made by `tools/make_rules_page.py` from `src/report/rules.h`.

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


def section_of(code):
    for title, beginnings in SECTIONS:
        if code.startswith(beginnings):
            return title
    raise SystemExit(f"no section of tools/make_rules_page.py fits the rule {code}")


def page_of(rules):
    parts = [INTRODUCTION]
    for title, _ in SECTIONS:
        parts.append(f"\n## {title}\n")
        for rule in rules:
            if section_of(rule["code"]) == title:
                parts.append(f"\n### {rule['code']}\n\n**{rule['severity']}** · {escaped(rule['title'])}.\n\n"
                             f"{escaped(rule['remedy'])}\n")
    return "".join(parts)


def escaped(text):
    """Characters that Markdown would take for its own."""
    for character in "\\`*_<>[]":
        text = text.replace(character, "\\" + character)
    return text


def main(arguments):
    if len(arguments) not in (1, 2) or arguments[1:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    printed = subprocess.run([arguments[0], "--rules"], capture_output=True, text=True, check=True).stdout
    page = page_of(json.loads(printed))
    if len(arguments) == 1:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        print(f"{PAGE} is not up to date: run tools/make_rules_page.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
