"""What a client that polls one job of a timeline is told, poll by poll."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mockserver.errors import UnknownName
from mockserver.timeline.model import LAST_INSTANT_MS, Event, Timeline
from mockserver.timeline.payloads import job_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Poll:
    """One request for a job's status, `at_ms` after the timeline's beginning.

    `payload` is the JSON data of the reply; None is a 404: the server does not know the job, not
    yet or not any more. `event` happened to the job just before the poll.
    """

    at_ms: int
    payload: dict[str, Any] | None
    event: str | None = None


def histories(
    timeline: Timeline, job_id: str | None = None, *, max_polls: int = 12
) -> st.SearchStrategy[list[Poll]]:
    """Polls of one job of the timeline (the first unless given), in the order of their times.

    They come at a client's pace, after long silence, or next to the instant at which the job's
    step changes. Where the job waits for an event it may happen: what a timeline calls it, and
    `request` for a job that begins on request. Faults are left out: they are no answers.

    Raises UnknownName for a job that the timeline does not have, ValueError for less than a poll.
    """
    if max_polls < 1:
        raise ValueError(f"a history has a poll, so max_polls is at least 1, not {max_polls}")
    known = [job.job_id for job in timeline.jobs]
    job_id = known[0] if job_id is None else job_id
    if job_id not in known:
        raise UnknownName("job", job_id, known, timeline.name)
    return _histories(timeline, job_id, max_polls)


def step_changes(schedules: Iterable[Schedule], now_ms: int) -> list[int]:
    """The instants after now at which a step begins, as far as they are known."""
    begins = {stretch.begins_ms for schedule in schedules for stretch in schedule.stretches}
    return sorted(begin for begin in begins if now_ms < begin <= LAST_INSTANT_MS)


_paces_ms = st.sampled_from([1_000, 500, 5_000, 60_000]) | st.integers(1, 86_400_000)
_goes_on = st.sampled_from([False, *[True] * 5])
"""Mostly; never, when the example is shrunk."""


@st.composite
def _histories(draw: st.DrawFn, timeline: Timeline, job_id: str, max_polls: int) -> list[Poll]:
    playback = Playback.of(timeline)
    now_ms = playback.epoch_ms
    polls: list[Poll] = []
    while True:
        event = None
        schedule = playback.schedules[job_id]
        stretch = schedule.stretch_at(now_ms)
        awaited = stretch.step.until if stretch else None if schedule.stretches else schedule.awaits
        if awaited is not None and draw(st.booleans()):
            event = awaited
            playback = playback.after(Event(event, now_ms, job_id))
        state = playback.job_at(job_id, now_ms)
        payload = None if state is None else job_payload(state)
        polls.append(Poll(now_ms - playback.epoch_ms, payload, event))
        if len(polls) == max_polls or now_ms == LAST_INSTANT_MS or not draw(_goes_on):
            return polls
        later_ms = now_ms + draw(_paces_ms)
        soon = step_changes([playback.schedules[job_id]], now_ms)[:3]
        if len(soon) > 0 and draw(st.booleans()):
            later_ms = max(now_ms + 1, draw(st.sampled_from(soon)) + draw(st.integers(-1, 1)))
        now_ms = min(later_ms, LAST_INSTANT_MS)
