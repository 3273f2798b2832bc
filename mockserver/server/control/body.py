"""The body of a request to the control API: strictly JSON, held to its schema."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import request

from mockserver import jsontext
from mockserver.contract import Validator, Violation
from mockserver.errors import JsonTextError, nearest
from mockserver.server.control.problem import Problem
from mockserver.server.control.shapes import COMPONENTS
from mockserver.server.exchanges import body_is_too_large
from mockserver.server.incoming import MAX_BODY

__all__ = ["read"]


def read(component: str, *, optional: bool = False) -> dict[str, Any]:
    """What was sent, as the component says; `{}` for nothing when it is `optional`.

    Members that a timeline's own format describes are not looked into. Raises Problem.
    """
    if body_is_too_large():
        raise Problem(413, f"the body is larger than {MAX_BODY:,} bytes")
    data = request.get_data()
    if optional and not data:
        return {}
    kind = request.mimetype
    if kind != "application/json":
        shown = f"is {kind!r}" if kind else "is not given"
        raise Problem(415, f"the body's Content-Type {shown}", expected="application/json")
    try:
        value = jsontext.loads(data)
    except JsonTextError as error:
        where = f"line {error.line}" + (f", column {error.column}" if error.column else "")
        message = f"the body is not JSON: {where}: {error.problem}"
        raise Problem(400, message, pointer=error.pointer, expected=error.expected) from None
    check = _validator(component)
    found = check.violations(value)
    if found:
        raise _problem(found[0], check.schema)
    assert isinstance(value, dict)
    return dict(value)


_OBJECT = {"type": "object"}


@cache
def _validator(component: str) -> Validator:
    return Validator(_shallow(COMPONENTS.get(component, _OBJECT)))


def _shallow(schema: Any) -> Any:
    """The schema with any object where it refers to another one, whose reader says more."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _OBJECT
        return {key: _shallow(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_shallow(item) for item in schema]
    return schema


def _problem(violation: Violation, schema: dict[str, Any]) -> Problem:
    *around, name = violation.pointer.split("/")
    node = schema
    for step in around[1:]:
        node = node["properties"][step]
    suggestion = None
    if violation.rule == "additionalProperties":
        message = f"unknown member {name!r}"
        suggestion = nearest(name, node["properties"])
    else:
        where = violation.pointer or "the body"
        message = f"{where} breaks the rule {violation.rule}: found {violation.found}"
    if violation.rule == "enum":
        suggestion = nearest(violation.found.strip('"'), node["properties"][name]["enum"])
    return Problem(
        400,
        message,
        pointer=violation.pointer,
        expected=violation.expected,
        suggestion=suggestion,
    )
