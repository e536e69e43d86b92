"""A TCP proxy on loopback that counts bytes, cuts connections where it is told to, and holds bytes back."""

import contextlib
import socket
import threading
import time

PIECE = 16384


class CuttingProxy:
    """Passes connections on to `target` (host, port). `cuts` are numbers of bytes from the target, over all
    connections: as each is reached, the connection that reaches it is reset and its remaining bytes are lost.

    refuse() cuts what is open and whatever comes until accept(). `delay`: seconds that every piece takes longer, either way.
    With `hold_at`, no byte from the target past that number comes through before release(); with `hold_on`, none from the moment
    on that a client says these bytes. With `hold_behind`, what a client says next after these bytes comes through by half, and nothing
    that any client says after it before release(). `held` tells that it has come to that. `from_target` counts what was passed on to
    clients. Use it as a context manager."""

    def __init__(self, target, cuts=(), hold_at=None, delay=0):
        self.target = target
        self.delay = delay
        self.cuts = sorted(cuts)
        self.hold_at = hold_at
        self.hold_on = None
        self.hold_behind = None
        self.free = threading.Event()
        self.held = threading.Event()
        self.done_cuts = 0
        self.from_target = 0
        self.connections = 0
        self.lock = threading.Lock()
        self.open = set()
        self.threads = []
        self.stopping = False
        self.refusing = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        self._run(self._accept)
        return self

    def release(self):
        self.free.set()

    def refuse(self):
        with self.lock:
            self.refusing = True
            for each in self.open:
                self._shut(each)

    def accept(self):
        self.refusing = False

    def __exit__(self, *_):
        self.stopping = True
        self.release()
        # Wakes accept(), which a close from another thread does not.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            left = list(self.open)
        for each in left:
            self._shut(each)
        for thread in self.threads:
            thread.join(timeout=60)
        for each in left:
            each.close()

    def _run(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        while not self.stopping:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                target = socket.create_connection(self.target, timeout=30)
            except OSError:
                client.close()
                continue
            target.settimeout(None)
            with self.lock:
                if self.refusing:
                    client.close()
                    target.close()
                    continue
                self.connections += 1
                self.open |= {client, target}
            self._run(self._pass_on, client, target, False)
            self._run(self._pass_on, target, client, True)

    def _pass_on(self, source, sink, counted):
        behind = False
        with contextlib.suppress(OSError):
            while data := source.recv(PIECE):
                time.sleep(self.delay)
                if counted:
                    self._hold(len(data))
                    whole = len(data)
                    data, cut = self._count(data)
                    sink.sendall(data)
                    if cut:
                        assert len(data) <= whole
                        self._reset(sink)
                        break
                else:
                    if self.hold_on and self.hold_on in data:
                        self.hold_at = 0
                    if behind:
                        sink.sendall(data[:len(data) // 2])
                        data = data[len(data) // 2:]
                        self.held.set()
                    if self.hold_behind and self.held.is_set():
                        self.free.wait()
                    behind = bool(self.hold_behind) and self.hold_behind in data
                    sink.sendall(data)
        self._shut(source)
        self._shut(sink)

    def _hold(self, count):
        if self.hold_at is not None and self.from_target + count > self.hold_at:
            self.held.set()
            self.free.wait()

    def _count(self, data):
        """What may be passed on, and whether the connection ends after it."""
        with self.lock:
            cut = self.done_cuts < len(self.cuts) and self.from_target + len(data) >= self.cuts[self.done_cuts]
            if cut:
                data = data[:max(0, self.cuts[self.done_cuts] - self.from_target)]
                self.done_cuts += 1
            self.from_target += len(data)
            return data, cut

    @staticmethod
    def _reset(client):
        # Closing with this on sends RST at once.
        with contextlib.suppress(OSError):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    @staticmethod
    def _shut(each):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
