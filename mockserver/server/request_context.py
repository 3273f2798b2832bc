"""A request of the API while it is answered, from its entry in the journal to its end there."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import cast
from urllib.parse import unquote

from flask import Response, g, request

from mockserver.api import operations
from mockserver.api.operation import Operation
from mockserver.faults.fault import Fault
from mockserver.http import message
from mockserver.http.redaction import Redaction, credential
from mockserver.net.framing import WITHOUT_BODY
from mockserver.net.reader import MAX_BODY
from mockserver.net.wsgi_environ import BODY_TOO_LARGE, CONNECTION_NUMBER
from mockserver.server.request_target import RequestTarget, sessions_of
from mockserver.server.session import Arrival, Session
from mockserver.timeline.model import JobState
from mockserver.timeline.playback import Playback

_SALT = token_bytes()

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class RequestContext:
    """It is answered as things are at the instant that `playback` and `now_ms` say.

    `edition` is the one that documents the `operation`, `parameters` are the path's, by name. The
    handler tells which job it was about, and the states that its reply shows.
    """

    session: Session
    session_id: str | None
    arrival: Arrival
    operation: Operation | None
    edition: str
    redaction: Redaction
    playback: Playback
    now_ms: int
    began_s: float
    parameters: Mapping[str, str] = field(default_factory=dict)
    job_id: str | None = None
    states: tuple[JobState, ...] = ()

    @classmethod
    def begin(cls, target: RequestTarget, session: Session) -> RequestContext:
        """Write the current request down, and find the fault that befalls it."""
        authorization = request.headers.get("Authorization", "")
        control_token = sessions_of(request.environ).control_token
        redaction = Redaction(
            (session.config.token or "", control_token or "", credential(authorization))
        )
        operation, edition = _operation(session)
        id_ = None if operation is None else operation.id
        arrival = session.arrive(_written(target, redaction), id_, unquote(target.path))
        context = g.request_context = cls(
            session,
            None if target.opened is None else target.opened.id,
            arrival,
            operation,
            edition,
            redaction=redaction,
            playback=arrival.playback,
            now_ms=arrival.entry.received_ms,
            began_s=time.monotonic(),
        )
        return context

    @property
    def fault(self) -> Fault | None:
        """The one that befalls it."""
        return None if self.arrival.fault is None else self.arrival.fault.fault

    @property
    def is_poll(self) -> bool:
        return self.operation is not None and self.operation.polls

    def end(self, response: Response | None, *, is_struck: bool = True) -> None:
        """Write down how it ended, report it, and count the poll if it was one."""
        fault = self.arrival.fault if is_struck else None
        if fault is not None:
            self.session.faults.struck(fault)
        entry = self.arrival.journal.close(
            self.arrival.entry,
            response=None if response is None else self._reply(response),
            replied_ms=self.arrival.clock.now(),
            took_s=time.monotonic() - self.began_s,
            started_s=self.began_s,
            connection=request.environ.get(CONNECTION_NUMBER),
            credential=_credential_key(),
            job_id=None if self.job_id is None else self.redaction.text(self.job_id),
            states=self.states,
            fault=None if fault is None else fault.fault,
            fault_id=None if fault is None else fault.id,
            session_id=self.session_id,
        )
        on_request = sessions_of(request.environ).on_request
        if on_request is not None:
            try:
                on_request(entry)
            except Exception:
                # The client gets its reply, whatever becomes of the report.
                _log.exception("on_request failed")
        if self.is_poll:
            # Not the session's, which may have begun anew while this request waited.
            self.arrival.clock.polled()

    def _reply(self, response: Response) -> message.Response:
        headers = self.redaction.headers(tuple(response.headers.items()))
        body = response.get_data() if has_body(response) else b""
        kept = message.Body.of(self.redaction.body(body), len(body))
        return message.Response(response.status_code, headers, kept)


def current() -> RequestContext:
    """That of the request which is being answered."""
    return cast(RequestContext, g.request_context)


def body_is_too_large() -> bool:
    """Whether the request's body was not read, or is not to be."""
    return bool(request.environ.get(BODY_TOO_LARGE)) or (request.content_length or 0) > MAX_BODY


def has_body(response: Response) -> bool:
    """Whether the response to the current request has one by HTTP's rules."""
    return request.method != "HEAD" and response.status_code not in WITHOUT_BODY


def _written(target: RequestTarget, redaction: Redaction) -> message.Request:
    """The current request, without its secrets."""
    body = b"" if body_is_too_large() else request.get_data()
    return message.Request(
        redaction.text(request.method),
        redaction.target(target.path),
        redaction.target(target.query),
        redaction.headers(tuple(request.headers.items())),
        message.Body.of(redaction.body(body), len(body)),
    )


def _operation(session: Session) -> tuple[Operation | None, str]:
    """The operation that is asked for, if the session's edition has it, and its edition."""
    endpoint = request.endpoint or ""
    if endpoint in session.operations:
        return session.operations[endpoint]
    operation = operations.find(endpoint)
    is_everywhere = operation is not None and not operation.editions
    return operation if is_everywhere else None, session.edition


def _credential_key() -> int | None:
    """Tells credentials apart; nobody can find out from it what they are."""
    authorization = request.headers.get("Authorization")
    return None if authorization is None else hash((_SALT, authorization))
