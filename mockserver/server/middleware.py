"""What happens to a request of the API around its answer: journal, faults, token, poll.

A poll clock moves on after the reply is made, so that the first poll sees the beginning. Requests
for the control API pass by.
"""

import logging
import time
from collections.abc import Mapping
from secrets import token_bytes
from urllib.parse import unquote

from flask import Response, g, request
from werkzeug.http import http_date

from mockserver.api import operations
from mockserver.api.operation import Operation
from mockserver.api.replies import error_object
from mockserver.faults.effect import Scope
from mockserver.faults.fault import Fault
from mockserver.http import message
from mockserver.http.redaction import Redaction, credential
from mockserver.net.framing import WITHOUT_BODY
from mockserver.net.reader import MAX_BODY
from mockserver.net.wsgi import BODY_TOO_LARGE, CONNECTION_NUMBER, InjectedDisconnect
from mockserver.server import faults
from mockserver.server.refusals import json_response, mock_error, preflight, refused_token
from mockserver.server.request_target import RequestTarget, sessions_of, target_of
from mockserver.server.session import Session
from mockserver.server.sessions import OpenSession
from mockserver.timeline.model import JobState

_SALT = token_bytes()

_log = logging.getLogger(__name__)


class RequestContext:
    """A request from its entry in the journal to its end there; answered as of `now_ms`.

    `edition` is the one that documents the `operation`, `parameters` are the path's, by name. The
    handler tells which job it was about, and the states that its reply shows.
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


def before() -> Response | None:
    """The fault's reply, or a refusal, if any; a ConnectionError when there will be no reply."""
    target = target_of(request.environ)
    if target.opened is None:
        return json_response(404, mock_error(target.missing))
    if target.is_control:
        return None
    context = g.request_context = RequestContext(target, target.opened)
    fault = context.fault
    if fault is None:
        return _refusal(context.session)
    if fault.refuse:
        context.end(None)
        if not context.is_poll:  # whoever finds nobody has polled in vain
            context.clock.polled()
        raise faults.ConnectionsRefused("nobody can connect now")
    cut = fault.disconnect
    try:
        if fault.delay_ms:
            faults.pass_time(context.session, context.clock, fault.delay_ms, request.environ)
            context.playback, context.now_ms = context.session.moment()
        if cut is not None and cut.at == "before headers":
            raise InjectedDisconnect("the connection breaks on purpose", cut.at, cut.by)
    except InjectedDisconnect:
        context.end(None)
        raise
    return faults.answer(fault) or _refusal(context.session)


def _refusal(session: Session) -> Response | None:
    """The reply to a request that gets no further: a preflight, no token, too large a body."""
    if session.config.cors and (asked := preflight(request)) is not None:
        return asked
    if (token := session.config.token) is not None:
        refused = refused_token(request.headers.get("Authorization"), token)
        if refused is not None:
            return json_response(401, refused)
    if body_is_too_large():
        too_large = f"The request body is larger than {MAX_BODY:,} bytes"
        return json_response(413, error_object("invalid_request", too_large))
    return None


def after(response: Response) -> Response:
    context: RequestContext | None = g.get("request_context")
    # The clock's own date (G), so that a client which reckons with it is not led astray.
    date = http_date(None if context is None else context.clock.now() / 1000)
    response.headers.setdefault("Date", date)
    if context is None:
        return response
    if context.session.config.cors:
        response.headers["Access-Control-Allow-Origin"] = "*"
    if context.fault is None:
        context.end(response)
    else:
        response = _with_fault(context, context.fault, response)
    if context.session.faults.is_refusing():
        # The clock has come to where nobody can connect: this connection ends, too.
        response.headers["Connection"] = "close"
    return response


def _with_fault(context: RequestContext, fault: Fault, response: Response) -> Response:
    is_struck = faults.change(response, fault, Scope(context.entry.operation, context.edition))
    sends_body, cut = has_body(response), fault.disconnect
    is_written = cut is None or cut.at != "in headers"
    if cut is not None and is_written and not (sends_body and response.get_data()):
        # A head alone would be the whole reply, whatever comes after it.
        context.end(None)
        raise InjectedDisconnect("a reply without a body breaks before it begins", by=cut.by)
    context.end(response if is_written else None, is_struck=is_struck)
    return faults.in_parts(response, fault, context.clock, request.environ, has_body=sends_body)
