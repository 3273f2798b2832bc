"""Heads of HTTP/1 messages: read as their bytes came, to be forwarded unchanged, and written."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

from mockserver.http.message import Headers

SOFTWARE = "mockserver"
"""What the server calls itself."""

_EMPTY_LINE = re.compile(rb"\n\r?\n")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VERSION = re.compile(rb"HTTP/1\.[01]")
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: .*)?")
_HOP_BY_HOP = ("connection", "keep-alive", "proxy-connection")
_OF_MESSAGE = {"content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"}
"""Forwarded even where Connection names them: chunks pass as they are."""


class RequestRefused(Exception):
    """A request that is not served: the status, why, and the type of the error in the response."""

    def __init__(self, status: int, message: str, kind: str = "invalid_request") -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


class MalformedMessage(RequestRefused):
    """Bytes that are no HTTP/1, or whose end two programs may see differently; half a sentence."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(status, message)


@dataclass(frozen=True, slots=True)
class RawHead:
    """The lines of a head as they came, without their ends; the first is `start`.

    A header that goes on in the next line stays as it is. `method` and `target` are those of a
    request, `status` is that of a response; `minor` is the version's.
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
                name, begun = found[-1]
                found[-1] = (name, f"{begun} " + text.strip(" \t"))
                continue
            name, _, value = text.partition(":")
            found.append((name, value.strip(" \t")))
        return Headers(found)

    @property
    def is_last(self) -> bool:
        """Whether the client wants no other response on its connection."""
        tokens = self.headers.tokens("connection")
        return "close" in tokens or (self.minor == 0 and "keep-alive" not in tokens)

    @property
    def wants_upgrade(self) -> bool:
        """Whether it asks for, or agrees to, another protocol."""
        headers = self.headers
        return "upgrade" in headers.tokens("connection") and headers.get("upgrade") is not None

    def forwarded_lines(self, *, without: str = "") -> list[bytes]:
        """The headers to send on: not those of this connection, nor the lower-case `without`."""
        dropped = {*_HOP_BY_HOP, without, *(self.headers.tokens("connection") - _OF_MESSAGE)}
        lines: list[bytes] = []
        is_dropped = False
        for line in self.lines:
            if line[:1] not in (b" ", b"\t"):
                is_dropped = line.partition(b":")[0].decode("latin-1").lower() in dropped
            if not is_dropped:
                lines.append(line)
        return lines


def end_of_head(data: bytes | bytearray, start: int = 0) -> int:
    """Where the first head ends, after its empty line; -1 when it does not yet."""
    found = _EMPTY_LINE.search(data, start)
    return -1 if found is None else found.end()


def read_request_head(data: bytes) -> RawHead:
    """A request's head, with its empty line; MalformedMessage for anything else."""
    start, lines = _lines(data)
    parts = start.split(b" ")
    if len(parts) != 3 or not _TOKEN.fullmatch(parts[0]) or not parts[1]:
        raise MalformedMessage("no request line")
    if not _VERSION.fullmatch(parts[2]):
        raise MalformedMessage("the version of HTTP is neither 1.0 nor 1.1")
    method, target = parts[0].decode("ascii"), parts[1].decode("latin-1")
    return RawHead(start, lines, int(parts[2][-1:]), method, target)


def read_response_head(data: bytes) -> RawHead:
    """As for requests; a blank between name and colon is taken out, as RFC 9112, 5.1 demands."""
    start, lines = _lines(data, has_blanks=True)
    found = _STATUS_LINE.fullmatch(start)
    if found is None:
        raise MalformedMessage("no status line")
    return RawHead(start, lines, int(found[1]), status=int(found[2]))


def _lines(data: bytes, *, has_blanks: bool = False) -> tuple[bytes, tuple[bytes, ...]]:
    """The first line and the headers; `has_blanks` where a name may have one before its colon."""
    start, *lines = [line.removesuffix(b"\r") for line in data.rstrip(b"\r\n").split(b"\n")]
    for index, line in enumerate(lines):
        if b"\r" in line or b"\0" in line:
            raise MalformedMessage("a control character in a header")
        if line[:1] in (b" ", b"\t") and index:  # it goes on from the line before
            continue
        name, colon, value = line.partition(b":")
        bare = name.rstrip(b" \t")
        if not (colon and _TOKEN.fullmatch(bare)):
            raise MalformedMessage("a line that is no header")
        if bare != name and not has_blanks:
            raise MalformedMessage("a blank before a header's colon")
        lines[index] = bare + colon + value
    return start, tuple(lines)


def encode_head(*lines: bytes) -> bytes:
    """A head of these lines, the first of which is no header."""
    return b"\r\n".join((*lines, b"", b""))


def response_head(status: str, headers: Iterable[tuple[str, str]], *more: tuple[str, str]) -> bytes:
    """The status line and the headers; `Server` is ours where the others have none."""
    given = [*headers, *more]
    if not any(name.lower() == "server" for name, _ in given):
        given.append(("Server", SOFTWARE))
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in given)]
    return encode_head(*(line.encode("latin-1") for line in lines))


def error_response(status: int, kind: str, message: str) -> bytes:
    """An error object as LM Studio's, after which the connection ends."""
    body = json.dumps({"error": {"type": kind, "message": message}}).encode()
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Date", formatdate(usegmt=True)),
        ("Connection", "close"),
    ]
    return response_head(f"{status} {HTTPStatus(status).phrase}", headers) + body
