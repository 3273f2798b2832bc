"""For each rule, the least that a server does to break it, and the finding that it makes.

>>> from mockserver.server_rules.examples import example
>>> example("bytes-never-fall").found
'300'
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from mockserver.findings.finding import Finding
from mockserver.http.exchange import Exchange, Failure, FailureKind
from mockserver.http.message import Body, Headers, Request, Response
from mockserver.server_rules.inspector import Inspector
from mockserver.server_rules.observation import Observation

__all__ = ["EXAMPLES", "EXAMPLE_EDITION", "example"]

Lie: TypeAlias = tuple[Observation, ...]

EXAMPLE_EDITION = "2025-10"
_POST_EDITION = "2026-01"

_API = "/api/v1/models/download"
_ID = "job_493c7c9ded"
_START_MS = 1_759_505_603_496
_STARTED = "2025-10-03T15:33:23.496Z"
_ETA = "2025-10-03T15:34:23.496Z"
_DONE = "2025-10-03T15:43:12.102Z"
_LATER = "2025-10-03T16:43:12.102Z"
_JSON = (("Content-Type", "application/json"),)
_TARGETS = {"job_status": f"{_API}/status/{_ID}", "list_status": f"{_API}/status"}
_UNEXPECTED = "Unexpected endpoint or method. (GET {})"


_TROUBLES: dict[FailureKind, str] = {
    "refused": "nobody listens at 127.0.0.1:1234",
    "timeout": "no reply within 10 seconds",
    "broken-off": "the connection ended after 120 of 204 bytes",
    "too-large": "the body is larger than 16 MiB",
    "bad-http": "the reply does not begin with HTTP/1.1",
    "bad-encoding": "the body is not gzip, as Content-Encoding says",
}


def _seen(
    body: object,
    operation: str | None = "job_status",
    *,
    status: int | None = 200,
    headers: tuple[tuple[str, str], ...] = _JSON,
    target: str = "",
    trouble: FailureKind | None = None,
    after_s: int = 0,
) -> Observation:
    """One exchange, with what was sent as the body or as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Observation(
        Exchange(
            number=after_s + 1,
            request=Request(
                "POST" if operation == "download" else "GET",
                target or _TARGETS.get(operation or "", _API),
            ),
            response=None
            if status is None
            else Response(status, Headers(headers), Body(data, len(data))),
            failure=None if trouble is None else Failure(trouble, _TROUBLES[trouble]),
        ),
        at_ms=_START_MS + after_s * 1000,
        operation=operation,
        job_id=_ID if operation == "job_status" else None,
    )


def _job(status: Any = "paused", **members: Any) -> dict[str, Any]:
    """A job; its members replaced, or left out where they are `...`."""
    job = {
        "job_id": _ID,
        "status": status,
        "total_size_bytes": 1000,
        "downloaded_bytes": 1000 if status == "completed" else 400,
        "started_at": _STARTED,
    }
    if status == "downloading":
        job |= {"bytes_per_second": 10.5, "estimated_completion": _ETA}
    if status == "completed":
        job["completed_at"] = _DONE
    return {name: value for name, value in {**job, **members}.items() if value is not ...}


def _list(*jobs: Mapping[str, Any], **lists: Any) -> dict[str, Any]:
    """The list with these jobs, each where its status says."""
    names = ("downloading", "completed", "failed", "paused")
    return {name: [job for job in jobs if job["status"] == name] for name in names} | lists


def _one(status: Any = "paused", **members: Any) -> Lie:
    return (_seen(_job(status, **members)),)


def _polls(*jobs: Mapping[str, Any], every_s: int = 2) -> Lie:
    return tuple(_seen(job, after_s=number * every_s) for number, job in enumerate(jobs))


def _text(text: bytes) -> Lie:
    return (_seen(text),)


def _broken(kind: FailureKind) -> Lie:
    return (_seen(b"", status=None, trouble=kind),)


def _error(status: int, error: object, operation: str | None = "job_status", at: str = "") -> Lie:
    return (_seen({"error": error}, operation, status=status, target=at),)


def _unexpected(status: int, path: str, operation: str | None = "job_status") -> Lie:
    return _error(status, _UNEXPECTED.format(path), operation, path)


_JOB_TEXT = json.dumps(_job()).encode()

EXAMPLES: Mapping[str, Lie] = MappingProxyType(
    {
        # Situations
        "old-server": _unexpected(200, _TARGETS["job_status"]),
        "wrong-base-url": _unexpected(200, "/v1" + _TARGETS["job_status"]),
        "another-server": (_seen({"detail": "Not Found"}, status=404),),
        "html-page": (_seen(b"<!doctype html><title>502</title>", status=502),),
        "token-refused": _error(401, {"type": "invalid_request", "code": "invalid_api_key"}),
        "list-missing": _unexpected(404, _TARGETS["list_status"], "list_status"),
        "operation-missing": _unexpected(404, _TARGETS["job_status"]),
        "unknown-path-200": _unexpected(200, "/download-status", None),
        # HTTP
        "no-reply": _broken("refused"),
        "timeout": _broken("timeout"),
        "broken-off": _broken("broken-off"),
        "too-large": _broken("too-large"),
        "bad-http": _broken("bad-http"),
        "bad-encoding": _broken("bad-encoding"),
        "redirect": (_seen(b"", status=301, headers=(("Location", "https://127.0.0.1/"),)),),
        "status-code": _error(500, {"type": "internal_error", "message": "no disk"}),
        "content-type": (_seen(_job(), headers=(("Content-Type", "text/plain"),)),),
        "error-in-200": _error(200, {"type": "internal_error", "message": "no disk"}),
        "error-shape": _error(404, ["no such job"]),
        "unknown-path-status": _unexpected(200, "/api/v1/x", None),
        # JSON
        "json:empty": _text(b""),
        "json:bom": _text(b"\xef\xbb\xbf" + _JOB_TEXT),
        "json:encoding": _text(_JOB_TEXT.replace(b"paused", b"paus\xe9")),
        "json:syntax": _text(_JOB_TEXT[:-20]),
        "json:trailing": _text(_JOB_TEXT + b"{}"),
        "json:duplicate-key": _text(_JOB_TEXT[:-1] + b', "status": "failed"}'),
        "json:non-finite": _text(_JOB_TEXT.replace(b"400", b"NaN")),
        "json:depth": _text(b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}"),
        "json:number": _text(_JOB_TEXT.replace(b"1000", b"1" * 2000)),
        "json:surrogate": _text(_JOB_TEXT.replace(b"paused", rb"\ud83d")),
        # The tables
        "required": _one(status=...),
        "absent": _one("paused", bytes_per_second=10.5),
        "type": _one(total_size_bytes="1000"),
        "const": (_seen(_list(paused=[_job("failed")]), "list_status"),),
        "enum": _one(status=7),
        "format": _one(started_at="yesterday"),
        "unknown-field": _one(progress=40),
        "unknown-value": _one(status="queued"),
        # One reply
        "bytes-within-total": _one(downloaded_bytes=1200),
        "completed-is-whole": _one("completed", downloaded_bytes=999),
        "negative-number": _one(downloaded_bytes=-1),
        "whole-bytes": _one(downloaded_bytes=400.5),
        "times-in-order": _one("completed", completed_at="2025-10-03T15:33:22.000Z"),
        "time-in-utc": _one(started_at="2025-10-03T17:33:23.496+02:00"),
        "time-style": _one(started_at=_STARTED.lower()),
        "time-fraction": _one(started_at="2025-10-03T15:33:23.496123Z"),
        "job-listed-twice": (_seen(_list(_job(), _job("failed")), "list_status"),),
        "already-downloaded-alone": (
            _seen({"status": "already_downloaded", "model": "ibm/granite"}, "download"),
        ),
        "id-is-constant": _one(job_id="job_0000000000"),
        "id-is-empty": (_seen(_list(_job(job_id="")), "list_status"),),
        "time-in-future": (
            _seen(
                _job(started_at="2031-01-01T00:00:00.000Z"),
                headers=(*_JSON, ("Date", "Fri, 03 Oct 2025 15:34:00 GMT")),
            ),
        ),
        "eta-in-past": (
            _seen(
                _job("downloading"),
                headers=(*_JSON, ("Date", "Sat, 04 Oct 2025 17:00:00 GMT")),
            ),
        ),
        "eta-absurd": _one("downloading", estimated_completion="2031-01-01T00:00:00.000Z"),
        # One job over time
        "completed-stays": _polls(_job("completed"), _job("downloading")),
        "legal-transition": _polls(_job("failed"), _job("paused")),
        "bytes-never-fall": _polls(_job(), _job(downloaded_bytes=300)),
        "total-is-constant": _polls(_job(), _job(total_size_bytes=2000)),
        "start-is-constant": _polls(_job(), _job(started_at=_ETA)),
        "completed-at-constant": _polls(_job("completed"), _job("completed", completed_at=_LATER)),
        "list-and-job-agree": (
            _seen(_job("completed")),
            _seen(_list(_job("downloading")), "list_status", after_s=2),
        ),
        "forgotten-job": (
            _seen(_job()),
            _seen({"error": {"type": "job_not_found", "message": "gone"}}, status=404, after_s=2),
        ),
        "stalled": _polls(*(_job("downloading"),) * 3, every_s=40),
        "never-completed": _polls(*(_job("downloading", downloaded_bytes=1000),) * 3, every_s=40),
    }
)
"""By the rule's id. Those without one say what no bundled page demands."""


def example(rule: str) -> Finding | None:
    """The finding that the rule's example makes; None where there is no example."""
    lie = EXAMPLES.get(rule, ())
    is_asked_for = any(one.operation == "download" for one in lie)
    inspector = Inspector(_POST_EDITION if is_asked_for else EXAMPLE_EDITION)
    for seen in lie:
        inspector.see(seen)
    return next((one for one in inspector.findings if one.rule.id == rule), None)
