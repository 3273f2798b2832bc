"""Pieces of any OpenAPI 3.1 description; and refusals, which say how they are known."""

import json
import re
from typing import Any

from mockserver.api.operation import Operation
from mockserver.resources import folder

OPENAPI = "3.1.0"
"""The version whose schemas are JSON Schema 2020-12."""

_ERRORS = json.loads((folder("contract") / "openapi_errors.json").read_text(encoding="utf-8"))

ERROR: dict[str, Any] = _ERRORS["schema"]
"""The schema of what a refusal's body has."""


def ref(name: str) -> dict[str, Any]:
    """A reference to a schema among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def json_content(component: str, **more: Any) -> dict[str, Any]:
    """A body in JSON; `more` are examples of it."""
    return {"application/json": {"schema": ref(component), **more}}


def response(description: str, component: str, **more: Any) -> dict[str, Any]:
    """A response in JSON; `more` are examples of it."""
    return {"description": description, "content": json_content(component, **more)}


def parameter(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A parameter of a path, which is never left out."""
    return {"name": name, "in": "path", "required": True, **more, "schema": schema}


def parameter_names(path: str) -> list[str]:
    """The names between braces in a path."""
    return re.findall(r"{(\w+)}", path)


def bearer(description: str) -> dict[str, str]:
    """The security scheme of a token in the Authorization header."""
    return {"type": "http", "scheme": "bearer", "description": description}


def refusals(operation: Operation, path: str, *, has_body: bool) -> dict[str, Any]:
    """The responses to a request that is refused, by status; `path` has parameters in braces."""
    names = {401: "token"}
    if has_body:
        names |= {400: "body", 413: "size", 415: "media-type"}
    elif operation.parameters:
        names[400] = "path"
    found = {status: _ERRORS["refusals"][name] for status, name in names.items()}
    no_operation = {
        "description": "The server does not have this operation.",
        "provenance": "observed",
        "error": f"Unexpected endpoint or method. ({operation.method} {path})",
    }
    found[404] = _ERRORS["refusals"].get(operation.about, no_operation)
    return {str(status): _refusal(**found[status]) for status in sorted(found)}


def _refusal(description: str, provenance: str, error: dict[str, str] | str) -> dict[str, Any]:
    """What is wrong, how it is known, and the error that says it."""
    made = response(description, "Error", examples={"refused": {"value": {"error": error}}})
    return {**made, "x-provenance": provenance}
