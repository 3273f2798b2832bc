"""The body of a request for a model: what it asks for, or LM Studio's objection to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.http import parse_options_header

from mockserver import contract
from mockserver.contract import Violation
from mockserver.documents import json_text
from mockserver.errors import JsonTextError
from mockserver.server.replies import error_object
from mockserver.timeline.download_request import has_model
from mockserver.timeline.model import Timeline

__all__ = ["Objection", "Wanted", "read"]

_SEGMENT = r"(?!\.\.?(?:/|$))[\w.+@:~-]+"
_PLAUSIBLE = re.compile(rf"{_SEGMENT}(/{_SEGMENT})*/?|https?://[\w.-]+(:[0-9]+)?(/{_SEGMENT})+/?")
"""A catalogue name such as `ibm/granite-4-micro`, or the address of a repository."""

_SHOWN = 200
"""Characters of the client's own text that an objection repeats."""

_TYPE_NAMES = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model, and which quantization of it if that was said."""

    model: str
    quantization: str | None


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a request is refused: HTTP status and JSON data."""

    status: int
    payload: Mapping[str, Any]


def read(body: bytes, content_type: str, edition: str, timeline: Timeline) -> Wanted | Objection:
    """What a POST asks for. The body is held to the edition's request table (D).

    The shapes of the objections are G for REST; that members which are not documented are refused,
    in these words, is O. Any name that could be a model's is one; a name that could not must be in
    the timeline.
    """
    if problem := _kind_problem(content_type):
        return Objection(415, error_object("invalid_request", problem))
    try:
        data = json_text.loads(body)
    except JsonTextError as error:
        message = f"The request body is not valid JSON: {error.problem}"
        return Objection(400, error_object("invalid_request", message))
    if not isinstance(data, dict):
        message = f"Expected object, received {_TYPE_NAMES[type(data)]}"
        return Objection(400, error_object("invalid_request", message))
    return _objection(data, edition, timeline) or _wanted(data)


def _kind_problem(content_type: str) -> str | None:
    """Why the body is not read, if it is not: it must be JSON, which is UTF-8 (G)."""
    kind, options = parse_options_header(content_type)
    if kind.lower() != "application/json":
        found = f"Unsupported media type {kind[:_SHOWN]!r}" if kind else "No Content-Type"
        return f"{found}: send application/json"
    charset = options.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        return f"Unsupported charset {charset[:_SHOWN]!r}: send JSON in UTF-8"
    return None


def _wanted(data: dict[str, Any]) -> Wanted:
    return Wanted(data["model"], data.get("quantization"))


def _objection(data: dict[str, Any], edition: str, timeline: Timeline) -> Objection | None:
    check = contract.validator("download", edition, "request")
    found = sorted(check.violations(data), key=lambda one: one.rule != "required")
    if found:
        return Objection(400, _violated(found[0], data))
    known = check.schema["properties"]
    if strange := ", ".join(repr(key) for key in data if key not in known):
        message = f"Unrecognized key(s) in object: {strange[: 5 * _SHOWN]}"
        return Objection(400, error_object("invalid_request", message))
    model = data["model"]
    if not _PLAUSIBLE.fullmatch(model) and not has_model(timeline, model):
        message = f"Model '{model[:_SHOWN]}' not found"
        return Objection(404, error_object("model_not_found", message, param="model"))
    return None


def _violated(violation: Violation, data: dict[str, Any]) -> dict[str, Any]:
    name = violation.pointer.removeprefix("/")
    if violation.rule == "required":
        code = "missing_required_parameter"
        return error_object("invalid_request", f"'{name}' is required", code=code, param=name)
    found = _TYPE_NAMES[type(data[name])]
    message = f"'{name}': expected {violation.expected}, received {found}"
    return error_object("invalid_request", message, param=name)
