"""A request and what came of it, as whoever watched saw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from mockserver.http.message import Request, Response

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
