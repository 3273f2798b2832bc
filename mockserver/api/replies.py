"""Replies as LM Studio writes them: how their JSON is laid out, and errors as objects."""

import json
from typing import Any

JSON_TYPE = "application/json; charset=utf-8"


def written(data: Any, *, pretty: bool = False) -> str:
    """JSON as Express writes it: compact (G), or over several lines, as replies to POST are (O)."""
    indent, separators = (2, None) if pretty else (None, (",", ":"))
    return json.dumps(data, ensure_ascii=False, indent=indent, separators=separators)


def error_object(type_: str, message: str, **facts: str) -> dict[str, Any]:
    """`{"error": {"type", "message", "code"?, "param"?}}` (D for events, G for REST)."""
    return {"error": {"type": type_, "message": message, **facts}}


def job_not_found(job_id: str) -> dict[str, Any]:
    """The body of the 404 for an id that is unknown, or not known yet (G)."""
    return error_object("job_not_found", f"Download job '{job_id}' not found")
