"""The mock's own journal, as `GET /_mock/journal` gives it, read entry by entry."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from mockserver.server_rules.observation import Headers, Seen, Trouble
from mockserver.server_rules.recorded import Came, Request, Value

__all__ = ["dropped", "is_journal", "read_entry", "requests"]

_MEMBERS = {"requests", "dropped", "entries"}
_MOST = 2**53


def is_journal(payload: object) -> bool:
    """Whether it is meant to be a journal, right or not."""
    return isinstance(payload, dict) and payload.keys() >= _MEMBERS


def dropped(payload: Any, file: str) -> int:
    """How many older requests the journal had let go of."""
    return Value(payload, file).member("dropped").integer(0, _MOST)


def requests(payload: Any, file: str) -> Iterator[Request]:
    """The requests, oldest first; TrafficError for the first that cannot be read."""
    for entry in Value(payload, file).member("entries").items():
        yield Request(
            entry.member("number").integer(1, _MOST),
            entry.member("method").text(),
            "",
            entry.member("path").text(),
            entry.member("query").text(),
            entry,
        )


def read_entry(request: Request, operation: str, job_id: str | None) -> Came:
    """What came back; TrafficError when the entry does not have the form of one.

    Times are those of the session's clock. A journal has no credentials.
    """
    entry = request.entry
    received_ms = entry.member("received_at").instant_ms()
    replied_at, reply = entry.member("replied_at"), entry.member("reply")
    if not replied_at.is_given and not entry.member("took_ms").is_given:
        return "under-way"
    at_ms = replied_at.instant_ms() if replied_at.is_given else received_ms
    status: int | None = None
    headers: Headers = ()
    body = b""
    trouble: Trouble | None = Trouble("broken-off", "the connection ended before a reply")
    if reply.is_given:
        status, trouble = reply.member("status").integer(100, 999), None
        headers = _headers(reply.member("headers"))
        if reply.member("body").member("truncated").flag():
            return "cut-off"
        body = _body(reply.member("body"))
    return Seen(
        number=request.number,
        at_ms=at_ms,
        method=request.method,
        target=request.path + (f"?{request.query}" if request.query else ""),
        operation=operation,
        job_id=job_id,
        status=status,
        headers=headers,
        body=body,
        trouble=trouble,
        took_s=max(0, at_ms - received_ms) / 1000,
    )


def _headers(headers: Value) -> Headers:
    found = []
    for one in headers.items():
        pair = [item.text() for item in one.items()]
        if len(pair) != 2:
            raise one.wrong("a name and a value", f"{len(pair)} items")
        found.append((pair[0], pair[1]))
    return tuple(found)


def _body(body: Value) -> bytes:
    encoded = body.member("base64")
    if not encoded.is_given:
        return body.member("text").text().encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(encoded.text(), validate=True)
    except ValueError:
        raise encoded.wrong("base64", "text that is none") from None
