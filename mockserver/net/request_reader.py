"""The requests of one connection: read within limits and deadlines, and refused when malformed."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass
from typing import ClassVar

import h11

__all__ = ["MAX_BODY", "MAX_HEAD", "Gone", "Incoming", "Rejected", "Request"]

MAX_HEAD = 64 << 10
"""Bytes of a request's line and headers, and the empty line after them."""
MAX_BODY = 1 << 20
"""Bytes of a request's body."""

_AT_ONCE = 64 << 10
# A line of a chunked body may take h11 a time that grows by the square of its length: it gets no
# longer one than twice this.
_PIECE = 4 << 10
_EMPTY_LINE = re.compile(rb"\n\r?\n")
# With these after spaces, h11 may take ten seconds to find that a header is malformed.
_CONTROLS = re.compile(rb"[\0\v\f]|\r(?!\n)")


class Gone(Exception):
    """The other end has gone, or has been silent for too long: there is nobody to answer."""


class Rejected(Exception):
    """A request that cannot be understood, or that takes too long: the status, and why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request. The body is None when it is too large, and has not been read to its end."""

    head: h11.Request
    body: bytes | None

    @property
    def is_last(self) -> bool:
        """Whether the connection cannot serve another one after it."""
        return (
            self.body is None
            or self.head.http_version != b"1.1"
            or self.head.method == b"CONNECT"
            or b"close" in _words(self.head, b"connection")
        )


class Incoming:
    """Reads one request after the other from a connection.

    h11 parses; it is not asked to write, for it would not send what a reply may get wrong on
    purpose. So it does not learn when a reply ends, and each request gets a new parser.
    """

    idle_s: ClassVar[float] = 60.0
    """How long the first byte of a request may take."""
    head_s: ClassVar[float] = 30.0
    """How long a head may take from its first byte to its last."""
    body_s: ClassVar[float] = 60.0
    """How long a body may take after its head."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._ahead = bytearray()

    def next(self) -> Request:
        """The next request. Raises Gone when none comes, Rejected for one that is no good."""
        parser = h11.Connection(h11.SERVER, max_incomplete_event_size=_PIECE)
        try:
            parser.receive_data(self._next_head())
            head = parser.next_event()
            if not isinstance(head, h11.Request):
                raise Rejected(400, "no request")
            _check(head)
            return Request(head, self._body(parser, head))
        except h11.RemoteProtocolError as error:
            # Behind the colon is what came, which may be long and is known to the client.
            message = str(error).partition(": bytearray(")[0]
            raise Rejected(error.error_status_hint, message) from error

    def _next_head(self) -> bytes:
        """All up to the empty line. Empty lines before it are dropped (RFC 9112, 2.2)."""
        ahead = self._ahead
        deadline = time.monotonic() + self.idle_s
        while not (rest := ahead.lstrip(b"\r\n")):
            ahead.clear()
            if not self._receive(deadline):
                raise Gone
        ahead[:] = rest
        if ahead[0] <= 0x20:  # a TLS handshake, for one, has no line to wait for
            raise Rejected(400, "illegal request line")
        deadline = time.monotonic() + self.head_s
        searched = 0
        while not (found := _EMPTY_LINE.search(ahead, searched)) and len(ahead) < MAX_HEAD:
            searched = max(0, len(ahead) - 2)
            if not self._receive(deadline):
                raise Rejected(408, f"the request's head took longer than {self.head_s:g} s")
        if found is None or found.end() > MAX_HEAD:
            raise Rejected(431, f"the request's head is longer than {MAX_HEAD} bytes")
        head = bytes(ahead[: found.end()])
        del ahead[: found.end()]
        if _CONTROLS.search(head):
            raise Rejected(400, "a control character in the request's head")
        return head

    def _body(self, parser: h11.Connection, head: h11.Request) -> bytes | None:
        if any(int(length) > MAX_BODY for length in _values(head, b"content-length")):
            return None
        deadline = time.monotonic() + self.body_s
        body = bytearray()
        while not isinstance(event := parser.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                body += event.data
                if len(body) > MAX_BODY:
                    return None
                continue
            if not self._ahead:
                self._let_continue(parser)
                if not self._receive(deadline):
                    raise Rejected(408, f"the request's body took longer than {self.body_s:g} s")
            parser.receive_data(bytes(self._ahead[:_PIECE]))
            del self._ahead[:_PIECE]
        self._ahead[:0] = parser.trailing_data[0]
        return bytes(body)

    def _let_continue(self, parser: h11.Connection) -> None:
        if parser.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            try:
                self._connection.sendall(parser.send(go_on))
            except OSError as error:
                raise Gone from error

    def _receive(self, deadline: float) -> bool:
        """Whether more has come before the deadline. Raises Gone when no more can come."""
        rest_s = deadline - time.monotonic()
        if rest_s <= 0:
            return False
        try:
            self._connection.settimeout(rest_s)
            received = self._connection.recv(_AT_ONCE)
        except TimeoutError:
            return False
        except OSError as error:
            raise Gone from error
        if not received:
            raise Gone
        self._ahead += received
        return True


def _check(head: h11.Request) -> None:
    """Raise Rejected for what h11 accepts, although two servers may understand it differently."""
    if head.http_version not in (b"1.0", b"1.1"):
        raise Rejected(505, "the version of HTTP is neither 1.0 nor 1.1")
    if _values(head, b"transfer-encoding"):
        if _values(head, b"content-length"):
            raise Rejected(400, "both Transfer-Encoding and Content-Length")
        if head.http_version == b"1.0":
            raise Rejected(400, "Transfer-Encoding in HTTP/1.0")


def _values(head: h11.Request, name: bytes) -> list[bytes]:
    return [value for one, value in head.headers if one == name]


def _words(head: h11.Request, name: bytes) -> list[bytes]:
    """The words of a header whose value is a list, in small letters."""
    return [word.strip() for value in _values(head, name) for word in value.lower().split(b",")]
