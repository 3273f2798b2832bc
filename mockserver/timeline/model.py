"""Scripted download jobs, and the state each of them is in at a given instant.

Instants are milliseconds since 1970-01-01T00:00:00Z, durations are milliseconds, sizes are bytes;
all of them are integers, so that the same question always has the same answer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Literal

__all__ = [
    "FLOATING_EPOCH_MS",
    "LAST_INSTANT_MS",
    "LATEST_START_MS",
    "Job",
    "JobState",
    "Status",
    "Step",
    "Timeline",
]

Status = Literal["downloading", "paused", "completed", "failed"]
"""What a job's `status` can say (D)."""

FLOATING_EPOCH_MS = 1_759_505_603_496
"""2025-10-03T15:33:23.496Z: where a timeline lies that names no instant, until a clock moves it."""

LAST_INSTANT_MS = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z: the last instant that an RFC 3339 date-time can write."""

LATEST_START_MS = 250_246_540_800_000
"""9899-12-31T00:00:00Z: the latest start, so that all that follows can be written too."""

_begins_ms = attrgetter("begins_ms")


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of a job's life, half-open: [begins_ms, ends_ms).

    Both are counted from the script's start; `ends_ms` is None for a step that lasts for ever.
    Bytes grow evenly from `from_bytes` to `to_bytes`, which differ only while downloading.
    """

    status: Status
    begins_ms: int
    ends_ms: int | None
    from_bytes: int
    to_bytes: int


@dataclass(frozen=True, slots=True)
class JobState:
    """What the server knows about one job at one instant.

    `bytes_per_second` and `estimated_completion_ms` are there while it is downloading,
    `completed_at_ms` once it is completed (D); they are None otherwise.
    `listed` says whether the list operation shows the job.
    """

    job_id: str
    status: Status
    total_size_bytes: int
    downloaded_bytes: int
    started_at_ms: int
    bytes_per_second: float | None = None
    estimated_completion_ms: int | None = None
    completed_at_ms: int | None = None
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """A job and its script: steps without gaps, the first from 0, the last for ever."""

    job_id: str
    total_size_bytes: int
    started_at_ms: int
    steps: tuple[Step, ...]
    model: str | None = None
    listed: bool = True

    def at(self, now_ms: int) -> JobState | None:
        """The job's state at this instant; None before it has started.

        While downloading, the bytes are the exact interpolation rounded down, the speed is the
        step's own, and the estimate says when the rest would be there at that speed, rounded to
        the millisecond and at most `LAST_INSTANT_MS`.
        """
        elapsed = now_ms - self.started_at_ms
        if elapsed < 0:
            return None
        step = self.steps[bisect_right(self.steps, elapsed, key=_begins_ms) - 1]
        if step.status == "downloading" and step.ends_ms is not None:
            return self._downloading(step, step.ends_ms, now_ms)
        began_ms = self.started_at_ms + step.begins_ms
        return JobState(
            self.job_id,
            step.status,
            self.total_size_bytes,
            step.from_bytes,
            self.started_at_ms,
            completed_at_ms=began_ms if step.status == "completed" else None,
            listed=self.listed,
        )

    def _downloading(self, step: Step, ends_ms: int, now_ms: int) -> JobState:
        duration = ends_ms - step.begins_ms
        growth = step.to_bytes - step.from_bytes
        elapsed = now_ms - self.started_at_ms - step.begins_ms
        downloaded = step.from_bytes + growth * elapsed // duration
        # Half a millisecond is added before the floor; all in integers, so no rounding creeps in.
        rest_ms = (2 * (self.total_size_bytes - downloaded) * duration + growth) // (2 * growth)
        return JobState(
            self.job_id,
            step.status,
            self.total_size_bytes,
            downloaded,
            self.started_at_ms,
            bytes_per_second=growth * 1000 / duration,
            estimated_completion_ms=min(now_ms + rest_ms, LAST_INSTANT_MS),
            listed=self.listed,
        )


@dataclass(frozen=True, slots=True)
class Timeline:
    """A named set of jobs.

    `epoch_ms` is what the clock shows when the timeline begins. A `floating` timeline names no
    instant at all: a clock may lay it anywhere with `starting_at`.
    """

    name: str
    jobs: tuple[Job, ...]
    epoch_ms: int
    edition: str
    floating: bool = False
    description: str | None = None
    _by_id: Mapping[str, Job] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {job.job_id: job for job in self.jobs})

    def at(self, now_ms: int) -> tuple[JobState, ...]:
        """The states of all jobs that have started, in the order of the file."""
        states = (job.at(now_ms) for job in self.jobs)
        return tuple(state for state in states if state is not None)

    def job_at(self, job_id: str, now_ms: int) -> JobState | None:
        """The state of the job with this id; None when there is none, or not yet."""
        job = self._by_id.get(job_id)
        return None if job is None else job.at(now_ms)

    @property
    def ends_at_ms(self) -> int:
        """The instant from which on no job changes any more."""
        return max(job.started_at_ms + job.steps[-1].begins_ms for job in self.jobs)

    def starting_at(self, start_ms: int) -> Timeline:
        """The same timeline beginning at this instant; unchanged when it names its own.

        A floating one is refused an instant before 1970 or after `LATEST_START_MS`: ValueError.
        """
        if not self.floating:
            return self
        if not 0 <= start_ms <= LATEST_START_MS:
            raise ValueError("a timeline starts between the years 1970 and 9899")
        shift = start_ms - self.epoch_ms
        jobs = tuple(replace(job, started_at_ms=job.started_at_ms + shift) for job in self.jobs)
        return replace(self, jobs=jobs, epoch_ms=start_ms)
