"""Outside issuers that hang, go away and come back: what the server does meanwhile, to everybody else too."""

import concurrent.futures
import contextlib
import time

import pytest
import requests

from support import postgres
from support.api import BASE, Api
from support.issuer import Issuer, new_key
from support.server import Server, wait_for


one_process = pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="each node asks outside issuers for itself")


@pytest.fixture
def issuer():
    with Issuer() as running:
        yield running


def serving(folder, *issuers, **settings):
    return Server(folder, {"auth.outside_issuers": ",".join(each.url for each in issuers), "network.allow": "127.0.0.1",
                           **{name.replace("__", "."): value for name, value in settings.items()}})


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def jobs(server, token):
    return Api(server).get("/import/content", headers=bearer(token))


def services(server):
    return requests.get(server.url + BASE + "/import/content/health", timeout=60).json()["components"]["externalServices"]


def test_issuers_that_hang_hold_up_nobody_else(tmp_path):
    """Twice as many as the server has threads for requests, each asked for a key."""
    with contextlib.ExitStack() as stack:
        issuers = [stack.enter_context(Issuer()) for _ in range(4)]
        for issuer in issuers:
            issuer.hang()
        server = stack.enter_context(serving(tmp_path, *issuers, server__pool_threads="2"))
        own = Api(server, server.create_client())
        pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(8))
        waiting = [pool.submit(jobs, server, issuer.token()) for issuer in issuers for _ in range(2)]
        wait_for(lambda: all(issuer.requests for issuer in issuers), "all issuers to be asked")
        for _ in range(20):
            assert own.get("/import/content").status_code == 200
        # None of the answers above came because the issuers were given up on.
        assert not any(each.done() for each in waiting)
        for issuer in issuers:
            issuer.answering.set()
        assert [each.result().status_code for each in waiting] == [200] * len(waiting)


def test_an_issuer_that_hangs_does_not_delay_the_end(tmp_path, issuer):
    issuer.hang()
    with serving(tmp_path, issuer) as server:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(jobs, server, issuer.token())
            wait_for(lambda: issuer.requests, "the issuer to be asked")
            assert server.stop() == 0
            with contextlib.suppress(requests.ConnectionError):
                assert waiting.result().json()["code"] == "503-100"
        assert "cannot be had" not in server.log()


@one_process
def test_a_server_starts_without_its_issuer_and_takes_its_tokens_when_it_comes(tmp_path, issuer):
    token = issuer.token()
    issuer.close()
    with serving(tmp_path, issuer) as server:
        assert Api(server, server.create_client()).get("/import/content").status_code == 200
        answer = jobs(server, token)
        # The token may well be good: a client is not told to throw it away.
        assert (answer.status_code, answer.json()["code"]) == (503, "503-100") and answer.headers["Retry-After"]
        wait_for(lambda: services(server) == "degraded", "health to tell")
        issuer.open()
        wait_for(lambda: jobs(server, token).status_code == 200, "the issuer's keys")
        wait_for(lambda: services(server) == "healthy", "health to tell")
    events = [line for line in server.log().splitlines() if issuer.url in line and "auth.issuer_" in line]
    assert ["auth.issuer_away" in line for line in events] == [True, False], events


def test_known_keys_outlive_their_issuer(tmp_path, issuer):
    with serving(tmp_path, issuer) as server:
        assert jobs(server, issuer.token()).status_code == 200
        issuer.close()
        assert jobs(server, issuer.token(jti="another")).status_code == 200
        assert jobs(server, issuer.token(kid="k2")).status_code == 401


@one_process
def test_a_rotated_key_is_fetched_while_serving(tmp_path, issuer):
    with serving(tmp_path, issuer) as server:
        old = issuer.token()
        assert jobs(server, old).status_code == 200
        issuer.keys = {"k2": new_key()}
        fresh = issuer.token(kid="k2")
        assert jobs(server, fresh).status_code == 200
        assert jobs(server, old).status_code == 401, "the key was withdrawn"


def test_an_upload_by_a_rotated_key_is_taken_at_the_second_try(tmp_path, issuer):
    with serving(tmp_path, issuer) as server:
        assert jobs(server, issuer.token()).status_code == 200
        issuer.keys["k2"] = issuer.keys["k1"]

        def upload():
            return Api(server).post("/import/uploads", data=b"PK\5\6" + b"\0" * 18, headers={
                **bearer(issuer.token(kid="k2")), "Content-Type": "application/zip"})

        first = upload()
        assert first.status_code == 503 and first.headers["Retry-After"]
        wait_for(lambda: upload().status_code == 201, "the key")


@one_process
def test_a_flood_of_unknown_keys_asks_once(tmp_path, issuer):
    with serving(tmp_path, issuer) as server:
        assert jobs(server, issuer.token()).status_code == 200
        before = len(issuer.requests)
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda i: jobs(server, issuer.token(kid=f"flood-{i}")), range(300)))
        fetches = (time.monotonic() - start) / 5 + 1
        assert {answer.status_code for answer in answers} == {401}
        assert len(issuer.requests) - before <= 2 * fetches  # metadata and keys
        assert jobs(server, issuer.token()).status_code == 200


def test_its_own_url_is_no_outside_issuer(tmp_path):
    server = Server(tmp_path, {"auth.outside_issuers": "https://kb.example.com", "server.public_url": "https://kb.example.com"})
    with pytest.raises(AssertionError, match="did not start"), server:
        pass  # the server that did start is ended
    assert "auth.outside_issuers" in server.log() and "this server itself" in server.log()
