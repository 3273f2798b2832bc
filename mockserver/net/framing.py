"""Where the bodies of HTTP/1 messages end (RFC 9112, 6)."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

import h11

from mockserver.http.message import Headers
from mockserver.net.raw_head import MalformedMessage, RawHead

# A line of a chunked body may take h11 a time that grows by the square of its length: it gets no
# longer one than twice this.
_PIECE = 4 << 10
_LENGTH = re.compile(r"[0-9]{1,18}")
WITHOUT_BODY = (204, 304)

Framing: TypeAlias = Literal["none", "length", "chunked", "close"]


class BodyReader:
    """Follows a body as its bytes pass by, and gives what is in it, without its chunks.

    The parser has read the head. Without one there is no body, or one as long as the connection.
    """

    def __init__(self, parser: h11.Connection | None = None, framing: Framing = "none") -> None:
        self.framing = framing
        self.is_done = parser is None and framing == "none"
        self._parser = parser
        self._payload: list[bytes] = []
        if parser is not None:
            self._parse()

    @classmethod
    def framed_as(cls, framing: Framing, length: int = 0) -> BodyReader:
        """h11 is told no more of a head: one that is forwarded may hold what it refuses."""
        headers = {"length": f"Content-Length: {length}", "chunked": "Transfer-Encoding: chunked"}
        if framing not in headers:
            return cls(framing=framing)
        parser = new_parser()
        head = f"POST / HTTP/1.1\r\nHost: x\r\n{headers[framing]}\r\n\r\n"
        parser.receive_data(head.encode())
        parser.next_event()
        return cls(parser, framing)

    @classmethod
    def of_request(cls, head: RawHead) -> BodyReader:
        """MalformedMessage where two programs might see different ends."""
        headers = head.headers
        if headers.get("transfer-encoding") is None:
            return cls._of_length(headers, "none")
        if headers.get("content-length") or not _is_chunked(headers) or head.minor == 0:
            raise MalformedMessage("a Transfer-Encoding whose end cannot be known")
        return cls.framed_as("chunked")

    @classmethod
    def of_response(cls, head: RawHead, method: str) -> BodyReader:
        """What the response to a request with this method has; MalformedMessage as above."""
        headers = head.headers
        if method == "HEAD" or head.status < 200 or head.status in WITHOUT_BODY:
            return cls()
        if headers.get("transfer-encoding") is not None:
            return cls.framed_as("chunked" if _is_chunked(headers) else "close")
        return cls._of_length(headers, "close")

    @classmethod
    def _of_length(cls, headers: Headers, otherwise: Framing) -> BodyReader:
        """By the Content-Length, which may be said several times over, or `otherwise`."""
        values = headers.get_all("content-length")
        lengths = {length.strip(" \t") for value in values for length in value.split(",")}
        if not lengths:
            return cls(framing=otherwise)
        if len(lengths) > 1 or not _LENGTH.fullmatch(length := lengths.pop()):
            raise MalformedMessage("no clear Content-Length")
        return cls.framed_as("length", int(length))

    def take(self, data: bytes | bytearray) -> tuple[int, bytes]:
        """How many of these bytes belong to it, and what they bring; MalformedMessage."""
        if self._parser is None:
            return (len(data), bytes(data)) if self.framing == "close" else (0, b"")
        used = 0
        while used < len(data) and not self.is_done:
            piece = bytes(data[used : used + _PIECE])
            self._parser.receive_data(piece)
            self._parse()
            used += len(piece)
            if self.is_done:  # what is left in h11's buffer belongs to the next message
                used -= len(self._parser.trailing_data[0])
        payload, self._payload = b"".join(self._payload), []
        return used, payload

    def _parse(self) -> None:
        assert self._parser is not None
        try:
            while isinstance(event := self._parser.next_event(), h11.Data):
                self._payload.append(bytes(event.data))
        except h11.RemoteProtocolError as error:
            raise malformed(error) from error
        self.is_done = isinstance(event, h11.EndOfMessage)


def new_parser() -> h11.Connection:
    """Reads one request; each gets a new one, for h11 does not learn when a response ends: it would
    not send what one may get wrong on purpose.
    """
    return h11.Connection(h11.SERVER, max_incomplete_event_size=_PIECE)


def malformed(error: h11.RemoteProtocolError) -> MalformedMessage:
    """What h11 says, without the bytes behind the colon, which may be many."""
    return MalformedMessage(str(error).partition(": bytearray(")[0], error.error_status_hint)


def _is_chunked(headers: Headers) -> bool:
    codings = ",".join(headers.get_all("transfer-encoding")).lower().split(",")
    return codings[-1].strip(" \t") == "chunked"
