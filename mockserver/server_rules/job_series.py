"""Jobs over time, for a chart: so many samples of so many jobs, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.findings.report import JobSample, JobSeries
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.values import is_number

__all__ = ["MAX_JOBS", "MAX_SAMPLES", "SeriesRecorder"]

MAX_JOBS = 50
"""Jobs that a chart can show; the first ones that are seen."""
MAX_SAMPLES = 1000
"""Samples of one job; of more than that, each second one is left out again and again."""

_MAX_TEXT = 64


@dataclass(slots=True)
class _Thinned:
    """Every `stride`-th sample so far, and the last one, which always counts."""

    samples: list[JobSample] = field(default_factory=list)
    stride: int = 1
    count: int = 0
    last: JobSample | None = None

    def add(self, sample: JobSample) -> None:
        if self.count % self.stride == 0:
            self.samples.append(sample)
            if len(self.samples) > MAX_SAMPLES:
                del self.samples[1::2]
                self.stride *= 2
        self.count += 1
        self.last = sample

    def all(self) -> tuple[JobSample, ...]:
        last = [] if self.last is None or self.samples[-1] is self.last else [self.last]
        return (*self.samples, *last)


class SeriesRecorder:
    """The samples of each job, in the order of the polls."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Thinned] = {}

    def add(self, observation: Observation, jobs: Iterable[Mapping[str, Any]]) -> None:
        """Take in the jobs of one response."""
        for job in jobs:
            job_id, status = job.get("job_id"), job.get("status")
            if not isinstance(job_id, str) or not isinstance(status, str):
                continue
            if job_id not in self._jobs:
                if len(self._jobs) >= MAX_JOBS or len(job_id) > _MAX_TEXT:
                    continue
                self._jobs[job_id] = _Thinned()
            self._jobs[job_id].add(_sample(observation, job, status[:_MAX_TEXT]))

    def all(self) -> tuple[JobSeries, ...]:
        return tuple(JobSeries(job_id, samples.all()) for job_id, samples in self._jobs.items())


def _sample(observation: Observation, job: Mapping[str, Any], status: str) -> JobSample:
    return JobSample(
        observation.number,
        observation.at_ms,
        status,
        downloaded_bytes=_number(job.get("downloaded_bytes")),
        total_size_bytes=_number(job.get("total_size_bytes")),
        bytes_per_second=_number(job.get("bytes_per_second")),
    )


def _number(value: object) -> float | None:
    """A number that a chart can show: none is greater than 2 to the power of 63."""
    return value if is_number(value) and abs(value) <= 2**63 else None
