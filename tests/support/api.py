"""A client of the five operations and the reading ones, each answer checked against api/openapi.yaml."""

import time

import requests

from support import openapi
from support.server import wait_for

BASE = "/knowledge/contentmgr/v4"
FINAL = {"Successful", "Failed", "Cancelled"}


class Api:
    """Speaks for one OAuth client; `credentials` is what `waybill client create --json` printed, None is nobody."""

    def __init__(self, server, credentials=None, scope=None):
        self.server = server
        self.credentials = credentials
        self.scope = scope
        self.http = requests.Session()
        self.token = None
        if credentials:
            self.renew()

    def renew(self):
        form = {"grant_type": "client_credentials"}
        if self.scope:
            form["scope"] = self.scope
        answer = self.http.post(self.server.url + "/oauth2/v2.0/token", data=form, timeout=60,
                                auth=(self.credentials["client_id"], self.credentials["client_secret"]))
        openapi.check("POST", "/oauth2/v2.0/token", answer)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]

    def request(self, method, path, *, headers=None, checked=True, **options):
        """`path` is below the base path where it does not begin with two slashes or name something else."""
        full = path if path.startswith(("//", "/oauth2", "/.well-known", "/livez", "/readyz", "/openapi", "/metrics", BASE)) \
            else BASE + path
        send = dict(headers or {})
        if self.token and "Authorization" not in send:
            send["Authorization"] = f"Bearer {self.token}"
        options.setdefault("timeout", 120)
        answer = self.http.request(method, self.server.url + full, headers=send, **options)
        if checked:
            openapi.check(method, full, answer)
        return answer

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)

    # jobs

    def submit(self, package, operation="import", headers=None, **extra):
        """Starts an import (or a validation where `operation` is None) of a file below the share; returns the job id."""
        uri = package if "://" in str(package) else f"file://{package}"
        body = {"dataSource": {"type": "Shared file path", "path": uri}, **extra}
        path = "/import/content/validate"
        if operation:
            body["operation"] = operation
            path = "/import/content"
        answer = self.post(path, json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        assert answer.content == b""
        return answer.headers["Location"].split("/")[-2]

    def status(self, job, **options):
        answer = self.get(f"/import/content/{job}/status", **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait(self, job, seconds=300, states=FINAL):
        """The status once it is one of `states`: by long polls that name the last answer, so that no state is missed."""
        end = time.monotonic() + seconds
        headers, status = {}, None
        while time.monotonic() < end:
            answer = self.get(f"/import/content/{job}/status", headers=headers)
            if answer.status_code == 200:
                status = answer.json()
                if status["status"] in states:
                    return status
                assert status["status"] not in FINAL, status
            else:
                assert answer.status_code == 304, answer.text
            headers = {"Prefer": "wait=5", "If-None-Match": answer.headers["ETag"]}
            time.sleep(0.01)
        raise AssertionError(f"job {job} is still {status} after {seconds} s")

    def run(self, package, operation="import", **extra):
        job = self.submit(package, operation, **extra)
        return job, self.wait(job)

    def findings(self, job, **query):
        """All findings of a job, page by page."""
        rows, after = [], None
        while True:
            page = self.get(f"/import/content/{job}/findings",
                            params={**query, "limit": 500, **({"after": after} if after else {})}).json()
            rows += page["findings"]
            after = page.get("next")
            if not after:
                return rows

    def log(self, job):
        answer = self.get(f"/import/content/{job}/log")
        assert answer.status_code == 200, answer.text
        return answer.content.decode()

    def all(self, path, member, **query):
        """Every row of a list, page by page."""
        rows, after = [], None
        while True:
            answer = self.get(path, params={**query, **({"after": after} if after else {})})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            rows += page[member]
            after = page.get("next")
            if not after:
                return rows

    def wait_processed(self, job, count):
        return wait_for(lambda: (lambda s: s if s.get("progress", {}).get("processed", 0) >= count
                                 or s["status"] in FINAL else None)(self.status(job)), f"{count} items")


def validate_all(api, folder, packages):
    """Validates zips (name → bytes) by jobs side by side: name → (job, status)."""
    folder.mkdir()
    jobs = {}
    for number, (name, data) in enumerate(packages.items()):
        path = folder / f"{number}.zip"
        path.write_bytes(data)
        jobs[name] = api.submit(path, operation=None)
    return {name: (job, api.wait(job)) for name, job in jobs.items()}
