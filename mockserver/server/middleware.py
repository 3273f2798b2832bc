"""What happens to a request of the API around its answer: journal, faults, token, poll."""

from __future__ import annotations

from flask import Flask, Response, g, request
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


def install(app: Flask) -> None:
    """Have faults strike, and every request of the API written down.

    A poll clock moves on after the reply is made, so that the first poll sees the beginning.
    Requests for the control API pass by.
    """
    app.before_request(_before)
    app.after_request(_after)


def _before() -> Response | None:
    """The fault's reply, or a refusal, if there is one.

    Raises ConnectionsRefused or InjectedDisconnect when there will be no reply.
    """
    target = target_of(request.environ)
    if target.session is None:
        return json_response(404, mock_error(target.missing))
    if target.is_control:
        return None
    context = RequestContext.begin(target, target.session)
    if context.fault is not None and context.fault.refuse:
        context.end(None)
        if not context.is_poll:  # whoever finds nobody has polled in vain
            context.arrival.clock.polled()
        raise faults.ConnectionsRefused("nobody can connect now")
    return _fault_reply(context) or _refusal(context.session)


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
        context.end(None)
        raise
    return faults.answer(fault)


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


def _after(response: Response) -> Response:
    context: RequestContext | None = g.get("request_context")
    if context is None:
        response.headers.setdefault("Date", http_date())
        return response
    # The clock's own date (G), so that a client which reckons with it is not led astray.
    response.headers.setdefault("Date", http_date(context.arrival.clock.now() / 1000))
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
    scope = Scope(context.arrival.entry.operation, context.edition)
    is_struck = faults.change(response, fault, scope)
    sends_body, cut = has_body(response), fault.disconnect
    if cut is not None and cut.at != "in headers" and not (sends_body and response.get_data()):
        # A head alone would be the whole reply, whatever comes after it.
        context.end(None)
        raise InjectedDisconnect("a reply without a body breaks before it begins", by=cut.by)
    is_written = cut is None or cut.at != "in headers"
    context.end(response if is_written else None, is_struck=is_struck)
    return faults.in_parts(
        response, fault, context.arrival.clock, request.environ, has_body=sends_body
    )
