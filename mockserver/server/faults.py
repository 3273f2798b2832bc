"""Faults as they befall a request: time that passes, another reply, a connection that breaks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response

from mockserver.server.gate import Verdict
from mockserver.timeline.clock import PollClock
from mockserver.timeline.fault import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.server.gate import Stop
    from mockserver.server.session import Session

__all__ = ["Refused", "SessionGate", "Severed", "cut_short", "own_reply", "pass_time"]

_LONGEST_WAIT_S = 3600.0
"""Beyond some centuries, a wait overflows; an hour is looked at again as well."""


class Refused(ConnectionRefusedError):
    """Nobody can connect. Clients on a socket never get so far; a WSGI test client sees this."""


class Severed(ConnectionResetError):
    """The connection breaks on purpose."""


class SessionGate:
    """The windows in which a session refuses connections, as a live server's gate.

    On a poll clock a window would never end if nobody could poll: there a connection is accepted,
    reset at once, and counts as a poll.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def verdict(self) -> Verdict:
        if not self._session.is_refusing():
            return "open"
        return "reset" if isinstance(self._session.clock, PollClock) else "refuse"

    def changes_in_s(self) -> float | None:
        instant_ms = self._session.refusal_changes_ms()
        return None if instant_ms is None else self._session.clock.real_seconds_until(instant_ms)

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        return self._session.clock.subscribe(subscriber)

    def turned_away(self) -> None:
        self._session.clock.polled()


def pass_time(session: Session, delay_ms: int, stop: Stop | None) -> None:
    """Let so much of the clock's time pass; raise Severed if the server goes away meanwhile.

    While the clock runs, this waits. A clock that stands still is moved instead, so that no test
    ever waits. One that is paused during the wait is waited for.
    """
    clock = session.clock
    until_ms = clock.now() + delay_ms
    refuses_ms = session.refusal_changes_ms()
    if refuses_ms is not None:
        until_ms = min(until_ms, refuses_ms)
    if clock.real_seconds_until(until_ms) is None:
        clock.reach(until_ms)
    else:
        _wait(session, until_ms, stop)
    if session.is_refusing() or (stop is not None and stop.is_set()):
        raise Severed("the server went away before it could reply")


def _wait(session: Session, until_ms: int, stop: Stop | None) -> None:
    """Until the clock shows the instant or the server stops."""
    changed = threading.Event()
    ways_back = [session.clock.subscribe(changed.set)]
    if stop is not None:
        ways_back.append(stop.subscribe(changed.set))
    try:
        while stop is None or not stop.is_set():
            rest_s = session.clock.real_seconds_until(until_ms)
            if rest_s == 0:
                return
            changed.wait(_LONGEST_WAIT_S if rest_s is None else min(rest_s, _LONGEST_WAIT_S))
            changed.clear()
    finally:
        for way_back in ways_back:
            way_back()


def own_reply(reply: Reply) -> Response:
    """The reply that a fault gives.

    A body of text goes out as it is, as text/plain unless the headers say otherwise; any other is
    written as JSON. Without a body, an error's status gets an error object as LM Studio's (G), any
    other an empty body.
    """
    body, kind = _written(reply)
    response = Response(body, reply.status)
    del response.headers["Content-Type"]
    if kind is not None:
        response.headers["Content-Type"] = kind
    for name, value in reply.headers.items():
        response.headers[name] = value
    return response


def _written(reply: Reply) -> tuple[str, str | None]:
    """The body and its content type, if it has one."""
    if isinstance(reply.body, str):
        return reply.body, "text/plain; charset=utf-8"
    if reply.body is not None:
        return _json(reply.body), "application/json; charset=utf-8"
    if reply.status < 400:
        return "", None
    kind = "invalid_request" if reply.status < 500 else "internal_error"
    phrase = {one.value: one.phrase for one in HTTPStatus}.get(reply.status, "Unknown status")
    error = {"error": {"type": kind, "message": phrase}}
    return _json(error), "application/json; charset=utf-8"


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def cut_short(response: Response, body: bytes) -> None:
    """Make it announce all of its body, send half, and break off."""
    response.response = _broken_off(body[: len(body) // 2])
    response.content_length = len(body)


def _broken_off(half: bytes) -> Iterator[bytes]:
    yield half
    raise Severed("the connection breaks in mid-reply")
