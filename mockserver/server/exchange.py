"""What happens to each request before and after it is answered: faults, the report, the poll."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, g, request
from werkzeug.http import http_date

from mockserver.server import faults
from mockserver.server.gate import STOP
from mockserver.server.session import Session
from mockserver.timeline.fault import Fault
from mockserver.timeline.model import JobState

__all__ = ["Exchange", "Exchanges", "raw_path"]

_POLLS = ("list_status", "job_status")
_WITHOUT_BODY = (204, 304)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply.

    `path` is the request's as it was sent, without the query. `status` is None when the connection
    broke before the reply. `operation` is None when no operation was meant. `states` are the job
    states that the reply shows. `fault` is the one that struck, if any did.
    """

    method: str
    path: str
    status: int | None
    operation: str | None = None
    states: tuple[JobState, ...] = ()
    fault: Fault | None = None


class Exchanges:
    """Hooks into an app, so that the session's faults strike and its requests are reported.

    A poll clock moves on after the reply is made, so that the first poll sees the beginning.
    """

    def __init__(self, session: Session, on_request: Callable[[Exchange], None] | None) -> None:
        self._session = session
        self._on_request = on_request

    def hook_into(self, app: Flask) -> None:
        app.before_request(self._before)
        app.after_request(self._after)

    def _before(self) -> Response | None:
        """The fault's reply, if it has one; Refused or Severed when there will be none."""
        if self._session.is_refusing():
            self._session.clock.polled()
            raise faults.Refused("nobody can connect now")
        fault = g.fault = self._session.strike(request.endpoint, request.path)
        if fault is None:
            return None
        try:
            if fault.delay_ms:
                faults.pass_time(self._session, fault.delay_ms, request.environ.get(STOP))
            if fault.disconnect == "before reply":
                raise faults.Severed("the connection breaks before the reply")
        except faults.Severed:
            self._end(None)
            raise
        return None if fault.reply is None else faults.own_reply(fault.reply)

    def _after(self, response: Response) -> Response:
        # The clock's own date (G), so that a client which reckons with it is not led astray.
        response.headers.setdefault("Date", http_date(self._session.now() / 1000))
        fault: Fault | None = g.get("fault")
        if fault is None or fault.disconnect != "during reply":
            self._end(response.status_code)
        elif body := _body(response):
            self._end(response.status_code)
            faults.cut_short(response, body)
        else:
            self._end(None)
            raise faults.Severed("a reply without a body breaks before it begins")
        if self._session.is_refusing():
            # The clock has come to where nobody can connect: this connection ends, too.
            response.headers["Connection"] = "close"
        return response

    def _end(self, status: int | None) -> None:
        """Report the exchange, and count the poll if it was one."""
        if self._on_request is not None:
            states: tuple[JobState, ...] = g.get("states", ())
            operation, fault = request.endpoint, g.get("fault")
            exchange = Exchange(request.method, raw_path(), status, operation, states, fault)
            try:
                self._on_request(exchange)
            except Exception:
                # The client gets its reply, whatever becomes of the report.
                _log.exception("on_request failed")
        if request.endpoint in _POLLS:
            self._session.clock.polled()


def raw_path() -> str:
    """The path as the client wrote it, percent signs and all, without the query."""
    raw: str = request.environ.get("REQUEST_URI") or request.path
    target = raw.encode("latin-1", "replace").decode("utf-8", "replace")
    return re.sub(r"^https?://[^/?#]*", "", target).partition("?")[0].partition("#")[0]


def _body(response: Response) -> bytes:
    if request.method == "HEAD" or response.status_code in _WITHOUT_BODY:
        return b""
    body: bytes = response.get_data()
    return body
