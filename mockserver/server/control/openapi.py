"""The control API described by OpenAPI 3.1, from its routes and components."""

import json
from copy import deepcopy
from functools import cache
from typing import Any

import mockserver
from mockserver.contract import openapi_parts as parts
from mockserver.server.control.routes import COMPONENTS, DOCUMENT, REFUSALS, ROUTES, Route
from mockserver.timeline.fields import schema as schema_of_timelines


def document(base: str, *, at_root: bool = True) -> dict[str, Any]:
    """The description of the API below a base URL: the server's own, or one of its sessions'."""
    return {**_document(at_root), "servers": [{"url": base}]}


@cache
def _document(at_root: bool) -> dict[str, Any]:
    found = deepcopy(dict(DOCUMENT))
    found["info"]["version"] = mockserver.__version__
    for route in ROUTES:
        if at_root or not route.at_root:
            method, described = route.method.lower(), _operation(route, at_root)
            found["paths"].setdefault(route.url, {})[method] = described
    new_fault = parts.ref("Timeline/$defs/fault")
    schemas = {**COMPONENTS, "Timeline": _timeline(), "NewFault": new_fault}
    found["components"]["schemas"] = schemas
    return found


def _operation(route: Route, at_root: bool) -> dict[str, Any]:
    refusals = {400, 401, 403, *route.refusals, *(() if at_root else (404,))}
    if route.method != "GET":
        refusals.add(413)
    operation: dict[str, Any] = {"operationId": route.id, "summary": route.summary}
    parameters = [
        parts.parameter(name, {"type": "string", "minLength": 1})
        for name in parts.parameter_names(route.path)
    ]
    parameters += [
        {"name": name, "in": "query", "schema": schema} for name, schema in route.query.items()
    ]
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        refusals.add(415)
        operation["requestBody"] = {
            "required": not route.body_is_optional,
            "content": parts.json_content(route.body),
        }
    operation["responses"] = {
        str(route.status): parts.response("Done.", route.reply),
        **{
            str(status): parts.response(REFUSALS[str(status)], "Error")
            for status in sorted(refusals)
        },
    }
    return operation


def _timeline() -> dict[str, Any]:
    """The fixture format's schema, its references made to point to where it is here."""
    text = json.dumps(schema_of_timelines()).replace('"#/', '"#/components/schemas/Timeline/')
    schema: dict[str, Any] = json.loads(text)
    return {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
