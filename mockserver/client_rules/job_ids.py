"""Rules about which job a client polls, and what it took for a job."""

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from mockserver.client_rules.clients import repeated_in_vain
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.entry_queries import (
    client_rule,
    finding,
    grouped,
    is_like_an_id,
    known_ids,
    quoted,
    times,
)
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.documents import json_text
from mockserver.errors import nearest
from mockserver.findings.finding import Finding
from mockserver.timeline.download_request import model_name

_PLACEHOLDER = re.compile(
    r"|undefined|null|none|nil|<nil>|nan|na|false|true|\[?object[ +]object\]?|\[object .*\]"
    r"|\$?\{+[^}]*\}*|:.+|<.+>|\[.*\]|%[sdv]|some\(.*\)|optional\(.*\)|\"\"|''"
    r"|job_?id|your[-_]job[-_]id",
    re.IGNORECASE | re.DOTALL,
)
"""What is left where a client puts nothing, or its own variable's name, in the place of an id."""

_MOST_HINTS = 20
"""To look for the nearest id takes a while where there are many."""

Misleading: TypeAlias = Literal["already-downloaded", "error"]
"""A reply to a request for a model that looks like success, and has no id."""


@client_rule
def empty_job_id(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    # Polls of no id at all, or of what a language prints for none.
    for job_id, group in _bad_polls_after(None, entries, context).items():
        if _is_empty(job_id):
            message = f"polled {_named(job_id)} {times(len(group))}, as {quoted(group[0].path)}"
            yield finding(empty_job_id, message, group, job_id)


@client_rule
def unknown_job_id(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    polls = _bad_polls_after(None, entries, context)
    unknown = [(job_id, group) for job_id, group in polls.items() if not _is_empty(job_id)]
    known = sorted(known_ids(entries, context)) if unknown else ()
    for place, (job_id, group) in enumerate(unknown, 1):
        message = f"polled {quoted(repr(job_id))} {times(len(group))}, which is no job's id"
        if {job_id, model_name(job_id)} & context.models:
            message += " but the model's name"
        elif place <= _MOST_HINTS and (meant := nearest(job_id, known)):
            message += f"; did you mean {quoted(meant)}?"
        yield finding(unknown_job_id, message, group, job_id)


@client_rule
def already_downloaded_polled(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    for job_id, group in _bad_polls_after("already-downloaded", entries, context).items():
        message = f"was told already_downloaded, and then polled {_named(job_id)}"
        yield finding(already_downloaded_polled, f"{message} {times(len(group))}", group, job_id)


@client_rule
def error_taken_for_success(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    for job_id, group in _bad_polls_after("error", entries, context).items():
        message = f"got 200 without a job_id, and then polled {_named(job_id)}"
        yield finding(error_taken_for_success, f"{message} {times(len(group))}", group, job_id)
    asked = (
        (
            (entry.method, entry.path, entry.body_key),
            entry,
            entry.status == 200 and not entry.states and entry.replied("error") is not None,
        )
        for entry in entries
        if entry.polled_id is not None or entry.asks_for_list or entry.asks_for_model
    )
    for group in repeated_in_vain(asked, context.limits.errors_in_a_row):
        request = quoted(f"{group[0].method} {group[0].path}")
        message = f"repeated {request} {times(len(group))}, although each reply was 200 with an "
        message += "error in its body"
        yield finding(error_taken_for_success, message, group, group[0].polled_id)


def _bad_polls_after(
    reply: Misleading | None, entries: Entries, context: SessionContext
) -> dict[str, list[JournalEntry]]:
    """The polls of each id that is none, where the last reply without an id was such a one."""
    known = known_ids(entries, context)
    is_cut = bool(entries) and entries[0].number > 1  # the journal has let the oldest go
    asked: JournalEntry | None = None
    found: list[tuple[str, JournalEntry]] = []
    for entry in entries:
        if entry.asks_for_model:
            asked = entry if _misleading(entry) else asked
            continue
        job_id = entry.polled_id
        if job_id is None or job_id in known or entry.is_path_of_fault:
            continue
        if not _is_empty(job_id) and (entry.took_s is None or (is_cut and is_like_an_id(job_id))):
            continue
        if reply == (_misleading(asked) if asked and entry.came_after(asked) else None):
            found.append((job_id, entry))
    return grouped(found)


def _misleading(entry: JournalEntry) -> Misleading | None:
    if entry.status != 200 or not entry.is_answered or entry.reply is None:
        return None
    body = entry.reply.body
    data = json_text.loads_or_none(body.start) if body.is_whole else None
    if not isinstance(data, dict) or data.get("job_id") not in (None, ""):
        return None
    return "already-downloaded" if data.get("status") == "already_downloaded" else "error"


def _is_empty(job_id: str) -> bool:
    return _PLACEHOLDER.fullmatch(job_id.strip()) is not None


def _named(job_id: str) -> str:
    return f"the id {quoted(repr(job_id))}" if job_id else "an empty id"
