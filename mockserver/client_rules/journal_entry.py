"""One exchange as a session's journal keeps it: with what the mock knows of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from urllib.parse import unquote

from mockserver.api.operation import segments
from mockserver.api.operations import DOWNLOAD, JOB_STATUS, about
from mockserver.documents import json_text
from mockserver.faults.fault import Fault
from mockserver.http.message import Exchange, Request, Response
from mockserver.timeline.model import JobState

READS = ("GET", "HEAD")
_OF_EXCHANGE = ("response", "took_s", "started_s", "connection")


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

    def ended(self, **known: Any) -> JournalEntry:
        """The same with what is known now: the response, other fields of the exchange and ours."""
        of_exchange = {name: known.pop(name) for name in _OF_EXCHANGE if name in known}
        return replace(self, exchange=replace(self.exchange, **of_exchange), **known)

    @property
    def number(self) -> int:
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
        return self.exchange.connection

    @property
    def polled_id(self) -> str | None:
        """The id that a status request asks for; "" for none where one belongs, None for others."""
        if self.method not in READS:
            return None
        if about(self.operation) == "job" and self.job_id is not None:
            return self.job_id
        stem, path = f"{JOB_STATUS.stem}/", "/" + self.path.lstrip("/")
        rest = path.removeprefix(stem)
        # An empty segment makes another path of it.
        if not path.startswith(stem) or (rest.startswith("/") and rest.strip("/")):
            return None
        return unquote(rest).strip("/")

    @property
    def asks_for_list(self) -> bool:
        """Whether the list of jobs is asked for, and is there."""
        return about(self.operation) == "jobs" and self.polled_id is None

    @property
    def asks_for_model(self) -> bool:
        """Whether it is a request for a model, whatever the edition."""
        is_there = segments(self.path) == segments(DOWNLOAD.path)
        return about(self.operation) == "model" or (self.method == "POST" and is_there)

    @property
    def is_path_of_fault(self) -> bool:
        """Whether a fault answers this very path on purpose."""
        return self.fault is not None and None not in (self.fault.path, self.fault.reply)

    @property
    def is_answered(self) -> bool:
        """Whether the client has surely got the whole reply, and in time."""
        has_reply = self.reply is not None and self.took_s is not None
        return has_reply and (self.fault is None or not self.fault.hinders)

    @property
    def body_key(self) -> str | bytes:
        """The request's body, the same for the same JSON however it is written."""
        body = self.request.body
        data = json_text.loads_or_none(body.start) if body.start and body.is_whole else None
        return body.start if data is None else json.dumps(data, sort_keys=True)

    def replied(self, name: str) -> Any:
        """A member of the reply's object; None when the client may not have got it."""
        if self.reply is None or not self.is_answered or not self.reply.body.is_whole:
            return None
        data = json_text.loads_or_none(self.reply.body.start)
        return data.get(name) if isinstance(data, dict) else None

    def states_of(self, job_id: str | None) -> tuple[JobState, ...]:
        """What the reply was made of: this job's state, or all; a fault may have spoilt it."""
        of_job = tuple(state for state in self.states if state.job_id == job_id)
        return self.states if job_id is None else of_job[:1]

    def came_after(self, earlier: JournalEntry) -> bool:
        """Whether the client may have known the earlier reply when it sent this request."""
        if self.number <= earlier.number or earlier.took_s is None:
            return False
        if not self.received_s:
            return self.took_s is not None
        return self.received_s >= earlier.received_s + earlier.took_s


Entries: TypeAlias = Sequence[JournalEntry]
"""The journal of a session, in the order of the numbers, or some of it."""
