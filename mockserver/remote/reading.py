"""What a reply says of jobs, read with no trust in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockserver.documents import json_text
from mockserver.errors import JsonTextError
from mockserver.server_rules.observation import Observation

__all__ = ["ENDED", "Shown", "job_shown", "jobs_listed", "members"]

ENDED = ("completed", "failed")
"""The statuses in which a job stays."""

_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as a reply shows it; a number is None where there is none."""

    job_id: str
    status: str
    downloaded_bytes: float | None = None
    total_size_bytes: float | None = None
    bytes_per_second: float | None = None


def members(seen: Observation) -> dict[str, Any]:
    """The members of a JSON object; none where the reply is anything else."""
    if seen.failure is not None or not seen.body:
        return {}
    try:
        payload = json_text.loads(seen.body)
    except JsonTextError:
        return {}
    return payload if isinstance(payload, dict) else {}


def job_shown(seen: Observation) -> Shown | None:
    """The job of a successful `job_status` or `download`, if it has a status and an id."""
    if seen.status != 200:
        return None
    return _shown(members(seen), seen.job_id)


def jobs_listed(seen: Observation) -> dict[str, Shown]:
    """By their ids, the jobs of a successful `list_status` that can be asked for."""
    if seen.status != 200:
        return {}
    lists = [value for value in members(seen).values() if isinstance(value, list)]
    found = (_shown(item, None) for items in lists for item in items if isinstance(item, dict))
    return {job.job_id: job for job in found if job is not None}


def _shown(data: dict[str, Any], asked: str | None) -> Shown | None:
    job_id, status = data.get("job_id", asked), data.get("status")
    if not isinstance(job_id, str) or not isinstance(status, str):
        return None
    if not 0 < len(job_id) <= _LONGEST_ID:
        return None
    return Shown(
        job_id,
        status,
        _number(data.get("downloaded_bytes")),
        _number(data.get("total_size_bytes")),
        _number(data.get("bytes_per_second")),
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value < 1e18 else None
