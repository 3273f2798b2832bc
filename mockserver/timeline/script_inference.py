"""A script that says again what polls of a job were told, at the very instants of the polls."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile, pairwise
from typing import Any, get_args

from mockserver.timeline.builder import step_entry
from mockserver.timeline.linear_segments import Segment, Segments, difference, same
from mockserver.timeline.model import Begin, Phase, ScriptedJob, Status, Step
from mockserver.timeline.overrides import overrides_for
from mockserver.timeline.payloads import job_payload
from mockserver.timeline.polls import JobSnapshot, total_of
from mockserver.timeline.schedule import Schedule, Stretch
from mockserver.timeline.script import MAX_SCRIPT_MS

_PHASES: dict[str, Phase] = {status: status for status in get_args(Status)}
_ELSE: Phase = "paused"
"""What a job is below a status that no step has; what it reports hides it."""


def infer_script(
    snapshots: Sequence[JobSnapshot], job_id: str, edition: str, epoch_ms: int
) -> tuple[int, int, list[Any]]:
    """The job's total, its beginning, and its script as a file has it: the shortest that was found.

    A timeline that begins at `epoch_ms` plays it. Each step says exactly what the polls that fall
    into it were told. Between polls bytes arrive evenly. After the last, everything stays as it is.
    """
    if not snapshots:
        return 0, epoch_ms, ["gone"]
    total = total_of(snapshots)
    inference = _Inference(snapshots, ScriptedJob(job_id, total, Begin(), ()), edition, epoch_ms)
    inference.begin()
    while inference.at < len(snapshots):
        inference.add_step()
    return total, inference.begins_ms, list(inference.entries())


@dataclass(slots=True)
class _Inference:
    """The steps so far, which explain all snapshots before `at`.

    Each has its beginning, and what it omits in the order of the reply. The next one begins at
    `cursor_ms`, or, while that is `loose`, anywhere after the snapshot before it.
    """

    snapshots: Sequence[JobSnapshot]
    job: ScriptedJob
    edition: str
    begins_ms: int
    at: int = 0
    cursor_ms: int = 0
    loose: bool = False
    arrived: int = 0
    speed: float | None = None
    steps: list[tuple[int, Step, tuple[str, ...]]] = field(default_factory=list)
    segments: Segments = field(init=False)

    def begin(self) -> None:
        """Add what lies before the first snapshot that shows the job: since when it was there."""
        shown = (at for at, each in enumerate(self.snapshots) if each.payload is not None)
        first = next(shown, 0)
        started, now_ms = self.snapshots[first].instant("started_at"), self.snapshots[first].at_ms
        if started is not None and now_ms - MAX_SCRIPT_MS // 2 < started <= now_ms:
            self.begins_ms = started
            if not first or self.snapshots[first - 1].at_ms < started:
                self.at = first  # whoever asked before it began was told that there is none
        self.cursor_ms = self.begins_ms
        self.segments = Segments(self.snapshots, self.job.total_size_bytes, self._reported)
        snapshot = self.snapshots[self.at]
        is_late = snapshot.payload is not None and self.cursor_ms < snapshot.at_ms
        if is_late and self._segment() is None:
            self._lead_in(snapshot)

    def _lead_in(self, snapshot: JobSnapshot) -> None:
        """What the job had done before anybody asked."""
        total, arrived = self.job.total_size_bytes, snapshot.byte_count("downloaded_bytes") or 0
        ends_ms = snapshot.instant("completed_at") or snapshot.at_ms
        if not self.cursor_ms < ends_ms <= snapshot.at_ms:
            ends_ms = snapshot.at_ms
        if 0 < arrived <= total or not total:
            self._grow(min(arrived, total), ends_ms)
        else:
            self._add(self._still(_ELSE))
            self.cursor_ms = snapshot.at_ms

    def add_step(self) -> None:
        """Add the step, or the two, for the next snapshot, and pass all that it explains."""
        snapshot = self.snapshots[self.at]
        if snapshot.payload is None:
            self._add(self._still("gone"))
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
            following = self.snapshots[self.at + 1]
            completed, ends_ms = following.instant("completed_at"), following.at_ms
            if completed is not None and snapshot.at_ms < completed <= ends_ms:
                ends_ms = completed
            self._grow(goal, ends_ms, snapshot)
            self.at += 1
        else:
            self._stay(_ELSE if phase == "downloading" and self.speed is None else phase, snapshot)

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
        is_more = goal is not None and self.arrived < goal <= self.job.total_size_bytes
        return goal if is_more else None

    def _complete(self, snapshot: JobSnapshot) -> None:
        """All is there, if nothing but oblivion comes after it."""
        others = dropwhile(
            lambda each: same(each.payload, snapshot.payload), self.snapshots[self.at :]
        )
        is_end = all(each.payload is None for each in others)
        last_ms = self.snapshots[self.at - 1].at_ms if self.at else self.begins_ms - 1
        completed = snapshot.instant("completed_at")
        if self.loose and completed is not None and last_ms < completed <= snapshot.at_ms:
            self.cursor_ms = completed
        if self.job.total_size_bytes > self.arrived and is_end:
            # What is missing arrives in the last millisecond, if nobody asked then.
            is_end = self.loose and self.cursor_ms - 1 > last_ms
            if is_end:
                self.cursor_ms -= 1
                self._grow(self.job.total_size_bytes, self.cursor_ms + 1)
        self._stay("completed" if is_end else _ELSE, snapshot)

    def _stay(self, phase: Phase, snapshot: JobSnapshot) -> None:
        self._add(self._still(phase), snapshot)
        begins_ms, step, _ = self.steps[-1]
        self._pass(lambda each: same(self._reported(step, begins_ms, each.at_ms), each.payload))

    def _still(self, phase: Phase) -> Step:
        speed = self.speed if phase == "downloading" else None
        return Step(phase, None, None, self.arrived, self.arrived, bytes_per_second=speed)

    def _pass(self, is_explained: Callable[[JobSnapshot], bool]) -> None:
        """Go on to the first snapshot that the last step does not explain."""
        self.at += 1
        while self.at < len(self.snapshots) and is_explained(self.snapshots[self.at]):
            self.at += 1
        if self.at < len(self.snapshots):
            self.cursor_ms, self.loose = self.snapshots[self.at].at_ms, True

    def _grow(self, goal: int, ends_ms: int, snapshot: JobSnapshot | None = None) -> None:
        step = Step.growing(ends_ms - self.cursor_ms, self.arrived, goal)
        self._add(step, snapshot)
        self.speed = step.bytes_per_second
        self.arrived, self.cursor_ms, self.loose = goal, ends_ms, False

    def _add(self, step: Step, snapshot: JobSnapshot | None = None) -> None:
        """Append the step; it reports and omits what makes it say what the snapshot says."""
        omit: tuple[str, ...] = ()
        if snapshot is not None and snapshot.payload is not None:
            usual = self._reported(step, self.cursor_ms, snapshot.at_ms) or {}
            values, omit = difference(usual, snapshot.payload)
            if values or omit:
                overrides = overrides_for(step.phase, usual, values, omit, edition=self.edition)
                step = replace(step, overrides=overrides)
        self.steps.append((self.cursor_ms, step, omit))

    def _reported(self, step: Step, begins_ms: int, now_ms: int) -> dict[str, Any] | None:
        """What is said of the job in a step that begins at an instant, at another one."""
        before = Stretch(step, self.begins_ms, begins_ms)
        state = Schedule(self.job, (before, Stretch(step, begins_ms, None))).at(now_ms)
        return None if state is None else job_payload(state)

    def entries(self) -> Iterator[Any]:
        """The steps as a file has them."""
        for (begins_ms, step, omit), (ends_ms, *_) in pairwise(self.steps):
            yield step_entry(step, ends_ms - begins_ms, omit)
        yield step_entry(self.steps[-1][1], None, self.steps[-1][2])
