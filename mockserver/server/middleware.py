"""What happens to a request of the API around its answer: journal, faults, token, poll.

A poll clock moves on after the reply is made, so that the first poll sees the beginning. Requests
for the control API pass by.
"""

from __future__ import annotations

from flask import Response, g, request
from werkzeug.http import http_date

from mockserver.api.replies import error_object
from mockserver.faults.effect import Scope
from mockserver.faults.fault import Fault
from mockserver.net.reader import MAX_BODY
from mockserver.net.wsgi import InjectedDisconnect
from mockserver.server import faults
from mockserver.server.refusals import json_response, mock_error, preflight, refused_token
from mockserver.server.request_context import RequestContext, body_is_too_large, has_body
from mockserver.server.request_target import target_of
from mockserver.server.session import Session


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
    try:
        _delay(context, fault)
    except InjectedDisconnect:
        context.end(None)
        raise
    return faults.answer(fault) or _refusal(context.session)


def _delay(context: RequestContext, fault: Fault) -> None:
    """Wait, and break the connection if that is to be before there is a reply."""
    if fault.delay_ms:
        faults.pass_time(context.session, context.clock, fault.delay_ms, request.environ)
        context.playback, context.now_ms = context.session.moment()
    cut = fault.disconnect
    if cut is not None and cut.at == "before headers":
        raise InjectedDisconnect("the connection breaks on purpose", cut.at, cut.by)


def _refusal(session: Session) -> Response | None:
    """The reply to a request that gets no further: a preflight, no token, too large a body."""
    if session.config.cors and (asked := preflight(request)) is not None:
        return asked
    if (token := session.config.token) is not None:
        refused = refused_token(request.headers.get("Authorization"), token)
        if refused is not None:
            return json_response(401, refused)
    if body_is_too_large():
        message = f"The request body is larger than {MAX_BODY:,} bytes"
        return json_response(413, error_object("invalid_request", message))
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
