"""Tokens of outside issuers, from a real OpenID provider (npm: oidc-provider) as its clients get them."""

import concurrent.futures
import json
import socket
import time

import jwt
import pytest
import requests

from support import oidc, postgres
from support.api import Api
from support.packages import Package
from support.server import Server, wait_for

MANAGE = "knowledge.contentmgr.manage"
READ = "knowledge.contentmgr.read"
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")

pytestmark = pytest.mark.skipif(not oidc.AVAILABLE, reason="node or oidc-provider is missing; ./dev test installs them")

one_process = pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="each node asks outside issuers for itself")


@pytest.fixture(scope="module")
def provider():
    with oidc.Provider() as running:
        yield running


def settings(provider, **more):
    return {"auth.outside_issuers": provider.issuer, "network.allow": "127.0.0.1", **more}


@pytest.fixture(scope="module")
def server(tmp_path_factory, provider):
    with Server(tmp_path_factory.mktemp("outside"), settings(provider)) as running:
        yield running


def bearer(server, token):
    api = Api(server)
    api.token = token
    return api


def answer_to(server, token, path="/import/content"):
    answer = bearer(server, token).get(path)
    return answer.status_code, (None if answer.status_code == 200 else answer.json()["code"])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_providers_token_imports_for_its_department(server, provider, share, algorithm):
    token = provider.token(algorithm=algorithm)
    header = jwt.get_unverified_header(token)
    assert header["alg"] == algorithm and header["typ"] == "at+jwt"
    api = bearer(server, token)
    job, status = api.run(Package(articles=3).write(share / f"{algorithm}.zip"))
    assert status["status"] == "Successful", status
    assert bearer(server, provider.token("client-support")).get(f"/import/content/{job}/status").status_code == 404
    row = next(row for row in api.all("/import/content", "jobs") if row["id"] == job)
    assert row["department"] == "sales"
    assert row["client"].startswith("client-sales@"), "a client of the provider is told from one of Waybill's own"


def test_scopes_and_departments_of_the_token_hold(server, provider):
    assert answer_to(server, provider.token(scope=READ)) == (200, None)
    answer = bearer(server, provider.token(scope=READ)).post("/import/content", json={})
    assert answer.json()["code"] == "403-197"
    assert answer_to(server, provider.token("client-of-none")) == (412, "412-100")


def test_tokens_of_the_embedded_issuer_stay_good(server):
    assert Api(server, server.create_client("sales", (READ,))).get("/import/content").status_code == 200


def test_another_audience_is_refused(tmp_path, provider):
    with Server(tmp_path, settings(provider, **{"auth.audience": "somebody-else"})) as server:
        assert answer_to(server, provider.token()) == (401, "401-101")


def test_a_provider_that_is_not_configured_is_refused(tmp_path, provider):
    with Server(tmp_path, {"auth.outside_issuers": "http://127.0.0.1:9", "network.allow": "127.0.0.1"}) as server:
        assert answer_to(server, provider.token()) == (401, "401-101")


def test_the_network_is_the_operators_to_allow(tmp_path, provider):
    with Server(tmp_path, {"auth.outside_issuers": provider.issuer}) as server:
        assert bearer(server, provider.token()).get("/import/content").status_code in (401, 503)
        wait_for(lambda: "network.allow" in server.log(), "the setting's name in the log")


def test_departments_are_mapped_from_the_clients_id(tmp_path, provider):
    mapped = {"auth.department_claim": "client_id", "auth.departments": "field=client-sales;desk=client-support"}
    with Server(tmp_path, settings(provider, **mapped)) as server:
        job = bearer(server, provider.token()).submit(Package(articles=1).write(server.share / "one.zip"))
        rows = bearer(server, provider.token()).all("/import/content", "jobs")
        assert [(row["id"], row["department"]) for row in rows] == [(job, "field")]
        assert answer_to(server, provider.token("client-of-none")) == (412, "412-100")


@one_process
def test_keys_are_rotated_while_serving(tmp_path):
    with oidc.Provider() as provider, Server(tmp_path, settings(provider)) as server:
        old = provider.token()
        assert answer_to(server, old) == (200, None)
        provider.publish(oidc.all_keys())
        fresh = provider.token()
        assert jwt.get_unverified_header(fresh)["kid"] != jwt.get_unverified_header(old)["kid"]
        # The first token by the new key has it fetched: at most once in five seconds, so wait that long.
        wait_for(lambda: answer_to(server, fresh) == (200, None), "the new key to be known", seconds=30)
        assert answer_to(server, old) == (401, "401-101"), "a token by a key that is published no more"


def test_a_first_upload_by_a_new_key_has_it_fetched(tmp_path):
    with oidc.Provider() as provider, Server(tmp_path, settings(provider)) as server:
        assert answer_to(server, provider.token()) == (200, None)
        provider.publish(oidc.all_keys())
        fresh = bearer(server, provider.token())
        body = Package(articles=1).write(tmp_path / "one.zip").read_bytes()
        wait_for(lambda: fresh.post("/import/uploads", data=body,
                                    headers={"Content-Type": "application/zip"}).status_code == 201,
                 "an upload by the new key", seconds=30)


@one_process
def test_a_flood_of_unknown_keys_does_not_reach_the_provider(tmp_path):
    with oidc.Provider() as provider, Server(tmp_path, settings(provider)) as server:
        good = provider.token()
        assert answer_to(server, good) == (200, None)
        before = provider.reads()
        claims = jwt.decode(good, options={"verify_signature": False})
        key = jwt.PyJWK(oidc.private_jwk("RS256")).key
        tokens = [jwt.encode(claims, key, algorithm="RS256", headers={"kid": f"made-up-{i}", "typ": "at+jwt"})
                  for i in range(200)]
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = set(pool.map(lambda token: answer_to(server, token), tokens))
        took = time.monotonic() - begun
        assert answers == {(401, "401-101")}
        assert provider.reads() - before <= 1 + took / 5, "asked oftener than once in five seconds"
        assert answer_to(server, good) == (200, None)


@one_process
def test_a_provider_may_be_away_and_come_back(tmp_path):
    with oidc.Provider() as provider:
        token = provider.token()
        provider.stop()
        with Server(tmp_path, settings(provider)) as server:
            assert bearer(server, token).get("/import/content").status_code in (401, 503)
            def degraded():
                health = requests.get(server.url + "/knowledge/contentmgr/v4/import/content/health", timeout=30)
                assert health.status_code == 200, "Waybill's own tokens are good without the provider"
                return health.json()["components"]["externalServices"] == "degraded" and health.json()["issues"]
            assert provider.issuer in json.dumps(wait_for(degraded, "health to tell"))
            wait_for(lambda: "auth.issuer_away" in server.log(), "the log to tell")
            provider.start()
            wait_for(lambda: answer_to(server, token) == (200, None), "the provider's keys", seconds=60)
            provider.stop()
            assert answer_to(server, token) == (200, None), "keys outlive their provider"


def test_a_provider_that_hangs_keeps_no_server_from_starting(tmp_path):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Server(tmp_path, {"auth.outside_issuers": url, "network.allow": "127.0.0.1"}) as server:
            assert Api(server, server.create_client("sales", (READ,))).get("/import/content").status_code == 200
            log = wait_for(lambda: server.log() if "auth.issuer_away" in server.log() else None, "the time-out", seconds=60)
            assert log.index("app.started") < log.index("auth.issuer_away"), "it waited for the issuer before it served"


def test_the_servers_own_url_is_no_outside_issuer(tmp_path):
    url = "https://kb.example.com"
    server = Server(tmp_path, {"server.public_url": url, "auth.outside_issuers": url})
    try:
        with pytest.raises(AssertionError, match="which is this server itself"):
            server.start()
    finally:
        server.kill9() if server.process.poll() is None else server._reap()


def test_the_doctor_says_how_each_issuer_does(server, provider, tmp_path):
    arguments = [f"--set={name}={value}" for name, value in server.settings.items()]
    good = server.cli("doctor", *arguments).stdout
    assert f"issuer {provider.issuer}" in good and "4 keys" in good
    assert f"clock of {provider.issuer}" in good
    arguments = ["--set=auth.outside_issuers=http://127.0.0.1:9", "--set=network.allow=127.0.0.1"]
    bad = server.cli("doctor", *arguments)
    assert bad.returncode != 0 and "http://127.0.0.1:9" in bad.stdout
