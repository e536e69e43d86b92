"""A real OpenID provider as a process of its own, and the keys that it signs with."""

import base64
import json
import os
import pathlib
import secrets
import shutil
import subprocess

import requests
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PEERS = pathlib.Path(os.environ.get("WAYBILL_TEST_PEERS", ROOT / "build" / "test-peers"))
NODE = shutil.which("node")
AVAILABLE = NODE is not None and (PEERS / "node_modules" / "oidc-provider").is_dir()


def _number(value, size=None):
    data = value.to_bytes(size or (value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def private_jwk(algorithm, **members):
    """A new key for one algorithm, with a kid of its own."""
    jwk = {"kid": f"{algorithm.lower()}-{secrets.token_hex(4)}", "alg": algorithm, "use": "sig", **members}
    if algorithm in ("RS256", "PS256"):
        numbers = rsa.generate_private_key(65537, 2048).private_numbers()
        public = numbers.public_numbers
        return {**jwk, "kty": "RSA", "n": _number(public.n), "e": _number(public.e), "d": _number(numbers.d),
                "p": _number(numbers.p), "q": _number(numbers.q), "dp": _number(numbers.dmp1),
                "dq": _number(numbers.dmq1), "qi": _number(numbers.iqmp)}
    if algorithm == "ES256":
        numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
        public = numbers.public_numbers
        return {**jwk, "kty": "EC", "crv": "P-256", "x": _number(public.x, 32), "y": _number(public.y, 32),
                "d": _number(numbers.private_value, 32)}
    key = ed25519.Ed25519PrivateKey.generate()
    secret = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {**jwk, "kty": "OKP", "crv": "Ed25519",
            "x": base64.urlsafe_b64encode(public).rstrip(b"=").decode(),
            "d": base64.urlsafe_b64encode(secret).rstrip(b"=").decode()}


def all_keys():
    return [private_jwk(algorithm) for algorithm in ("RS256", "PS256", "ES256", "EdDSA")]


class Provider:
    """Use it as a context manager; stop() and start() again for an outage, on the same port with the same keys."""

    def __init__(self):
        self.keys = all_keys()
        self.port = 0
        self.issuer = None
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [NODE, str(pathlib.Path(__file__).with_name("oidc_provider.mjs")), str(PEERS), str(self.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.issuer = json.loads(self.process.stdout.readline())["issuer"]
        self.port = int(self.issuer.rsplit(":", 1)[1])
        self.publish(self.keys)
        return self

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process is not None:
            self.stop()

    def _order(self, order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def publish(self, keys):
        self.keys = keys
        self._order({"keys": keys})

    def console_comes_back_to(self, address):
        """A public client "console" with authorization code and PKCE; whoever signs in is Pat of sales."""
        self._order({"console": address})

    def reads(self):
        """How often the keys were read since the start."""
        return self._order({"count": True})["reads"]

    def token(self, client="client-sales", algorithm="ES256", scope="knowledge.contentmgr.manage"):
        answer = requests.post(self.issuer + "/token", auth=(client, "secret-of-a-test"), timeout=30, data={
            "grant_type": "client_credentials", "resource": f"urn:waybill:{algorithm}", "scope": scope})
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]
