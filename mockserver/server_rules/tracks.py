"""Jobs over time, for a chart: so many points of so many jobs, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.consistency import is_number
from mockserver.findings.report import JobSample, JobSeries
from mockserver.server_rules.observation import Observation

__all__ = ["MAX_JOBS", "MAX_POINTS", "Tracks"]

MAX_JOBS = 50
"""Jobs that a chart can show; the first ones that are seen."""
MAX_POINTS = 1000
"""Points of one job; of more than that, each second one is left out again and again."""

_LONGEST = 64


@dataclass(slots=True)
class _Line:
    """Every `stride`-th point so far, and the last one, which always counts."""

    points: list[JobSample] = field(default_factory=list)
    stride: int = 1
    count: int = 0
    last: JobSample | None = None

    def add(self, point: JobSample) -> None:
        if self.count % self.stride == 0:
            self.points.append(point)
            if len(self.points) > MAX_POINTS:
                del self.points[1::2]
                self.stride *= 2
        self.count += 1
        self.last = point


class Tracks:
    """The points of each job, in the order of the polls."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    def add(self, seen: Observation, jobs: Iterable[Mapping[str, Any]]) -> None:
        """Take in the jobs of one reply."""
        for job in jobs:
            job_id, status = job.get("job_id"), job.get("status")
            if not isinstance(job_id, str) or not isinstance(status, str):
                continue
            line = self._lines.get(job_id)
            if line is None:
                if len(self._lines) >= MAX_JOBS or len(job_id) > _LONGEST:
                    continue
                line = self._lines[job_id] = _Line()
            line.add(_point(seen, job, status[:_LONGEST]))

    def as_tracks(self) -> tuple[JobSeries, ...]:
        """All jobs with their points."""
        return tuple(_track(job_id, line) for job_id, line in self._lines.items())


def _track(job_id: str, line: _Line) -> JobSeries:
    points = tuple(line.points)
    if line.last is not None and points[-1] is not line.last:
        points += (line.last,)
    return JobSeries(job_id, points)


def _point(seen: Observation, job: Mapping[str, Any], status: str) -> JobSample:
    numbers = (
        _number(job.get(name))
        for name in ("downloaded_bytes", "total_size_bytes", "bytes_per_second")
    )
    return JobSample(seen.number, seen.at_ms, status, *numbers)


def _number(value: object) -> float | None:
    """A number that a chart can show: none is greater than 2 to the power of 63."""
    return value if is_number(value) and abs(value) <= 2**63 else None
