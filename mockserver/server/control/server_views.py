"""Requests to the control API about the server: what it has, and the sessions beside its own."""

from __future__ import annotations

from typing import Any

import mockserver
from mockserver import contract, resources
from mockserver.errors import UnknownName
from mockserver.server.control.request_body import config_from, unknown
from mockserver.server.control.routes import ROUTES, ControlError, ControlRequest, route
from mockserver.server.loading import clock_kind
from mockserver.server.sessions import DEFAULT_EXPIRY_S
from mockserver.timeline.clock import Clock, PollClock


@route("GET", "", "What there is to ask, and where.", reply="Index")
def index(request: ControlRequest) -> dict[str, Any]:
    shown = [listed for listed in ROUTES if not (listed.at_root and request.target.opened)]
    return {
        "version": mockserver.__version__,
        "session": request.about(request.target.opened),
        "endpoints": [
            {"method": listed.method, "url": request.base + listed.url, "summary": listed.summary}
            for listed in shown
        ],
    }


@route("GET", "/health", "Whether the server is up.", reply="Health")
def health(request: ControlRequest) -> dict[str, Any]:
    return {
        "status": "ok",
        "version": mockserver.__version__,
        "sessions": len(request.sessions.all()),
        "uptime_s": round(request.sessions.uptime_s, 3),
    }


@route("GET", "/openapi.json", "This API, described by OpenAPI 3.1.")
def openapi(request: ControlRequest) -> dict[str, Any]:
    from mockserver.server.control.openapi import document

    return document(request.base, at_root=request.target.opened is None)


@route("GET", "/timelines", "The timelines that have a name.", reply="Timelines", refusals=(422,))
def timelines(request: ControlRequest) -> dict[str, Any]:
    bundled, own = resources.timeline_files(), resources.own_timeline_files()
    names = sorted({**bundled, **own})
    return {"timelines": [{"name": name, "bundled": name not in own} for name in names]}


@route("GET", "/schemas", "The JSON Schemas of every edition.", reply="Schemas")
def schemas(request: ControlRequest) -> dict[str, Any]:
    return {
        "schemas": [
            {
                "edition": edition,
                "operation": operation.id,
                "part": part,
                "url": f"{request.base}/_mock/schemas/{edition}/{operation.id}/{part}",
            }
            for edition in resources.edition_names()
            for operation in contract.edition(edition).operations.values()
            for part in operation.schemas
        ]
    }


@route(
    "GET",
    "/schemas/{edition}/{operation}/{part}",
    "One JSON Schema, such as that of `2025-10/job_status/response`.",
    refusals=(404,),
)
def schema(request: ControlRequest, edition: str, operation: str, part: str) -> dict[str, Any]:
    try:
        return contract.edition(edition).operation(operation).schema(part)
    except UnknownName as error:
        raise unknown(error, 404) from None


@route("GET", "/sessions", "The sessions that are open.", reply="Sessions", at_root=True)
def sessions(request: ControlRequest) -> dict[str, Any]:
    return {"sessions": [request.about(opened) for opened in request.sessions.all()]}


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
    return request.about(opened)


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
    return request.about(opened)


@route("DELETE", "/sessions/{id}", "End a session.", reply="Removed", refusals=(404,), at_root=True)
def close_session(request: ControlRequest, id: str) -> dict[str, Any]:  # noqa: A002  # the parameter's name
    if not request.sessions.close(id):
        raise ControlError(404, request.sessions.why_none(id))
    return {"removed": 1}
