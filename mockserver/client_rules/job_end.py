"""Rules about when a client stops: at the end of a job, or when it is lost or does not move."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.client_rules.clients import in_excess, visible_clients
from mockserver.client_rules.context import Limits, SessionContext
from mockserver.client_rules.entry_queries import (
    client_rule,
    finding,
    polls_by_job,
    reported_status,
    times,
)
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.documents.text import duration
from mockserver.findings.finding import Finding
from mockserver.timeline.model import JobState

_ENDS = ("completed", "failed")
_LOST = "404"
_ALL = "all of the list"


@dataclass(slots=True)
class _PollsAfterEnd:
    """Polls of a job after the reply that told its end, until it comes back or is asked for again.

    `at_once` is how many clients polled it at the same time, at the most.
    """

    end: str
    reply: JournalEntry
    was_known: bool
    at_once: int
    polls: list[JournalEntry] = field(default_factory=list)

    def late(self, forgiven: int) -> list[JournalEntry]:
        """The polls of those clients that went on after their own was told of the end."""
        return in_excess([self.reply, *self.polls], 1 + forgiven, self.at_once, told=1)


@client_rule
def poll_after_end(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    # Of the list: after all of its jobs have ended.
    for job_id, run in _polls_after_each_end(entries, context):
        if run.end in _ENDS and (late := run.late(context.limits.polls_after_end)):
            message = f"polled {job_id} {times(len(late))} after it was told {run.end!r}"
            yield finding(poll_after_end, message, late, job_id)
        if job_id is None and (late := run.late(context.limits.list_polls_after_end)):
            message = f"asked for the list {times(len(late))} after all its jobs had ended"
            yield finding(poll_after_end, message, late)


@client_rule
def poll_forgotten_job(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    for job_id, run in _polls_after_each_end(entries, context):
        if run.end == _LOST and (late := run.late(context.limits.polls_after_end)):
            message = f"polled {job_id} {times(len(late))} after a 404"
            if not run.was_known:
                message += ", which it got from the beginning: nobody has asked for its model"
            yield finding(poll_forgotten_job, message, late, job_id)


def _polls_after_each_end(
    entries: Entries, context: SessionContext
) -> Iterator[tuple[str | None, _PollsAfterEnd]]:
    """The id of each job, None for the list, with the polls after each of its ends."""
    for job_id, polls in polls_by_job(entries, context).items():
        for run in _polls_after_ends(job_id, polls):
            yield job_id, run


def _polls_after_ends(job_id: str | None, polls: Entries) -> list[_PollsAfterEnd]:
    at_once = visible_clients([entry for entry in polls if not entry.asks_for_model])
    runs: list[_PollsAfterEnd] = []
    run: _PollsAfterEnd | None = None
    was_known = False
    for entry in polls:
        if entry.asks_for_model:
            was_known |= entry.job_id == job_id
            run = None
            continue
        # What the reply says of the job; of a list, what is so of each of its jobs.
        statuses = [
            state.status if job_id is None else reported_status(state)
            for state in entry.states_of(job_id)
        ]
        is_back = any(status not in _ENDS for status in statuses)
        if run is not None and is_back:
            if run.end == _LOST and not run.was_known:
                runs.remove(run)  # the job had not begun
            run = None
        elif run is not None and entry.came_after(run.reply):
            run.polls.append(entry)
        elif run is None and (end := _end(entry, job_id, statuses)) is not None:
            run = _PollsAfterEnd(end, entry, was_known, at_once)
            runs.append(run)
        was_known |= bool(statuses)
    return runs


def _end(poll: JournalEntry, job_id: str | None, statuses: list[str]) -> str | None:
    """What tells the client that the job, or each of the list, is at an end; None for nothing."""
    if not poll.is_answered:
        return None
    if job_id is not None and poll.status == 404:
        return _LOST
    is_read = poll.status == 200 and poll.method != "HEAD" and poll.fault is None
    if not is_read or not statuses or any(status not in _ENDS for status in statuses):
        return None
    return _ALL if job_id is None else statuses[0]


_STRIDES = 5
"""In no fewer steps than these can the patience of a client run out."""


@dataclass(slots=True)
class _Standstill:
    """Polls of a job, or of the list, that found the same."""

    since_ms: int
    what: Any = None
    polls: list[JournalEntry] = field(default_factory=list)
    words: str = "no reply"


@client_rule
def never_stopped(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    limits = context.limits
    for key, polls in polls_by_job(entries, context).items():
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
        states = entry.states_of(key)
        is_over = states and all(reported_status(each) in _ENDS for each in states)
        if entry.asks_for_model or is_over:
            still = None
            continue
        what = _moving(states, key)
        if still is None or (what is not None and what != still.what):
            still = _Standstill(entry.received_ms, what)
            stills.append(still)
        if key is not None and states:
            total = states[0].total_size_bytes
            share = 100 * states[0].downloaded_bytes / total if total else 0.0
            still.words = f"{reported_status(states[0])!r} at {share:.3g} %"
        elif entry.states:
            still.words = "the same jobs"
        if what is not None or _has_no_answer(entry):
            still.polls.append(entry)
    return stills


def _moving(states: Sequence[JobState], key: str | None) -> Any:
    """What changes when a job moves; None when the reply does not say."""
    if not states:
        return None
    if key is None:
        return [(state.job_id, state.status, state.downloaded_bytes) for state in states]
    reported = states[0].overrides.values.get("downloaded_bytes", states[0].downloaded_bytes)
    return reported_status(states[0]), reported


def _has_no_answer(poll: JournalEntry) -> bool:
    is_failure = poll.status is None or poll.status >= 500 or poll.status == 429
    return poll.took_s is not None and is_failure
