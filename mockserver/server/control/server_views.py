"""Requests to the control API about the server: what it has, and whether it is up."""

from __future__ import annotations

from typing import Any

import mockserver
from mockserver import contract, resources
from mockserver.errors import UnknownName
from mockserver.server.control.request_body import unknown
from mockserver.server.control.routes import ROUTES, ControlRequest, route

__all__: list[str] = []


@route("GET", "", "What there is to ask, and where.", reply="Index")
def index(request: ControlRequest) -> dict[str, Any]:
    shown = [listed for listed in ROUTES if not (listed.at_root and request.target.opened)]
    return {
        "version": mockserver.__version__,
        "session": request.about(request.target.opened, request.session),
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
