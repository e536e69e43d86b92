"""Rate limits: a client, or an address that guesses secrets, is told when to come again; nobody else notices."""

import json

import requests

from support.api import Api
from support.packages import Package
from support.server import Server, wait_for


def until_refused(ask, most=200):
    """Asks until the answer is 429, and gives it."""
    for _ in range(most):
        answer = ask()
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) >= 1, answer.headers
            return answer
    raise AssertionError(f"{most} requests were all answered, the last with {answer.status_code}")


def test_client_that_asks_too_much_is_held_up_alone(tmp_path):
    with Server(tmp_path, {"limits.requests_per_client": "2", "jobs.max_items_per_second": "100"}) as server:
        busy = Api(server, server.create_client("sales"))
        calm = Api(server, server.create_client("purchase"))
        package = Package(articles=200).write(server.share / "p.zip")
        job = busy.submit(package)
        refused = until_refused(lambda: busy.get("/import/content"))
        assert refused.json()["code"] == "429-100", refused.text
        # The others of its operations as well, before their bodies are read; jobs and uploads are not made.
        body = {"dataSource": {"type": "Shared file path", "path": f"file://{package}"}, "operation": "import"}
        until_refused(lambda: busy.post("/import/content/validate", json={"dataSource": body["dataSource"]}), most=50)
        until_refused(lambda: busy.post("/import/uploads", data=b"x" * 100_000, headers={"Content-Type": "application/zip"}), most=50)
        # Status and health answer, its own job runs, and others have their own share.
        for _ in range(50):
            assert busy.get(f"/import/content/{job}/status").status_code == 200
            assert busy.get("/import/content/health").status_code == 200
        assert calm.get("/import/content").status_code == 200
        assert busy.wait(job)["status"] == "Successful"
        wait_for(lambda: busy.get("/import/content").status_code == 200, "the client to be let in again")


def test_sixty_four_submissions_and_quick_polls_are_no_flood(tmp_path):
    """With the settings as they are."""
    with Server(tmp_path) as server:
        api = Api(server, server.create_client())
        package = Package(articles=3).write(server.share / "p.zip")
        jobs = [api.submit(package) for _ in range(64)]
        for _ in range(5):
            for job in jobs:
                assert api.get(f"/import/content/{job}/status", checked=False).status_code == 200
        for job in jobs:
            assert api.wait(job)["status"] == "Successful"


def test_address_that_guesses_secrets_is_held_up_and_known_clients_are_not(tmp_path):
    with Server(tmp_path, {"limits.wrong_secrets": "60"}) as server:
        known = server.create_client()
        api = Api(server, known)
        new = server.create_client("elsewhere")

        def ask(client_id, secret):
            return requests.post(server.url + "/oauth2/v2.0/token", timeout=60, data={"grant_type": "client_credentials"},
                                 auth=(client_id, secret))
        refused = until_refused(lambda: ask(known["client_id"], "wrong"))
        assert json.loads(refused.text)["error"] == "temporarily_unavailable"
        assert refused.headers["Cache-Control"] == "no-store"
        # Whoever proved itself before is let in, whatever its neighbours do.
        for _ in range(20):
            api.renew()
        assert api.get("/import/content").status_code == 200
        # A secret that the server has not seen yet waits its turn.
        answer = wait_for(lambda: (lambda a: a if a.status_code == 200 else None)(ask(new["client_id"], new["client_secret"])), "a token")
        assert answer.json()["token_type"] == "Bearer"


def test_many_clients_of_one_address_are_no_guesses(tmp_path):
    """More than may be guessed at once: right secrets do not count."""
    with Server(tmp_path, {"limits.wrong_secrets": "1"}) as server:
        for number in range(15):
            Api(server, server.create_client(f"department {number}"))
