"""Replies about a job that could be true: a single one, and those to poll after poll."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.api.operations import JOB_STATUS
from mockserver.errors import UnknownName
from mockserver.timeline import model
from mockserver.timeline.model import JobState, Status, Timeline
from mockserver.timeline.payloads import job_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.schedule import Schedule

_STATUSES: tuple[Status, ...] = ("downloading", "completed", "paused", "failed")
_TEN_YEARS_MS = 10 * 365 * 86_400_000

_sizes = (
    st.sampled_from([1_000, 2_279_145_003, 0, 1, 2**31, 124_196_907_504])
    | st.integers(0, 2**53 - 1)
)  # fmt: skip
_ids = st.integers(0, 16**10 - 1).map("job_{:010x}".format)
_starts_ms = st.just(model.FLOATING_EPOCH_MS) | st.integers(0, model.LATEST_START_MS)
_shares = st.sampled_from([0.4, 0.0, 1.0]) | st.floats(0, 1)
_lengths_ms = st.sampled_from([1_000, 60_000]) | st.integers(1, _TEN_YEARS_MS)


def jobs(
    status: Status | None = None, *, edition: str | None = None
) -> st.SearchStrategy[dict[str, Any]]:
    """Valid replies to `job_status` that could be true, of this status or of any.

    No more bytes have arrived than there are, and all of them when it is completed; it began
    before it is completed, or expected to be; the expectation is what the speed and the missing
    bytes come to. Members that the edition lets miss may be missing, all others are there.

    Raises UnknownName for an unknown status or edition.
    """
    if status is not None and status not in get_args(Status):
        raise UnknownName("status", status, get_args(Status))
    edition = contract.edition(edition or resources.DEFAULT_EDITION).name
    return _jobs(_STATUSES if status is None else (status,), edition)


@st.composite
def _jobs(draw: st.DrawFn, statuses: tuple[Status, ...], edition: str) -> dict[str, Any]:
    payload = job_payload(draw(_states(statuses)))
    check = contract.validator(JOB_STATUS.id, edition)
    left_out = draw(st.lists(st.sampled_from(list(payload)), unique=True))
    for name in left_out:
        rest = {key: value for key, value in payload.items() if key != name}
        if check.is_valid(rest):
            payload = rest
    return payload


@st.composite
def _states(draw: st.DrawFn, statuses: tuple[Status, ...]) -> JobState:
    """A job after some time, with some share of its bytes."""
    status = draw(st.sampled_from(statuses))
    total, job_id, began_ms = draw(_sizes), draw(_ids), draw(_starts_ms)
    lasted_ms, share, rest_ms = draw(_lengths_ms), draw(_shares), draw(_lengths_ms)
    arrived = total if status == "completed" else int(total * share)
    now_ms, missing = began_ms + lasted_ms, total - arrived
    state = JobState(job_id, status, total, arrived, began_ms)
    if status == "completed":
        return state._replace(completed_at_ms=now_ms)
    if status != "downloading":
        return state
    # Where nothing is missing, the speed is that of what has come, and it is expected right now.
    speed = missing * 1000 / rest_ms if missing else total * 1000 / lasted_ms
    expected_ms = now_ms + rest_ms if missing else now_ms
    return state._replace(bytes_per_second=speed, estimated_completion_ms=expected_ms)


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
    return sorted(begin for begin in begins if now_ms < begin <= model.LAST_INSTANT_MS)


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
            playback = playback.after(model.Event(event, now_ms, job_id))
        state = playback.job_at(job_id, now_ms)
        payload = None if state is None else job_payload(state)
        polls.append(Poll(now_ms - playback.epoch_ms, payload, event))
        if len(polls) == max_polls or now_ms == model.LAST_INSTANT_MS or not draw(_goes_on):
            return polls
        later_ms = now_ms + draw(_paces_ms)
        soon = step_changes([playback.schedules[job_id]], now_ms)[:3]
        if len(soon) > 0 and draw(st.booleans()):
            later_ms = max(now_ms + 1, draw(st.sampled_from(soon)) + draw(st.integers(-1, 1)))
        now_ms = min(later_ms, model.LAST_INSTANT_MS)
