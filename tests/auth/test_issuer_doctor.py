"""What `waybill doctor` says of an issuer, and that its advice is by the cause."""

import email.utils
import json
import socket
import time

import pytest

from support.faulty_store import FaultyStore, self_signed
from support.issuer import Issuer
from support.server import Server

METADATA = "/.well-known/openid-configuration"


@pytest.fixture
def issuer():
    with Issuer() as running:
        yield running


def doctor(folder, url, *arguments, check, allow="127.0.0.1", **settings):
    given = {"auth.outside_issuers": url, "network.allow": allow, "server.listen": "127.0.0.1:0", **settings}
    return Server(folder).cli("doctor", *arguments, *[f"--set={name}={value}" for name, value in given.items()],
                              check=check).stdout


def rows(folder, url, **options):
    """The rows about one issuer: "issuer", "encryption of", "clock of"."""
    checks = json.loads(doctor(folder, url, "--json", **options))["checks"]
    return {row["what"].removesuffix(f" {url}"): row for row in checks if url in row["what"]}


def trouble(folder, url, **options):
    """Of an issuer that cannot be used: what was found and what to do."""
    row = rows(folder, url, check=1, **options)["issuer"]
    assert not row["fine"]
    return row["found"], row["advice"]


def public_key():
    with Issuer() as one:
        return {**{name: value for name, value in one.keys["k1"].items() if name != "d"}, "kid": "k1"}


def test_issuer_without_tls_is_a_warning_and_no_failure(tmp_path, issuer):
    found = rows(tmp_path, issuer.url, check=0)
    assert found["issuer"]["fine"] and "1 key " in found["issuer"]["found"]
    row = found["encryption of"]
    assert row["fine"] and row["warning"] and "https://" in row["advice"]
    shown = doctor(tmp_path, issuer.url, check=0)
    assert f"! encryption of {issuer.url}" in shown and shown.endswith("All works, with 1 warning.\n")


def test_issuer_with_tls_is_no_warning_and_one_of_another_authority_names_the_setting(tmp_path):
    certificate = self_signed(tmp_path / "tls")
    with FaultyStore(b"", certificate=certificate) as server:
        url = f"https://127.0.0.1:{server.port}"
        documents = {METADATA: {"issuer": url, "jwks_uri": url + "/keys"}, "/keys": {"keys": [public_key()]}}

        def before(handler):
            handler.answer(200, json.dumps(documents[handler.path]).encode())
            return True
        server.before = before
        found = rows(tmp_path / "w", url, check=0, **{"auth.ca_file": str(certificate[0])})
        assert set(found) == {"issuer", "clock of"} and not any("warning" in row for row in found.values())
        words, what = trouble(tmp_path / "w", url)
        assert "not trusted" in words and "auth.ca_file" in what


def test_address_that_is_not_allowed_names_the_setting(tmp_path, issuer):
    _, what = trouble(tmp_path, issuer.url, allow="10.9.9.9")
    assert "network.allow" in what and issuer.requests == []


def test_closed_port_unknown_host_and_silence_are_told_apart(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    words, what = trouble(tmp_path, f"http://127.0.0.1:{port}")
    assert "refused" in words and "port" in what
    words, what = trouble(tmp_path, "https://no-such-host.invalid")
    assert "could not be found" in words and "host" in what
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        words, what = trouble(tmp_path, url, **{"network.request_timeout": "1s"})
        assert "in time" in words and "hangs" in what


def test_port_that_speaks_no_tls_is_said(tmp_path, issuer):
    words, what = trouble(tmp_path, issuer.url.replace("http:", "https:"))
    assert "TLS" in words and "https" in what


def test_wrong_url_and_an_issuer_out_of_order_are_told_apart(tmp_path, issuer):
    words, what = trouble(tmp_path, issuer.url + "/realm")
    assert "404" in words and "auth.outside_issuers" in what
    issuer.overrides[METADATA] = (502, b"")
    words, what = trouble(tmp_path, issuer.url)
    assert "502" in words and "out of order" in what
    issuer.overrides[METADATA] = (200, b"<html>")
    words, what = trouble(tmp_path, issuer.url)
    assert "JSON" in words and "auth.outside_issuers" in what


def test_metadata_of_another_issuer_asks_for_the_letter(tmp_path, issuer):
    named = issuer.url.replace("127.0.0.1", "localhost")
    issuer.overrides[METADATA] = (200, json.dumps({"issuer": named, "jwks_uri": issuer.url + "/keys"}).encode())
    words, what = trouble(tmp_path, issuer.url)
    assert named in words and "to the letter" in what


@pytest.mark.parametrize("answer", [(404, b""), (200, b'{"keys": []}'), (200, b'{"keys": [{"kty": "oct", "k": "AA"}]}')],
                         ids=["none", "empty", "symmetric"])
def test_keys_that_cannot_be_used_are_the_issuers_to_mend(tmp_path, issuer, answer):
    issuer.overrides["/keys"] = answer
    _, what = trouble(tmp_path, issuer.url)
    assert "jwks_uri" in what and "RS256" in what


def test_clock_that_is_off_is_said(tmp_path):
    with FaultyStore(b"") as server:
        url = f"http://127.0.0.1:{server.port}"
        documents = {METADATA: {"issuer": url, "jwks_uri": url + "/keys"}, "/keys": {"keys": [public_key()]}}

        def before(handler):
            handler.date_time_string = lambda *_: email.utils.formatdate(time.time() - 3_600, usegmt=True)
            handler.answer(200, json.dumps(documents[handler.path]).encode())
            return True
        server.before = before
        row = rows(tmp_path, url, check=1)["clock of"]
        assert not row["fine"] and "behind" in row["found"] and "auth.leeway" in row["advice"]
