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

from mockserver.faults.effect import Scope
from mockserver.faults.fault import Fault
from mockserver.http import message
from mockserver.http.redaction import Redaction, credential
from mockserver.net.reader import MAX_BODY
from mockserver.net.wsgi import InjectedDisconnect
from mockserver.net.wsgi_environ import BODY_TOO_LARGE, CONNECTION_NUMBER
from mockserver.server import faults
from mockserver.server.access import allow_pages, preflight, refused_token
from mockserver.server.operations import LISTS_OF_MODELS
from mockserver.server.replies import error_object, json_response, mock_error
from mockserver.server.site import site_of
from mockserver.server.target import Target, target_of
from mockserver.timeline.model import JobState
from mockserver.timeline.playback import Playback

if TYPE_CHECKING:
    from mockserver.server.session import Arrival, Session

__all__ = ["InHand", "body_is_too_large", "hook_into", "in_hand"]

_POLLS = ("list_status", "job_status")
_WITHOUT_BODY = (204, 304)
_SALT = token_bytes()

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class InHand:
    """A request of the API while it is answered, at the instant that `playback` and `now_ms` say.

    Its view tells which job it was about, and the states that its reply shows.
    """

    session: Session
    arrival: Arrival
    operation: str | None
    edition: str
    redaction: Redaction
    began_s: float
    playback: Playback
    now_ms: int
    session_id: str | None
    job_id: str | None = None
    states: tuple[JobState, ...] = ()

    @property
    def fault(self) -> Fault | None:
        """The one that befalls it."""
        return None if self.arrival.armed is None else self.arrival.armed.fault


def in_hand() -> InHand:
    """The request that is being answered."""
    return cast(InHand, g.in_hand)


def body_is_too_large() -> bool:
    """Whether the request's body was not read, or is not to be."""
    return bool(request.environ.get(BODY_TOO_LARGE)) or (request.content_length or 0) > MAX_BODY


def hook_into(app: Flask) -> None:
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
    one = g.in_hand = _arrived(target, target.session)
    if one.fault is not None and one.fault.refuse:
        _end(one, None)
        if one.operation not in _POLLS:  # whoever finds nobody has polled in vain
            one.arrival.clock.polled()
        raise faults.Refused("nobody can connect now")
    return _struck(one) or _not_let_in(one.session)


def _arrived(target: Target, session: Session) -> InHand:
    authorization = request.headers.get("Authorization", "")
    redaction = Redaction(
        (
            session.settings.token or "",
            site_of(request.environ).control_token or "",
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
    operation, edition = _served(session)
    arrival = session.arrive(sent, operation, unquote(target.path))
    return InHand(
        session,
        arrival,
        operation,
        edition,
        redaction,
        time.monotonic(),
        arrival.playback,
        arrival.exchange.received_ms,
        None if target.opened is None else target.opened.id,
    )


def _struck(one: InHand) -> Response | None:
    fault = one.fault
    if fault is None:
        return None
    try:
        if fault.delay_ms:
            clock = one.arrival.clock
            faults.pass_time(one.session, clock, fault.delay_ms, request.environ)
            one.playback, one.now_ms = one.session.moment()
        cut = fault.disconnect
        if cut is not None and cut.at == "before headers":
            raise InjectedDisconnect("the connection breaks on purpose", cut.at, cut.by)
    except InjectedDisconnect:
        _end(one, None)
        raise
    return faults.answer(fault)


def _after(response: Response) -> Response:
    one: InHand | None = g.get("in_hand")
    if one is None:
        response.headers.setdefault("Date", http_date())
        return response
    # The clock's own date (G), so that a client which reckons with it is not led astray.
    response.headers.setdefault("Date", http_date(one.arrival.clock.now() / 1000))
    if one.session.settings.cors:
        allow_pages(response)
    if one.fault is None:
        _end(one, response)
    else:
        response = _spoilt(one, one.fault, response)
    if one.session.is_refusing():
        # The clock has come to where nobody can connect: this connection ends, too.
        response.headers["Connection"] = "close"
    return response


def _spoilt(one: InHand, fault: Fault, response: Response) -> Response:
    is_struck = faults.change(response, fault, Scope(one.operation, one.edition))
    has_body, cut = _has_body(response), fault.disconnect
    if cut is not None and cut.at != "in headers" and not (has_body and response.get_data()):
        # A head alone would be the whole reply, whatever comes after it.
        _end(one, None)
        raise InjectedDisconnect("a reply without a body breaks before it begins", by=cut.by)
    is_written = cut is None or cut.at != "in headers"
    _end(one, response if is_written else None, is_struck=is_struck)
    return faults.sent(response, fault, one.arrival.clock, request.environ, has_body)


def _end(one: InHand, response: Response | None, *, is_struck: bool = True) -> None:
    """Write down how it ended, report it, and count the poll if it was one."""
    armed = one.arrival.armed if is_struck else None
    if armed is not None:
        one.session.struck(armed)
    exchange = one.arrival.journal.close(
        one.arrival.exchange,
        response=None if response is None else _reply(response, one.redaction),
        replied_ms=one.arrival.clock.now(),
        took_s=time.monotonic() - one.began_s,
        started_s=one.began_s,
        connection=request.environ.get(CONNECTION_NUMBER),
        credential=_credential_key(),
        job_id=None if one.job_id is None else one.redaction.text(one.job_id),
        states=one.states,
        fault=None if armed is None else armed.fault,
        fault_id=None if armed is None else armed.id,
        session_id=one.session_id,
    )
    on_request = site_of(request.environ).on_request
    if on_request is not None:
        try:
            on_request(exchange)
        except Exception:
            # The client gets its reply, whatever becomes of the report.
            _log.exception("on_request failed")
    if one.operation in _POLLS:
        # Not the session's, which may have begun anew while this request waited.
        one.arrival.clock.polled()


def _credential_key() -> int | None:
    """Tells credentials apart; nobody can find out from it what they are."""
    authorization = request.headers.get("Authorization")
    return None if authorization is None else hash((_SALT, authorization))


def _served(session: Session) -> tuple[str | None, str]:
    """The operation that is asked for, if the session's edition has it, and its edition."""
    endpoint, edition = request.endpoint, session.edition
    if endpoint in LISTS_OF_MODELS:
        return endpoint, edition
    found = session.settings.operations.get(endpoint or "")
    return (None, edition) if found is None else (endpoint, found[1])


def _not_let_in(session: Session) -> Response | None:
    """The reply to a request that gets no further: a preflight, no token, too large a body."""
    if session.settings.cors and (asked := preflight(request)) is not None:
        return asked
    token = session.settings.token
    if token is not None:
        refused = refused_token(request.headers.get("Authorization"), token)
        if refused is not None:
            return json_response(401, refused)
    if body_is_too_large():
        message = f"The request body is larger than {MAX_BODY:,} bytes"
        return json_response(413, error_object("invalid_request", message))
    return None


def _has_body(response: Response) -> bool:
    return request.method != "HEAD" and response.status_code not in _WITHOUT_BODY


def _reply(response: Response, redaction: Redaction) -> message.Response:
    headers = redaction.headers(tuple(response.headers.items()))
    body = response.get_data() if _has_body(response) else b""
    kept = message.Body.of(redaction.body(body), len(body))
    return message.Response(response.status_code, headers, kept)
