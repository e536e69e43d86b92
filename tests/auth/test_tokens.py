"""The embedded issuer: RFC 6749 client credentials, JWKS and metadata, key rotation, clients and what becomes of them."""

import base64
import json

import jwt
import pytest
import requests

from support import openapi
from support.api import BASE, Api
from support.server import Server, wait_for
from support.server import credentials as read_credentials

TOKEN = "/oauth2/v2.0/token"
MANAGE = "knowledge.contentmgr.manage"
READ = "knowledge.contentmgr.read"


@pytest.fixture(scope="module")
def client(server):
    return server.create_client("default", (MANAGE, READ))


def ask(server, form, **options):
    answer = requests.post(server.url + TOKEN, data=form, timeout=60, **options)
    openapi.check("POST", TOKEN, answer)
    return answer


def keys(server):
    answer = requests.get(server.url + "/.well-known/jwks.json", timeout=60)
    openapi.check("GET", "/.well-known/jwks.json", answer)
    return answer.json()["keys"]


def decode(server, token):
    """The claims, checked by an independent library with the published keys."""
    header = jwt.get_unverified_header(token)
    key = next(key for key in keys(server) if key["kid"] == header["kid"])
    assert "d" not in key, "a private key is published"
    return jwt.decode(token, jwt.PyJWK(key).key, algorithms=[key["alg"]], audience="waybill")


def test_token_by_body_and_by_basic_carries_the_contracts_claims(server, client):
    form = {"grant_type": "client_credentials"}
    by_basic = ask(server, form, auth=(client["client_id"], client["client_secret"]))
    by_body = ask(server, {**form, "client_id": client["client_id"], "client_secret": client["client_secret"]})
    for answer in (by_basic, by_body):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        value = answer.json()
        assert value["token_type"] == "Bearer" and value["expires_in"] == 3600
        claims = decode(server, value["access_token"])
        assert set(claims) >= {"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "department"}
        assert claims["client_id"] == client["client_id"] and claims["department"] == "default"
        assert set(claims["scope"].split()) == {MANAGE, READ}
        assert claims["exp"] - claims["iat"] == 3600


def test_errors_are_those_of_rfc_6749(server, client):
    good = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    for form, status, error in (
            ({**good}, 400, "invalid_request"),
            ({**good, "grant_type": "password"}, 400, "unsupported_grant_type"),
            ({**good, "grant_type": "client_credentials", "scope": "everything"}, 400, "invalid_scope"),
            ({**good, "grant_type": "client_credentials", "client_secret": "wrong"}, 401, "invalid_client"),
            ({"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"}, 401, "invalid_client"),
            ({"grant_type": "client_credentials"}, 401, "invalid_client")):
        answer = ask(server, form)
        assert (answer.status_code, answer.json()["error"]) == (status, error), form
    answer = ask(server, {"grant_type": "client_credentials"}, auth=(client["client_id"], "wrong"))
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Basic")


def test_scopes_are_narrowed_when_asked(server, client):
    narrow = Api(server, client, scope=READ)
    assert decode(server, narrow.token)["scope"] == READ
    assert narrow.get("/import/content").status_code == 200
    assert narrow.post("/import/content", json={}).json()["code"] == "403-197"
    assert set(decode(server, Api(server, client, scope=".default").token)["scope"].split()) == {MANAGE, READ}
    assert Api(server, client, scope="app." + READ).get("/import/content").status_code == 200


def test_metadata_names_the_endpoints(server):
    answer = requests.get(server.url + "/.well-known/oauth-authorization-server", timeout=60)
    openapi.check("GET", "/.well-known/oauth-authorization-server", answer)
    value = answer.json()
    assert value["token_endpoint"] == server.url + TOKEN
    assert value["jwks_uri"] == server.url + "/.well-known/jwks.json"
    assert value["grant_types_supported"] == ["client_credentials"]


def mutated(token, **claims):
    head, body, signature = token.split(".")
    value = json.loads(base64.urlsafe_b64decode(body + "=="))
    value.update(claims)
    body = base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


def test_forged_tokens_are_refused(server, client, api):
    token = Api(server, client).token
    head, body, signature = token.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    header = jwt.get_unverified_header(token)
    public = json.dumps(next(key for key in keys(server) if key["kid"] == header["kid"]))
    hmac = jwt.encode(jwt.decode(token, options={"verify_signature": False}), public, algorithm="HS256",
                      headers={"kid": header["kid"]})
    for forged in (mutated(token, department="other"), f"{none}.{body}.", f"{none}.{body}.{signature}", hmac,
                   token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB"), token + "x", "x" * 100_000):
        answer = api.get("/import/content", headers={"Authorization": f"Bearer {forged}"}, checked=False)
        assert answer.status_code in (401, 431), forged[:60]
        assert answer.json()["code"] in ("401-101", "431-100"), answer.text


def test_expired_token_is_refused(tmp_path):
    with Server(tmp_path, {"auth.token_life": "1s", "auth.leeway": "0s"}) as server:
        short = Api(server, server.create_client())
        wait_for(lambda: short.get("/import/content").status_code == 401, "the token's end", seconds=10)
        assert short.get("/import/content").json()["code"] == "401-101"


def test_rotated_key_signs_and_the_old_ones_tokens_stay_good(server, client):
    before = Api(server, client)
    server.cli("key", "rotate", check=0)
    old = jwt.get_unverified_header(before.token)["kid"]

    def rotated():
        fresh = Api(server, client)
        return fresh if jwt.get_unverified_header(fresh.token)["kid"] != old else None

    fresh = wait_for(rotated, "a token by the new key", seconds=90)
    assert {old, jwt.get_unverified_header(fresh.token)["kid"]} <= {key["kid"] for key in keys(server)}
    assert before.get("/import/content").status_code == 200
    assert fresh.get("/import/content").status_code == 200


def test_revoked_client_is_out(server):
    credentials = server.create_client("default", (MANAGE,), name="leaving")
    leaving = Api(server, credentials)
    assert leaving.get("/import/content").status_code == 200
    server.cli("client", "revoke", credentials["client_id"], check=0)
    answer = ask(server, {"grant_type": "client_credentials"}, auth=(credentials["client_id"], credentials["client_secret"]))
    assert answer.status_code == 401
    wait_for(lambda: leaving.get("/import/content").status_code == 401, "the revoked client's token to end", seconds=90)


def test_rotated_secret_replaces_the_old_one(server):
    credentials = server.create_client("default", (MANAGE,), name="rotating")
    fresh = read_credentials(server.cli("client", "rotate-secret", credentials["client_id"], "--json", check=0).stdout)
    form = {"grant_type": "client_credentials"}
    assert ask(server, form, auth=(credentials["client_id"], credentials["client_secret"])).status_code == 401
    assert ask(server, form, auth=(fresh["client_id"], fresh["client_secret"])).status_code == 200


def test_secrets_are_kept_nowhere(server, client):
    secret = client["client_secret"].encode()
    for path in [*server.data.rglob("*"), server.errors]:
        if path.is_file():
            assert secret not in path.read_bytes(), path
    listed = server.cli("client", "list", "--json", check=0).stdout
    assert client["client_id"] in listed and client["client_secret"] not in listed


def test_token_command_prints_a_token_that_works(server):
    token = server.cli("token", check=0).stdout.strip()
    answer = requests.get(server.url + BASE + "/import/content", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert answer.status_code == 200
