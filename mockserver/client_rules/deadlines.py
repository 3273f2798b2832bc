"""The rule that a client has a deadline: polls of what does not move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mockserver.client_rules.context import Limits, SessionContext
from mockserver.client_rules.entry_queries import (
    asks_for_model,
    finding,
    job_state,
    polls_by_job,
    reported_status,
    times,
)
from mockserver.client_rules.job_ids import known_ids
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.documents.text import duration
from mockserver.findings.finding import Finding
from mockserver.findings.rule import described_rule

_ENDS = ("completed", "failed")
_STRIDES = 5
"""In no fewer steps than these can the patience of a client run out."""


@dataclass(slots=True)
class _Standstill:
    """Polls of a job, or of the list, that found the same."""

    since_ms: int
    what: Any = None
    polls: list[JournalEntry] = field(default_factory=list)
    words: str = "no reply"


@described_rule("error", "O")
def never_stopped(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client has a deadline for a job that does not move.

    Why: Downloads paused for ever, stalled with frozen bytes, or stuck at 100 %, and clients
    without a deadline.
    Advice: Count the time since the last new byte or status, and give up after a while.
    """
    # Polls of what has not moved for longer than the patience.
    limits = context.limits
    known = known_ids(entries, context)
    for key, polls in polls_by_job(entries).items():
        if key is not None and key not in known:
            continue
        forgiven = limits.polls_after_end if key is not None else limits.list_polls_after_end
        for still in _standstills(key, polls):
            late = list(_impatient(still, limits, may_stand=context.clock != "wall"))
            if len(late) > forgiven:
                lasted = duration(still.polls[-1].received_ms - still.since_ms)
                what = "the list" if key is None else key
                message = (
                    f"polled {what} {times(len(still.polls))} in {lasted} in which nothing moved: "
                    f"{still.words} all the time"
                )
                yield finding(never_stopped, message, late, key)


def _impatient(still: _Standstill, limits: Limits, *, may_stand: bool) -> Iterator[JournalEntry]:
    """The polls that come when a client should have given up.

    Of the time between two polls only a share of the patience counts: a client cannot see that a
    clock has been moved far in one go.
    """
    passed_ms, last_ms = 0.0, still.since_ms
    most_ms = limits.patience_ms / _STRIDES
    for place, entry in enumerate(still.polls, 1):
        passed_ms += min(entry.received_ms - last_ms, most_ms)
        last_ms = entry.received_ms
        is_long = passed_ms > limits.patience_ms and place >= limits.still_polls
        if is_long or (may_stand and place > limits.polls_without_news):
            yield entry


def _standstills(key: str | None, polls: Entries) -> list[_Standstill]:
    """The stretches in which polls found nothing new. What has ended, or is refused, is none."""
    stills: list[_Standstill] = []
    still: _Standstill | None = None
    for entry in polls:
        if asks_for_model(entry) or _is_over(entry, key):
            still = None
            continue
        what = _moving(entry, key)
        if still is None or (what is not None and what != still.what):
            still = _Standstill(entry.received_ms, what)
            stills.append(still)
        still.words = _in_words(entry, key) or still.words
        if what is not None or _has_no_answer(entry):
            still.polls.append(entry)
    return stills


def _is_over(poll: JournalEntry, key: str | None) -> bool:
    states = poll.states if key is None else [job_state(poll, key)]
    return bool(states) and all(
        state is not None and reported_status(state) in _ENDS for state in states
    )


def _moving(poll: JournalEntry, key: str | None) -> Any:
    """What changes when a job moves; None when the reply does not say."""
    if key is None:
        jobs = [(state.job_id, state.status, state.downloaded_bytes) for state in poll.states]
        return jobs or None
    state = job_state(poll, key)
    if state is None:
        return None
    arrived = state.overrides.values.get("downloaded_bytes", state.downloaded_bytes)
    return reported_status(state), arrived


def _in_words(poll: JournalEntry, key: str | None) -> str | None:
    state = None if key is None else job_state(poll, key)
    if state is not None:
        share = state.downloaded_bytes / state.total_size_bytes if state.total_size_bytes else 0.0
        return f"{reported_status(state)!r} at {100 * share:.3g} %"
    return "the same jobs" if poll.states else None


def _has_no_answer(poll: JournalEntry) -> bool:
    return poll.took_s is not None and (
        poll.status is None or poll.status >= 500 or poll.status == 429
    )
