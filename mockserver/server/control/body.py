"""The body of a request to the control API: strictly JSON, held to its schema."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import request

from mockserver.contract import Validator, Violation
from mockserver.documents import json_text
from mockserver.documents.pointer import parts
from mockserver.errors import JsonTextError, nearest
from mockserver.net.reader import MAX_BODY
from mockserver.server.control.problem import Problem
from mockserver.server.control.shapes import COMPONENTS
from mockserver.server.request_context import body_is_too_large

__all__ = ["read", "refuse"]

_BODY = "the body"
_EXPECTED = {
    "object": "an object, {…}",
    "string": "text, in quotes",
    "string or null": "text, in quotes, or null",
    "boolean": "true or false",
    "number": "a number",
}


def read(component: str, *, optional: bool = False) -> dict[str, Any]:
    """What was sent, as the component says; `{}` for nothing when it is `optional`.

    Members that a timeline's own format describes are not looked into. Raises Problem.
    """
    data = _data()
    if not data:
        if optional:
            return {}
        raise Problem(400, f"{_BODY} is missing", pointer="", expected="a JSON object")
    kind = request.mimetype
    if kind != "application/json":
        shown = f"is {kind!r}" if kind else "is not given"
        raise Problem(415, f"{_BODY}'s Content-Type {shown}", expected="application/json")
    try:
        value = json_text.loads(data)
    except JsonTextError as error:
        where = f"line {error.line}" + (f", column {error.column}" if error.column else "")
        message = f"{_BODY} is not JSON: {where}: {error.problem}"
        raise Problem(400, message, pointer=error.pointer, expected=error.expected) from None
    check = _validator(component)
    found = check.violations(value)
    if found:
        raise _problem(found[0], check.schema)
    assert isinstance(value, dict)
    return dict(value)


def refuse() -> None:
    """Raise Problem if something was sent where nothing is read; `{}` says nothing either."""
    if _data().strip() not in (b"", b"{}"):
        raise Problem(400, f"{request.method} {request.path} takes no body", expected="none, or {}")


def _data() -> bytes:
    data: bytes = b"" if body_is_too_large() else request.get_data()
    if body_is_too_large() or len(data) > MAX_BODY:
        raise Problem(413, f"{_BODY} is too large", expected=f"at most {MAX_BODY:,} bytes")
    return data


_OBJECT = {"type": "object"}


@cache
def _validator(component: str) -> Validator:
    return Validator(_shallow(COMPONENTS.get(component, _OBJECT)))


def _shallow(schema: Any) -> Any:
    """The schema with any object where it refers to another one, whose reader says more.

    So does a view's sentence on members that exclude each other. Python takes `$` for the place
    before a line's end, too.
    """
    if isinstance(schema, dict):
        if "$ref" in schema:
            return {**_OBJECT, **{key: one for key, one in schema.items() if key != "$ref"}}
        kept = {key: _shallow(value) for key, value in schema.items() if key != "dependentSchemas"}
        if isinstance(pattern := kept.get("pattern"), str):
            kept["pattern"] = pattern + r"(?!\n)"
        return kept
    if isinstance(schema, list):
        return [_shallow(item) for item in schema]
    return schema


def _problem(violation: Violation, schema: dict[str, Any]) -> Problem:
    *around, name = parts(violation.pointer) or ("",)
    node = schema
    for step in around:
        node = node["properties"][step]
    where = violation.pointer or _BODY
    expected = _EXPECTED.get(violation.expected, violation.expected)
    suggestion = None
    match violation.rule:
        case "additionalProperties":
            message = f"unknown member {name!r}"
            suggestion = nearest(str(name), node["properties"])
        case "required" | "dependentRequired":
            message = f"{where} is missing"
        case "minProperties":
            message = f"{_BODY} is empty"
            expected = "at least one of " + ", ".join(node["properties"])
        case "enum":
            message = f"{where} is {violation.found}"
            suggestion = nearest(violation.found.strip('"'), node["properties"][name]["enum"])
        case _:
            message = f"{where} is {violation.found}"
    return Problem(
        400, message, pointer=violation.pointer, expected=expected, suggestion=suggestion
    )
