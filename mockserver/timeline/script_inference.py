"""A script that says again what polls of a job were told, at the very instants of the polls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from mockserver.timeline.linear_segments import Segment, Segments, difference, reported, same
from mockserver.timeline.model import Begin, Phase, ScriptedJob, Status, Step
from mockserver.timeline.overrides import overrides_for
from mockserver.timeline.polls import JobSnapshot, total_of
from mockserver.timeline.schedule import Stretch
from mockserver.timeline.script import MAX_SCRIPT_MS
from mockserver.timeline.writer import step_entry

_PHASES: dict[str, Phase] = {status: status for status in get_args(Status)}
_ELSE: Phase = "paused"
"""What a job is below a status that no step has; what it reports hides it."""


@dataclass(frozen=True, slots=True)
class InferredScript:
    """A job's script, as a file has it, from `begins_ms` on, and its total."""

    total_bytes: int
    begins_ms: int
    script: list[Any]


def infer_script(
    snapshots: Sequence[JobSnapshot], job_id: str, edition: str, epoch_ms: int
) -> InferredScript:
    """The shortest that was found. A timeline that begins at `epoch_ms` plays it.

    Each step says exactly what the polls that fall into it were told. Between polls bytes arrive
    evenly. After the last poll, everything stays as it is.
    """
    if not snapshots:
        return InferredScript(0, epoch_ms, ["gone"])
    total = total_of(snapshots)
    inference = _Inference(snapshots, ScriptedJob(job_id, total, Begin(), ()), edition)
    inference.begin(epoch_ms)
    while inference.at < len(snapshots):
        inference.add_step()
    return InferredScript(total, inference.begins_ms, list(inference.entries()))


@dataclass(slots=True)
class _Inference:
    """The steps so far, which explain all snapshots before `at`.

    Each has its beginning, and what it omits in the order of the reply. The next one begins at
    `cursor_ms`, or, while that is `loose`, anywhere after the snapshot before it.
    """

    snapshots: Sequence[JobSnapshot]
    job: ScriptedJob
    edition: str
    at: int = 0
    begins_ms: int = 0
    cursor_ms: int = 0
    loose: bool = False
    arrived: int = 0
    speed: float | None = None
    steps: list[tuple[int, Step, tuple[str, ...]]] = field(default_factory=list)
    segments: Segments = field(init=False)

    def begin(self, epoch_ms: int) -> None:
        """Add what lies before the first snapshot that shows the job: since when it was there."""
        shown = (at for at, each in enumerate(self.snapshots) if each.payload is not None)
        first = next(shown, None)
        self.begins_ms = epoch_ms
        if first is not None:
            snapshot = self.snapshots[first]
            started, now_ms = snapshot.instant("started_at"), snapshot.at_ms
            if started is not None and now_ms - MAX_SCRIPT_MS // 2 < started <= now_ms:
                self.begins_ms = started
                if not first or self.snapshots[first - 1].at_ms < started:
                    self.at = first  # whoever asked before it began was told that there is none
        self.cursor_ms = self.begins_ms
        self.segments = Segments(self.snapshots, self.job, self.begins_ms)
        if self.at == first and self.cursor_ms < self.snapshots[first].at_ms:
            self._lead_in(self.snapshots[first])

    def _lead_in(self, snapshot: JobSnapshot) -> None:
        """What the job had done before anybody asked."""
        if self._segment() is not None:
            return
        total, arrived = self.job.total_size_bytes, snapshot.byte_count("downloaded_bytes") or 0
        ends_ms = snapshot.instant("completed_at") or snapshot.at_ms
        if not self.cursor_ms < ends_ms <= snapshot.at_ms:
            ends_ms = snapshot.at_ms
        if 0 < arrived <= total or not total:
            self._grow(min(arrived, total), ends_ms)
        else:
            self._add(self._still(_ELSE), self.cursor_ms)
            self.cursor_ms = snapshot.at_ms

    def add_step(self) -> None:
        """Add the step, or the two, for the next snapshot, and pass all that it explains."""
        snapshot = self.snapshots[self.at]
        if snapshot.payload is None:
            self._add(self._still("gone"), self.cursor_ms)
            self._pass(lambda each: each.payload is None)
            return
        if (segment := self._segment()) is not None:
            self.cursor_ms = segment.begins_ms
            self._grow(segment.to_bytes, segment.ends_ms, snapshot)
            self.at += segment.snapshots
            return
        phase = _PHASES.get(str(snapshot.payload.get("status")), _ELSE)
        if phase == "completed":
            self._complete(snapshot)
        elif phase == "downloading" and (goal := self._goal()) is not None:
            self._download(goal)
        elif phase == "downloading" and self.speed is None:
            self._stay(_ELSE, snapshot)
        else:
            self._stay(phase, snapshot)

    def _segment(self) -> Segment | None:
        """A step at even speed that explains the next snapshots as they are, if there is one."""
        earliest_ms = self.snapshots[self.at - 1].at_ms + 1 if self.loose else self.cursor_ms
        return self.segments.find(self.at, self.arrived, earliest_ms, self.cursor_ms)

    def _goal(self) -> int | None:
        """The bytes at the next snapshot, if there are more then, as a step can have it."""
        if self.at + 1 == len(self.snapshots):
            return None
        if not self.job.total_size_bytes and self.speed is None:
            return 0
        goal = self.snapshots[self.at + 1].byte_count("downloaded_bytes")
        if goal is None or not self.arrived < goal <= self.job.total_size_bytes:
            return None
        return goal

    def _download(self, goal: int) -> None:
        snapshot, following = self.snapshots[self.at], self.snapshots[self.at + 1]
        completed, ends_ms = following.instant("completed_at"), following.at_ms
        if completed is not None and snapshot.at_ms < completed <= following.at_ms:
            ends_ms = completed
        self._grow(goal, ends_ms, snapshot)
        self.at += 1

    def _complete(self, snapshot: JobSnapshot) -> None:
        """All is there, if nothing but oblivion comes after it."""
        rest = self.snapshots[self.at :]
        alike = [same(each.payload, snapshot.payload) for each in rest]
        others = rest[alike.count(True) :]
        is_end = all(alike[: alike.count(True)]) and all(each.payload is None for each in others)
        begins_ms = self.cursor_ms
        last_ms = self.snapshots[self.at - 1].at_ms if self.at else self.begins_ms - 1
        completed = snapshot.instant("completed_at")
        if self.loose and completed is not None and last_ms < completed <= snapshot.at_ms:
            begins_ms = completed
        if self.job.total_size_bytes > self.arrived and is_end:
            # What is missing arrives in the last millisecond, if nobody asked then.
            is_end = self.loose and begins_ms - 1 > last_ms
            if is_end:
                self.cursor_ms = begins_ms - 1
                self._grow(self.job.total_size_bytes, begins_ms)
        self.cursor_ms = begins_ms
        self._stay("completed" if is_end else _ELSE, snapshot)

    def _stay(self, phase: Phase, snapshot: JobSnapshot) -> None:
        self._add(self._still(phase), self.cursor_ms, snapshot)
        begins_ms, step, _ = self.steps[-1]
        self._pass(lambda each: same(self._reported(step, begins_ms, each.at_ms), each.payload))

    def _still(self, phase: Phase) -> Step:
        speed = self.speed if phase == "downloading" else None
        arrived = self.arrived
        return Step(phase, from_bytes=arrived, to_bytes=arrived, bytes_per_second=speed)

    def _pass(self, is_explained: Callable[[JobSnapshot], bool]) -> None:
        """Go on to the first snapshot that the last step does not explain."""
        self.at += 1
        while self.at < len(self.snapshots) and is_explained(self.snapshots[self.at]):
            self.at += 1
        if self.at < len(self.snapshots):
            self.cursor_ms, self.loose = self.snapshots[self.at].at_ms, True

    def _grow(self, goal: int, ends_ms: int, snapshot: JobSnapshot | None = None) -> None:
        lasts_ms = ends_ms - self.cursor_ms
        self.speed = (goal - self.arrived) * 1000 / lasts_ms
        step = Step("downloading", lasts_ms, from_bytes=self.arrived, to_bytes=goal)
        self._add(replace(step, bytes_per_second=self.speed), self.cursor_ms, snapshot)
        self.arrived, self.cursor_ms, self.loose = goal, ends_ms, False

    def _add(self, step: Step, begins_ms: int, snapshot: JobSnapshot | None = None) -> None:
        """Append the step; it reports and omits what makes it say what the snapshot says."""
        omit: tuple[str, ...] = ()
        if snapshot is not None and snapshot.payload is not None:
            usual = self._reported(step, begins_ms, snapshot.at_ms) or {}
            values, omit = difference(usual, snapshot.payload)
            if values or omit:
                overrides = overrides_for(step.phase, usual, values, omit, edition=self.edition)
                step = replace(step, overrides=overrides)
        self.steps.append((begins_ms, step, omit))

    def _reported(self, step: Step, begins_ms: int, now_ms: int) -> dict[str, Any] | None:
        return reported(self.job, self.begins_ms, Stretch(step, begins_ms, None), now_ms)

    def entries(self) -> Iterator[Any]:
        """The steps as a file has them."""
        ends: list[int | None] = [begins_ms for begins_ms, _, _ in self.steps[1:]]
        for (begins_ms, step, omit), ends_ms in zip(self.steps, [*ends, None], strict=True):
            yield step_entry(step, None if ends_ms is None else ends_ms - begins_ms, omit)
