"""What faults say becomes of a request, carried out: waiting, changing, dripping, breaking."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from wsgiref.types import WSGIEnvironment

from flask import Response

from mockserver.faults.effect import Break, Scope
from mockserver.faults.fault import Fault
from mockserver.http import message as http
from mockserver.http.message import Body, Headers
from mockserver.net.connection import ShutdownSignal
from mockserver.net.wsgi import IS_CLIENT_GONE, SHUTDOWN, InjectedDisconnect
from mockserver.server.session import Session
from mockserver.timeline.clock import Clock
from mockserver.timeline.model import LAST_INSTANT_MS

_LONGEST_WAIT_S = 0.5
"""How long a client that has gone while it waited is taken for one that waits."""


class ConnectionsRefused(ConnectionRefusedError):
    """Nobody can connect. Clients on a socket find the connection reset; a WSGI test sees this."""


def pass_time(session: Session, clock: Clock, delay_ms: int, environ: WSGIEnvironment) -> None:
    """Let so much of the clock's time pass; InjectedDisconnect if one of the two goes meanwhile.

    While the clock runs, this waits. A clock that stands still is moved instead, so that no test
    ever waits. One that is paused during the wait is waited for.
    """
    until_ms = clock.now() + delay_ms
    refuses_ms = session.faults.refusal_changes_ms()
    if refuses_ms is not None:
        until_ms = min(until_ms, refuses_ms)
    if not _wait_until(clock, until_ms, environ) or session.faults.is_refusing():
        raise InjectedDisconnect("one of the two went away before the reply", by="reset")


def _wait_until(clock: Clock, until_ms: int, environ: WSGIEnvironment) -> bool:
    """Let the clock come to the instant; false if the server or the client goes away before."""
    stop: ShutdownSignal = environ.get(SHUTDOWN) or ShutdownSignal()
    is_gone: Callable[[], bool] = environ.get(IS_CLIENT_GONE, lambda: False)
    until_ms = min(until_ms, LAST_INSTANT_MS)
    if clock.real_seconds_until(until_ms) is None:
        clock.reach(until_ms)
        return not stop.is_set()
    changed = threading.Event()
    with ExitStack() as unsubscribe:
        unsubscribe.callback(clock.subscribe(changed.set))
        unsubscribe.callback(stop.subscribers.add(changed.set))
        while not stop.is_set() and not is_gone():
            rest_s = clock.real_seconds_until(until_ms)
            if rest_s == 0:
                return True
            changed.wait(_LONGEST_WAIT_S if rest_s is None else min(rest_s, _LONGEST_WAIT_S))
            changed.clear()
    return False


def answer(fault: Fault) -> Response | None:
    """What the fault answers in place of the operation."""
    answered = fault.answer()
    if answered is None:
        return None
    response = Response(answered.body.start, answered.status)
    del response.headers["Content-Type"]  # Flask's own; some replies have none
    response.headers.update(answered.headers)
    return response


def change(response: Response, fault: Fault, scope: Scope) -> bool:
    """Change the reply as the fault says; whether the fault strikes after all."""
    body: bytes = response.get_data()
    headers = Headers(response.headers.items())
    message = http.Response(response.status_code, headers, Body(body, len(body)))
    changed = fault.change(message, scope)
    if changed is not None and changed != message:
        response.status_code = changed.status
        response.set_data(changed.body.start)
        # After the body, for Flask writes down the true length of one that it is given.
        response.headers.clear()
        response.headers.extend(changed.headers)
    return changed is not None


def in_parts(
    response: Response, fault: Fault, clock: Clock, environ: WSGIEnvironment, has_body: bool
) -> Response:
    """The reply as it goes out, byte by byte, or with an end that comes too early."""
    if fault.disconnect is None and not (fault.drip_ms and has_body):
        return response
    body: bytes = response.get_data()
    parts: Iterable[bytes] = [body] if has_body else []
    if has_body and fault.drip_ms:
        parts = _dripping(body, fault.drip_ms, clock, environ)
    if fault.disconnect is not None:
        parts = _breaking(parts, len(body), fault.disconnect)
    if has_body:
        response.headers.setdefault("Content-Length", str(len(body)))
    return _PartedResponse(parts, response)


class _PartedResponse(Response):
    """Gives its parts as they are, also where HTTP has no body: they may end in a break."""

    def __init__(self, parts: Iterable[bytes], like: Response) -> None:
        super().__init__(status=like.status, headers=like.headers)
        self._parts = parts

    def get_app_iter(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        return self._parts


def _dripping(body: bytes, drip_ms: int, clock: Clock, environ: WSGIEnvironment) -> Iterator[bytes]:
    """Byte by byte: the first at once, unless it is the last, which comes after `drip_ms`."""
    start_ms = clock.now()
    gaps = len(body) - 1
    for number, byte in enumerate(body):
        until_ms = start_ms + (drip_ms * number // gaps if gaps else drip_ms)
        if not _wait_until(clock, until_ms, environ):
            raise InjectedDisconnect("one of the two went away in mid-reply", "in body", "close")
        yield bytes([byte])


def _breaking(parts: Iterable[bytes], length: int, disconnect: Break) -> Iterator[bytes]:
    """The first half of the body, or nothing, and then the break."""
    if disconnect.at == "in body":
        left = length // 2
        for part in parts:
            if left:
                yield part[:left]
            left -= min(left, len(part))
            if not left:
                break
    raise InjectedDisconnect("the connection breaks on purpose", disconnect.at, disconnect.by)
