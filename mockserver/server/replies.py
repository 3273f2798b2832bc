"""Replies as LM Studio writes them: JSON, and errors in its two shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from mockserver.api.operations import is_below_prefix
from mockserver.api.replies import JSON_TYPE, written

__all__ = ["json_response", "mock_error", "unexpected"]


def json_response(status: int, data: Any, *, pretty: bool = False) -> Response:
    return Response(written(data, pretty=pretty), status, content_type=JSON_TYPE)


def unexpected(method: str, path: str) -> tuple[int, Mapping[str, Any]]:
    """The reply to what is no operation: `error` is a string, and the status depends on the path.

    404 under /api/v1, 200 anywhere else (O).
    """
    message = f"Unexpected endpoint or method. ({method} {path})"
    return 404 if is_below_prefix(path) else 200, {"error": message}


def mock_error(message: str, **facts: Any) -> dict[str, Any]:
    """An error of the mock's own: a type that nobody takes for the real server's."""
    return {"error": {"type": "mockserver_error", "message": message, **facts}}
