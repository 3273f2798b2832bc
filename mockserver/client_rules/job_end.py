"""Rules about when a client stops: polls of a job that has ended, or is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mockserver.client_rules.clients import by_client, visible_clients
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.entry_queries import (
    asks_for_model,
    came_after,
    finding,
    is_answered,
    job_state,
    polls_by_job,
    reported_status,
    times,
)
from mockserver.client_rules.job_ids import known_ids
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.findings.finding import Finding
from mockserver.findings.rule import described_rule

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


@described_rule("error", "O")
def poll_after_end(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client stops polling a job that is completed or failed.

    Why: Clients that knew only one way for a download to end, and polled on at the other.
    Advice: Stop at `completed` and at `failed`; after `failed`, ask for the model again.
    """
    # Polls after `completed` or `failed`; of the list, after all of its jobs have ended.
    for job_id, run in _polls_after_each_end(entries, context):
        if run.end in _ENDS and (late := _late(run, context.limits.polls_after_end)):
            message = f"polled {job_id} {times(len(late))} after it was told {run.end!r}"
            yield finding(poll_after_end, message, late, job_id)
        if job_id is None and (late := _late(run, context.limits.list_polls_after_end)):
            message = f"asked for the list {times(len(late))} after all its jobs had ended"
            yield finding(poll_after_end, message, late)


@described_rule("error", "O")
def poll_forgotten_job(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    """A client stops polling a job that the server does not know.

    Why: Jobs are forgotten after an update of the app, and clients took 404 for transient.
    Advice: Take 404 for the end of the job: say that it is lost, or ask for the model again.
    """
    # Polls after a 404, of a job that there was or is to be.
    for job_id, run in _polls_after_each_end(entries, context):
        if run.end == _LOST and (late := _late(run, context.limits.polls_after_end)):
            message = f"polled {job_id} {times(len(late))} after a 404"
            if not run.was_known:
                message += ", which it got from the beginning: nobody has asked for its model"
            yield finding(poll_forgotten_job, message, late, job_id)


def _late(run: _PollsAfterEnd, forgiven: int) -> list[JournalEntry]:
    """The polls of those clients that went on after their own was told of the end."""
    found = [
        entry
        for group in by_client([run.reply, *run.polls], run.at_once)
        if len(group.entries) > group.clients * (1 + forgiven)
        for entry in group.entries[1:]
    ]
    return sorted(found, key=lambda entry: entry.number)


def _polls_after_each_end(
    entries: Entries, context: SessionContext
) -> Iterator[tuple[str | None, _PollsAfterEnd]]:
    """The id of each job, None for the list, with the polls after each of its ends."""
    known = known_ids(entries, context)
    for job_id, polls in polls_by_job(entries).items():
        if job_id is None or job_id in known:
            for run in _polls_after_ends(job_id, polls):
                yield job_id, run


def _polls_after_ends(job_id: str | None, polls: Entries) -> list[_PollsAfterEnd]:
    at_once = visible_clients([entry for entry in polls if not asks_for_model(entry)])
    runs: list[_PollsAfterEnd] = []
    run: _PollsAfterEnd | None = None
    was_known = False
    for entry in polls:
        if asks_for_model(entry):
            was_known |= entry.job_id == job_id
            run = None
            continue
        statuses = _statuses(entry, job_id)
        is_back = any(status not in _ENDS for status in statuses)
        if run is not None and is_back:
            if run.end == _LOST and not run.was_known:
                runs.remove(run)  # the job had not begun
            run = None
        elif run is not None and came_after(entry, run.reply):
            run.polls.append(entry)
        elif run is None and (end := _end(entry, job_id, statuses)) is not None:
            run = _PollsAfterEnd(end, entry, was_known, at_once)
            runs.append(run)
        was_known |= bool(statuses)
    return runs


def _statuses(poll: JournalEntry, job_id: str | None) -> list[Any]:
    """What the reply says of the job; of a list, what is so of each of its jobs."""
    if job_id is None:
        return [state.status for state in poll.states]
    state = job_state(poll, job_id)
    return [] if state is None else [reported_status(state)]


def _end(poll: JournalEntry, job_id: str | None, statuses: list[Any]) -> str | None:
    """What tells the client that the job, or each of the list, is at an end; None for nothing."""
    if not is_answered(poll):
        return None
    if job_id is not None and poll.status == 404:
        return _LOST
    is_read = poll.status == 200 and poll.method != "HEAD" and poll.fault is None
    if not is_read or not statuses or any(status not in _ENDS for status in statuses):
        return None
    return _ALL if job_id is None else str(statuses[0])
