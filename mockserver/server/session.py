"""A timeline being played: where job scripts, events, faults and a clock meet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias, get_args
from urllib.parse import unquote

from mockserver import resources
from mockserver.errors import UnknownName
from mockserver.timeline.clock import Clock, ManualClock, PollClock, WallClock
from mockserver.timeline.fault import Fault
from mockserver.timeline.load import find, load
from mockserver.timeline.model import Event, JobState, Phase, Status, Timeline
from mockserver.timeline.playback import Playback

__all__ = ["DEFAULT_TIMELINE", "ClockKind", "Session", "make_clock"]

DEFAULT_TIMELINE = "healthy"

ClockKind: TypeAlias = Literal["wall", "manual", "poll"]
"""Runs by itself, stands until it is moved, or moves on with each poll."""

_PHASES = (*get_args(Status), "gone")


def make_clock(
    kind: ClockKind,
    timeline: Timeline,
    *,
    speed: float | None = None,
    step: str | int | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Clock:
    """A clock that shows the timeline's first instant.

    Where the timeline names none, a wall clock starts at the real now, the others at
    `FLOATING_EPOCH_MS`. `speed` is a wall clock's virtual seconds for each real one (1 unless
    given), `step` what a poll moves a poll clock by (`"1s"` unless given; text or milliseconds).
    Raises UnknownName for another kind, ValueError for a speed or a step that is impossible or
    that this kind does not have.
    """
    if kind not in get_args(ClockKind):
        raise UnknownName("clock", kind, get_args(ClockKind))
    if speed is not None and kind != "wall":
        raise ValueError(f"a {kind} clock has no speed: it does not run by itself")
    if step is not None and kind != "poll":
        raise ValueError(f"a {kind} clock has no step: polls do not move it")
    if kind == "manual":
        return ManualClock(timeline.epoch_ms)
    if kind == "poll":
        return PollClock("1s" if step is None else step, timeline.epoch_ms)
    start_ms = time.time_ns() // 1_000_000 if timeline.floating else timeline.epoch_ms
    return WallClock(start_ms, 1.0 if speed is None else speed, monotonic)


class Session:
    """A timeline from where the clock stands when the session begins. Safe to share by threads.

    `timeline`, `edition` and `clock` stay; events and requests change what is played of them.
    """

    def __init__(self, timeline: Timeline, edition: str, clock: Clock) -> None:
        self.timeline = timeline
        self.edition = edition
        self.clock = clock
        self._playback = Playback.of(timeline, clock.now())
        self._event_names = self._playback.event_names
        self._requests = [0] * len(timeline.faults)
        self._refusals = [fault.when for fault in timeline.faults if fault.refuse]
        self._lock = threading.Lock()

    @classmethod
    def begin(
        cls,
        timeline: Timeline | str | Path | None = None,
        edition: str | None = None,
        clock: Clock | ClockKind = "wall",
        *,
        speed: float | None = None,
        step: str | int | None = None,
    ) -> Session:
        """Load what is not loaded yet, make the clock, and begin.

        Raises what `find`, `load` and `make_clock` raise, UnknownName for the edition, and
        ValueError for a speed or a step beside a clock that is made already.
        """
        if not isinstance(timeline, Timeline):
            timeline = load(find(DEFAULT_TIMELINE if timeline is None else timeline))
        edition = timeline.edition if edition is None else edition
        if edition not in resources.edition_names():
            raise UnknownName("edition", edition, resources.edition_names())
        if not isinstance(clock, Clock):
            clock = make_clock(clock, timeline, speed=speed, step=step)
        elif speed is not None or step is not None:
            raise ValueError("a clock that is made already has its speed and its step")
        return cls(timeline, edition, clock)

    @property
    def playback(self) -> Playback:
        """The timeline with the events so far."""
        return self._playback

    def moment(self) -> tuple[Playback, int]:
        """The playback and now, with no event between the two."""
        with self._lock:
            return self._playback, self.clock.now()

    def now(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        return self.clock.now()

    def states(self) -> tuple[JobState, ...]:
        """The states of all jobs that the server knows now, in the order of the file."""
        playback, now_ms = self.moment()
        return playback.at(now_ms)

    def job(self, job_id: str) -> JobState | None:
        """The state of the job with this id; None when the server knows none."""
        playback, now_ms = self.moment()
        return playback.job_at(job_id, now_ms)

    def fire(self, name: str, job_id: str | None = None) -> tuple[str, ...]:
        """Let an event happen now, to one job or to all; gives the ids of those it changed.

        An event that nobody waits for at this moment changes nothing, and is forgotten. Raises
        UnknownName for a name that no step of the timeline waits for, or a job it does not have.
        """
        if name not in self._event_names:
            raise UnknownName("event", name, self._event_names, self.timeline.name)
        with self._lock:
            before = self._playback
            after = before.after(Event(name, self.clock.now(), job_id))
            changed = tuple(
                one
                for one, schedule in after.schedules.items()
                if schedule is not before.schedules[one] and schedule != before.schedules[one]
            )
            if changed:
                self._playback = after
        return changed

    def run_until(self, job_id: str | None, phase: Phase) -> JobState | None:
        """Move the clock on to where the job is in this phase; not at all when it is already.

        Without an id it is the timeline's first job. Gives the job's state there, None when it is
        gone. Raises NeverHappens when only an event could bring that about, UnknownName for an
        unknown job or phase.
        """
        if phase not in _PHASES:
            raise UnknownName("phase", phase, _PHASES)
        if job_id is None:
            job_id = self.timeline.jobs[0].job_id
        playback, now_ms = self.moment()
        instant_ms = playback.when(job_id, phase, now_ms)
        self.clock.reach(instant_ms)
        return playback.job_at(job_id, instant_ms)

    def strike(self, operation: str | None, path: str) -> Fault | None:
        """The fault that befalls this request, which is counted; None when none does.

        `operation` is the id of the documented one that was asked for, if any; `path` is decoded.
        Each fault counts all requests of its operation or path, whichever fault strikes them. Of
        several that fit, the first does.
        """
        struck: Fault | None = None
        with self._lock:
            elapsed_ms = self.clock.now() - self._playback.epoch_ms
            for index, fault in enumerate(self.timeline.faults):
                if fault.refuse or not _concerns(fault, operation, path):
                    continue
                self._requests[index] += 1
                if struck is None and fault.when.covers(self._requests[index], elapsed_ms):
                    struck = fault
        return struck

    def is_refusing(self) -> bool:
        """Whether nobody can connect now."""
        if not self._refusals:
            return False
        elapsed_ms = self.clock.now() - self._playback.epoch_ms
        return any(when.is_open(elapsed_ms) for when in self._refusals)

    def refusal_changes_ms(self) -> int | None:
        """The next instant at which a window of refusal opens or closes; None after the last."""
        if not self._refusals:
            return None
        now_ms, epoch_ms = self.clock.now(), self._playback.epoch_ms
        opens = [epoch_ms + when.after_ms for when in self._refusals]
        closes = [
            epoch_ms + when.after_ms + when.lasts_ms
            for when in self._refusals
            if when.lasts_ms is not None
        ]
        return min((one for one in [*opens, *closes] if one > now_ms), default=None)


def _concerns(fault: Fault, operation: str | None, path: str) -> bool:
    if fault.operation is not None:
        return fault.operation == operation
    return fault.path is None or _plain(unquote(fault.path)) == _plain(path)


def _plain(path: str) -> str:
    """One slash at the end is ignored, as it is for the operations."""
    return path.removesuffix("/") or "/"
