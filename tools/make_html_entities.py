#!/usr/bin/env python3
"""Writes src/package/html_entities.inc: the named character references of the HTML Living Standard (13.5), sorted by
byte, from Python's own copy of that table. Run it again only if the standard's table changes (it has promised not to).

usage: tools/make_html_entities.py > src/package/html_entities.inc
"""

import html.entities

WIDTH = 110


def main():
    print("// Made by tools/make_html_entities.py; do not edit. Sorted by byte: html_entities.cpp searches it.")
    line = ""
    for name in sorted(html.entities.html5, key=str.encode):
        value = "".join(f"\\x{byte:02x}" for byte in html.entities.html5[name].encode())
        row = f'{{"{name}", "{value}"}},'
        if line and len(line) + 1 + len(row) > WIDTH:
            print(line)
            line = ""
        line = f"{line} {row}".lstrip()
    print(line)


if __name__ == "__main__":
    main()
