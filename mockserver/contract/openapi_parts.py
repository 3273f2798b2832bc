"""Pieces that every OpenAPI 3.1 description is made of, whatever it describes."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["OPENAPI", "bearer", "json_content", "parameter", "parameter_names", "ref", "response"]

OPENAPI = "3.1.0"
"""The version whose schemas are JSON Schema 2020-12."""


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
