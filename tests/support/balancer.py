"""A plain TCP balancer on loopback: each connection goes to the next server that takes it."""

import contextlib
import selectors
import socket
import threading

PIECE = 65536


class Balancer:
    """`targets` are (host, port), and may be set later. One thread passes all bytes on."""

    def __init__(self):
        self.targets = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.wake_in, self.wake_out = socket.socketpair()
        self.selector.register(self.wake_out, selectors.EVENT_READ)
        self.peers, self.waiting = {}, {}
        self.ended = set()  # no more bytes come from these
        self.turn = 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def close(self):
        self.wake_in.send(b"x")
        self.thread.join(timeout=30)
        for each in [self.listener, self.wake_in, self.wake_out, *self.peers]:
            each.close()

    def _run(self):
        while True:
            for key, events in self.selector.select():
                if key.fileobj is self.wake_out:
                    return
                if key.fileobj is self.listener:
                    with contextlib.suppress(BlockingIOError):
                        self._connect(self.listener.accept()[0])
                    continue
                if events & selectors.EVENT_WRITE and key.fileobj in self.peers:
                    self._write(key.fileobj)
                if events & selectors.EVENT_READ and key.fileobj in self.peers:
                    self._read(key.fileobj)

    def _connect(self, client):
        for _ in range(len(self.targets)):
            self.turn += 1
            try:
                server = socket.create_connection(self.targets[self.turn % len(self.targets)], timeout=5)
                break
            except OSError:
                continue
        else:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.peers[one] = other
            self.waiting[one] = bytearray()  # bytes for it
            self.selector.register(one, selectors.EVENT_READ)

    def _watch(self, one):
        """Reads while the other side keeps up, writes while there is something to write."""
        events = selectors.EVENT_WRITE if self.waiting[one] else 0
        if one not in self.ended and len(self.waiting[self.peers[one]]) < 16 * PIECE:
            events |= selectors.EVENT_READ
        with contextlib.suppress(KeyError):
            self.selector.unregister(one)
        if events:
            self.selector.register(one, events)

    def _read(self, one):
        try:
            data = one.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            return self._drop(one)
        if not data:
            self.ended.add(one)
            self._write(self.peers[one])
            if one in self.peers:
                self._watch(one)
            return None
        self.waiting[self.peers[one]] += data
        self._write(self.peers[one])
        if one in self.peers:
            self._watch(one)
        return None

    def _write(self, one):
        try:
            sent = one.send(self.waiting[one]) if self.waiting[one] else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            return self._drop(one)
        del self.waiting[one][:sent]
        other = self.peers[one]
        if not self.waiting[one] and other in self.ended:
            if one in self.ended and not self.waiting[other]:
                return self._drop(one)
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_WR)
        self._watch(one)
        self._watch(other)
        return None

    def _drop(self, one):
        other = self.peers.get(one)
        for each in (one, other):
            if each in self.peers:
                with contextlib.suppress(KeyError):
                    self.selector.unregister(each)
                del self.peers[each], self.waiting[each]
                self.ended.discard(each)
                each.close()
