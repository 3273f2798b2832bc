"""The requests of one connection: read within limits and deadlines, and refused when malformed."""

import re
import socket
import time
from dataclasses import dataclass

import h11

from mockserver.http.message import Headers
from mockserver.net.framing import BodyReader, malformed, new_parser
from mockserver.net.raw_head import MalformedMessage, RequestRefused, end_of_head

MAX_REQUEST_HEAD = 64 << 10
"""Bytes of a request's first line and headers, and the empty line after them."""
MAX_BODY = 1 << 20
"""Bytes of a request's body."""
READ_SIZE = 64 << 10
"""Bytes that are read at once."""

# With these after spaces, h11 may take ten seconds to find that a header is malformed.
_CONTROLS = re.compile(rb"[\0\v\f]|\r(?!\n)")

_CONTINUE = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")


class ClientDisconnected(Exception):
    """The client has gone, or has been silent for too long: there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Real seconds: how long the first byte of a request may take; its head from then on, and its
    body after that; how long a client may take to read one part of a response; and how long one
    that still sends is listened to at the end, so that it reads the response."""

    idle_s: float = 60.0
    head_s: float = 30.0
    body_s: float = 60.0
    send_s: float = 60.0
    linger_s: float = 1.0


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """`version` is such as `1.1`; the body is None when it was too large to be read to its end."""

    method: str
    target: str
    version: str
    headers: Headers
    body: bytes | None

    @property
    def is_last(self) -> bool:
        """Whether the connection cannot serve another one after it."""
        cannot_stay = self.body is None or self.version != "1.1" or self.method == "CONNECT"
        return cannot_stay or "close" in self.headers.tokens("connection")


class RequestReader:
    """Reads one request after the other; `ahead` is what has come and is not read yet."""

    def __init__(self, connection: socket.socket, deadlines: Deadlines) -> None:
        self.ahead = bytearray()
        self._connection, self._deadlines = connection, deadlines

    def head(self) -> bytes:
        """Empty lines before it are dropped (RFC 9112, 2.2). ClientDisconnected, RequestRefused."""
        ahead, deadlines = self.ahead, self._deadlines
        deadline = time.monotonic() + deadlines.idle_s
        while not (rest := ahead.lstrip(b"\r\n")):
            ahead.clear()
            if not self._receive(deadline):
                raise ClientDisconnected
        ahead[:] = rest
        if ahead[0] <= 0x20:  # a TLS handshake, for one, has no line to wait for
            raise RequestRefused(400, "illegal request line")
        deadline = time.monotonic() + deadlines.head_s
        searched = 0
        while (end := end_of_head(ahead, searched)) < 0 and len(ahead) < MAX_REQUEST_HEAD:
            searched = max(0, len(ahead) - 2)
            if not self._receive(deadline):
                message = f"the request's head took longer than {deadlines.head_s:g} s"
                raise RequestRefused(408, message)
        if not 0 < end <= MAX_REQUEST_HEAD:
            raise RequestRefused(431, f"the request's head is longer than {MAX_REQUEST_HEAD} bytes")
        head = bytes(ahead[:end])
        del ahead[:end]
        return head

    def request(self, head: bytes) -> IncomingRequest:
        """The request that begins with these bytes, and its body. Raises as `head` does."""
        if _CONTROLS.search(head):
            raise RequestRefused(400, "a control character in the request's head")
        parser = new_parser()
        try:
            parser.receive_data(head)
            parsed = parser.next_event()
            if not isinstance(parsed, h11.Request):
                raise MalformedMessage("no request")
            words = (parsed.method, parsed.target, parsed.http_version)
            method, target, version = (word.decode("ascii") for word in words)
            pairs = ((name.decode(), value.decode("latin-1")) for name, value in parsed.headers)
            headers = Headers(pairs)
            _check(version, headers)
            return IncomingRequest(method, target, version, headers, self._body(headers, parser))
        except h11.RemoteProtocolError as error:
            raise malformed(error) from error

    def _body(self, headers: Headers, parser: h11.Connection) -> bytes | None:
        if any(int(length) > MAX_BODY for length in headers.get_all("content-length")):
            return None
        deadline = time.monotonic() + self._deadlines.body_s
        reader, body = BodyReader(parser), bytearray()
        while not reader.is_done:
            if not self.ahead:
                if parser.they_are_waiting_for_100_continue:
                    self._connection.sendall(parser.send(_CONTINUE))
                if not self._receive(deadline):
                    message = f"the request's body took longer than {self._deadlines.body_s:g} s"
                    raise RequestRefused(408, message)
            used, payload = reader.take(self.ahead)
            del self.ahead[:used]
            body += payload
            if len(body) > MAX_BODY:
                return None
        return bytes(body)

    def _receive(self, deadline: float) -> bool:
        """Whether more came before the deadline. ClientDisconnected or OSError when none can."""
        rest_s = deadline - time.monotonic()
        if rest_s <= 0:
            return False
        try:
            self._connection.settimeout(rest_s)
            received = self._connection.recv(READ_SIZE)
        except TimeoutError:
            return False
        if not received:
            raise ClientDisconnected
        self.ahead += received
        return True


def _check(version: str, headers: Headers) -> None:
    """Refuse what h11 accepts, although two servers may understand it differently."""
    if version not in ("1.0", "1.1"):
        raise MalformedMessage("the version of HTTP is neither 1.0 nor 1.1", 505)
    if headers.get("transfer-encoding") is not None:
        if headers.get("content-length") is not None:
            raise MalformedMessage("both Transfer-Encoding and Content-Length")
        if version == "1.0":
            raise MalformedMessage("Transfer-Encoding in HTTP/1.0")
