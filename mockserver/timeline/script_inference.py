"""A script that tells again what polls of a job were told, at the very instants of the polls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver import contract
from mockserver.api.operations import JOB_STATUS, LIST_STATUS
from mockserver.timeline.linear_segments import Line, Lines, difference, same
from mockserver.timeline.model import Begin, Overrides, Phase, ScriptedJob, Step
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.schedule import Schedule, Stretch
from mockserver.timeline.script import MAX_SCRIPT_MS
from mockserver.timeline.told import Point, bytes_in, instant_in, total_of

__all__ = ["Retraced", "retrace", "spelt"]

_PHASES: dict[str, Phase] = {
    "downloading": "downloading",
    "paused": "paused",
    "failed": "failed",
    "completed": "completed",
}
_ELSE: Phase = "paused"
"""What a job is below a status that no step has; what it reports hides it."""


@dataclass(frozen=True, slots=True)
class Retraced:
    """A job's script, as a file has it, from `begins_ms` on, and its total."""

    total_bytes: int
    begins_ms: int
    script: list[Any]


def retrace(points: Sequence[Point], job_id: str, edition: str, epoch_ms: int) -> Retraced:
    """The shortest that was found. A timeline that begins at `epoch_ms` plays it.

    Each step says exactly what the polls that fall into it were told. Between polls bytes arrive
    evenly. After the last poll, everything stays as it is.
    """
    if not points:
        return Retraced(0, epoch_ms, ["gone"])
    total = total_of(points)
    writer = _Writer(points, ScriptedJob(job_id, total, Begin(), ()), edition)
    writer.begin(epoch_ms)
    while writer.at < len(points):
        writer.go_on()
    return Retraced(total, writer.begins_ms, list(writer.entries()))


def spelt(duration_ms: int) -> str:
    """A duration as a file has it: `250ms`, `12.5s`."""
    if duration_ms < 1000:
        return f"{duration_ms}ms"
    return f"{duration_ms / 1000:.3f}".rstrip("0").rstrip(".") + "s"


@dataclass(slots=True)
class _Written:
    """A step from an instant on; `off_contract` as in a file."""

    begins_ms: int
    step: Step
    omit: tuple[str, ...] = ()


@dataclass(slots=True)
class _Writer:
    """The steps so far, which tell all points before `at`.

    The next one begins at `cursor_ms`, or, while that is `loose`, anywhere after the last point.
    """

    points: Sequence[Point]
    job: ScriptedJob
    edition: str
    at: int = 0
    begins_ms: int = 0
    cursor_ms: int = 0
    loose: bool = False
    arrived: int = 0
    speed: float | None = None
    written: list[_Written] = field(default_factory=list)
    lines: Lines = field(init=False)

    def begin(self, epoch_ms: int) -> None:
        """Write what lies before the first point that shows the job: since when it was there."""
        first = next((at for at, one in enumerate(self.points) if one.payload is not None), None)
        self.begins_ms = epoch_ms
        if first is not None:
            point = self.points[first]
            started = instant_in(point, "started_at")
            if started is not None and point.at_ms - MAX_SCRIPT_MS // 2 < started <= point.at_ms:
                self.begins_ms = started
                if not first or self.points[first - 1].at_ms < started:
                    self.at = first  # whoever asked before it began was told that there is none
        self.cursor_ms = self.begins_ms
        told = [(one.at_ms, one.payload) for one in self.points]
        self.lines = Lines(told, self.job, self.begins_ms)
        if self.at == first and self.cursor_ms < self.points[first].at_ms:
            self._lead_in(self.points[first])

    def _lead_in(self, point: Point) -> None:
        """What the job had done before anybody asked."""
        if self._straight() is not None:
            return
        arrived = bytes_in(point, "downloaded_bytes") or 0
        ends_ms = instant_in(point, "completed_at") or point.at_ms
        if not self.cursor_ms < ends_ms <= point.at_ms:
            ends_ms = point.at_ms
        if 0 < arrived <= self.job.total_size_bytes or not self.job.total_size_bytes:
            self._grow(min(arrived, self.job.total_size_bytes), ends_ms)
        else:
            self._write(_ELSE, self.cursor_ms)
            self.cursor_ms = point.at_ms

    def go_on(self) -> None:
        """Write the step, or the two, for the next point, and pass all points that it tells."""
        point = self.points[self.at]
        payload = point.payload
        if payload is None:
            self._write("gone", self.cursor_ms)
            self._pass(lambda one: one.payload is None)
            return
        if (line := self._straight()) is not None:
            self.cursor_ms = line.begins_ms
            self._grow(line.to_bytes, line.ends_ms, point)
            self.at += line.points
            return
        phase = _PHASES.get(str(payload.get("status")), _ELSE)
        if phase == "completed":
            self._complete(point)
        elif phase == "downloading" and (goal := self._goal()) is not None:
            self._download(goal)
        elif phase == "downloading" and self.speed is None:
            self._stay(_ELSE, point)
        else:
            self._stay(phase, point)

    def _straight(self) -> Line | None:
        """A step at even speed that tells the next points without a word more, if there is one."""
        earliest_ms = self.points[self.at - 1].at_ms + 1 if self.loose else self.cursor_ms
        return self.lines.line(self.at, self.arrived, earliest_ms, self.cursor_ms)

    def _goal(self) -> int | None:
        """The bytes at the next point, if there are more then, as a step can have it."""
        if self.at + 1 == len(self.points):
            return None
        if not self.job.total_size_bytes and self.speed is None:
            return 0
        goal = bytes_in(self.points[self.at + 1], "downloaded_bytes")
        if goal is None or not self.arrived < goal <= self.job.total_size_bytes:
            return None
        return goal

    def _download(self, goal: int) -> None:
        """Bytes arrive until the next point."""
        point, following = self.points[self.at], self.points[self.at + 1]
        completed = instant_in(following, "completed_at")
        ends_ms = following.at_ms
        if completed is not None and point.at_ms < completed <= following.at_ms:
            ends_ms = completed
        self._grow(goal, ends_ms, point)
        self.at += 1

    def _complete(self, point: Point) -> None:
        """All is there, if nothing but oblivion comes after it."""
        rest = self.points[self.at :]
        others = [one for one in rest if not same(one.payload, point.payload)]
        number = len(rest) - len(others)
        is_end = all(one.payload is None for one in others)
        is_end &= all(same(one.payload, point.payload) for one in rest[:number])
        begins_ms = self.cursor_ms
        last_ms = self.points[self.at - 1].at_ms if self.at else self.begins_ms - 1
        completed = instant_in(point, "completed_at")
        if self.loose and completed is not None and last_ms < completed <= point.at_ms:
            begins_ms = completed
        missing = self.job.total_size_bytes - self.arrived
        if missing and is_end:
            is_end = self.loose and begins_ms - 1 > last_ms
            if is_end:
                self.cursor_ms = begins_ms - 1
                self._grow(self.job.total_size_bytes, begins_ms)
        self.cursor_ms = begins_ms
        self._stay("completed" if is_end else _ELSE, point)

    def _stay(self, phase: Phase, point: Point) -> None:
        """A step in which no bytes arrive."""
        self._write(phase, self.cursor_ms, point)
        begins_ms, step = self.written[-1].begins_ms, self.written[-1].step
        self._pass(lambda one: same(self._told(step, begins_ms, one.at_ms), one.payload))

    def _pass(self, is_told: Callable[[Point], bool]) -> None:
        """Go on to the first point that the last step does not tell."""
        self.at += 1
        while self.at < len(self.points) and is_told(self.points[self.at]):
            self.at += 1
        if self.at < len(self.points):
            self.cursor_ms, self.loose = self.points[self.at].at_ms, True

    def _grow(self, goal: int, ends_ms: int, point: Point | None = None) -> None:
        growth = goal - self.arrived
        self.speed = growth * 1000 / (ends_ms - self.cursor_ms)
        self._write("downloading", self.cursor_ms, point, goal, ends_ms)
        self.arrived, self.cursor_ms, self.loose = goal, ends_ms, False

    def _write(
        self,
        phase: Phase,
        begins_ms: int,
        point: Point | None = None,
        goal: int | None = None,
        ends_ms: int | None = None,
    ) -> None:
        lasts = None if ends_ms is None else ends_ms - begins_ms
        goal = self.arrived if goal is None else goal
        speed = self.speed if phase == "downloading" else None
        step = Step(phase, lasts, None, self.arrived, goal, speed)
        omit: tuple[str, ...] = ()
        if point is not None and point.payload is not None:
            usual = self._told(step, begins_ms, point.at_ms) or {}
            values, omit = difference(usual, point.payload)
            if values or omit:
                step = replace(step, overrides=self._report(phase, usual, values, omit))
        self.written.append(_Written(begins_ms, step, omit))

    def _told(self, step: Step, begins_ms: int, now_ms: int) -> dict[str, Any] | None:
        """What the step says at an instant."""
        before = Stretch(step, self.begins_ms, begins_ms)
        schedule = Schedule(self.job, (before, Stretch(step, begins_ms, None)))
        state = schedule.at(now_ms)
        return None if state is None else job_payload(state)

    def _report(
        self, phase: Phase, usual: dict[str, Any], values: dict[str, Any], omit: tuple[str, ...]
    ) -> Overrides:
        told = [{name: one for name, one in (usual | values).items() if name not in omit}]
        told += [{name: one for name, one in usual.items() if name != gone} for gone in omit]
        without = frozenset(omit)
        is_off = any(map(self._breaks, told)) or self._breaks_list(phase, usual | values)
        return Overrides(values, without, without if is_off else frozenset(), is_off)

    def _breaks(self, payload: dict[str, Any]) -> bool:
        return bool(contract.validator(JOB_STATUS.id, self.edition).violations(payload))

    def _breaks_list(self, phase: Phase, payload: dict[str, Any]) -> bool:
        """Whether the list breaks the contract with the job in it, where there is a list."""
        if self.edition not in LIST_STATUS.editions:
            return False
        lists: dict[str, Any] = {**list_payload(()), phase: [payload]}
        return bool(contract.validator(LIST_STATUS.id, self.edition).violations(lists))

    def entries(self) -> Iterator[Any]:
        """The steps as a file has them."""
        ends: list[int | None] = [one.begins_ms for one in self.written[1:]]
        for one, ends_ms in zip(self.written, [*ends, None], strict=True):
            step, settings = one.step, dict[str, Any]()
            if ends_ms is not None:
                settings["for"] = spelt(ends_ms - one.begins_ms)
            if step.phase == "downloading":
                settings |= {"hold": True} if step.lasts_ms is None else {"to": step.to_bytes}
            if step.overrides.values:
                settings["report"] = dict(step.overrides.values)
            if one.omit:
                settings["omit"] = list(one.omit)
            if step.overrides.off_contract:
                settings["off_contract"] = True
            yield {step.phase: settings} if settings else step.phase
