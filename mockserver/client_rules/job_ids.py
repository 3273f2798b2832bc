"""Rules about which job a client polls, and what it took for a job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from mockserver.client_rules.clients import repeated_in_vain
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.entry_queries import (
    asks_for_list,
    asks_for_model,
    body_key,
    came_after,
    finding,
    grouped,
    ids_given,
    is_answered,
    is_like_an_id,
    is_path_of_fault,
    json_of,
    polled_id,
    quoted,
    replied,
    times,
)
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.errors import nearest
from mockserver.findings.finding import Finding
from mockserver.findings.rule import described_rule
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


@described_rule("error", "O")
def empty_job_id(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client polls only an id that it was given.

    Why: Clients that read the id from a reply which had none, and polled it all the same.
    Advice: Look whether the reply has `job_id` before the first poll.
    """
    # Polls of no id at all, or of what a language prints for none.
    for job_id, group in _bad_polls_after(None, entries, context).items():
        if not _is_empty(job_id):
            continue
        message = f"polled {_named(job_id)} {times(len(group))}, as {quoted(group[0].path)}"
        yield finding(empty_job_id, message, group, job_id)


@described_rule("error", "O")
def unknown_job_id(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client polls a job by its id, and by nothing else.

    Why: Clients that take the model's name, or an id of their own, for the job's.
    Advice: Poll the `job_id` that the request for the model was answered with.
    """
    # Polls of an id that no reply gave and no job has.
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


@described_rule("error", "O")
def already_downloaded_polled(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client takes `already_downloaded` for success, and polls nothing.

    Why: `already_downloaded` comes without an id, and clients polled an empty one.
    Advice: Look at `status` first: with `already_downloaded` the model is there, and there is no
    job.
    """
    # `already_downloaded`, and then a poll of what was read where the id would be.
    for job_id, group in _bad_polls_after("already-downloaded", entries, context).items():
        message = f"was told already_downloaded, and then polled {_named(job_id)}"
        yield finding(already_downloaded_polled, f"{message} {times(len(group))}", group, job_id)


@described_rule("error", "O")
def error_taken_for_success(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client takes a 200 for success only when its body is what it asked for.

    Why: An unknown path gets 200 with `{"error": …}`, and clients took it for success.
    Advice: Look for `error`, and for `job_id` and `status`, before believing a 200.
    """
    # A 200 with `error`, or without an id, and the client carried on.
    for job_id, group in _bad_polls_after("error", entries, context).items():
        message = f"got 200 without a job_id, and then polled {_named(job_id)}"
        yield finding(error_taken_for_success, f"{message} {times(len(group))}", group, job_id)
    asked = (
        ((entry.method, entry.path, body_key(entry)), entry, _is_error_with_200(entry))
        for entry in entries
        if polled_id(entry) is not None or asks_for_list(entry) or asks_for_model(entry)
    )
    for group in repeated_in_vain(asked, context.limits.errors_in_a_row):
        request = quoted(f"{group[0].method} {group[0].path}")
        message = (
            f"repeated {request} {times(len(group))}, although each reply was 200 with an error in "
            "its body"
        )
        yield finding(error_taken_for_success, message, group, polled_id(group[0]))


def known_ids(entries: Entries, context: SessionContext) -> set[str]:
    """The ids that a client can know."""
    return {*context.job_ids, *ids_given(entries)}


def _bad_polls_after(
    reply: Misleading | None, entries: Entries, context: SessionContext
) -> dict[str, list[JournalEntry]]:
    """The polls of each id that is none, where the last reply without an id was such a one."""
    return grouped(
        (job_id, entry)
        for entry, job_id, misleading in _bad_polls(entries, context)
        if misleading == reply
    )


def _bad_polls(
    entries: Entries, context: SessionContext
) -> Iterator[tuple[JournalEntry, str, Misleading | None]]:
    """Polls of an id that is none, with what the last reply that had no id looked like, if any."""
    known = known_ids(entries, context)
    is_cut = bool(entries) and entries[0].number > 1  # the journal has let the oldest go
    asked: list[tuple[JournalEntry, Misleading]] = []
    for entry in entries:
        if asks_for_model(entry):
            if (misleading := _misleading(entry)) is not None:
                asked.append((entry, misleading))
            continue
        job_id = polled_id(entry)
        if job_id is None or job_id in known or is_path_of_fault(entry):
            continue
        if not _is_empty(job_id) and (entry.took_s is None or (is_cut and is_like_an_id(job_id))):
            continue
        before = [misleading for post, misleading in asked[-1:] if came_after(entry, post)]
        yield entry, job_id, before[0] if before else None


def _misleading(entry: JournalEntry) -> Misleading | None:
    if entry.status != 200 or not is_answered(entry) or entry.reply is None:
        return None
    body = entry.reply.body
    data = json_of(body.start) if body.is_whole else None
    if not isinstance(data, dict) or data.get("job_id") not in (None, ""):
        return None
    return "already-downloaded" if data.get("status") == "already_downloaded" else "error"


def _is_error_with_200(entry: JournalEntry) -> bool:
    return entry.status == 200 and not entry.states and replied(entry, "error") is not None


def _is_empty(job_id: str) -> bool:
    return _PLACEHOLDER.fullmatch(job_id.strip()) is not None


def _named(job_id: str) -> str:
    return f"the id {quoted(repr(job_id))}" if job_id else "an empty id"
