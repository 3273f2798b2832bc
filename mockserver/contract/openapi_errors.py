"""Refusals in OpenAPI: no page documents them, so that each says how it is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from mockserver.contract.openapi_parts import response
from mockserver.pages.operation import PageOperation

__all__ = ["ERROR", "refusals"]

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


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    description: str
    provenance: Literal["observed", "guessed"]
    error: dict[str, str] | str

    def as_dict(self) -> dict[str, Any]:
        example = {"value": {"error": self.error}}
        made = response(self.description, "Error", examples={"refused": example})
        return {**made, "x-provenance": self.provenance}


def refusals(operation: PageOperation, path: str) -> dict[str, Any]:
    """The responses to a request that is refused, by status; `path` has parameters in braces."""
    found = sorted(_refusals(operation, path), key=lambda one: one.status)
    return {str(one.status): one.as_dict() for one in found}


def _refusals(operation: PageOperation, path: str) -> Iterator[_Refusal]:
    yield _Refusal(
        401,
        "The server demands a token, and this is none, or a wrong one.",
        "observed",
        {
            "type": "invalid_request",
            "code": "invalid_api_key",
            "message": "A valid API token is required.",
        },
    )
    yield _not_found(operation, path)
    if "request" in operation.parts:
        yield from _of_body()
    elif "{" in path:
        message = "Failed to decode the path"
        yield _Refusal(
            400,
            "The path has a malformed escape.",
            "guessed",
            {"type": "invalid_request", "message": message},
        )


def _not_found(operation: PageOperation, path: str) -> _Refusal:
    if operation.id == "download":
        error = {
            "type": "model_not_found",
            "message": "Model 'no/such-model' not found",
            "param": "model",
        }
        return _Refusal(404, "There is no such model.", "guessed", error)
    if operation.id == "job_status":
        error = {"type": "job_not_found", "message": "Download job 'job_0000000000' not found"}
        return _Refusal(404, "There is no such job, or no longer.", "guessed", error)
    sentence = f"Unexpected endpoint or method. ({operation.method} {path})"
    return _Refusal(404, "The server does not have this operation.", "observed", sentence)


def _of_body() -> Iterator[_Refusal]:
    type_ = "invalid_request"
    yield _Refusal(
        400,
        "The body is no JSON object, lacks a member, or has one that is wrong or not known.",
        "guessed",
        {
            "type": type_,
            "message": "'model' is required",
            "code": "missing_required_parameter",
            "param": "model",
        },
    )
    yield _Refusal(
        413, "The body is too large.", "guessed", {"type": type_, "message": "Too large"}
    )
    message = "No Content-Type: send application/json"
    yield _Refusal(
        415, "The body is not declared as JSON.", "guessed", {"type": type_, "message": message}
    )
