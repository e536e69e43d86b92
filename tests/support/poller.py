"""Polls one job's status at a steady rate over several connections, as a program of its own so that many polls a second do not
share one interpreter: `poller.py URL PATH RATE CONNECTIONS`, the access token on standard input. Ends when its input does, and
prints what it saw as JSON."""

import json
import select
import socket
import sys
import time

RANK = {"Scheduled": 0, "In Progress": 1, "Successful": 2, "Failed": 2, "Cancelled": 2}


class Poll:
    """One connection, on which one request is under way at a time."""

    def __init__(self, address, request):
        self.socket = socket.create_connection(address, timeout=120)
        self.request = request

    def ask(self):
        self.socket.sendall(self.request)

    def answer(self):
        """The status line's code and the body."""
        text = b""
        while b"\r\n\r\n" not in text:
            text += self._more()
        head, _, body = text.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(body) < length:
            body += self._more()
        return int(head.split(b" ", 2)[1]), body

    def _more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        return piece


def main(url, path, rate, connections):
    token = sys.stdin.readline().strip()
    host, port = url.removeprefix("http://").split(":")
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    polls = [Poll((host, int(port)), request) for _ in range(connections)]
    seen = {"answers": 0, "other": 0, "back": 0, "slowest": 0.0}
    last = (0, -1)
    start = due = time.monotonic()
    while not select.select([sys.stdin], [], [], max(0, due - time.monotonic()))[0]:
        due += connections / rate
        asked = time.monotonic()
        for poll in polls:
            poll.ask()
        batch = [poll.answer() for poll in polls]
        seen["slowest"] = max(seen["slowest"], time.monotonic() - asked)
        seen["answers"] += len(batch)
        states = []
        for code, body in batch:
            if code != 200:
                seen["other"] += 1
                continue
            value = json.loads(body)
            states.append((RANK[value["status"]], value.get("progress", {}).get("processed", 0)))
        # Those of one batch were under way side by side; the next batch comes after all of them.
        seen["back"] += sum(state < last for state in states)
        last = max([last, *states])
    seen["seconds"] = time.monotonic() - start
    print(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
