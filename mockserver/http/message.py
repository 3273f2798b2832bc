"""HTTP exchanges as plain data: headers, as much of a body as is kept, and why none came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

MAX_KEPT_BODY = 16 * 1024
"""Bytes of a body that are kept."""

_ORIGIN = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)


class Headers(tuple[tuple[str, str], ...]):
    """Names and values in the order of the wire; looked up by name in any case (RFC 9110, 5.1)."""

    __slots__ = ()

    @classmethod
    def of(cls, headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> Headers:
        return cls(headers.items() if isinstance(headers, Mapping) else headers)

    def get(self, name: str) -> str | None:
        """The value of the first header with this name."""
        return next(self._values(name), None)

    def get_all(self, name: str) -> tuple[str, ...]:
        return tuple(self._values(name))

    def tokens(self, name: str) -> frozenset[str]:
        """The members of a header whose value is a list, such as Connection, in small letters."""
        members = ",".join(self._values(name)).lower().split(",")
        return frozenset(member.strip(" \t") for member in members) - {""}

    def replaced(self, name: str, value: str | None) -> Headers:
        """The same with this value, at the end, for all that it has of this name; None for none."""
        rest = [(key, held) for key, held in self if key.lower() != name.lower()]
        return Headers(rest if value is None else [*rest, (name, value)])

    def _values(self, name: str) -> Iterator[str]:
        wanted = name.lower()
        return (value for key, value in self if key.lower() == wanted)


NO_HEADERS = Headers()


@dataclass(frozen=True, slots=True)
class Body:
    """The beginning of a body. `size` is that of the whole body as it was on the wire."""

    start: bytes = b""
    size: int = 0
    is_whole: bool = True

    @classmethod
    def of(cls, whole: bytes, size: int | None = None, limit: int = MAX_KEPT_BODY) -> Body:
        """The first `limit` bytes; `size` was its own before secrets were taken out, if given."""
        kept = whole[:limit]
        return cls(kept, len(whole) if size is None else size, len(kept) == len(whole))


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent; `path` and `query` as they were on the wire, percent signs and all."""

    method: str
    path: str
    query: str = ""
    headers: Headers = NO_HEADERS
    body: Body = Body()

    @property
    def target(self) -> str:
        """Path and query as in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Headers = NO_HEADERS
    body: Body = Body()


FailureKind: TypeAlias = Literal[
    "refused", "timeout", "too-large", "broken-off", "bad-http", "bad-encoding", "tls", "dns"
]
"""Why there is no response, or half of one: nobody listens; it took too long; it is larger than
what is read; the connection ended early; it is no HTTP; its Content-Encoding does not decode; the
TLS handshake failed; the host has no address."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a response could not be read to its end; `message` says so in half a sentence."""

    kind: FailureKind
    message: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its response. Who watches it adds to it by a record that holds it.

    `number` counts the exchanges of one run or session from 1, in the order in which they began.
    `started_s` is real time by a clock that never goes back, `took_s` the seconds until the
    response had ended or failed, None while it has not. Without a `response` the connection ended
    before one; `failure` says why, if the watcher is the client. `connection` is the number of the
    connection by which the request came, None where that cannot be seen.
    """

    number: int
    request: Request
    response: Response | None = None
    failure: Failure | None = None
    started_s: float = 0.0
    took_s: float | None = None
    connection: int | None = None

    @property
    def status(self) -> int | None:
        """The HTTP status; None when the connection ended before the response."""
        return None if self.response is None else self.response.status


def split_target(target: str) -> tuple[str, str]:
    """The path and the query of a request's target, as they were sent; never an empty path."""
    path, _, query = _ORIGIN.sub("", target).partition("#")[0].partition("?")
    return path or "/", query
