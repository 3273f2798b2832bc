"""Faults that answer polls as a server did where its reply showed no job."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.documents import json_text
from mockserver.documents.units import duration_text
from mockserver.errors import JsonTextError
from mockserver.http.message import Headers
from mockserver.timeline.polls import RecordedPoll, job_in

__all__ = ["infer_faults"]

_LONGEST_MS = 24 * 3_600_000
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LEFT_OUT = frozenset(
    (
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"),
        *("content-encoding", "content-length", "transfer-encoding", "date", "server"),
    )
)
"""Headers that are about the connection or the coding, or that each server sets by itself."""


def infer_faults(
    polls: Sequence[RecordedPoll], path: str, epoch_ms: int, usual_404: object, *, is_alone: bool
) -> Iterator[dict[str, Any]]:
    """A fault for each stretch of time in which the reply was none that a step gives.

    All polls are to this path. `usual_404` is what a mock answers by itself when it knows no job;
    `is_alone`: no other job is polled, so that connections may be refused to all.
    """
    pending: dict[str, Any] | None = None
    since_ms = 0
    for poll in polls:
        fault = _fault(poll, usual_404, is_alone=is_alone)
        if fault == pending:
            continue
        if pending is not None:
            yield _within(path, pending, since_ms - epoch_ms, poll.at_ms - since_ms)
        pending, since_ms = fault, poll.at_ms
    if pending is not None:
        yield _within(path, pending, since_ms - epoch_ms, None)


def _within(
    path: str, fault: dict[str, Any], after_ms: int, lasts_ms: int | None
) -> dict[str, Any]:
    when = {"after": duration_text(after_ms)} if after_ms else {}
    if lasts_ms is not None:
        when["for"] = duration_text(lasts_ms)
    place = {} if "refuse" in fault else {"path": path}
    return {**place, **({"when": when} if when else {}), **fault}


def _fault(poll: RecordedPoll, usual_404: object, *, is_alone: bool) -> dict[str, Any] | None:
    """What a fault does to give the same; None where the job's script does."""
    if poll.end == "refused" and is_alone:
        return {"refuse": True}
    if poll.end == "silent" and poll.status is None:
        delay_ms = min(max(1, poll.took_ms), _LONGEST_MS)
        return {"delay": duration_text(delay_ms), "disconnect": "before headers"}
    if poll.status is None or not 200 <= poll.status <= 599:
        by = {"by": "reset"} if poll.end == "refused" else {}
        return {"disconnect": {"at": "before headers", **by}}
    if poll.end != "whole":  # the client waits for more than comes
        return {"reply": _reply(poll), "content_length": "longer"}
    if job_in(poll) is not None:
        return None
    if poll.status == 404 and usual_404 is not None and _json(poll.body) == usual_404:
        return None
    return {"reply": _reply(poll)}


def _reply(poll: RecordedPoll) -> dict[str, Any]:
    reply: dict[str, Any] = {"status": poll.status}
    if headers := _headers(poll.headers):
        reply["headers"] = headers
    return reply | _body(poll)


def _headers(headers: Headers) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in headers:
        is_writable = value.isascii() and value.isprintable() and _HEADER.fullmatch(name)
        if name.lower() not in _LEFT_OUT and is_writable:
            before = next((held for held in kept if held.lower() == name.lower()), None)
            kept[before or name] = f"{kept[before]}, {value}" if before else value
    return kept


def _body(poll: RecordedPoll) -> dict[str, Any]:
    """The most readable way to write a body that gives the same bytes."""
    kind = poll.headers.get("content-type")
    data = _json(poll.body)
    if isinstance(data, dict | list) and kind is not None and _compact(data) == poll.body:
        return {"body": data}
    try:
        text = poll.body.decode()
    except UnicodeDecodeError:
        text = ""
    if text and kind is not None:
        return {"body": text}
    return {"body_base64": base64.b64encode(poll.body).decode()}


def _json(body: bytes) -> Any:
    try:
        return json_text.loads(body)
    except JsonTextError:
        return None


def _compact(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
