"""Rules about when a client stops: polls of what has ended, is lost, or does not move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.client_rules.circumstances import Circumstances, Limits
from mockserver.client_rules.clients import parties, to_be_seen
from mockserver.client_rules.ids import known_ids
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.reading import (
    asks_for_model,
    came_after,
    is_answered,
    is_list,
    member,
    polled_id,
    reported_status,
    shown,
    times,
)
from mockserver.client_rules.rules import RULES
from mockserver.client_rules.verdict import Remark
from mockserver.documents.text import duration

__all__ = ["never_stopped", "poll_after_end", "poll_forgotten_job"]

_ENDS = ("completed", "failed")
_LOST = "404"
_STRIDES = 5
"""In no fewer steps than these can the patience of a client run out."""


@dataclass(slots=True)
class _Run:
    """Polls of a job after an end, until it comes back or is asked for again.

    `seen` is how many clients polled it at once, at the most.
    """

    end: str
    told: JournalEntry
    was_known: bool
    seen: int
    polls: list[JournalEntry] = field(default_factory=list)


@dataclass(slots=True)
class _Still:
    """Polls of a job, or of the list, that found the same."""

    since_ms: int
    what: Any = None
    polls: list[JournalEntry] = field(default_factory=list)
    words: str = "no reply"


def poll_after_end(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Polls after `completed` or `failed`; of the list, after all of its jobs have ended."""
    for job_id, run in _runs(exchanges, about):
        if run.end in _ENDS and (late := _late(run, about.limits.polls_after_end)):
            message = f"polled {job_id} {times(len(late))} after it was told {run.end!r}"
            yield _remark("poll-after-end", message, late, job_id)
    for run in _runs_of_list(exchanges):
        if late := _late(run, about.limits.list_polls_after_end):
            message = f"asked for the list {times(len(late))} after all its jobs had ended"
            yield _remark("poll-after-end", message, late, None)


def poll_forgotten_job(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Polls after a 404, of a job that there was or is to be."""
    for job_id, run in _runs(exchanges, about):
        if run.end == _LOST and (late := _late(run, about.limits.polls_after_end)):
            message = f"polled {job_id} {times(len(late))} after a 404"
            if not run.was_known:
                message += ", which it got from the beginning: nobody has asked for its model"
            yield _remark("poll-forgotten-job", message, late, job_id)


def never_stopped(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[Remark]:
    """Polls of what has not moved for longer than the patience."""
    limits = about.limits
    known = known_ids(exchanges, about)
    for key, polls in _by_key(exchanges).items():
        if key is not None and key not in known:
            continue
        forgiven = limits.polls_after_end if key is not None else limits.list_polls_after_end
        for still in _stills(key, polls):
            late = list(_impatient(still, limits, may_stand=about.clock != "wall"))
            if len(late) > forgiven:
                lasted = duration(still.polls[-1].received_ms - still.since_ms)
                what = "the list" if key is None else key
                message = (
                    f"polled {what} {times(len(still.polls))} in {lasted} in which nothing moved: "
                    f"{still.words} all the time"
                )
                yield _remark("never-stopped", message, late, key)


def _late(run: _Run, forgiven: int) -> list[JournalEntry]:
    """The polls of those clients that went on after their own was told of the end."""
    found = [
        one
        for party in parties([run.told, *run.polls], run.seen)
        if len(party.exchanges) > party.clients * (1 + forgiven)
        for one in party.exchanges[1:]
    ]
    return sorted(found, key=lambda one: one.number)


def _impatient(still: _Still, limits: Limits, *, may_stand: bool) -> Iterator[JournalEntry]:
    """The polls that come when a client should have given up.

    Of the time between two polls only a share of the patience counts: a client cannot see that a
    clock has been moved far in one go.
    """
    passed_ms, last_ms = 0.0, still.since_ms
    most_ms = limits.patience_ms / _STRIDES
    for place, one in enumerate(still.polls, 1):
        passed_ms += min(one.received_ms - last_ms, most_ms)
        last_ms = one.received_ms
        is_long = passed_ms > limits.patience_ms and place >= limits.still_polls
        if is_long or (may_stand and place > limits.polls_without_news):
            yield one


def _by_key(exchanges: Sequence[JournalEntry]) -> dict[str | None, list[JournalEntry]]:
    """The polls of each job, and of the list (None), with the requests for models among them.

    Nobody knows which job a request was to begin whose reply got lost: it is among all polls. Any
    other that was given no id has begun none.
    """
    found: dict[str | None, list[JournalEntry]] = {}
    of_jobs: dict[str | None, list[JournalEntry]] = {}
    unclear: list[JournalEntry] = []
    for one in exchanges:
        if asks_for_model(one):
            if not is_answered(one):
                unclear.append(one)
            elif job_id := one.job_id or member(one, "job_id"):
                of_jobs.setdefault(str(job_id), []).append(one)
        elif is_list(one):
            found.setdefault(None, []).append(one)
        elif job_id := polled_id(one):
            found.setdefault(job_id, []).append(one)
    every = [*unclear, *(one for those in of_jobs.values() for one in those)]
    return {
        key: sorted(
            [*polls, *(every if key is None else [*of_jobs.get(key, ()), *unclear])],
            key=lambda one: one.number,
        )
        for key, polls in found.items()
    }


def _runs(exchanges: Sequence[JournalEntry], about: Circumstances) -> Iterator[tuple[str, _Run]]:
    known = known_ids(exchanges, about)
    for job_id, polls in _by_key(exchanges).items():
        if job_id is not None and job_id in known:
            for run in _runs_of(job_id, polls):
                yield job_id, run


def _runs_of(job_id: str, polls: Sequence[JournalEntry]) -> Iterator[_Run]:
    seen = to_be_seen([one for one in polls if not asks_for_model(one)])
    run: _Run | None = None
    was_known = False
    for one in polls:
        state = shown(one, job_id)
        if asks_for_model(one):
            was_known |= one.job_id == job_id
            if run is not None:
                yield run
            run = None
            continue
        is_back = state is not None and reported_status(state) not in _ENDS
        if run is not None and is_back:
            if run.was_known or run.end != _LOST:
                yield run
            run = None
        elif run is not None and came_after(one, run.told):
            run.polls.append(one)
        elif run is None and (end := _end(one, job_id)) is not None:
            run = _Run(end, one, was_known, seen)
        was_known |= state is not None
    if run is not None:
        yield run


def _end(poll: JournalEntry, job_id: str) -> str | None:
    """What tells the client that the job is at an end, if anything does."""
    if not is_answered(poll):
        return None
    if poll.status == 404:
        return _LOST
    state = shown(poll, job_id)
    if state is None or poll.fault is not None or poll.status != 200 or not _is_read(poll):
        return None
    status = reported_status(state)
    return status if status in _ENDS else None


def _is_read(poll: JournalEntry) -> bool:
    """Whether the client has got the reply, and a body with it."""
    return poll.took_s is not None and poll.method != "HEAD"


def _runs_of_list(exchanges: Sequence[JournalEntry]) -> Iterator[_Run]:
    polls = _by_key(exchanges).get(None, ())
    seen = to_be_seen([one for one in polls if not asks_for_model(one)])
    run: _Run | None = None
    for one in polls:
        has_ended = bool(one.states) and all(state.status in _ENDS for state in one.states)
        is_news = asks_for_model(one) or (bool(one.states) and not has_ended)
        if is_news:
            if run is not None:
                yield run
            run = None
        elif run is not None and came_after(one, run.told):
            run.polls.append(one)
        elif run is None and has_ended and one.fault is None and _is_read(one):
            run = _Run("ended", one, was_known=True, seen=seen)
    if run is not None:
        yield run


def _stills(key: str | None, polls: Sequence[JournalEntry]) -> Iterator[_Still]:
    """The stretches in which polls found nothing new. What has ended, or is refused, is none."""
    still: _Still | None = None
    for one in polls:
        if asks_for_model(one) or _is_over(one, key):
            if still is not None:
                yield still
            still = None
            continue
        what = _moving(one, key)
        if still is None or (what is not None and what != still.what):
            if still is not None:
                yield still
            still = _Still(one.received_ms, what)
        still.words = _in_words(one, key) or still.words
        if what is not None or _has_no_answer(one):
            still.polls.append(one)
    if still is not None:
        yield still


def _is_over(poll: JournalEntry, key: str | None) -> bool:
    states = poll.states if key is None else [shown(poll, key)]
    return bool(states) and all(
        state is not None and reported_status(state) in _ENDS for state in states
    )


def _moving(poll: JournalEntry, key: str | None) -> Any:
    """What changes when a job moves; None when the reply does not say."""
    if key is None:
        return [(one.job_id, one.status, one.downloaded_bytes) for one in poll.states] or None
    state = shown(poll, key)
    if state is None:
        return None
    arrived = state.overrides.values.get("downloaded_bytes", state.downloaded_bytes)
    return reported_status(state), arrived


def _in_words(poll: JournalEntry, key: str | None) -> str | None:
    state = None if key is None else shown(poll, key)
    if state is not None:
        share = state.downloaded_bytes / state.total_size_bytes if state.total_size_bytes else 0.0
        return f"{reported_status(state)!r} at {100 * share:.3g} %"
    return "the same jobs" if poll.states else None


def _has_no_answer(poll: JournalEntry) -> bool:
    return poll.took_s is not None and (
        poll.status is None or poll.status >= 500 or poll.status == 429
    )


def _remark(rule: str, message: str, polls: Sequence[JournalEntry], job_id: str | None) -> Remark:
    return Remark(RULES[rule], message, tuple(one.number for one in polls), job_id)
