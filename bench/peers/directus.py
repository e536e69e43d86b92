"""Directus with its rows in SQLite: the import of one JSON file by its API."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

import requests

from peers import npm
from programs import answers
from support.server import wait_for

WHO = {"email": "bench@example.com", "password": "not-a-secret-1"}
COLLECTION = {"collection": "pages", "schema": {}, "meta": {}, "fields": [
    {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}},
    {"field": "title", "type": "string", "schema": {}, "meta": {}},
    {"field": "body", "type": "text", "schema": {}, "meta": {}}]}


def installed(options):
    """Its folder and None; or None and why there is none. Its driver of SQLite is built here: what npm has of it is
    fetched from elsewhere."""
    def build(folder, out):
        headers = pathlib.Path(shutil.which("node")).resolve().parent.parent
        environment = {**os.environ, "npm_config_build_from_source": "true", "npm_config_nodedir": str(headers)}
        subprocess.run(["npm", "rebuild", "sqlite3", "isolated-vm"], cwd=folder, env=environment, stdout=out,
                       stderr=subprocess.STDOUT, check=True)
    return npm.installed("directus", options, build)


def dump(bodies, path):
    pages = [{"title": f"Page {number}", "body": body} for number, body in enumerate(bodies, 1)]
    path.write_text(json.dumps(pages), encoding="utf-8")


@contextlib.contextmanager
def serving(program, folder):
    """Its process and URL, with an empty collection of pages and a session of its administrator."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "PUBLIC_URL": url, "KEY": "bench", "SECRET": "bench",
                   "DB_CLIENT": "sqlite3", "DB_FILENAME": str(folder / "data.db"), "ADMIN_EMAIL": WHO["email"],
                   "ADMIN_PASSWORD": WHO["password"], "TELEMETRY": "false", "LOG_LEVEL": "warn",
                   "STORAGE_LOCAL_ROOT": str(folder / "uploads"), "EXTENSIONS_PATH": str(folder / "extensions")}
    command = ["node", program / "node_modules/directus/cli.js"]
    with open(folder / "log", "ab") as log:
        subprocess.run([*command, "bootstrap"], cwd=folder, env=environment, stdout=log, stderr=log, check=True)
        process = subprocess.Popen([*command, "start"], cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        wait_for(lambda: answers(url + "/server/ping"), "Directus", 300)
        session = requests.Session()
        token = session.post(url + "/auth/login", json=WHO, timeout=60).json()["data"]["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        session.post(url + "/collections", json=COLLECTION, timeout=60).raise_for_status()
        yield process, url, session
    finally:
        process.terminate()
        process.wait(timeout=60)


def run(program, export, pages, folder):
    """Seconds of the import into an empty collection, and the server's peak memory."""
    with serving(program, folder) as (process, url, session):
        start = time.monotonic()
        with open(export, "rb") as file:
            answer = session.post(url + "/utils/import/pages", files={"file": ("pages.json", file, "application/json")},
                                  timeout=3600)
        took = time.monotonic() - start
        answer.raise_for_status()
        counted = session.get(url + "/items/pages", params={"aggregate[count]": "*"}, timeout=60).json()["data"][0]["count"]
        if int(counted) != pages:
            raise RuntimeError(f"Directus has {counted} of {pages} pages")
        lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
        peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
        return took, peak * 1024
