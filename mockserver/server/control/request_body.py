"""The body of a request to the control API: strict JSON, held to its schema, read into records."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from flask import request

from mockserver.contract import Validator, Violation
from mockserver.documents import json_text
from mockserver.documents.pointer import parts
from mockserver.errors import JsonTextError, MockServerError, SourceError, UnknownName, nearest
from mockserver.net.reader import MAX_BODY
from mockserver.server.config import BadSetting, ServerConfig
from mockserver.server.control.routes import COMPONENTS, ControlError, Route
from mockserver.server.middleware import body_is_too_large
from mockserver.timeline.find import find_named
from mockserver.timeline.model import Timeline
from mockserver.timeline.reader import load, timeline_from

_BODY = "the body"
_EXPECTED = {
    "object": "an object, {…}",
    "string": "text, in quotes",
    "string or null": "text, in quotes, or null",
    "boolean": "true or false",
    "number": "a number",
}
_OBJECT = {"type": "object"}


def body_of(route: Route) -> Mapping[str, Any]:
    """What was sent to the route, as its component says, except timelines. ControlError."""
    if route.method == "GET":  # whatever a client sends with that
        return {}
    data: bytes = b"" if body_is_too_large() else request.get_data()
    if body_is_too_large() or len(data) > MAX_BODY:
        raise ControlError(413, f"{_BODY} is too large", expected=f"at most {MAX_BODY:,} bytes")
    if route.body is None:
        if data.strip() not in (b"", b"{}"):  # which says nothing either
            message = f"{request.method} {request.path} takes no body"
            raise ControlError(400, message, expected="none, or {}")
        return {}
    if not data:
        if route.body_is_optional:
            return {}
        raise ControlError(400, f"{_BODY} is missing", pointer="", expected="a JSON object")
    kind = request.mimetype
    if kind != "application/json":
        shown = f"is {kind!r}" if kind else "is not given"
        raise ControlError(415, f"{_BODY}'s Content-Type {shown}", expected="application/json")
    return _checked(data, route.body)


def _checked(data: bytes, component: str) -> dict[str, Any]:
    try:
        value: Any = json_text.loads(data)
    except JsonTextError as error:
        where = f"line {error.line}" + (f", column {error.column}" if error.column else "")
        message = f"{_BODY} is not JSON: {where}: {error.problem}"
        raise ControlError(400, message, pointer=error.pointer, expected=error.expected) from None
    check = _validator(component)
    for violation in check.violations(value):
        raise _violated(violation, check.schema)
    return dict(value)


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
            return {**_OBJECT, **{key: member for key, member in schema.items() if key != "$ref"}}
        kept = {key: _shallow(value) for key, value in schema.items() if key != "dependentSchemas"}
        if isinstance(pattern := kept.get("pattern"), str):
            kept["pattern"] = pattern + r"(?!\n)"
        return kept
    if isinstance(schema, list):
        return [_shallow(item) for item in schema]
    return schema


def _violated(violation: Violation, schema: dict[str, Any]) -> ControlError:
    pointer, found = violation.pointer, violation.found
    *around, name = parts(pointer) or ("",)
    node = schema
    for step in around:
        node = node["properties"][step]
    where = pointer or _BODY
    message = f"{where} is {found}"
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
            suggestion = nearest(found.strip('"'), node["properties"][name]["enum"])
    return ControlError(400, message, pointer=pointer, expected=expected, suggestion=suggestion)


def config_from(config: ServerConfig, body: Mapping[str, Any]) -> ServerConfig:
    """The config with the settings that a body names. Raises ControlError."""
    names = ("edition", "token", "cors", "with_download")
    found: dict[str, Any] = {name: body[name] for name in names if name in body}
    if "timeline" in body:
        with refused_at("/timeline"):
            found["timeline"] = timeline_from(body["timeline"], body.get("name", "inline"))
    elif "name" in body:
        found["timeline"] = _named(body["name"])
    if "clock" in body:
        clock = body["clock"]
        step = whole(clock["step"]) if "step" in clock else None
        found |= {"clock": clock["kind"], "speed": clock.get("speed"), "step": step}
    try:
        return config.changed(**found)
    except BadSetting as error:
        where = "/clock" if error.setting in ("speed", "step") else ""
        pointer = f"{where}/{error.setting}"
        raise ControlError(422, str(error), pointer=pointer, expected=error.expected) from None


def whole(number: Any) -> Any:
    """What JSON Schema takes for an integer, such as 5.0, as one; text stays text."""
    return int(number) if isinstance(number, float) else number


def _named(name: str) -> Timeline:
    try:
        return load(find_named(name))
    except UnknownName:
        raise
    except MockServerError as error:  # such as a file of the user's own that is none
        message = error.summary if isinstance(error, SourceError) else str(error)
        raise ControlError(422, message, pointer="/name") from None


@contextmanager
def refused_at(pointer: str) -> Iterator[None]:
    """What is read in the block stands there in the body. ControlError for what cannot be had."""
    try:
        yield
    except SourceError as error:
        raise ControlError(
            422,
            error.problem,
            pointer=pointer + getattr(error, "pointer", ""),
            expected=error.expected,
            suggestion=error.suggestion,
        ) from None
