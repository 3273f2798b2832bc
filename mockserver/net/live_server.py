"""A server on a socket, served from a thread that starts and stops at once."""

import os
import threading
from typing import Self
from wsgiref.types import WSGIApplication

from mockserver.net import listener
from mockserver.net.accept_loop import AcceptLoop
from mockserver.net.connection import Handler
from mockserver.net.wsgi import WsgiHandler


class LiveServer:
    """A handler or a WSGI app on a socket, from a daemon thread; each connection has one, too.

    Port 0 takes a free port at the first start, and every later start takes it again. Usable as a
    context manager. Safe to start and stop from any thread.
    """

    def __init__(
        self,
        answerer: Handler | WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        admission: listener.AdmissionPolicy | None = None,
    ) -> None:
        self._handler = answerer if isinstance(answerer, Handler) else WsgiHandler(answerer)
        self._host, self._wanted_port = host, port
        self._admission = admission or listener.AdmissionPolicy()
        self._address: tuple[str, int] | None = None
        self._loop: AcceptLoop | None = None
        self._pid = 0
        self._lock = threading.RLock()

    @property
    def port(self) -> int:
        """The port it listens on, or last did. RuntimeError before the first start."""
        return self._bound()[1]

    @property
    def url(self) -> str:
        """The base URL, of the loopback address for all interfaces; RuntimeError as `port`."""
        host, port = self._bound()
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def is_running(self) -> bool:
        return self._loop is not None

    def start(self) -> None:
        """Listen, if it does not already. Raises AddressUnavailable."""
        with self._lock:
            if self._loop is not None:
                return
            port = self._wanted_port if self._address is None else self.port
            with listener.bind(self._host, port) as address:
                try:
                    self._loop = AcceptLoop(self._handler, address, self._admission)
                except OSError as error:
                    raise listener.unavailable(self._host, port, error) from error
                self._address, self._pid = address.getsockname()[:2], os.getpid()

    def stop(self) -> None:
        """Refuse connections and close those that are open; nothing in a child that was forked."""
        with self._lock:
            if self._loop is not None and self._pid == os.getpid():
                self._loop.stop()
                self._loop = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _bound(self) -> tuple[str, int]:
        if self._address is None:
            raise RuntimeError("the server has not been started")
        return self._address
