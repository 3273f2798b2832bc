"""A request of the API while it is answered, from its entry in the journal to its end there."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from secrets import token_bytes
from urllib.parse import unquote

from flask import Response, request

from mockserver.api import operations
from mockserver.api.operation import Operation
from mockserver.http import message
from mockserver.http.redaction import Redaction, credential
from mockserver.net.framing import WITHOUT_BODY
from mockserver.net.reader import MAX_BODY
from mockserver.net.wsgi import BODY_TOO_LARGE, CONNECTION_NUMBER
from mockserver.server.request_target import RequestTarget, sessions_of
from mockserver.server.session import Session
from mockserver.server.sessions import OpenSession
from mockserver.timeline.model import JobState

_SALT = token_bytes()

_log = logging.getLogger(__name__)


class RequestContext:
    """It is answered as things are at the instant that `playback` and `now_ms` say.

    `edition` is the one that documents the `operation`, `parameters` are the path's, by name.
    `fault` is the one that befalls it. The handler tells which job it was about, and the states
    that its reply shows.
    """

    def __init__(self, target: RequestTarget, opened: OpenSession) -> None:
        """Write the current request down, and find the fault that befalls it."""
        session = self.session = opened.session
        self._session_id = opened.id or None
        self._authorization = request.headers.get("Authorization")
        control_token = sessions_of(request.environ).control_token
        given = credential(self._authorization or "")
        self._redaction = Redaction((session.config.token or "", control_token or "", given))
        self.operation, self.edition = _operation(session)
        self.is_poll = self.operation is not None and self.operation.polls
        id_ = None if self.operation is None else self.operation.id
        arrival = session.arrive(self._request(target), id_, unquote(target.path))
        # Not the session's, which may begin anew while this request waits.
        self._journal, self.entry, self.playback, self.clock, self._active = arrival
        self.fault = None if self._active is None else self._active.fault
        self.now_ms = self.entry.received_ms
        self._began_s = time.monotonic()
        self.parameters: Mapping[str, str] = {}
        self.job_id: str | None = None
        self.states: tuple[JobState, ...] = ()

    def end(self, response: Response | None, *, is_struck: bool = True) -> None:
        """Write down how it ended, report it, and count the poll if it was one."""
        active, given = self._active if is_struck else None, self._authorization
        if active is not None:
            self.session.faults.struck(active)
        entry = self._journal.close(
            self.entry,
            response=None if response is None else self._response(response),
            replied_ms=self.clock.now(),
            took_s=time.monotonic() - self._began_s,
            started_s=self._began_s,
            connection=request.environ.get(CONNECTION_NUMBER),
            # It tells credentials apart; nobody can find out from it what they are.
            credential=None if given is None else hash((_SALT, given)),
            job_id=None if self.job_id is None else self._redaction.text(self.job_id),
            states=self.states,
            fault=None if active is None else active.fault,
            fault_id=None if active is None else active.id,
            session_id=self._session_id,
        )
        on_request = sessions_of(request.environ).on_request
        if on_request is not None:
            try:
                on_request(entry)
            except Exception:
                # The client gets its reply, whatever becomes of the report.
                _log.exception("on_request failed")
        if self.is_poll:
            self.clock.polled()

    def _request(self, target: RequestTarget) -> message.Request:
        """The current request, without its secrets."""
        redaction = self._redaction
        body = b"" if body_is_too_large() else request.get_data()
        return message.Request(
            redaction.text(request.method),
            redaction.target(target.path),
            redaction.target(target.query),
            redaction.headers(tuple(request.headers.items())),
            message.Body.of(redaction.body(body), len(body)),
        )

    def _response(self, response: Response) -> message.Response:
        headers = self._redaction.headers(tuple(response.headers.items()))
        body = response.get_data() if has_body(response) else b""
        kept = message.Body.of(self._redaction.body(body), len(body))
        return message.Response(response.status_code, headers, kept)


def body_is_too_large() -> bool:
    """Whether the request's body was not read, or is not to be."""
    return bool(request.environ.get(BODY_TOO_LARGE)) or (request.content_length or 0) > MAX_BODY


def has_body(response: Response) -> bool:
    """Whether the response to the current request has one by HTTP's rules."""
    return request.method != "HEAD" and response.status_code not in WITHOUT_BODY


def _operation(session: Session) -> tuple[Operation | None, str]:
    """The operation that is asked for, if the session's edition has it, and its edition."""
    endpoint = request.endpoint or ""
    if endpoint in session.operations:
        return session.operations[endpoint]
    operation = operations.find(endpoint)
    is_everywhere = operation is not None and not operation.editions
    return operation if is_everywhere else None, session.edition
