"""A job's script laid on the clock: when each step begins and ends, given the events so far."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Self

from mockserver.timeline.model import LAST_INSTANT_MS, REQUEST, Event, JobState, ScriptedJob, Step


@dataclass(frozen=True, slots=True)
class Stretch:
    """A step from one instant to another, half-open; `ends_ms` None is not known, or never."""

    step: Step
    begins_ms: int
    ends_ms: int | None

    def covers(self, now_ms: int) -> bool:
        """Whether the instant lies in it; none does when an event ends it where it begins."""
        return self.begins_ms <= now_ms and (self.ends_ms is None or now_ms < self.ends_ms)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job's stretches, without gaps, as far as they are known; none before it has begun."""

    job: ScriptedJob
    stretches: tuple[Stretch, ...]

    @classmethod
    def of(cls, job: ScriptedJob, epoch_ms: int, events: Sequence[Event]) -> Self:
        """Lay the script from the timeline's beginning; `events` are in the order of their times.

        An event counts for a step when it happens while the step lasts, and for no second one.
        """
        begins, following = _beginning(job, epoch_ms, events)
        stretches: list[Stretch] = []
        for step in job.steps:
            if begins is None:
                break
            ends = None if step.lasts_ms is None else begins + step.lasts_ms
            if step.until is not None:
                at = _first(events, step.until, job.job_id, begins, following)
                if at is not None and (ends is None or events[at].at_ms < ends):
                    ends, following = events[at].at_ms, at + 1
            stretches.append(Stretch(step, begins, ends))
            begins = ends
        return cls(job, tuple(stretches))

    @property
    def begins_ms(self) -> int | None:
        """When the job begins, if that is known."""
        return self.stretches[0].begins_ms if self.stretches else None

    @property
    def settles_ms(self) -> int | None:
        """From when on nothing changes unless an event happens; None before the job has begun."""
        return self.stretches[-1].begins_ms if self.stretches else None

    @property
    def awaits(self) -> str | None:
        """The event without which nothing more will change, if there is one."""
        if not self.stretches:
            return REQUEST if self.job.begin.on_request else None
        last = self.stretches[-1]
        return last.step.until if last.ends_ms is None else None

    def stretch_at(self, now_ms: int) -> Stretch | None:
        """The stretch that this instant lies in; None before the job has begun."""
        index = bisect_right(self.stretches, now_ms, key=attrgetter("begins_ms")) - 1
        return self.stretches[index] if index >= 0 else None

    def at(self, now_ms: int) -> JobState | None:
        """The job's state at this instant; None while the server does not know the job.

        While downloading, the bytes are the exact interpolation rounded down, and the estimate
        says when the rest would be there at the reported speed, rounded to the millisecond and at
        most `LAST_INSTANT_MS`.
        """
        stretch = self.stretch_at(now_ms)
        if stretch is None:
            return None
        step, phase = stretch.step, stretch.step.phase
        if phase == "gone":
            return None
        downloaded, speed, estimate = step.from_bytes, None, None
        if phase == "downloading":
            speed = step.bytes_per_second or 0.0
            if step.lasts_ms is not None:
                growth = step.to_bytes - step.from_bytes
                downloaded += growth * (now_ms - stretch.begins_ms) // step.lasts_ms
            estimate = min(now_ms + self._rest_ms(step, downloaded), LAST_INSTANT_MS)
        return JobState(
            self.job.job_id,
            phase,
            self.job.total_size_bytes,
            downloaded,
            self.stretches[0].begins_ms,
            bytes_per_second=speed,
            estimated_completion_ms=estimate,
            completed_at_ms=stretch.begins_ms if phase == "completed" else None,
            listed=self.job.listed,
            overrides=step.overrides,
        )

    def _rest_ms(self, step: Step, downloaded: int) -> int:
        """How long the rest would take, rounded half up."""
        rest = self.job.total_size_bytes - downloaded
        growth, lasts = step.to_bytes - step.from_bytes, step.lasts_ms
        if growth and lasts is not None:  # exact, in integers, so no rounding creeps in
            return (2 * rest * lasts + growth) // (2 * growth)
        if not rest:
            return 0
        top, bottom = (step.bytes_per_second or 1.0).as_integer_ratio()
        return (2 * 1000 * rest * bottom + top) // (2 * top)


def _beginning(job: ScriptedJob, epoch_ms: int, events: Sequence[Event]) -> tuple[int | None, int]:
    """When the job begins, if it does, and the index of the first event after that."""
    if job.begin.on_request:
        at = _first(events, REQUEST, job.job_id, epoch_ms, 0)
        return (None, 0) if at is None else (events[at].at_ms, at + 1)
    at_ms = job.begin.at_ms
    return (epoch_ms + job.begin.after_ms if at_ms is None else at_ms), 0


def _first(
    events: Sequence[Event], name: str, job_id: str, from_ms: int, from_index: int
) -> int | None:
    """The index of the first such event at or after an instant and an index."""
    for index, event in enumerate(events[from_index:], from_index):
        if event.name == name and event.at_ms >= from_ms and event.job_id in (None, job_id):
            return index
    return None
