"""Packages for the tests, made from plain values."""

import io
import json
import random
import zipfile


def article(number, folder="Guides", **members):
    """A clean article and its body's path."""
    return {"name": f"Article {number}", "folder": {"path": folder}, "content": f"content/{number}.html", **members}


def html(number, text="Some text for readers."):
    return f"<html><head><title>Article {number}</title></head><body><h1>Article {number}</h1><p>{text}</p></body></html>"


class Package:
    """Files by path; write() makes a zip, unpack() a folder."""

    def __init__(self, articles=0, folders=("Guides",), body=html):
        self.files = {}
        self.manifest = {"formatVersion": "1.0", "name": "test"}
        self.folders = [{"name": name} for name in folders]
        self.topics = []
        self.portals = []
        self.articles = []
        for number in range(articles):
            self.add(article(number, folders[0]), body(number))

    def add(self, entry, body=None):
        self.articles.append(entry)
        if body is not None:
            data = body if isinstance(body, bytes) else body.encode()
            self.files[f"knowledgehub/articles/{entry['content']}"] = data
        return entry

    def contents(self):
        """Every file of the package."""
        files = {
            "manifest.json": json.dumps(self.manifest).encode(),
            "knowledgehub/knowledgehub.json": json.dumps({"knowledge": {
                "folders": self.folders, "topics": self.topics, "portals": self.portals}}).encode(),
            "knowledgehub/articles/articles.json": json.dumps({"articles": self.articles}, indent=1).encode(),
        }
        files.update(self.files)
        return {path: data for path, data in files.items() if data is not None}

    def zip_bytes(self, compression=zipfile.ZIP_DEFLATED, top=""):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", compression) as archive:
            for path, data in self.contents().items():
                archive.writestr(top + path, data)
        return buffer.getvalue()

    def write(self, path, **options):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.zip_bytes(**options))
        return path

    def unpack(self, folder):
        for path, data in self.contents().items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return folder


def large_package(megabytes, articles_each=1):
    """A zip of about so many megabytes that do not compress: `articles_each` articles for each."""
    noise = random.Random(7)
    package = Package()
    for number in range(megabytes * articles_each):
        text = noise.randbytes(375_000 // articles_each).hex()  # hex digits, which deflate halves at best
        package.add(article(number), html(number, text))
    return package
