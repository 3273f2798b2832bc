"""One request to a server and what came back, as whoever asked saw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Headers", "Seen", "Trouble", "TroubleKind"]

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in the order of the wire."""

TroubleKind: TypeAlias = Literal[
    "refused", "timeout", "too-large", "broken-off", "bad-http", "bad-encoding", "tls", "dns"
]
"""Why there is no reply, or half of one: nobody listens; it took too long; it is larger than what
is read; the connection ended early; it is no HTTP; its Content-Encoding does not decode; the TLS
handshake failed; the host has no address."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a reply could not be read to its end; `words` say so in half a sentence."""

    kind: TroubleKind
    words: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A request, and the reply as far as it came. No secret is in it.

    `number` counts the requests of one run from 1. `at_ms` is when the reply was there, in
    milliseconds since 1970, and `took_s` how long it took. `target` is path and query as they were
    sent. `operation` is the documented one that was asked for, `job_id` or `model` what it was
    asked about. `status` is None when no reply began. `body` is decoded from its
    Content-Encoding; `curl` is the command that asks the same. `is_probe`: it asks for a job or a
    path that does not exist, to see how the server says so.
    """

    number: int
    at_ms: int
    method: str
    target: str
    operation: str | None = None
    job_id: str | None = None
    model: str | None = None
    status: int | None = None
    headers: Headers = ()
    body: bytes = b""
    trouble: Trouble | None = None
    took_s: float = 0.0
    curl: str = ""
    is_probe: bool = False

    def header(self, name: str) -> str | None:
        """The value of the first header with this name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)
