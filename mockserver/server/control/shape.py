"""JSON Schemas as the control API writes them."""

from __future__ import annotations

from typing import Any

from mockserver.contract.openapi_parts import ref

__all__ = [
    "FLAG",
    "INTEGER",
    "NUMBER",
    "Schema",
    "list_of",
    "object_of",
    "or_null",
    "ref",
    "reply_of",
    "text",
]

Schema = dict[str, Any]


def object_of(
    properties: dict[str, Schema], *, required: tuple[str, ...] = (), **more: Any
) -> Schema:
    """An object with these members and no others."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {**schema, **more}


def reply_of(properties: dict[str, Schema], *, maybe: tuple[str, ...] = (), **more: Any) -> Schema:
    """An object with all of these members but those in `maybe`, and perhaps others some day."""
    required = [name for name in properties if name not in maybe]
    return {"type": "object", "properties": properties, "required": required, **more}


def text(description: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": description} if description else {}), **more}


def list_of(items: Schema, description: str = "") -> Schema:
    return {
        "type": "array",
        "items": items,
        **({"description": description} if description else {}),
    }


def or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


INTEGER: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
