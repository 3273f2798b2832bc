"""Replies as LM Studio writes them: JSON, and errors in its two shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

__all__ = ["error_object", "json_response", "mock_error", "unexpected", "written"]

JSON_TYPE = "application/json; charset=utf-8"


def written(data: Any, *, pretty: bool = False) -> str:
    """JSON as Express writes it: compact (G), or over several lines, as replies to POST are (O)."""
    if pretty:
        return json.dumps(data, ensure_ascii=False, indent=2)
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def json_response(status: int, data: Any, *, pretty: bool = False) -> Response:
    return Response(written(data, pretty=pretty), status, content_type=JSON_TYPE)


def error_object(
    type_: str, message: str, *, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """`{"error": {"type", "message", "code"?, "param"?}}` (D for events, G for REST)."""
    error = {"type": type_, "message": message}
    if code is not None:
        error["code"] = code
    if param is not None:
        error["param"] = param
    return {"error": error}


def unexpected(method: str, path: str) -> tuple[int, Mapping[str, Any]]:
    """The reply to what is no operation: `error` is a string, and the status depends on the path.

    404 under /api/v1, 200 anywhere else (O).
    """
    below = path.lstrip("/")
    under_api = below == "api/v1" or below.startswith("api/v1/")
    message = f"Unexpected endpoint or method. ({method} {path})"
    return 404 if under_api else 200, {"error": message}


def mock_error(message: str, **facts: Any) -> dict[str, Any]:
    """An error of the mock's own: a type that nobody takes for the real server's."""
    return {"error": {"type": "mockserver_error", "message": message, **facts}}
