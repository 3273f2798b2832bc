"""Faults that answer polls as a server did where its reply showed no job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from mockserver.api.replies import written
from mockserver.documents import json_text
from mockserver.errors import JsonTextError
from mockserver.faults.effect import Effect
from mockserver.faults.fault import Fault
from mockserver.faults.message import NAME, ContentLength
from mockserver.faults.reply import Reply
from mockserver.faults.transport import LONGEST_MS, Delay, Disconnect, Refuse
from mockserver.faults.when import When
from mockserver.http.message import Headers
from mockserver.timeline.polls import RecordedPoll, job_in

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
    pending: tuple[Effect, ...] = ()
    since_ms = 0
    for poll in polls:
        effects = _effects(poll, usual_404, is_alone=is_alone)
        if effects == pending:
            continue
        if pending:
            when = When(after_ms=since_ms - epoch_ms, lasts_ms=poll.at_ms - since_ms)
            yield _fault(path, pending, when)
        pending, since_ms = effects, poll.at_ms
    if pending:
        yield _fault(path, pending, When(after_ms=since_ms - epoch_ms))


def _fault(path: str, effects: tuple[Effect, ...], when: When) -> dict[str, Any]:
    fault = Fault(effects, path=path, when=when)
    return (replace(fault, path=None) if fault.refuse else fault).data()


def _effects(poll: RecordedPoll, usual_404: object, *, is_alone: bool) -> tuple[Effect, ...]:
    """What a fault does to give the same; nothing where the job's script does."""
    if poll.end == "refused" and is_alone:
        return (Refuse(),)
    if poll.end == "silent" and poll.status is None:
        return (Delay(min(max(1, poll.took_ms), LONGEST_MS)), Disconnect())
    if poll.status is None or not 200 <= poll.status <= 599:
        return (Disconnect(by="reset" if poll.end == "refused" else "close"),)
    reply = Reply(poll.status, _headers(poll.headers), _body(poll))
    if poll.end != "whole":  # the client waits for more than comes
        return (reply, ContentLength("longer"))
    if job_in(poll) is not None:
        return ()
    if poll.status == 404 and usual_404 is not None and _json(poll.body) == usual_404:
        return ()
    return (reply,)


def _headers(headers: Headers) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in headers:
        is_writable = value.isascii() and value.isprintable() and NAME.fullmatch(name)
        if name.lower() not in _LEFT_OUT and is_writable:
            before = next((held for held in kept if held.lower() == name.lower()), None)
            kept[before or name] = f"{kept[before]}, {value}" if before else value
    return kept


def _body(poll: RecordedPoll) -> Any:
    """The most readable form of the body that gives the same bytes: data, text or bytes."""
    kind = poll.headers.get("content-type")
    data = _json(poll.body)
    if isinstance(data, dict | list) and kind is not None and written(data).encode() == poll.body:
        return data
    try:
        text = poll.body.decode()
    except UnicodeDecodeError:
        text = ""
    return text if text and kind is not None else poll.body


def _json(body: bytes) -> Any:
    try:
        return json_text.loads(body)
    except JsonTextError:
        return None
