"""Rules about which job a client polls, and what it took for a job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from mockserver.client_rules.circumstances import Circumstances
from mockserver.client_rules.clients import beyond
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.reading import (
    asks_for_model,
    body_key,
    came_after,
    ids_given,
    is_answered,
    is_like_an_id,
    is_list,
    is_made_up_path,
    json_of,
    lost_the_oldest,
    member,
    polled_id,
    quoted,
    times,
)
from mockserver.client_rules.rules import RULES
from mockserver.client_rules.verdict import Remark
from mockserver.errors import nearest
from mockserver.timeline.download_request import model_name

__all__ = [
    "already_downloaded_polled",
    "empty_job_id",
    "error_taken_for_success",
    "known_ids",
    "unknown_job_id",
]

_PLACEHOLDER = re.compile(
    r"|undefined|null|none|nil|<nil>|nan|na|false|true|\[?object[ +]object\]?|\[object .*\]"
    r"|\$?\{+[^}]*\}*|:.+|<.+>|\[.*\]|%[sdv]|some\(.*\)|optional\(.*\)|\"\"|''"
    r"|job_?id|your[-_]job[-_]id",
    re.IGNORECASE | re.DOTALL,
)
"""What is left where a client puts nothing, or its own variable's name, in the place of an id."""

_MOST_HINTS = 20
"""To look for the nearest id takes a while where there are many."""

Deceiving: TypeAlias = Literal["already-downloaded", "error"]
"""A reply to a request for a model that looks like success, and has no id."""


def empty_job_id(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Polls of no id at all, or of what a language prints for none."""
    found: dict[str, list[JournalEntry]] = {}
    for one, job_id, deceiving in _bad_polls(exchanges, about):
        if deceiving is None and _is_empty(job_id):
            found.setdefault(job_id, []).append(one)
    for job_id, group in found.items():
        message = f"polled {_named(job_id)} {times(len(group))}, as {quoted(group[0].path)}"
        yield _remark("empty-job-id", message, group, job_id)


def unknown_job_id(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Polls of an id that no reply gave and no job has."""
    found: dict[str, list[JournalEntry]] = {}
    for one, job_id, deceiving in _bad_polls(exchanges, about):
        if deceiving is None and not _is_empty(job_id):
            found.setdefault(job_id, []).append(one)
    if not found:
        return
    known = sorted(known_ids(exchanges, about))
    for place, (job_id, group) in enumerate(found.items(), 1):
        message = f"polled {quoted(repr(job_id))} {times(len(group))}, which is no job's id"
        if {job_id, model_name(job_id)} & about.models:
            message += " but the model's name"
        elif place <= _MOST_HINTS and (meant := nearest(job_id, known)):
            message += f"; did you mean {quoted(meant)}?"
        yield _remark("unknown-job-id", message, group, job_id)


def already_downloaded_polled(
    exchanges: Sequence[JournalEntry], about: Circumstances
) -> Iterator[Remark]:
    """`already_downloaded`, and then a poll of what was read where the id would be."""
    yield from _deceived(
        exchanges,
        about,
        "already-downloaded",
        "already-downloaded-polled",
        "was told already_downloaded",
    )


def error_taken_for_success(
    exchanges: Sequence[JournalEntry], about: Circumstances
) -> Iterator[Remark]:
    """A 200 with `error`, or without an id, and the client carried on."""
    rule = "error-taken-for-success"
    yield from _deceived(exchanges, about, "error", rule, "got 200 without a job_id")
    rows: dict[tuple[str, str, str | bytes], list[JournalEntry]] = {}
    for one in exchanges:
        job_id = polled_id(one)
        if job_id is None and not is_list(one) and not asks_for_model(one):
            continue
        key = (one.method, one.path, body_key(one))
        if _is_error_with_200(one):
            rows.setdefault(key, []).append(one)
        elif is_answered(one) and len(rows.get(key, ())) <= about.limits.errors_in_a_row:
            rows.pop(key, None)
    for (method, path, _), row in rows.items():
        if group := beyond(row, about.limits.errors_in_a_row):
            message = (
                f"repeated {quoted(f'{method} {path}')} {times(len(group))}, although each reply "
                "was 200 with an error in its body"
            )
            yield _remark(rule, message, group, polled_id(group[0]))


def known_ids(exchanges: Sequence[JournalEntry], about: Circumstances) -> set[str]:
    """The ids that a client can know."""
    return {*about.job_ids, *ids_given(exchanges)}


def _deceived(
    exchanges: Sequence[JournalEntry], about: Circumstances, by: Deceiving, rule: str, what: str
) -> Iterator[Remark]:
    found: dict[str, list[JournalEntry]] = {}
    for one, job_id, deceiving in _bad_polls(exchanges, about):
        if deceiving == by:
            found.setdefault(job_id, []).append(one)
    for job_id, group in found.items():
        message = f"{what}, and then polled {_named(job_id)} {times(len(group))}"
        yield _remark(rule, message, group, job_id)


def _bad_polls(
    exchanges: Sequence[JournalEntry], about: Circumstances
) -> Iterator[tuple[JournalEntry, str, Deceiving | None]]:
    """Polls of an id that is none, with what the last reply that had no id looked like, if any."""
    known = known_ids(exchanges, about)
    is_cut = lost_the_oldest(exchanges)
    asked: list[tuple[JournalEntry, Deceiving]] = []
    for one in exchanges:
        if asks_for_model(one):
            if (deceiving := _deceiving(one)) is not None:
                asked.append((one, deceiving))
            continue
        job_id = polled_id(one)
        if job_id is None or job_id in known or is_made_up_path(one):
            continue
        if not _is_empty(job_id) and (one.took_s is None or (is_cut and is_like_an_id(job_id))):
            continue
        before = [deceiving for post, deceiving in asked[-1:] if came_after(one, post)]
        yield one, job_id, before[0] if before else None


def _deceiving(exchange: JournalEntry) -> Deceiving | None:
    if exchange.status != 200 or not is_answered(exchange) or exchange.reply is None:
        return None
    body = exchange.reply.body
    data = json_of(body.start) if body.is_whole else None
    if not isinstance(data, dict) or data.get("job_id") not in (None, ""):
        return None
    return "already-downloaded" if data.get("status") == "already_downloaded" else "error"


def _is_error_with_200(exchange: JournalEntry) -> bool:
    if exchange.status != 200 or exchange.states:
        return False
    return member(exchange, "error") is not None


def _is_empty(job_id: str) -> bool:
    return _PLACEHOLDER.fullmatch(job_id.strip()) is not None


def _named(job_id: str) -> str:
    return f"the id {quoted(repr(job_id))}" if job_id else "an empty id"


def _remark(rule: str, message: str, group: Sequence[JournalEntry], job_id: str | None) -> Remark:
    return Remark(RULES[rule], message, tuple(one.number for one in group), job_id)
