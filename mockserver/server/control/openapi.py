"""The control API described by OpenAPI 3.1, from its routes and shapes."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import mockserver
from mockserver.contract.openapi_parts import (
    OPENAPI,
    bearer,
    json_content,
    parameter,
    parameter_names,
    response,
)
from mockserver.server.control.reply_schemas import COMPONENTS
from mockserver.server.control.routes import ROUTES, Route
from mockserver.timeline.fields import schema as schema_of_timelines

_INTRODUCTION = (
    "Steers a session of the mock server. Each session has this API below its own base URL. "
    "JSON in, JSON out; what is refused changes nothing."
)
_PHRASES = {
    400: "The body, or the query, is not what is described here.",
    401: "The server wants its control token.",
    403: "The request comes from a web page, or names a host that is not this machine.",
    404: "There is no such thing, or the session has ended.",
    409: "The clock cannot do that: it never goes back, and some things never happen.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "A timeline, a fault or a setting that cannot be had.",
    429: "There are as many as there can be.",
}


def document(base: str, *, at_root: bool = True) -> dict[str, Any]:
    """The description of the API below a base URL: the server's own, or one of its sessions'."""
    return {**_document(at_root), "servers": [{"url": base}]}


@cache
def _document(at_root: bool) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for route in ROUTES:
        if at_root or not route.at_root:
            paths.setdefault(route.url, {})[route.method.lower()] = _operation(route, at_root)
    timeline = _timeline()
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "mockserver control API",
            "version": mockserver.__version__,
            "description": _INTRODUCTION,
        },
        "paths": paths,
        "components": {
            "schemas": {
                **COMPONENTS,
                "Timeline": timeline,
                "NewFault": {"$ref": "#/components/schemas/Timeline/$defs/fault"},
            },
            "securitySchemes": {
                "controlToken": bearer("Wanted by a server that has a control token.")
            },
        },
        "security": [{}, {"controlToken": []}],
    }


def _operation(route: Route, at_root: bool) -> dict[str, Any]:
    refusals = {400, 401, 403, *route.refusals, *(() if at_root else (404,))}
    if route.method != "GET":
        refusals.add(413)
    operation: dict[str, Any] = {"operationId": route.id, "summary": route.summary}
    parameters = [
        parameter(name, {"type": "string", "minLength": 1}) for name in parameter_names(route.path)
    ]
    parameters += [
        {"name": name, "in": "query", "schema": dict(schema)}
        for name, schema in route.query.items()
    ]
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        refusals.add(415)
        operation["requestBody"] = {
            "required": not route.body_is_optional,
            "content": json_content(route.body),
        }
    operation["responses"] = {
        str(route.status): response("Droute.", route.reply),
        **{str(status): response(_PHRASES[status], "Error") for status in sorted(refusals)},
    }
    return operation


def _timeline() -> dict[str, Any]:
    """The fixture format's schema, its references made to point to where it is here."""
    text = json.dumps(schema_of_timelines()).replace('"#/', '"#/components/schemas/Timeline/')
    schema: dict[str, Any] = json.loads(text)
    return {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
