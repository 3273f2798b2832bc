"""Recorded traffic as browsers write it, made of replies: HAR files for tests."""

import json
from typing import Any

from mockserver.documents import rfc3339

BASE = "http://127.0.0.1:1234"
STATUS = "/api/v1/models/download/status"
JOB = "job_493c7c9ded"
BEGAN_MS = 1_759_505_603_496
"""2025-10-03T15:33:23.496Z"""

_TOTAL = 2_279_145_003


def job(status: str = "paused", downloaded_bytes: Any = 1_000, **more: Any) -> dict[str, Any]:
    """A job as a reply has it."""
    return {
        "job_id": JOB,
        "status": status,
        "total_size_bytes": _TOTAL,
        "downloaded_bytes": downloaded_bytes,
        "started_at": "2025-10-03T15:33:23.496Z",
        **more,
    }


def entry(
    path: str = f"{STATUS}/{JOB}",
    payload: Any = None,
    *,
    method: str = "GET",
    base: str = BASE,
    at_ms: int = BEGAN_MS,
    status: int = 200,
    content: dict[str, Any] | None = None,
    sent: dict[str, str] | None = None,
    received: dict[str, str] | None = None,
    **of_response: Any,
) -> dict[str, Any]:
    """One exchange, of 12.5 ms; `payload` is the reply's JSON, `content` replaces that."""
    text = json.dumps(job() if payload is None else payload)
    type_ = "application/json; charset=utf-8"
    headers = {"Content-Type": type_, **(received or {})}
    return {
        "_resourceType": "fetch",
        "startedDateTime": rfc3339.from_milliseconds(at_ms),
        "time": 12.5,
        "request": {
            "method": method,
            "url": base + path,
            "httpVersion": "HTTP/1.1",
            "headers": _headers({"Host": "127.0.0.1:1234", **(sent or {})}),
            "queryString": [],
            "cookies": [],
            "headersSize": 120,
            "bodySize": 0,
        },
        "response": {
            "status": status,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": _headers(headers if status else {}),
            "cookies": [],
            "content": content or {"size": len(text), "mimeType": type_, "text": text},
            "redirectURL": "",
            "headersSize": 200,
            "bodySize": len(text),
            "_error": None,
            **of_response,
        },
        "cache": {},
        "timings": {"send": 0.5, "wait": 10, "receive": 2},
    }


def polls(*jobs: dict[str, Any], every_ms: int = 1_000, **more: Any) -> list[dict[str, Any]]:
    """One job as poll after poll showed it."""
    return [
        entry(payload=shown, at_ms=BEGAN_MS + index * every_ms, **more)
        for index, shown in enumerate(jobs)
    ]


def har(*entries: dict[str, Any]) -> dict[str, Any]:
    """A whole file, as data."""
    creator = {"name": "WebInspector", "version": "537.36"}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": list(entries)}}


def _headers(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]
