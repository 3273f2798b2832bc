"""Pieces that OpenAPI 3.1 descriptions are made of, whatever they describe; and refusals.

No page documents refusals, so that each says how it is known.
"""

from __future__ import annotations

import re
from typing import Any

from mockserver.api.operation import About, Operation

OPENAPI = "3.1.0"
"""The version whose schemas are JSON Schema 2020-12."""

_TEXT = {"type": "string"}

ERROR: dict[str, Any] = {
    "title": "Error",
    "description": "An object, or for an unknown path text. The object is documented for streamed "
    "events; that REST replies have it is guessed.",
    "type": "object",
    "properties": {
        "error": {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {
                        "type": {**_TEXT, "description": "What kind of error it is."},
                        "message": {**_TEXT, "description": "What is wrong, in a sentence."},
                        "code": {**_TEXT, "description": "What is wrong, in a word."},
                        "param": {**_TEXT, "description": "Which member is wrong."},
                    },
                    "required": ["type", "message"],
                },
                _TEXT,
            ]
        }
    },
    "required": ["error"],
}


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
    if has_body:
        found = {400: _BODY, 401: _TOKEN, 413: _SIZE, 415: _MEDIA_TYPE}
    else:
        found = ({400: _ESCAPE} if operation.parameters else {}) | {401: _TOKEN}
    missing = _MISSING.get(operation.about)
    if missing is None:
        sentence = f"Unexpected endpoint or method. ({operation.method} {path})"
        missing = "The server does not have this operation.", "observed", sentence
    found[404] = missing
    return {str(status): _refusal(*found[status]) for status in sorted(found)}


def _refusal(description: str, provenance: str, error: dict[str, str] | str) -> dict[str, Any]:
    example = {"value": {"error": error}}
    made = response(description, "Error", examples={"refused": example})
    return {**made, "x-provenance": provenance}


def _invalid(message: str, **more: str) -> dict[str, str]:
    return {"type": "invalid_request", "message": message, **more}


# What is wrong, how it is known, and the error that says it.
_Refusal = tuple[str, str, dict[str, str] | str]

_TOKEN: _Refusal = (
    "The server demands a token, and this is none, or a wrong one.",
    "observed",
    {
        "type": "invalid_request",
        "code": "invalid_api_key",
        "message": "A valid API token is required.",
    },
)
_ESCAPE: _Refusal = (
    "The path has a malformed escape.",
    "guessed",
    _invalid("Failed to decode the path"),
)
_BODY: _Refusal = (
    "The body is no JSON object, lacks a member, or has one that is wrong or not known.",
    "guessed",
    _invalid("'model' is required", code="missing_required_parameter", param="model"),
)
_SIZE: _Refusal = ("The body is too large.", "guessed", _invalid("Too large"))
_MEDIA_TYPE: _Refusal = (
    "The body is not declared as JSON.",
    "guessed",
    _invalid("No Content-Type: send application/json"),
)
_MISSING: dict[About | None, _Refusal] = {
    "model": (
        "There is no such model.",
        "guessed",
        {
            "type": "model_not_found",
            "message": "Model 'no/such-model' not found",
            "param": "model",
        },
    ),
    "job": (
        "There is no such job, or no longer.",
        "guessed",
        {"type": "job_not_found", "message": "Download job 'job_0000000000' not found"},
    ),
}
