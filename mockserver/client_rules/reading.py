"""What a request asked for, and what its reply told the client."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any
from urllib.parse import unquote

from mockserver import contract, resources
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.contract import CompiledOperation
from mockserver.documents import json_text
from mockserver.documents.text import clipped
from mockserver.errors import JsonTextError, visible
from mockserver.timeline.model import JobState

__all__ = [
    "STATUS_PATH",
    "asks_for_model",
    "body_key",
    "came_after",
    "documented",
    "ids_given",
    "is_answered",
    "is_like_an_id",
    "is_list",
    "is_made_up_path",
    "json_of",
    "lost_the_oldest",
    "matches",
    "member",
    "polled_id",
    "quoted",
    "reported_status",
    "segments",
    "shown",
    "times",
]

STATUS_PATH = "/api/v1/models/download/status"
_DOWNLOAD_PATH = "/api/v1/models/download"
_READS = ("GET", "HEAD")
_SHOWN = 80


@cache
def documented() -> dict[str, CompiledOperation]:
    """The operations of all editions by id, each as the newest one that has it says."""
    found: dict[str, CompiledOperation] = {}
    for name in resources.edition_names():
        found |= contract.edition(name).operations
    return found


def segments(path: str) -> tuple[str, ...]:
    """The segments of a path, decoded; slashes at both ends are no part of it."""
    return tuple(unquote(one) for one in path.strip("/").split("/") if one)


def matches(operation: CompiledOperation, path: str) -> bool:
    """Whether the path is the operation's, with one segment for each parameter."""
    wanted = segments(operation.path)
    found = segments(path)
    if "//" in path.strip("/"):
        return False
    return len(wanted) == len(found) and all(
        one.startswith(":") or one == other for one, other in zip(wanted, found, strict=True)
    )


def polled_id(exchange: JournalEntry) -> str | None:
    """The id that a status request asks for; "" for none where one belongs, None for others."""
    if exchange.method not in _READS:
        return None
    if exchange.operation == "job_status" and exchange.job_id is not None:
        return exchange.job_id
    path = "/" + exchange.path.lstrip("/")
    if not path.startswith(f"{STATUS_PATH}/"):
        return None
    rest = path.removeprefix(f"{STATUS_PATH}/")
    if rest.startswith("/") and rest.strip("/"):
        return None  # an empty segment makes another path of it
    return unquote(rest).strip("/")


def is_list(exchange: JournalEntry) -> bool:
    """Whether the list of jobs is asked for, and is there."""
    return exchange.operation == "list_status" and polled_id(exchange) is None


def asks_for_model(exchange: JournalEntry) -> bool:
    """Whether it is a request for a model, whatever the edition."""
    is_there = segments(exchange.path) == segments(_DOWNLOAD_PATH)
    return exchange.operation == "download" or (exchange.method == "POST" and is_there)


def is_made_up_path(exchange: JournalEntry) -> bool:
    """Whether a fault answers this very path on purpose."""
    return exchange.fault is not None and None not in (exchange.fault.path, exchange.fault.reply)


def is_answered(exchange: JournalEntry) -> bool:
    """Whether the client has surely got the whole reply, and in time."""
    fault = exchange.fault
    if exchange.reply is None or exchange.took_s is None:
        return False
    return fault is None or not (
        fault.disconnect is not None
        or fault.truncate is not None
        or fault.content_length is not None
        or fault.drip_ms
        or fault.delay_ms
    )


def json_of(body: bytes) -> Any:
    """What the JSON says; None when it is none."""
    try:
        return json_text.loads(body)
    except JsonTextError:
        return None


def body_key(exchange: JournalEntry) -> str | bytes:
    """The request's body, the same for the same JSON however it is written."""
    body = exchange.request.body
    data = json_of(body.start) if body.start and body.is_whole else None
    return body.start if data is None else json.dumps(data, sort_keys=True)


def member(exchange: JournalEntry, name: str) -> Any:
    """A member of the reply's object; None when the client may not have got it."""
    if exchange.reply is None or not is_answered(exchange) or not exchange.reply.body.is_whole:
        return None
    data = json_of(exchange.reply.body.start)
    return data.get(name) if isinstance(data, dict) else None


def shown(exchange: JournalEntry, job_id: str) -> JobState | None:
    """The state of the job that the reply was made of, though a fault may have spoilt it."""
    return next((one for one in exchange.states if one.job_id == job_id), None)


def reported_status(state: JobState) -> Any:
    """The status as the reply has it, which a report may change or leave out."""
    if "status" in state.overrides.without:
        return None
    return state.overrides.values.get("status", state.status)


def came_after(later: JournalEntry, earlier: JournalEntry) -> bool:
    """Whether the client may have known the earlier reply when it sent the later request."""
    if later.number <= earlier.number or earlier.took_s is None:
        return False
    if not later.received_s:
        return later.took_s is not None
    return later.received_s >= earlier.received_s + earlier.took_s


def ids_given(exchanges: Iterable[JournalEntry]) -> Iterator[str]:
    """The ids of jobs that replies gave, spoilt ones too."""
    for one in exchanges:
        if one.operation == "download" and one.job_id:
            yield one.job_id
        yield from (state.job_id for state in one.states)
        changed = [state.overrides.values.get("job_id") for state in one.states]
        yield from (str(id_) for id_ in changed if id_ is not None)
        if one.reply is not None and one.fault is not None and asks_for_model(one):
            data = json_of(one.reply.body.start)
            given = data.get("job_id") if isinstance(data, dict) else None
            if given not in (None, ""):
                yield str(given)


def lost_the_oldest(exchanges: Sequence[JournalEntry]) -> bool:
    """Whether there were exchanges before these."""
    return bool(exchanges) and exchanges[0].number > 1


def times(number: int) -> str:
    """`once`, `twice`, `37 times`."""
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def quoted(text: str) -> str:
    """Somebody else's text in a sentence: short, on one line."""
    return clipped(visible(text), _SHOWN)


def is_like_an_id(text: str) -> bool:
    """Whether the text has the form of the ids that the server makes (D)."""
    return re.fullmatch(r"job_[0-9a-f]{10}", text) is not None
