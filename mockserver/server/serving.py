"""The loop behind a live server: it accepts, refuses, follows its gate, and stops at once."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer

from mockserver.server import listener
from mockserver.server.connection import Connection
from mockserver.server.gate import STOP, Gate, Stop, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Server"]

_GRACE_S = 0.2
"""How long a reply that is being written may take once the server stops."""
_DEADLINE_S = 2.0
"""How long a stop may take at the worst; threads that are left then are daemons."""
_LONGEST_SELECT_S = 3600.0
"""Some systems count the milliseconds of a select in 32 bits."""

_log = logging.getLogger(__name__)


class Server(ThreadedWSGIServer):
    """Werkzeug's threaded server with a loop that ends when it is told to, not when it next looks.

    The address is a bound socket. It is duplicated; the caller closes its own. While the gate says
    `refuse`, the port is kept by a socket that is bound and does not listen. Raises OSError when
    the address cannot be listened on.
    """

    def __init__(self, app: WSGIApplication, address: socket.socket, gate: Gate) -> None:
        host, port = address.getsockname()[:2]
        self.stopping = Stop()
        super().__init__(
            host, port, _with_stop(app, self.stopping), Connection, fd=address.fileno()
        )
        self._address = self.socket.getsockname()
        self._wake, self._waker = socket.socketpair()
        for one in (self.socket, self._wake, self._waker):
            one.setblocking(False)
        self._gate = gate
        self._verdict: Verdict = "refuse"
        self._turning = threading.RLock()  # held while the verdict is applied, or relied upon
        self._guard = threading.Lock()
        self._open: set[socket.socket] = set()
        self._workers: list[threading.Thread] = []
        self._unsubscribe = gate.subscribe(self._follow)
        try:
            with self._turning:
                listener.keep(self.socket)
                self._turn(gate.verdict())
        except OSError:
            self._close()
            raise

    def serve(self) -> None:
        """Accept connections, as the gate says, until `stop`."""
        while not self.stopping.is_set():
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake, selectors.EVENT_READ)
                with self._turning:
                    if self._verdict != "refuse":
                        selector.register(self.socket, selectors.EVENT_READ)
                self._accept_until_woken(selector)
            with suppress(BlockingIOError):
                while self._wake.recv(4096):
                    pass

    def stop(self, thread: threading.Thread) -> None:
        """End `serve`, which runs in `thread`, then let replies be finished and close the rest."""
        self.stopping.set()
        self._wake_up()
        _join([thread], _DEADLINE_S)
        with self._turning:
            self._close()
        with self._guard:
            workers = list(self._workers)
        # Reading ends first: who waits for a request goes, who writes a reply may finish it.
        self._shut(socket.SHUT_RD)
        if not _join(workers, _GRACE_S):
            self._shut(socket.SHUT_RDWR)
            _join(workers, _DEADLINE_S)

    def _accept_until_woken(self, selector: selectors.BaseSelector) -> None:
        while True:
            # Asked before the gate is followed, so that no change falls between the two.
            rest_s = self._gate.changes_in_s()
            self._follow()
            wait_s = None if rest_s is None else min(rest_s, _LONGEST_SELECT_S)
            ready = [key.fileobj for key, _ in selector.select(wait_s)]
            if self._wake in ready:
                return
            if ready:
                self._accept()

    def _accept(self) -> None:
        with self._turning:
            self._follow()
            if self._verdict == "refuse":
                return
            try:
                connection, address = self.socket.accept()
            except OSError:
                return  # the client has gone
            connection.setblocking(True)  # some systems let it inherit the listener's mode
            if self._verdict == "open":
                try:
                    self.process_request(connection, address)
                except Exception:  # such as no thread to be had
                    self.handle_error(connection, address)
                    self.shutdown_request(connection)
                return
        # Counted first: who finds the connection reset finds the count, too.
        self._gate.turned_away()
        listener.reset(connection)

    def _follow(self) -> None:
        """Listen or refuse, as the gate says now."""
        with self._turning:
            if self.stopping.is_set():
                return
            try:
                self._turn(self._gate.verdict())
            except OSError as error:
                _log.error("cannot listen on %s again: %s", self._address, error)

    def _turn(self, verdict: Verdict) -> None:
        if verdict == self._verdict:
            return
        if self._verdict == "open":
            # As before a stop: a reply that is being written is finished.
            self._shut(socket.SHUT_RD)
        if verdict == "refuse":
            self.socket.close()
            self._verdict = verdict
            self.socket = self._reserved()
        elif self._verdict == "refuse":
            if self.socket.fileno() < 0:
                self.socket = self._reserved()
            listener.listen(self.socket)
        self._verdict = verdict
        self._wake_up()

    def _reserved(self) -> socket.socket:
        one = listener.bound(self.address_family, self._address)
        listener.keep(one)
        one.setblocking(False)
        return one

    def _wake_up(self) -> None:
        with suppress(OSError):  # full, so that it wakes anyway; or closed
            self._waker.send(b"x")

    def _close(self) -> None:
        self._unsubscribe()
        self.server_close()
        self._wake.close()
        self._waker.close()

    def _shut(self, how: int) -> None:
        with self._guard:
            for connection in self._open:
                with suppress(OSError):  # closed by the client meanwhile
                    connection.shutdown(how)

    def process_request(self, request: Any, client_address: Any) -> None:
        worker = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._guard:
            self._open.add(request)
            self._workers = [one for one in self._workers if one.is_alive()]
            worker.start()
            self._workers.append(worker)

    def close_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
            request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        _log.exception("a connection from %s failed", client_address)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's name
        _log.debug(message, *args)


def _with_stop(app: WSGIApplication, stop: Stop) -> WSGIApplication:
    """The app, which finds in each request's environment that the server stops."""

    def stoppable(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[STOP] = stop
        return app(environ, start_response)

    return stoppable


def _join(threads: list[threading.Thread], seconds: float) -> bool:
    """Wait for the threads, but not for the one that is waiting; whether all have ended."""
    deadline = time.monotonic() + seconds
    others = [thread for thread in threads if thread is not threading.current_thread()]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in others)
