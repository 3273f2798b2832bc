"""HTTP over one connection: request by request, and how it ends."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from contextlib import suppress
from itertools import count
from typing import Any, Literal, TypeAlias

from mockserver.net import listener, reader
from mockserver.net.raw_head import RequestRefused, error_response
from mockserver.net.reader import ClientDisconnected
from mockserver.subscribers import Subscribers

NextStep: TypeAlias = Literal["keep-alive", "close", "linger", "reset"]
"""What becomes of the connection after a response; one that lingers waits for a client that still
sends."""

_LINGER_BYTES = 64 << 20

_numbers = count(1)

_log = logging.getLogger(__name__)


class ShutdownSignal(threading.Event):
    """That a server shuts down: set once, and told to subscribers, who ask `is_set` after that."""

    def __init__(self) -> None:
        super().__init__()
        self.subscribers = Subscribers()

    def set(self) -> None:
        super().set()
        self.subscribers.tell()


class Handler:
    """Answers the requests of a server's connections, in a thread for each of them."""

    deadlines = reader.Deadlines()
    max_connections = 512
    """Beyond it, a client gets a 503: one left in the backlog could not tell why nobody answers."""
    full_message = "the mock server has too many connections open; close some"

    def handle(self, head: bytes, connection: Connection) -> NextStep:
        """Answer the request that begins with this head. RequestRefused, ClientDisconnected."""
        raise NotImplementedError

    def refusal(self, error: RequestRefused) -> bytes:
        return error_response(error.status, error.kind, str(error))

    def on_full(self, most: int) -> None:
        """One connection more than these has come; said again only after there was room."""


class Connection:
    """Serves a client until it goes, breaks the rules, or the handler ends it.

    `number` counts the process's connections from 1, `client` and `server` are socket addresses.
    `has_sent`: a byte of the response has gone out. Who made the connection closes the socket.
    """

    def __init__(
        self,
        connection: socket.socket,
        client: Any,
        server: Any,
        handler: Handler,
        shutdown: ShutdownSignal,
    ) -> None:
        self.socket = connection
        self.client, self.server = client, server
        self.shutdown, self.number = shutdown, next(_numbers)
        self.deadlines = handler.deadlines
        self.reader = reader.RequestReader(connection, self.deadlines)
        self.has_sent = False
        self._handler = handler

    def serve(self, *, is_full: bool = False) -> None:
        """Request by request, until it is over; `is_full` has the client sent away."""
        step: NextStep = "keep-alive"
        try:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            while step == "keep-alive":
                self.has_sent = False
                step = self._answer(is_full)
        except (ClientDisconnected, OSError) as error:
            _log.debug("%s is gone: %r", self.client, error)
            return
        if step == "reset":
            listener.reset(self.socket)
        else:
            self._end(self.deadlines.linger_s if step == "linger" else 0.0)

    def _answer(self, is_full: bool) -> NextStep:
        try:
            if is_full:
                raise RequestRefused(503, self._handler.full_message, "mockserver_error")
            return self._handler.handle(self.reader.head(), self)
        except RequestRefused as error:
            _log.debug("%s is refused: %s", self.client, error)
            self.send(self._handler.refusal(error))
            return "linger"

    def send(self, data: bytes) -> None:
        """Send a part of a response. Raises ClientDisconnected."""
        self.has_sent = True
        try:
            self.socket.settimeout(self.deadlines.send_s)
            self.socket.sendall(data)
        except OSError as error:
            raise ClientDisconnected from error

    def is_client_gone(self) -> bool:
        """Whether the client has closed the connection; one that only stopped sending counts."""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self.socket, selectors.EVENT_READ)
                return bool(selector.select(0)) and not self.socket.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _end(self, linger_s: float) -> None:
        """Say that nothing follows, and drop what still comes: unread, it would be a reset."""
        deadline = time.monotonic() + linger_s
        left = _LINGER_BYTES
        with suppress(OSError):  # the client has gone, or waits
            self.socket.shutdown(socket.SHUT_WR)
            while left > 0:
                rest_s = 0.0 if self.shutdown.is_set() else deadline - time.monotonic()
                self.socket.settimeout(max(0.0, rest_s))
                dropped = len(self.socket.recv(reader.READ_SIZE))
                if not dropped:
                    break
                left -= dropped
