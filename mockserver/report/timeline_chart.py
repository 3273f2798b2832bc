"""What a picture of a playback shows: lanes of spans, faults, events.

Times count from the timeline's beginning, where a chart begins too: what a job did earlier, no
client ever sees. Shares are from 0 to 1, texts are printable and on one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mockserver.documents import rfc3339
from mockserver.errors import UnknownName
from mockserver.timeline import describe as words
from mockserver.timeline.model import Overrides, Phase, ScriptedJob, Step
from mockserver.timeline.playback import Playback
from mockserver.timeline.schedule import Schedule, Stretch

__all__ = ["MAX_LANES", "Band", "Chart", "Kind", "Lane", "Mark", "Span", "chart"]

MAX_LANES = 8
_MAX_NOTES = 12
_MAX_MARKS = 8
_MAX_BANDS = 8
_MAX_LABEL = 40
_NOTHING_HAPPENS_MS = 10_000
_WELL_BEYOND = 3

NO_BYTES = "downloading, no bytes"

Kind: TypeAlias = Phase | Literal["holding"]
"""How a span is drawn: its phase, except that a download without a new byte is one of its own."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a lane. `label` is the status that its replies give.

    `goes_on`: it has not ended where the chart does; `waits_for` is the event that would end it.
    """

    kind: Kind
    label: str
    begins_ms: int
    ends_ms: int
    from_share: float
    to_share: float
    goes_on: bool = False
    waits_for: str | None = None

    @property
    def short_label(self) -> str:
        """The label where there is little room: what it adds to the status."""
        return "no bytes" if self.label == NO_BYTES else self.label

    def share_at(self, at_ms: float) -> float:
        """The share of the bytes at a time, held to the span."""
        length = self.ends_ms - self.begins_ms
        passed = min(1.0, max(0.0, (at_ms - self.begins_ms) / length))
        return self.from_share + (self.to_share - self.from_share) * passed


@dataclass(frozen=True, slots=True)
class Lane:
    """One job's life, or that of several jobs that live the same; `facts` are worth a heading.

    A job without bytes (`has_bytes`) has no share of them to draw, only its status.
    """

    job_id: str
    has_bytes: bool
    facts: tuple[str, ...]
    waits: str | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """The time window of the fault with this number, counted from 1 in `Chart.faults`.

    Of many only the first are drawn; all are among `Chart.faults`.
    """

    number: int
    begins_ms: int
    ends_ms: int
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """An event at a time."""

    name: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn, and the sentences that go below it. `more` jobs are not drawn."""

    name: str
    description: str
    edition: str
    origin: str | None
    ends_ms: int
    lanes: tuple[Lane, ...]
    more: int
    marks: tuple[Mark, ...]
    bands: tuple[Band, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of spans that are drawn, in the order of their first appearance."""
        return tuple(dict.fromkeys(span.kind for lane in self.lanes for span in lane.spans))


def chart(playback: Playback, jobs: Sequence[str] = (), ends_ms: int | None = None) -> Chart:
    """The chart of these jobs, or of up to `MAX_LANES` that differ; UnknownName for a stranger.

    It ends at `ends_ms`, or a little after the last change.
    """
    timeline = playback.timeline
    groups = _chosen(playback, jobs)
    if ends_ms is None:
        ends_ms = _end(playback, [group[0] for group in groups])
    drawn = sum(map(len, groups))
    return Chart(
        words.plain(timeline.name),
        words.plain(timeline.description or ""),
        timeline.edition,
        None if timeline.floating else rfc3339.from_milliseconds(playback.epoch_ms),
        ends_ms,
        tuple(_lane(playback, group, ends_ms) for group in groups),
        0 if jobs else len(timeline.jobs) - drawn,
        tuple(_marks(playback, ends_ms)),
        tuple(_bands(playback, ends_ms))[:_MAX_BANDS],
        tuple(fault.words() for fault in timeline.faults),
        _limited([*_unheard(playback), *_reports(groups, playback.epoch_ms)]),
    )


def _chosen(playback: Playback, jobs: Sequence[str]) -> list[list[Schedule]]:
    """The schedules to draw: each with those that are the same."""
    schedules = playback.schedules
    for job_id in jobs:
        if job_id not in schedules:
            raise UnknownName("job", job_id, tuple(schedules), playback.timeline.name)
    if jobs:
        return [[schedules[job_id]] for job_id in dict.fromkeys(jobs)]
    alike: dict[tuple[tuple[Stretch, ...], int, bool], list[Schedule]] = {}
    for one in schedules.values():
        key = (one.stretches, one.job.total_size_bytes, one.job.listed)
        alike.setdefault(key, []).append(one)
    groups = list(alike.values())
    if len(groups) <= MAX_LANES:
        return groups
    # Those with a script of their own first; then some of the rest, from all over the file.
    scripts: dict[tuple[Step, ...], int] = {}
    for index, (first, *_) in enumerate(groups):
        scripts.setdefault(first.job.steps, index)
    picked = list(scripts.values())[:MAX_LANES]
    rest = [index for index in range(len(groups)) if index not in set(picked)]
    wanted = MAX_LANES - len(picked)
    picked += [rest[(number + 1) * len(rest) // wanted - 1] for number in range(wanted)]
    return [groups[index] for index in sorted(picked)]


def _end(playback: Playback, schedules: Iterable[Schedule]) -> int:
    """A little after the last change, so that what lasts for ever has some room."""
    settled = [one.settles_ms for one in schedules if one.settles_ms is not None]
    changes = [*settled, *(event.at_ms for event in playback.events)]
    windows = [fault.when for fault in playback.timeline.faults]
    last = max([0, *(at - playback.epoch_ms for at in changes), *(one.after_ms for one in windows)])
    # A window that outlasts all else by far would leave no room for the rest: it goes on.
    closes = [one.after_ms + one.lasts_ms for one in windows if one.lasts_ms is not None]
    last = max([last, *(end for end in closes if end <= _WELL_BEYOND * last or not last)])
    return last + max(1, last // 4) if last else _NOTHING_HAPPENS_MS


def _lane(playback: Playback, group: Sequence[Schedule], ends_ms: int) -> Lane:
    schedule = group[0]
    spans = [_span(one, schedule.job, playback.epoch_ms, ends_ms) for one in schedule.stretches]
    shown = tuple(span for span in spans if span is not None)
    waits = None
    if schedule.awaits is not None:
        since = (schedule.settles_ms or playback.epoch_ms) - playback.epoch_ms
        waits = f"waits for {schedule.awaits}" + (
            f" from {words.duration(since)} on" if since > 0 else ""
        )
    facts = _facts(schedule, len(group) - 1, playback.epoch_ms)
    job = schedule.job
    return Lane(words.plain(job.job_id), job.total_size_bytes > 0, tuple(facts), waits, shown)


def _facts(schedule: Schedule, alike: int, epoch_ms: int) -> Iterable[str]:
    job = schedule.job
    if alike:
        yield f"and {alike:,} like it"
    yield words.size(job.total_size_bytes)
    if job.model is not None:
        yield words.plain(job.model)
    if not job.listed:
        yield "not in the list"
    if schedule.begins_ms is not None and schedule.begins_ms < epoch_ms:
        yield f"began {words.duration(epoch_ms - schedule.begins_ms)} before"


def _span(stretch: Stretch, job: ScriptedJob, epoch_ms: int, chart_ends_ms: int) -> Span | None:
    """The part of the stretch that the chart shows, if there is one."""
    step = stretch.step
    begins = stretch.begins_ms - epoch_ms
    ends = None if stretch.ends_ms is None else stretch.ends_ms - epoch_ms
    left, right = max(0, begins), chart_ends_ms if ends is None else min(ends, chart_ends_ms)
    if left >= right:
        return None
    goes_on = ends is None or ends > chart_ends_ms
    grows = step.to_bytes > step.from_bytes
    lasts = step.lasts_ms or 1

    def share(at: int) -> float:
        arrived = float(step.from_bytes)
        if grows:
            arrived += (step.to_bytes - step.from_bytes) * (at - begins) / lasts
        return min(1.0, arrived / job.total_size_bytes) if job.total_size_bytes else 0.0

    holding = step.phase == "downloading" and not grows and job.total_size_bytes > 0
    return Span(
        "holding" if holding else step.phase,
        _label(step, holding),
        left,
        right,
        share(left),
        share(right),
        goes_on,
        step.until if goes_on else None,
    )


def _label(step: Step, holding: bool) -> str:
    if isinstance(status := step.overrides.values.get("status"), str):
        return words.clipped(words.plain(status), _MAX_LABEL)
    return NO_BYTES if holding else step.phase


def _marks(playback: Playback, ends_ms: int) -> Iterable[Mark]:
    for event in playback.events[:_MAX_MARKS]:
        at = event.at_ms - playback.epoch_ms
        if 0 <= at < ends_ms:
            yield Mark(words.plain(event.name), at)


def _bands(playback: Playback, ends_ms: int) -> Iterable[Band]:
    for number, fault in enumerate(playback.timeline.faults, 1):
        when = fault.when
        if (when.after_ms or when.lasts_ms is not None) and when.after_ms < ends_ms:
            end = ends_ms if when.lasts_ms is None else when.after_ms + when.lasts_ms
            open_end = when.lasts_ms is None or end > ends_ms
            yield Band(number, when.after_ms, min(end, ends_ms), open_end)


def _unheard(playback: Playback) -> Iterable[str]:
    """The events that change nothing, since no step waited for them when they happened."""
    so_far = Playback.of(playback.timeline, playback.epoch_ms)
    for event in playback.events:
        then = so_far.after(event)
        if then.schedules == so_far.schedules and event.at_ms >= playback.epoch_ms:
            at = words.duration(event.at_ms - playback.epoch_ms)
            yield f"Nothing waits for {words.plain(event.name)} at {at}: it changes nothing."
        so_far = then


def _reports(groups: Iterable[Sequence[Schedule]], epoch_ms: int) -> Iterable[str]:
    """What steps say in place of the truth, which is what the chart draws."""
    for group in groups:
        for stretch in group[0].stretches:
            if stretch.step.overrides != Overrides():
                since = words.duration(max(0, stretch.begins_ms - epoch_ms))
                differs = words.overrides_in_words(stretch.step.overrides)
                yield f"{words.plain(group[0].job.job_id)} from {since} on: {differs}."


def _limited(notes: Sequence[str]) -> tuple[str, ...]:
    if len(notes) <= _MAX_NOTES:
        return tuple(notes)
    return (*notes[: _MAX_NOTES - 1], f"… and {len(notes) - _MAX_NOTES + 1} notes more.")
