"""A store that speaks enough of S3 to serve one object by ranges, and misbehaves as it is told. It checks no
signature: what is signed right is shown against Swift."""

import contextlib
import hashlib
import http.server
import re
import socket
import ssl
import subprocess
import threading


def refusal(code, message="", more=""):
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>".encode()


class FaultyStore:
    """`before` is asked at each request: it gets the handler and returns True where it has answered. Use it as a
    context manager; `requests` are (method, path, headers) as they came."""

    def __init__(self, data, before=None, certificate=None):
        self.data = data
        self.before = before or (lambda handler: False)
        self.requests = []
        self.logs = {}
        store = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except (ConnectionError, ssl.SSLError):
                    self.close_connection = True

            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                store.requests.append((self.command, self.path, dict(self.headers)))
                if store.before(self):
                    return
                found = re.match(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
                tag = '"' + hashlib.md5(store.data).hexdigest() + '"'
                if not found:
                    self.answer(200, store.data, ETag=tag)
                    return
                first, last = int(found[1]), min(int(found[2]), len(store.data) - 1)
                self.answer(206, store.data[first:last + 1], ETag=tag,
                            Content_Range=f"bytes {first}-{last}/{len(store.data)}")

            def do_PUT(self):
                store.requests.append((self.command, self.path, dict(self.headers)))
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if store.before(self):
                    return
                store.logs[self.path] = body
                self.answer(200, ETag='"x"')

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=30)

    def count(self, method="GET"):
        return sum(1 for each in self.requests if each[0] == method)


@contextlib.contextmanager
def full_backlog():
    """A port whose queue of connections is full: the kernel drops what comes, as a firewall does. Gives the port."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        while True:
            one = waiting.enter_context(socket.socket())
            one.settimeout(0.5)
            try:
                one.connect(address)
            except TimeoutError:
                break
        yield address[1]


def self_signed(folder, name="127.0.0.1"):
    """A certificate for an address and its key, as files."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{name}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True, timeout=60)
    return certificate, key
