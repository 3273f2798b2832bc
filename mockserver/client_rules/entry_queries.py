"""What entries of the journal say together, and the words in which rules tell of them."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from mockserver import contract, resources
from mockserver.api.operations import DOWNLOAD, about
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.documents import json_text
from mockserver.documents.text import clipped
from mockserver.errors import visible
from mockserver.findings.finding import Finding, Rule, rules_of
from mockserver.timeline.model import JobState

_Key = TypeVar("_Key")

client_rule = rules_of("client_rules")
"""Makes a check a rule for clients."""

_SHOWN = 80


@cache
def documented_operations() -> dict[str, contract.CompiledOperation]:
    """The operations of all editions by id, each as the newest one that has it says."""
    found: dict[str, contract.CompiledOperation] = {}
    for name in resources.edition_names():
        found |= contract.edition(name).operations
    return found


@cache
def request_members() -> tuple[str, ...]:
    """The members that the body of a request for a model may have (D)."""
    schemas = documented_operations()[DOWNLOAD.id].schemas
    return tuple(schemas.get("request", {}).get("properties", ()))


def reported_status(state: JobState) -> Any:
    """The status as the reply has it, which a report may change or leave out."""
    if "status" in state.overrides.without:
        return None
    return state.overrides.values.get("status", state.status)


def known_ids(entries: Iterable[JournalEntry], context: SessionContext) -> set[str]:
    """The ids that a client can know: of the session's jobs, and what replies gave, however odd."""
    known = set(context.job_ids)
    for entry in entries:
        if about(entry.operation) == "model" and entry.job_id:
            known.add(entry.job_id)
        known |= {state.job_id for state in entry.states}
        changed = (state.overrides.values.get("job_id") for state in entry.states)
        known |= {str(id_) for id_ in changed if id_ is not None}
        if entry.reply is not None and entry.fault is not None and entry.asks_for_model:
            data = json_text.loads_or_none(entry.reply.body.start)
            given = data.get("job_id") if isinstance(data, dict) else None
            known |= {str(given)} if given not in (None, "") else set()
    return known


def polls_by_job(entries: Entries, context: SessionContext) -> dict[str | None, list[JournalEntry]]:
    """The polls of each known job, and of the list (None), with the requests for models among them.

    Nobody knows which job a request was to begin whose reply got lost: it is among all polls. Any
    other that was given no id has begun none.
    """
    known = known_ids(entries, context)
    polls: dict[str | None, list[JournalEntry]] = defaultdict(list)
    requests: dict[str | None, list[JournalEntry]] = defaultdict(list)
    unclear: list[JournalEntry] = []
    for entry in entries:
        if entry.asks_for_model:
            if not entry.is_answered:
                unclear.append(entry)
            elif job_id := entry.job_id or entry.replied("job_id"):
                for key in (str(job_id), None):
                    requests[key].append(entry)
        elif entry.asks_for_list:
            polls[None].append(entry)
        elif (job_id := entry.polled_id) and job_id in known:
            polls[job_id].append(entry)
    return {key: in_order([*group, *requests[key], *unclear]) for key, group in polls.items()}


def in_order(entries: Iterable[JournalEntry]) -> list[JournalEntry]:
    return sorted(entries, key=lambda entry: entry.number)


def finding(rule: Rule, message: str, entries: Entries, job_id: str | None = None) -> Finding:
    """The rule, broken by these entries."""
    return Finding(rule, message, numbers=tuple(entry.number for entry in entries), job_id=job_id)


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
