"""One request and its reply, as the journal keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field

from mockserver.timeline.fault import Fault
from mockserver.timeline.model import JobState

__all__ = ["MAX_KEPT_BODY", "Body", "Exchange", "Headers", "Reply", "Request"]

MAX_KEPT_BODY = 16 * 1024
"""Bytes of a body that are kept."""

Headers = tuple[tuple[str, str], ...]
"""Names and values in the order of the wire."""


@dataclass(frozen=True, slots=True)
class Body:
    """The beginning of a body, at most `MAX_KEPT_BODY` bytes without its secrets.

    `size` is that of the body as it was on the wire.
    """

    start: bytes = b""
    size: int = 0
    is_whole: bool = True

    @classmethod
    def of(cls, whole: bytes, size: int | None = None) -> Body:
        """A body whose secrets are taken out; `size` was its own before, if that differs."""
        kept = whole[:MAX_KEPT_BODY]
        return cls(kept, len(whole) if size is None else size, len(kept) == len(whole))


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent; `path` and `query` as they were on the wire, percent signs and all."""

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: Body = Body()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server made of it, before a fault broke it off on its way."""

    status: int
    headers: Headers = ()
    body: Body = Body()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its reply, all secrets taken out.

    `number` counts the session's requests from 1 in the order in which they came. `received_ms`
    and `replied_ms` are the session's clock, in milliseconds since 1970; `took_s` is real time, and
    `received_s` the real seconds of a clock that never goes back.
    `operation` is the documented one that was asked for, if any. `states` are the job states that
    the reply shows, `job_id` the job that was asked for, or that a POST was given. `fault` is the
    one that struck, `fault_id` its number in the session. `session_id` is None for the server's
    own session, and until the exchange has ended. `connection` is the number of the connection by
    which the request came, None where there is none to be seen. `credential` only tells whether two
    requests bore the same Authorization header; it says something else in each process.

    Without a `reply` the connection was broken before one; until `took_s` is known, there may
    still be one.
    """

    number: int
    received_ms: int
    request: Request
    received_s: float = 0.0
    operation: str | None = None
    job_id: str | None = None
    reply: Reply | None = None
    replied_ms: int | None = None
    took_s: float | None = None
    states: tuple[JobState, ...] = ()
    fault: Fault | None = None
    fault_id: int | None = None
    session_id: str | None = None
    connection: int | None = None
    credential: int | None = field(default=None, repr=False)

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def path(self) -> str:
        return self.request.path

    @property
    def status(self) -> int | None:
        """The HTTP status; None when the connection broke before the reply."""
        return None if self.reply is None else self.reply.status
