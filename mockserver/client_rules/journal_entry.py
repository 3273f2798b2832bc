"""One exchange as a session's journal keeps it: with what the mock knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from mockserver.faults.fault import Fault
from mockserver.http.exchange import Exchange
from mockserver.http.message import Request, Response
from mockserver.timeline.model import JobState


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An exchange, all secrets taken out, and what the session knows of it.

    `received_ms` and `replied_ms` are the session's clock, in milliseconds since 1970.
    `operation` is the documented one that was asked for, if any. `states` are the job states that
    the reply shows, `job_id` the job that was asked for, or that a POST was given. `fault` is the
    one that struck, `fault_id` its number in the session. `session_id` is None for the server's
    own session, and until the exchange has ended. `credential` only tells whether two requests
    bore the same Authorization header; it says something else in each process.

    Without a `reply` the connection was broken before one; until `took_s` is known, there may
    still be one. The reply is what the server made, before a fault broke it off on its way.
    """

    exchange: Exchange
    received_ms: int
    operation: str | None = None
    job_id: str | None = None
    replied_ms: int | None = None
    states: tuple[JobState, ...] = ()
    fault: Fault | None = None
    fault_id: int | None = None
    session_id: str | None = None
    credential: int | None = field(default=None, repr=False)

    def ended(
        self,
        response: Response | None = None,
        *,
        took_s: float | None = None,
        started_s: float = 0.0,
        connection: int | None = None,
        **known: Any,
    ) -> JournalEntry:
        """The same with the response, and with what is `known` now: other fields of the entry."""
        exchange = replace(
            self.exchange,
            response=response,
            took_s=took_s,
            started_s=started_s,
            connection=connection,
        )
        return replace(self, exchange=exchange, **known)

    @property
    def number(self) -> int:
        """Counts the session's requests from 1 in the order in which they came."""
        return self.exchange.number

    @property
    def request(self) -> Request:
        return self.exchange.request

    @property
    def reply(self) -> Response | None:
        return self.exchange.response

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def path(self) -> str:
        """As it was on the wire, percent signs and all."""
        return self.request.path

    @property
    def status(self) -> int | None:
        """The HTTP status; None when the connection broke before the reply."""
        return self.exchange.status

    @property
    def received_s(self) -> float:
        """The real seconds of a clock that never goes back."""
        return self.exchange.started_s

    @property
    def took_s(self) -> float | None:
        """Real seconds until the reply was made."""
        return self.exchange.took_s

    @property
    def connection(self) -> int | None:
        """The number of the connection by which it came, None where there is none to be seen."""
        return self.exchange.connection


Entries: TypeAlias = Sequence[JournalEntry]
"""The journal of a session, in the order of the numbers, or some of it."""
