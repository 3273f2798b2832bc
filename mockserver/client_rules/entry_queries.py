"""What an entry of the journal asked for, and what its reply told the client."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeVar
from urllib.parse import unquote

from mockserver import contract, resources
from mockserver.api.operation import Operation, segments
from mockserver.api.operations import DOWNLOAD, JOB_STATUS, about
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.documents import json_text
from mockserver.documents.text import clipped
from mockserver.errors import JsonTextError, visible
from mockserver.findings.finding import Finding
from mockserver.findings.rule import Rule
from mockserver.timeline.model import JobState

_Key = TypeVar("_Key")

_READS = ("GET", "HEAD")
_SHOWN = 80


@cache
def documented_operations() -> dict[str, Operation]:
    """The operations of all editions by id, each as the newest one that has it says."""
    found: dict[str, Operation] = {}
    for name in resources.edition_names():
        found |= contract.edition(name).operations
    return found


@cache
def request_members() -> tuple[str, ...]:
    """The members that the body of a request for a model may have (D)."""
    editions = [contract.edition(name) for name in reversed(resources.edition_names())]
    operations = (edition.operations.get(DOWNLOAD.id) for edition in editions)
    schemas = next((operation.schemas for operation in operations if operation), {})
    return tuple(schemas.get("request", {}).get("properties", ()))


def polled_id(entry: JournalEntry) -> str | None:
    """The id that a status request asks for; "" for none where one belongs, None for others."""
    if entry.method not in _READS:
        return None
    if about(entry.operation) == "job" and entry.job_id is not None:
        return entry.job_id
    path = "/" + entry.path.lstrip("/")
    if not path.startswith(f"{JOB_STATUS.stem}/"):
        return None
    rest = path.removeprefix(f"{JOB_STATUS.stem}/")
    if rest.startswith("/") and rest.strip("/"):
        return None  # an empty segment makes another path of it
    return unquote(rest).strip("/")


def asks_for_list(entry: JournalEntry) -> bool:
    """Whether the list of jobs is asked for, and is there."""
    return about(entry.operation) == "jobs" and polled_id(entry) is None


def asks_for_model(entry: JournalEntry) -> bool:
    """Whether it is a request for a model, whatever the edition."""
    is_there = segments(entry.path) == segments(DOWNLOAD.path)
    return about(entry.operation) == "model" or (entry.method == "POST" and is_there)


def is_path_of_fault(entry: JournalEntry) -> bool:
    """Whether a fault answers this very path on purpose."""
    return entry.fault is not None and None not in (entry.fault.path, entry.fault.reply)


def is_answered(entry: JournalEntry) -> bool:
    """Whether the client has surely got the whole reply, and in time."""
    fault = entry.fault
    if entry.reply is None or entry.took_s is None:
        return False
    return fault is None or not fault.hinders


def json_of(body: bytes) -> Any:
    """What the JSON says; None when it is none."""
    try:
        return json_text.loads(body)
    except JsonTextError:
        return None


def body_key(entry: JournalEntry) -> str | bytes:
    """The request's body, the same for the same JSON however it is written."""
    body = entry.request.body
    data = json_of(body.start) if body.start and body.is_whole else None
    return body.start if data is None else json.dumps(data, sort_keys=True)


def replied(entry: JournalEntry, name: str) -> Any:
    """A member of the reply's object; None when the client may not have got it."""
    if entry.reply is None or not is_answered(entry) or not entry.reply.body.is_whole:
        return None
    data = json_of(entry.reply.body.start)
    return data.get(name) if isinstance(data, dict) else None


def job_state(entry: JournalEntry, job_id: str) -> JobState | None:
    """The state of the job that the reply was made of, though a fault may have spoilt it."""
    return next((state for state in entry.states if state.job_id == job_id), None)


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


def ids_given(entries: Iterable[JournalEntry]) -> Iterator[str]:
    """The ids of jobs that replies gave, spoilt ones too."""
    for entry in entries:
        if about(entry.operation) == "model" and entry.job_id:
            yield entry.job_id
        yield from (state.job_id for state in entry.states)
        changed = [state.overrides.values.get("job_id") for state in entry.states]
        yield from (str(id_) for id_ in changed if id_ is not None)
        if entry.reply is not None and entry.fault is not None and asks_for_model(entry):
            data = json_of(entry.reply.body.start)
            given = data.get("job_id") if isinstance(data, dict) else None
            if given not in (None, ""):
                yield str(given)


def polls_by_job(entries: Iterable[JournalEntry]) -> dict[str | None, list[JournalEntry]]:
    """The polls of each job, and of the list (None), with the requests for models among them.

    Nobody knows which job a request was to begin whose reply got lost: it is among all polls. Any
    other that was given no id has begun none.
    """
    polls: dict[str | None, list[JournalEntry]] = {}
    requests: dict[str | None, list[JournalEntry]] = {}
    unclear: list[JournalEntry] = []
    for entry in entries:
        if asks_for_model(entry):
            if not is_answered(entry):
                unclear.append(entry)
            elif job_id := entry.job_id or replied(entry, "job_id"):
                requests.setdefault(str(job_id), []).append(entry)
        elif asks_for_list(entry):
            polls.setdefault(None, []).append(entry)
        elif job_id := polled_id(entry):
            polls.setdefault(job_id, []).append(entry)
    requests[None] = [entry for group in requests.values() for entry in group]
    return {
        job_id: sorted([*group, *requests.get(job_id, ()), *unclear], key=lambda each: each.number)
        for job_id, group in polls.items()
    }


def finding(rule: Rule, message: str, entries: Entries, job_id: str | None = None) -> Finding:
    """The rule, broken by these entries."""
    numbers = tuple(entry.number for entry in entries)
    return Finding(rule, message, numbers=numbers, job_id=job_id)


def grouped(pairs: Iterable[tuple[_Key, JournalEntry]]) -> dict[_Key, list[JournalEntry]]:
    """The entries of each key, in their order."""
    groups: dict[_Key, list[JournalEntry]] = {}
    for key, entry in pairs:
        groups.setdefault(key, []).append(entry)
    return groups


def times(number: int) -> str:
    """`once`, `twice`, `37 times`."""
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def quoted(text: str) -> str:
    """Somebody else's text in a sentence: short, on one line."""
    return clipped(visible(text), _SHOWN)


def is_like_an_id(text: str) -> bool:
    """Whether the text has the form of the ids that the server makes (D)."""
    return re.fullmatch(r"job_[0-9a-f]{10}", text) is not None
