"""The commands and links of the guides in docs/guides/."""

import re


def blocks(page):
    """The blocks marked `sh`, in their order."""
    found = re.findall(r"(?ms)^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"))
    assert found, f"{page} has no commands"
    return found


def links(page):
    """Where the page's links within the project lead, without their anchors."""
    found = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return [target for target in found if "://" not in target]
