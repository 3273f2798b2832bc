"""HTTP over one connection: request by request, and how it ends."""

from __future__ import annotations

import json
import logging
import selectors
import socket
import time
from contextlib import closing, suppress
from email.utils import formatdate
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeAlias

from mockserver.net import listener
from mockserver.net.gate import CONNECTION, IS_GONE
from mockserver.net.request_reader import MAX_BODY, Gone, Incoming, Rejected, Request
from mockserver.net.response_writer import Outgoing, head_of
from mockserver.net.severed import Severed
from mockserver.net.wsgi import environ_of

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from mockserver.net.gate import Stop

__all__ = ["MAX_BODY", "Connection", "Host"]

_Fate: TypeAlias = Literal["goes on", "close", "linger", "reset"]
"""What becomes of the connection; one that lingers waits for a client that still sends."""

_LINGER_BYTES = 64 << 20
_AT_ONCE = 64 << 10

_numbers = count(1)

_log = logging.getLogger(__name__)


class Host(Protocol):
    """What a connection needs to know of its server."""

    app: WSGIApplication
    server_address: Any
    stopping: Stop

    def is_full(self) -> bool:
        """Whether it has more connections than it serves."""


class Connection:
    """Serves a client until it goes, breaks the rules, or the app breaks the connection.

    The socket is closed by who made the connection. An app that raises ConnectionError breaks the
    connection: by a reset without a byte where it is called, by a close after what it has yielded
    where its body is read. `Severed` says how else.
    """

    send_s: ClassVar[float] = 60.0
    """How long a client may take to read one part of a reply."""
    linger_s: ClassVar[float] = 1.0
    """How long a client that still sends is listened to, so that it reads the reply."""

    def __init__(self, connection: socket.socket, client: Any, server: Host) -> None:
        self._connection = connection
        self._client = client
        self._server = server
        self._number = next(_numbers)
        self._has_replied = False

    def serve(self) -> None:
        """Request by request, until it is over."""
        connection = self._connection
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            fate = self._serve()
        except (Gone, OSError) as error:
            _log.debug("%s is gone: %r", self._client, error)
            return
        if fate == "reset":
            listener.reset(connection)
        else:
            self._part(self.linger_s if fate == "linger" else 0.0)

    def _serve(self) -> _Fate:
        if self._server.is_full():
            message = "the mock server has too many connections open; close some"
            self._refuse(503, message, "mockserver_error")
            return "linger"
        incoming = Incoming(self._connection)
        fate: _Fate = "goes on"
        while fate == "goes on":
            try:
                request = incoming.next()
                environ = self._environ(request)
            except Rejected as error:
                _log.debug("%s is rejected: %s", self._client, error)
                self._refuse(error.status, str(error))
                return "linger"
            fate = self._answer(request, environ)
            if fate == "close" and request.body is None:
                fate = "linger"
        return fate

    def _environ(self, request: Request) -> WSGIEnvironment:
        server = self._server
        try:
            environ = environ_of(request, server.server_address, self._client, server.stopping)
        except ValueError as error:
            raise Rejected(400, "the target is no URL") from error
        environ[CONNECTION] = self._number
        environ[IS_GONE] = self._is_gone
        return environ

    def _is_gone(self) -> bool:
        """Whether the client has closed the connection; one that only stopped sending counts."""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._connection, selectors.EVENT_READ)
                return bool(selector.select(0)) and not self._connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def _answer(self, request: Request, environ: WSGIEnvironment) -> _Fate:
        self._has_replied = False
        try:
            with closing(Outgoing(self._server.app, environ)) as reply:
                is_last = request.is_last or self._server.stopping.is_set()
                return "goes on" if self._reply(reply, is_last) else "close"
        except ConnectionError as error:
            if isinstance(error, Severed):
                return error.by
            return "close" if self._has_replied else "reset"
        except Gone:
            raise
        except Exception:
            _log.exception("the app failed")
            if not self._has_replied:
                self._refuse(500, "the app failed; the log says more", "mockserver_error")
            return "close"

    def _reply(self, reply: Outgoing, is_last: bool) -> bool:
        """Send it; whether another one can follow. Raises the error by which the app broke off."""
        error = reply.broken
        more: list[tuple[str, str]] = []
        length = reply.announced
        if error is None and reply.has_body and not reply.is_framed:
            error = reply.gather()
            length = len(reply.first)
            if error is None:
                more.append(("Content-Length", str(length)))
        if is_last and not reply.values("Connection"):
            more.append(("Connection", "close"))
        head = head_of(reply.status, reply.headers, *more)
        if isinstance(reply.broken, Severed) and reply.broken.at == "in headers":
            head = head[: len(head) // 2]
        self._send(head + reply.first if reply.has_body else head)
        if error is not None:
            raise error
        stays = not (is_last or reply.is_last)
        if not reply.has_body:
            return stays
        sent = len(reply.first)
        for part in reply.rest:
            self._send(part)
            sent += len(part)
        return stays and sent == length

    def _refuse(self, status: int, message: str, kind: str = "invalid_request") -> None:
        """Answer by the server itself."""
        body = json.dumps({"error": {"type": kind, "message": message}}).encode()
        head = head_of(
            f"{status} {HTTPStatus(status).phrase}",
            [
                ("Content-Type", "application/json; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("Date", formatdate(usegmt=True)),
                ("Connection", "close"),
            ],
        )
        self._send(head + body)

    def _send(self, data: bytes) -> None:
        self._has_replied = True
        try:
            self._connection.settimeout(self.send_s)
            self._connection.sendall(data)
        except OSError as error:
            raise Gone from error

    def _part(self, linger_s: float) -> None:
        """Say that nothing follows, and drop what still comes: unread, it would be a reset."""
        deadline = time.monotonic() + linger_s
        left = _LINGER_BYTES
        with suppress(OSError):  # the client has gone, or waits
            self._connection.shutdown(socket.SHUT_WR)
            while left > 0:
                rest_s = 0.0 if self._server.stopping.is_set() else deadline - time.monotonic()
                self._connection.settimeout(max(0.0, rest_s))
                dropped = len(self._connection.recv(_AT_ONCE))
                if not dropped:
                    break
                left -= dropped
