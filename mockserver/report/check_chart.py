"""What a check saw of jobs over time, made ready to be drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Literal, TypeAlias, get_args

from mockserver.documents.text import size
from mockserver.findings.report import CheckReport, JobSample, JobSeries
from mockserver.findings.rule import Severity
from mockserver.report.check_summary import grouped, moment

__all__ = ["Chart", "Kind", "Mark", "Panel", "Span", "chart_of"]

Kind: TypeAlias = Literal["downloading", "paused", "completed", "failed", "other"]
_KINDS: tuple[Kind, ...] = get_args(Kind)
_MOST_PANELS = 12
_SHOWN_STATUSES = 6


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time of one status; times count from the chart's beginning."""

    status: str
    begins_ms: int
    ends_ms: int

    @property
    def kind(self) -> Kind:
        return next((kind for kind in _KINDS if kind == self.status), "other")


@dataclass(frozen=True, slots=True)
class Mark:
    """The first sighting of a finding; `number` is the finding's in the report."""

    at_ms: int
    number: int
    severity: Severity
    id: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One job.

    `runs` are its bytes at times, a run for each stretch in which replies had a number; `top` is
    the greatest number of bytes to draw, `total` the job's size as it was last told.
    """

    job_id: str
    polls: int
    runs: tuple[tuple[tuple[int, float], ...], ...]
    top: float
    total: float | None
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]

    @property
    def statuses(self) -> str:
        """`downloading, paused, downloading, completed`, of many the first and the last."""
        names = [span.status for span in self.spans]
        if len(names) > _SHOWN_STATUSES:
            names = [*names[: _SHOWN_STATUSES - 2], "…", names[-1]]
        return ", ".join(names)

    @property
    def bytes(self) -> str:
        """`1.2 GB of 2.28 GB`: the last that was told."""
        done = size(self.runs[-1][-1][1]) if self.runs else "?"
        return done if self.total is None else f"{done} of {size(self.total)}"


@dataclass(frozen=True, slots=True)
class Chart:
    """`marks` are those of findings about no job that is drawn; `more` counts jobs left out."""

    origin: str
    ends_ms: int
    panels: tuple[Panel, ...]
    marks: tuple[Mark, ...]
    more: int

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of statuses in it."""
        used = {span.kind for panel in self.panels for span in panel.spans}
        return tuple(kind for kind in _KINDS if kind in used)

    @property
    def severities(self) -> frozenset[Severity]:
        """The severities of what is marked."""
        drawn = (*self.marks, *(mark for panel in self.panels for mark in panel.marks))
        return frozenset(mark.severity for mark in drawn)


def chart_of(report: CheckReport) -> Chart | None:
    """The first dozen jobs with the findings at their first sightings; None without a job."""
    tracks = [track for track in report.tracks if track.points]
    drawn = tracks[:_MOST_PANELS]
    if not drawn:
        return None
    numbered = [pair for group in grouped(report.findings) for pair in group.findings]
    times = [point.at_ms for track in drawn for point in track.points]
    times += [finding.first.at_ms for _, finding in numbered]
    begins_ms = min(times)
    ids = {track.job_id for track in drawn}
    marks: dict[str | None, list[Mark]] = {}
    for number, finding in numbered:
        key = finding.job_id if finding.job_id in ids else None
        at_ms = finding.first.at_ms - begins_ms
        mark = Mark(at_ms, number, finding.rule.severity, finding.id)
        marks.setdefault(key, []).append(mark)
    return Chart(
        moment(begins_ms),
        max(times) - begins_ms or 1,
        tuple(_panel(track, begins_ms, marks.pop(track.job_id, ())) for track in drawn),
        tuple(marks.get(None, ())),
        len(tracks) - len(drawn),
    )


def _panel(track: JobSeries, begins_ms: int, marks: Iterable[Mark]) -> Panel:
    points = sorted(track.points, key=attrgetter("at_ms"))
    runs = tuple(_runs(points, begins_ms))
    totals = [total for one in points if (total := _drawable(one.total_size_bytes)) is not None]
    top = max([*totals, *(done for run in runs for _, done in run)], default=0.0)
    return Panel(
        track.job_id,
        len(points),
        runs,
        top or 1.0,
        totals[-1] if totals else None,
        tuple(_spans(points, begins_ms)),
        tuple(marks),
    )


def _runs(points: Iterable[JobSample], begins_ms: int) -> Iterator[tuple[tuple[int, float], ...]]:
    told = ((one.at_ms - begins_ms, _drawable(one.downloaded_bytes)) for one in points)
    for is_known, run in groupby(told, lambda one: one[1] is not None):
        if is_known:
            yield tuple((at_ms, done) for at_ms, done in run if done is not None)


def _spans(points: Sequence[JobSample], begins_ms: int) -> Iterator[Span]:
    """Each lasts until the next status was seen."""
    changes = [next(run) for _, run in groupby(points, attrgetter("status"))]
    ends = [*(one.at_ms for one in changes[1:]), points[-1].at_ms]
    for one, end_ms in zip(changes, ends, strict=True):
        yield Span(one.status, one.at_ms - begins_ms, end_ms - begins_ms)


def _drawable(number: float | None) -> float | None:
    """A number of bytes as a place on an axis; None for what has none there."""
    try:
        found = math.nan if number is None else float(number)
    except OverflowError:
        return None
    return max(0.0, found) if math.isfinite(found) else None
