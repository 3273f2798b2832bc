"""The chart of a check: bytes and status of jobs over time, and where findings were seen."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from mockserver.documents.text import clipped, plain, size
from mockserver.findings.report import CheckReport, JobSample, JobSeries
from mockserver.report.chart import Chart, Curve, Flag, Kind, Lane, Span
from mockserver.report.summary import grouped, moment

_KINDS: tuple[Kind, ...] = ("downloading", "paused", "completed", "failed")
_MOST_JOBS = 12
_MOST_LABEL = 40
_SHOWN_STATUSES = 6


def chart_of(report: CheckReport) -> Chart | None:
    """The first dozen jobs with the findings where they were first seen; None without a job."""
    series = _seen(report)
    drawn = series[:_MOST_JOBS]
    if not drawn:
        return None
    numbered = [pair for group in grouped(report.findings) for pair in group.findings]
    times = [point.at_ms for job in drawn for point in job.points]
    times += [finding.first.at_ms for _, finding in numbered]
    begins_ms = min(times)
    flags: dict[str | None, list[Flag]] = {}
    ids = {job.job_id for job in drawn}
    for number, finding in numbered:
        at_ms = finding.first.at_ms - begins_ms
        flag = Flag(at_ms, number, finding.severity, plain(finding.id))
        flags.setdefault(finding.job_id if finding.job_id in ids else None, []).append(flag)
    lanes = [_lane(job, begins_ms, flags.pop(job.job_id, ())) for job in drawn]
    if flags:
        lanes.insert(0, Lane("about none of these jobs alone", flags=tuple(flags[None])))
    return Chart(
        title="Downloaded bytes of each job over time",
        since=f"since {moment(begins_ms)}",
        ends_ms=max(times) - begins_ms or 1,
        lanes=tuple(lanes),
        more=len(series) - len(drawn),
    )


def _seen(report: CheckReport) -> list[JobSeries]:
    """The jobs that were polled, the points of each in their order."""
    polled = ((job, sorted(job.points, key=attrgetter("at_ms"))) for job in report.tracks)
    return [replace(job, points=tuple(points)) for job, points in polled if points]


def rows_of(report: CheckReport, chart: Chart) -> Iterator[dict[str, Any]]:
    """The table below the chart: a job's statuses, its last bytes, its findings' numbers."""
    lanes = [lane for lane in chart.lanes if lane.spans]
    for job, lane in zip(_seen(report), lanes, strict=False):
        done = _drawables(point.downloaded_bytes for point in job.points)
        totals = _drawables(point.total_size_bytes for point in job.points)
        shown = size(done[-1]) if done else "?"
        names = [span.label for span in lane.spans]
        if len(names) > _SHOWN_STATUSES:
            names = [*names[: _SHOWN_STATUSES - 2], "…", names[-1]]
        yield {
            "job_id": lane.name,
            "polls": len(job.points),
            "bytes": f"{shown} of {size(totals[-1])}" if totals else shown,
            "statuses": ", ".join(names),
            "numbers": [flag.number for flag in lane.flags],
        }


def _lane(job: JobSeries, begins_ms: int, flags: Iterable[Flag]) -> Lane:
    runs = list(_runs(job.points, begins_ms))
    totals = _drawables(point.total_size_bytes for point in job.points)
    top = max([*totals, *(done for run in runs for _, done in run)], default=0.0) or 1.0
    return Lane(
        plain(job.job_id),
        spans=tuple(_spans(job.points, begins_ms)),
        curves=tuple(
            Curve("downloading", tuple((at_ms, done / top) for at_ms, done in run)) for run in runs
        ),
        scale=tuple((share, size(top * share)) for share in (0.0, 0.5, 1.0)),
        total_share=totals[-1] / top if totals else None,
        flags=tuple(flags),
    )


def _drawables(numbers: Iterable[float | None]) -> list[float]:
    return [drawable for drawable in map(_drawable, numbers) if drawable is not None]


def _runs(points: Iterable[JobSample], begins_ms: int) -> Iterator[tuple[tuple[int, float], ...]]:
    """Bytes at times, a run for each stretch in which replies had a number."""
    samples = ((point.at_ms - begins_ms, _drawable(point.downloaded_bytes)) for point in points)
    for is_known, run in groupby(samples, lambda sample: sample[1] is not None):
        if is_known:
            yield tuple((at_ms, done) for at_ms, done in run if done is not None)


def _spans(points: Sequence[JobSample], begins_ms: int) -> Iterator[Span]:
    """Each lasts until the next status was seen."""
    changes = [next(run) for _, run in groupby(points, attrgetter("status"))]
    ends = [*(point.at_ms for point in changes[1:]), points[-1].at_ms]
    for point, end_ms in zip(changes, ends, strict=True):
        kind: Kind = next((known for known in _KINDS if known == point.status), "other")
        label = clipped(plain(point.status), _MOST_LABEL)
        yield Span(kind, label, point.at_ms - begins_ms, end_ms - begins_ms)


def _drawable(number: float | None) -> float | None:
    """A number of bytes as a place on an axis; None for what has none there."""
    try:
        found = math.nan if number is None else float(number)
    except OverflowError:
        return None
    return max(0.0, found) if math.isfinite(found) else None
