"""A WSGI app on a socket, served from a thread that starts and stops at once."""

from __future__ import annotations

import errno
import logging
import os
import selectors
import socket
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer

from mockserver.errors import AddressUnavailable
from mockserver.server.connection import Connection

if TYPE_CHECKING:
    from typing import Self
    from wsgiref.types import WSGIApplication

__all__ = ["LiveServer"]

_GRACE_S = 0.2
"""How long a reply that is being written may take once the server stops."""
_DEADLINE_S = 2.0
"""How long a stop may take at the worst; threads that are left then are daemons."""

_log = logging.getLogger(__name__)


class LiveServer:
    """Serves `app` on `host` from a daemon thread, each connection in a thread of its own.

    Port 0 takes a free port, a new one at each start. Usable as a context manager. Safe to start
    and stop from any thread.
    """

    def __init__(self, app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        self._app = app
        self._host = host
        self._fixed_port = port
        self._address: tuple[str, int] | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()

    @property
    def port(self) -> int:
        """The port it listens on, or last did. RuntimeError before the first start."""
        return self._bound()[1]

    @property
    def url(self) -> str:
        """`http://127.0.0.1:41234`, without a slash at the end.

        A server on all interfaces is named by the loopback address. RuntimeError before the first
        start.
        """
        host, port = self._bound()
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def is_running(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        """Bind and serve; nothing when it runs already. Raises AddressUnavailable."""
        with self._lock:
            if self._server is not None:
                return
            listener = _listen(self._host, self._fixed_port)
            try:
                self._address = listener.getsockname()[:2]
                self._server = _Server(self._app, listener)
            finally:
                listener.close()
            self._thread = threading.Thread(
                target=self._server.serve, name=f"mockserver:{self.port}", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Stop serving and close every connection; nothing when it does not run."""
        with self._lock:
            if self._server is None or self._thread is None:
                return
            self._server.stop(self._thread)
            self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _bound(self) -> tuple[str, int]:
        if self._address is None:
            raise RuntimeError("the server has not been started")
        return self._address


class _Server(ThreadedWSGIServer):
    """Werkzeug's threaded server with a loop that ends when it is told to, not when it next looks.

    The listener is duplicated; the caller closes its own.
    """

    timeout = 0.0  # handle_request takes what is there and never waits

    def __init__(self, app: WSGIApplication, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(host, port, app, Connection, fd=listener.fileno())
        self.socket.setblocking(False)
        self._wake, self._waker = socket.socketpair()
        self._guard = threading.Lock()
        self._open: set[socket.socket] = set()
        self._workers: list[threading.Thread] = []

    def serve(self) -> None:
        """Accept connections until `stop`."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if self._wake in ready:
                    return
                self.handle_request()

    def stop(self, thread: threading.Thread) -> None:
        """End `serve`, which runs in `thread`, then let replies be finished and close the rest."""
        self._waker.send(b"x")
        _join([thread], _DEADLINE_S)
        self.server_close()
        self._wake.close()
        self._waker.close()
        with self._guard:
            workers = list(self._workers)
        # Reading ends first: who waits for a request goes, who writes a reply may finish it.
        self._shut(socket.SHUT_RD)
        if not _join(workers, _GRACE_S):
            self._shut(socket.SHUT_RDWR)
            _join(workers, _DEADLINE_S)

    def _shut(self, how: int) -> None:
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(how)
                except OSError:
                    continue  # closed by the client meanwhile

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = self.socket.accept()
        connection.setblocking(True)  # some systems let it inherit the listener's mode
        return connection, address

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


def _join(threads: list[threading.Thread], seconds: float) -> bool:
    """Wait for the threads, but not for the one that is waiting; whether all have ended."""
    deadline = time.monotonic() + seconds
    others = [thread for thread in threads if thread is not threading.current_thread()]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in others)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket; AddressUnavailable, with advice, when there can be none."""
    if not 0 <= port <= 65535:
        raise AddressUnavailable(
            host, port, "no such port", "ports go from 1 to 65535, and 0 takes a free one"
        )
    family, address = _resolved(host, port)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere this would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise _unavailable(host, port, error) from error
    return listener


def _resolved(host: str, port: int) -> tuple[int, Any]:
    """The address family and the socket address; IPv4 where a name has both, as LM Studio (D)."""
    try:
        if not host:
            raise OSError("no host is given")
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, ValueError) as error:
        reason = "no such host"
        raise AddressUnavailable(host, port, reason, "use 127.0.0.1, or localhost") from error
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, address


def _unavailable(host: str, port: int, error: OSError) -> AddressUnavailable:
    free = "use --port 0 for a free one"
    match error.errno:
        case errno.EADDRINUSE:
            reason, advice = "the port is in use", f"{free}, or stop what listens there"
        case errno.EACCES if port < 1024:
            reason, advice = "ports below 1024 are reserved", f"use a higher one, or {free[4:]}"
        case errno.EACCES:
            reason, advice = "the system forbids it", free
        case errno.EADDRNOTAVAIL:
            reason, advice = "the address is not one of this machine's", "use 127.0.0.1"
        case _:
            reason, advice = (error.strerror or str(error)).lower(), f"use 127.0.0.1, and {free}"
    return AddressUnavailable(host, port, reason, advice)
