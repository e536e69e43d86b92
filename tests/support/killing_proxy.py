"""A proxy before a database that counts what is sent to it, and kills the sender at one of its calls."""

import contextlib
import threading

from support.cutting_proxy import PIECE, CuttingProxy


class KillingProxy(CuttingProxy):
    """`calls` are the pieces that have come from clients. At the `kill_at`th `victim()` is called: before the database has
    the call where `before`, else after it, so that the answer finds nobody."""

    def __init__(self, target):
        super().__init__(target)
        self.calls = 0
        self.kill_at = 0
        self.before = True
        self.victim = None
        self.struck = threading.Event()

    def _pass_on(self, source, sink, counted):
        if counted:
            super()._pass_on(source, sink, False)
            return
        with contextlib.suppress(OSError):
            while data := source.recv(PIECE):
                with self.lock:
                    self.calls += 1
                    now = self.calls == self.kill_at
                if now and self.before:
                    self._strike()
                    break
                sink.sendall(data)
                if now:
                    self._strike()
        self._shut(source)
        self._shut(sink)

    def _strike(self):
        self.victim()
        self.struck.set()
