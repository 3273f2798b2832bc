"""What a response says of jobs, read with no trust in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from mockserver.api.operations import about
from mockserver.documents import json_text
from mockserver.errors import JsonTextError
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.values import is_number
from mockserver.timeline.model import JobState, Status

ENDED = ("completed", "failed")
"""The statuses in which a job stays."""

_MAX_ID = 200
_MAX_NUMBER = 1e18


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job as a response shows it; a number is None where there is none."""

    job_id: str
    status: str
    downloaded_bytes: float | None = None
    total_size_bytes: float | None = None
    bytes_per_second: float | None = None


def members(observation: Observation) -> dict[str, Any]:
    """The members of a JSON object; none where the response is anything else."""
    if observation.failure is not None or not observation.body:
        return {}
    try:
        payload = json_text.loads(observation.body)
    except JsonTextError:
        return {}
    return payload if isinstance(payload, dict) else {}


def job_shown(observation: Observation) -> ShownJob | None:
    """The job of a successful `job_status` or `download`, if it has a status and an id."""
    if observation.status != 200:
        return None
    return _shown(members(observation), observation.job_id)


def jobs_listed(observation: Observation) -> dict[str, ShownJob]:
    """By their ids, the jobs of a successful `list_status` that can be asked for."""
    if observation.status != 200:
        return {}
    lists = [value for value in members(observation).values() if isinstance(value, list)]
    found = (_shown(item, None) for items in lists for item in items if isinstance(item, dict))
    return {job.job_id: job for job in found if job is not None}


def states_in(observation: Observation) -> tuple[JobState, ...]:
    """The jobs that a response shows: their status as it was told, known or not."""
    kind, jobs = about(observation.operation), list[ShownJob]()
    if kind == "jobs":
        jobs = list(jobs_listed(observation).values())
    elif kind in ("job", "model") and (job := job_shown(observation)) is not None:
        jobs = [job]
    return tuple(
        JobState(
            job.job_id,
            cast(Status, job.status),
            total_size_bytes=int(job.total_size_bytes or 0),
            downloaded_bytes=int(job.downloaded_bytes or 0),
            started_at_ms=0,
        )
        for job in jobs
    )


def _shown(data: dict[str, Any], asked: str | None) -> ShownJob | None:
    job_id, status = data.get("job_id", asked), data.get("status")
    if not isinstance(job_id, str) or not isinstance(status, str):
        return None
    if not 0 < len(job_id) <= _MAX_ID:
        return None
    return ShownJob(
        job_id,
        status,
        _number(data.get("downloaded_bytes")),
        _number(data.get("total_size_bytes")),
        _number(data.get("bytes_per_second")),
    )


def _number(value: object) -> float | None:
    return value if is_number(value) and 0 <= value < _MAX_NUMBER else None
