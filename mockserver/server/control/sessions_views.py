"""Requests to the control API about the sessions that tests open beside the server's own."""

from __future__ import annotations

from typing import Any

from mockserver.server.control.request_body import config_from
from mockserver.server.control.routes import ControlError, ControlRequest, route
from mockserver.server.loading import clock_kind
from mockserver.server.sessions import DEFAULT_EXPIRY_S
from mockserver.timeline.clock import Clock, PollClock

__all__: list[str] = []


@route("GET", "/sessions", "The sessions that are open.", reply="Sessions", at_root=True)
def sessions(request: ControlRequest) -> dict[str, Any]:
    return {
        "sessions": [request.about(opened, opened.session) for opened in request.sessions.all()]
    }


@route(
    "POST",
    "/sessions",
    "Open a session: a base URL of its own, which nothing else touches.",
    body="NewSession",
    body_is_optional=True,
    reply="Session",
    status=201,
    refusals=(404, 422, 429),
    at_root=True,
)
def open_session(request: ControlRequest) -> dict[str, Any]:
    body = dict(request.body)
    expires_after_s = body.pop("expires_after_s", DEFAULT_EXPIRY_S)
    own = request.sessions.own.config.changed(**_own_clock(request))
    config = config_from(own, body)
    opened = request.sessions.open(config, expires_after_s=expires_after_s)
    return request.about(opened, opened.session)


def _own_clock(request: ControlRequest) -> dict[str, Any]:
    """A clock like the server's own session's, which it shares with nobody."""
    own = request.sessions.own.config.clock
    if not isinstance(own, Clock):
        return {}
    kind = clock_kind(own)
    return {
        "clock": kind,
        "speed": own.speed if kind == "wall" else None,
        "step": own.step_ms if isinstance(own, PollClock) else None,
    }


@route("GET", "/sessions/{id}", "One session.", reply="Session", refusals=(404,), at_root=True)
def session(request: ControlRequest, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    opened = request.sessions.find(id, use=False)
    if opened is None:
        raise ControlError(404, request.sessions.why_none(id))
    return request.about(opened, opened.session)


@route("DELETE", "/sessions/{id}", "End a session.", reply="Removed", refusals=(404,), at_root=True)
def close_session(request: ControlRequest, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    if not request.sessions.close(id):
        raise ControlError(404, request.sessions.why_none(id))
    return {"removed": 1}
