"""HTTP/1 messages as bytes: heads that can be passed on as they are, and where bodies end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mockserver.http.message import Headers

__all__ = ["Body", "Head", "Malformed", "end_of_head", "read_reply_head", "read_request_head"]

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VERSION = re.compile(rb"HTTP/1\.[01]")
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: .*)?")
_LENGTH = re.compile(r"[0-9]{1,18}")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")
_LONGEST_LINE = 16 * 1024
_OF_CONNECTION = ("connection", "keep-alive", "proxy-connection")
_OF_MESSAGE = {"content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"}
"""Passed on even where Connection names them: chunks pass as they are."""
_WITHOUT_BODY = (204, 304)


class Malformed(Exception):
    """Bytes that are no HTTP/1, or whose end two programs may see differently; half a sentence."""


@dataclass(frozen=True, slots=True)
class Head:
    """The lines of a head as they came, without their ends; the first is `start`.

    A header that goes on in the next line stays as it is. `method` and `target` are those of a
    request, `status` is that of a reply.
    """

    start: bytes
    lines: tuple[bytes, ...]
    minor: int
    method: str = ""
    target: str = ""
    status: int = 0

    @property
    def headers(self) -> Headers:
        """Names and values, of which those that go on in the next line are joined."""
        found: list[tuple[str, str]] = []
        for line in self.lines:
            text = line.decode("latin-1")
            if text[:1] in (" ", "\t") and found:
                last, begun = found[-1]
                found[-1] = (last, f"{begun} " + text.strip(" \t"))
                continue
            name, _, value = text.partition(":")
            found.append((name, value.strip(" \t")))
        return Headers(found)

    def values(self, name: str) -> list[str]:
        """The values of a header, in any case."""
        return [value for one, value in self.headers if one.lower() == name]

    def words(self, name: str) -> set[str]:
        """The words of a header whose value is a list, in small letters."""
        words = ",".join(self.values(name)).lower().split(",")
        return {word.strip(" \t") for word in words}

    def passed_on(self, *more: bytes, start: bytes | None = None, without: str = "") -> bytes:
        """The head as it is sent on: without what is about this connection alone, and with more.

        `without` is one more header to leave out, in small letters.
        """
        gone = {*_OF_CONNECTION, *(self.words("connection") - _OF_MESSAGE), without}
        lines, is_gone = [self.start if start is None else start, *more], False
        for line in self.lines:
            if line[:1] not in (b" ", b"\t"):
                is_gone = line.partition(b":")[0].decode("latin-1").lower() in gone
            if not is_gone:
                lines.append(line)
        return b"\r\n".join((*lines, b"", b""))

    @property
    def is_last(self) -> bool:
        """Whether the client wants no other reply on its connection."""
        words = self.words("connection")
        return "close" in words or (self.minor == 0 and "keep-alive" not in words)

    @property
    def wants_upgrade(self) -> bool:
        """Whether it asks for, or agrees to, another protocol."""
        return "upgrade" in self.words("connection") and bool(self.values("upgrade"))


def end_of_head(data: bytes) -> int:
    """Where the first head ends, after its empty line; -1 when it does not yet."""
    ends = [at + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (at := data.find(mark)) >= 0]
    return min(ends, default=-1)


def read_request_head(data: bytes) -> Head:
    """A request's head, with its empty line; Malformed for anything else."""
    start, lines = _lines(data)
    parts = start.split(b" ")
    if len(parts) != 3 or not _TOKEN.fullmatch(parts[0]) or not parts[1]:
        raise Malformed("no request line")
    if not _VERSION.fullmatch(parts[2]):
        raise Malformed("the version of HTTP is neither 1.0 nor 1.1")
    method, target = parts[0].decode("ascii"), parts[1].decode("latin-1")
    return Head(start, lines, int(parts[2][-1:]), method, target)


def read_reply_head(data: bytes) -> Head:
    """A reply's head, with its empty line; Malformed for anything else.

    A blank between a name and its colon is taken out, as RFC 9112, 5.1 demands.
    """
    start, lines = _lines(data, has_blanks=True)
    found = _STATUS_LINE.fullmatch(start)
    if found is None:
        raise Malformed("no status line")
    return Head(start, lines, int(found[1]), status=int(found[2]))


def _lines(data: bytes, *, has_blanks: bool = False) -> tuple[bytes, tuple[bytes, ...]]:
    """The first line and the headers; `has_blanks` where a name may have one before its colon."""
    start, *lines = [line.removesuffix(b"\r") for line in data.rstrip(b"\r\n").split(b"\n")]
    found: list[bytes] = []
    for line in lines:
        if b"\r" in line or b"\0" in line:
            raise Malformed("a control character in a header")
        if line[:1] not in (b" ", b"\t") or not found:
            name, colon, value = line.partition(b":")
            bare = name.rstrip(b" \t")
            if not (colon and _TOKEN.fullmatch(bare)):
                raise Malformed("a line that is no header")
            if bare != name and not has_blanks:
                raise Malformed("a blank before a header's colon")
            line = bare + colon + value
        found.append(line)
    return start, tuple(found)


Framing = Literal["none", "length", "chunked", "close"]


class Body:
    """Follows a body as its bytes pass by, and gives what is in it, without its chunks.

    `framing` says how its end is known. `is_done` once it has come.
    """

    def __init__(self, framing: Framing, length: int = 0) -> None:
        self.framing: Framing = framing
        self._left = length
        self._line = bytearray()
        self._state: Callable[[bytes], int] = self._size_line
        self._payload: list[bytes] = []
        self.is_done = framing == "none" or (framing == "length" and not length)

    @classmethod
    def of_request(cls, head: Head) -> Body:
        """Malformed where two programs might see different ends."""
        lengths, is_chunked = _lengths(head), _is_chunked(head)
        if head.values("transfer-encoding"):
            if lengths or not is_chunked or head.minor == 0:
                raise Malformed("a Transfer-Encoding whose end cannot be known")
            return cls("chunked")
        return cls._of_length(lengths) if lengths else cls("none")

    @classmethod
    def of_reply(cls, head: Head, method: str) -> Body:
        """What a reply to such a request has."""
        if method == "HEAD" or head.status < 200 or head.status in _WITHOUT_BODY:
            return cls("none")
        if head.values("transfer-encoding"):
            return cls("chunked" if _is_chunked(head) else "close")
        lengths = _lengths(head)
        return cls._of_length(lengths) if lengths else cls("close")

    @classmethod
    def _of_length(cls, lengths: set[str]) -> Body:
        if len(lengths) > 1 or not _LENGTH.fullmatch(text := lengths.pop()):
            raise Malformed("no clear Content-Length")
        return cls("length", int(text))

    def take(self, data: bytes) -> tuple[int, bytes]:
        """How many of these bytes belong to it, and what they bring. Malformed for wrong chunks."""
        if self.framing == "close":
            return len(data), data
        if self.framing != "chunked":
            used = min(len(data), self._left)
            self._left -= used
            self.is_done = not self._left
            return used, data[:used]
        used = 0
        self._payload = []
        while used < len(data) and not self.is_done:
            used += self._state(data[used:])
        return used, b"".join(self._payload)

    def _size_line(self, data: bytes) -> int:
        used, line = self._take_line(data)
        if line is not None:
            size = _SIZE.fullmatch(line)
            if size is None:
                raise Malformed("a chunk without its size")
            self._left = int(size[1], 16)
            self._state = self._chunk if self._left else self._trailer
        return used

    def _chunk(self, data: bytes) -> int:
        used = min(len(data), self._left)
        self._payload.append(data[:used])
        self._left -= used
        if not self._left:
            self._state = self._end_of_chunk
        return used

    def _end_of_chunk(self, data: bytes) -> int:
        used, line = self._take_line(data)
        if line:
            raise Malformed("a chunk that is longer than its size")
        if line is not None:
            self._state = self._size_line
        return used

    def _trailer(self, data: bytes) -> int:
        used, line = self._take_line(data)
        self.is_done = line == b""
        return used

    def _take_line(self, data: bytes) -> tuple[int, bytes | None]:
        """How many bytes belong to the line, and the line once it is whole."""
        end = data.find(b"\n") + 1
        used = end or len(data)
        self._line += data[:used]
        if len(self._line) > _LONGEST_LINE:
            raise Malformed("a line that is too long among chunks")
        if not end:
            return used, None
        line = bytes(self._line).rstrip(b"\r\n")
        self._line.clear()
        return used, line


def _is_chunked(head: Head) -> bool:
    codings = ",".join(head.values("transfer-encoding")).lower().split(",")
    return codings[-1].strip(" \t") == "chunked"


def _lengths(head: Head) -> set[str]:
    """Each Content-Length, which may be said several times over."""
    values = head.values("content-length")
    return {one.strip(" \t") for value in values for one in value.split(",")}
