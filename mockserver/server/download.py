"""The body of a request for a model: what it asks for, or LM Studio's objection to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver import contract, jsontext
from mockserver.contract import Violation
from mockserver.errors import JsonTextError
from mockserver.server.replies import error_object

__all__ = ["Objection", "Wanted", "read"]

_PLAUSIBLE = re.compile(r"[\w.+@:~-]+(/[\w.+@:~-]+)*/?|https?://[\w.-]+(/[\w.+@:~-]+)+/?")
"""A catalogue name such as `ibm/granite-4-micro`, or the address of a repository."""

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


def read(body: bytes, content_type: str, edition: str) -> Wanted | Objection:
    """What a POST asks for. The body is held to the edition's request table (D).

    The shapes of the objections are G for REST; that members which are not documented are refused,
    in these words, is O.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if not (kind == "application/json" or kind.endswith("+json")):
        message = f"Unsupported media type {kind!r}: send application/json"
        return Objection(415, error_object("invalid_request", message))
    try:
        data = jsontext.loads(body)
    except JsonTextError as error:
        message = f"The request body is not valid JSON: {error.problem}"
        return Objection(400, error_object("invalid_request", message))
    if not isinstance(data, dict):
        message = f"Expected object, received {_TYPE_NAMES[type(data)]}"
        return Objection(400, error_object("invalid_request", message))
    return _objection(data, edition) or _wanted(data)


def _wanted(data: dict[str, Any]) -> Wanted:
    return Wanted(data["model"], data.get("quantization"))


def _objection(data: dict[str, Any], edition: str) -> Objection | None:
    check = contract.validator("download", edition, "request")
    found = sorted(check.violations(data), key=lambda one: one.rule != "required")
    if found:
        return Objection(400, _violated(found[0], data))
    known = check.schema["properties"]
    if strange := [repr(key) for key in data if key not in known]:
        message = f"Unrecognized key(s) in object: {', '.join(strange)}"
        return Objection(400, error_object("invalid_request", message))
    if not _PLAUSIBLE.fullmatch(data["model"]):
        message = f"Model '{data['model'][:200]}' not found"
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
