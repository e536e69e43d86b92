"""An outside issuer in a few lines, for what no real provider does when asked: hang, go away, lose a key."""

import http.server
import json
import threading
import time

import jwt

from support import oidc

SCOPE = "knowledge.contentmgr.manage"


def new_key():
    """A private JWK for ES256."""
    return oidc.private_jwk("ES256")


class Issuer:
    """Metadata and keys on loopback. `hang()` makes it take requests and not answer; `close()` makes its port refuse."""

    def __init__(self, port=0):
        self.keys = {"k1": new_key()}  # by kid
        self.overrides = {}  # path → (status, body) in place of the document
        self.requests = []
        self.answering = threading.Event()
        self.answering.set()
        self.server = None
        self.port = port
        self.open()

    def open(self):
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                issuer.requests.append(self.path)
                issuer.answering.wait()
                documents = {"/.well-known/openid-configuration": {"issuer": issuer.url, "jwks_uri": issuer.url + "/keys"},
                             "/keys": {"keys": [{**{name: value for name, value in key.items() if name != "d"}, "kid": kid}
                                                for kid, key in issuer.keys.items()]}}
                body = json.dumps(documents.get(self.path, {})).encode()
                status = 200 if self.path in documents else 404
                status, body = issuer.overrides.get(self.path, (status, body))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """Who hung up meanwhile is no error."""

        self.server = Quiet(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def hang(self):
        self.answering.clear()

    def close(self):
        if self.server:
            self.answering.set()
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def claims(self, **changes):
        now = int(time.time())
        return {"iss": self.url, "aud": "waybill", "exp": now + 600, "iat": now, "client_id": "app", "scope": SCOPE,
                "department": "default", **changes}

    def token(self, kid="k1", **changes):
        """Signed by the key of that kid, or by any where there is none."""
        key = self.keys.get(kid) or next(iter(self.keys.values()))
        return jwt.encode(self.claims(**changes), jwt.PyJWK(key).key, "ES256", headers={"kid": kid})
