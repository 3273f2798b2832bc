"""What happens to a request of the API around its answer: journal, faults, token, poll."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from secrets import token_bytes
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from flask import Flask, Response, g, request
from werkzeug.http import http_date

from mockserver.api import operations
from mockserver.api.operation import Operation
from mockserver.api.replies import error_object
from mockserver.faults.effect import Scope
from mockserver.faults.fault import Fault
from mockserver.http import message
from mockserver.http.redaction import Redaction, credential
from mockserver.net.reader import MAX_BODY
from mockserver.net.wsgi import InjectedDisconnect
from mockserver.net.wsgi_environ import BODY_TOO_LARGE, CONNECTION_NUMBER
from mockserver.server import faults
from mockserver.server.access import allow_pages, preflight, refused_token
from mockserver.server.replies import json_response, mock_error
from mockserver.server.request_target import RequestTarget, sessions_of, target_of
from mockserver.timeline.model import JobState
from mockserver.timeline.playback import Playback

if TYPE_CHECKING:
    from mockserver.server.session import Arrival, Session

__all__ = ["RequestContext", "body_is_too_large", "current", "install"]

_WITHOUT_BODY = (204, 304)
_SALT = token_bytes()

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class RequestContext:
    """A request of the API while it is answered, at the instant that `playback` and `now_ms` say.

    Its view tells which job it was about, and the states that its reply shows.
    """

    session: Session
    arrival: Arrival
    operation: Operation | None
    edition: str
    redaction: Redaction
    began_s: float
    playback: Playback
    now_ms: int
    session_id: str | None
    job_id: str | None = None
    states: tuple[JobState, ...] = ()

    @property
    def operation_id(self) -> str | None:
        return None if self.operation is None else self.operation.id

    @property
    def is_poll(self) -> bool:
        return self.operation is not None and self.operation.polls

    @property
    def fault(self) -> Fault | None:
        """The one that befalls it."""
        return None if self.arrival.fault is None else self.arrival.fault.fault


def current() -> RequestContext:
    """The request that is being answered."""
    return cast(RequestContext, g.request_context)


def body_is_too_large() -> bool:
    """Whether the request's body was not read, or is not to be."""
    return bool(request.environ.get(BODY_TOO_LARGE)) or (request.content_length or 0) > MAX_BODY


def install(app: Flask) -> None:
    """Have faults strike, and every request of the API written down.

    A poll clock moves on after the reply is made, so that the first poll sees the beginning.
    Requests for the control API pass by.
    """
    app.before_request(_before)
    app.after_request(_after)


def _before() -> Response | None:
    """The fault's reply, or a refusal, if there is one.

    Raises Refused or InjectedDisconnect when there will be no reply.
    """
    target = target_of(request.environ)
    if target.session is None:
        return json_response(404, mock_error(target.missing))
    if target.is_control:
        return None
    context = g.request_context = _context(target, target.session)
    if context.fault is not None and context.fault.refuse:
        _end(context, None)
        if not context.is_poll:  # whoever finds nobody has polled in vain
            context.arrival.clock.polled()
        raise faults.Refused("nobody can connect now")
    return _fault_reply(context) or _refusal(context.session)


def _context(target: RequestTarget, session: Session) -> RequestContext:
    authorization = request.headers.get("Authorization", "")
    redaction = Redaction(
        (
            session.config.token or "",
            sessions_of(request.environ).control_token or "",
            credential(authorization),
        )
    )
    body = b"" if body_is_too_large() else request.get_data()
    sent = message.Request(
        redaction.text(request.method),
        redaction.target(target.path),
        redaction.target(target.query),
        redaction.headers(tuple(request.headers.items())),
        message.Body.of(redaction.body(body), len(body)),
    )
    operation, edition = _operation(session)
    id_ = None if operation is None else operation.id
    arrival = session.arrive(sent, id_, unquote(target.path))
    return RequestContext(
        session,
        arrival,
        operation,
        edition,
        redaction,
        began_s=time.monotonic(),
        playback=arrival.playback,
        now_ms=arrival.entry.received_ms,
        session_id=None if target.opened is None else target.opened.id,
    )


def _operation(session: Session) -> tuple[Operation | None, str]:
    """The operation that is asked for, if the session's edition has it, and its edition."""
    endpoint = request.endpoint or ""
    if endpoint in session.operations:
        return session.operations[endpoint]
    operation = operations.find(endpoint)
    is_everywhere = operation is not None and not operation.editions
    return operation if is_everywhere else None, session.edition


def _fault_reply(context: RequestContext) -> Response | None:
    """What a fault replies in place of the handler, after its delay."""
    fault = context.fault
    if fault is None:
        return None
    try:
        if fault.delay_ms:
            clock = context.arrival.clock
            faults.pass_time(context.session, clock, fault.delay_ms, request.environ)
            context.playback, context.now_ms = context.session.moment()
        cut = fault.disconnect
        if cut is not None and cut.at == "before headers":
            raise InjectedDisconnect("the connection breaks on purpose", cut.at, cut.by)
    except InjectedDisconnect:
        _end(context, None)
        raise
    return faults.answer(fault)


def _refusal(session: Session) -> Response | None:
    """The reply to a request that gets no further: a preflight, no token, too large a body."""
    if session.config.cors and (asked := preflight(request)) is not None:
        return asked
    token = session.config.token
    if token is not None:
        refused = refused_token(request.headers.get("Authorization"), token)
        if refused is not None:
            return json_response(401, refused)
    if body_is_too_large():
        message = f"The request body is larger than {MAX_BODY:,} bytes"
        return json_response(413, error_object("invalid_request", message))
    return None


def _after(response: Response) -> Response:
    context: RequestContext | None = g.get("request_context")
    if context is None:
        response.headers.setdefault("Date", http_date())
        return response
    # The clock's own date (G), so that a client which reckons with it is not led astray.
    response.headers.setdefault("Date", http_date(context.arrival.clock.now() / 1000))
    if context.session.config.cors:
        allow_pages(response)
    if context.fault is None:
        _end(context, response)
    else:
        response = _with_fault(context, context.fault, response)
    if context.session.faults.is_refusing():
        # The clock has come to where nobody can connect: this connection ends, too.
        response.headers["Connection"] = "close"
    return response


def _with_fault(context: RequestContext, fault: Fault, response: Response) -> Response:
    is_struck = faults.change(response, fault, Scope(context.operation_id, context.edition))
    has_body, cut = _has_body(response), fault.disconnect
    if cut is not None and cut.at != "in headers" and not (has_body and response.get_data()):
        # A head alone would be the whole reply, whatever comes after it.
        _end(context, None)
        raise InjectedDisconnect("a reply without a body breaks before it begins", by=cut.by)
    is_written = cut is None or cut.at != "in headers"
    _end(context, response if is_written else None, is_struck=is_struck)
    return faults.sent(response, fault, context.arrival.clock, request.environ, has_body)


def _end(context: RequestContext, response: Response | None, *, is_struck: bool = True) -> None:
    """Write down how it ended, report it, and count the poll if it was one."""
    fault = context.arrival.fault if is_struck else None
    if fault is not None:
        context.session.faults.struck(fault)
    redaction = context.redaction
    entry = context.arrival.journal.close(
        context.arrival.entry,
        response=None if response is None else _reply(response, redaction),
        replied_ms=context.arrival.clock.now(),
        took_s=time.monotonic() - context.began_s,
        started_s=context.began_s,
        connection=request.environ.get(CONNECTION_NUMBER),
        credential=_credential_key(),
        job_id=None if context.job_id is None else redaction.text(context.job_id),
        states=context.states,
        fault=None if fault is None else fault.fault,
        fault_id=None if fault is None else fault.id,
        session_id=context.session_id,
    )
    on_request = sessions_of(request.environ).on_request
    if on_request is not None:
        try:
            on_request(entry)
        except Exception:
            # The client gets its reply, whatever becomes of the report.
            _log.exception("on_request failed")
    if context.is_poll:
        # Not the session's, which may have begun anew while this request waited.
        context.arrival.clock.polled()


def _credential_key() -> int | None:
    """Tells credentials apart; nobody can find out from it what they are."""
    authorization = request.headers.get("Authorization")
    return None if authorization is None else hash((_SALT, authorization))


def _has_body(response: Response) -> bool:
    return request.method != "HEAD" and response.status_code not in _WITHOUT_BODY


def _reply(response: Response, redaction: Redaction) -> message.Response:
    headers = redaction.headers(tuple(response.headers.items()))
    body = response.get_data() if _has_body(response) else b""
    kept = message.Body.of(redaction.body(body), len(body))
    return message.Response(response.status_code, headers, kept)
