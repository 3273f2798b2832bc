"""What a client is answered besides the reply under test, so that it comes to an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.api.operations import DOWNLOAD, JOB_STATUS, about
from mockserver.api.replies import error_object
from mockserver.documents import rfc3339
from mockserver.exercise.fuzz_case import FuzzReply
from mockserver.server.stand_in import encoded
from mockserver.timeline.model import FLOATING_EPOCH_MS, LAST_INSTANT_MS, JobState
from mockserver.timeline.payloads import download_payload, job_payload, list_payload

SIZE_BYTES = 2_279_145_003


@dataclass(frozen=True, slots=True)
class FuzzTarget:
    """What a client asks for: an operation of an edition, and the job.

    `knows_id`: it looks for this job, as it was given the id. `strict`: it is served what is
    wrong again and again in any case.
    """

    operation: str
    edition: str
    job_id: str
    knows_id: bool = True
    strict: bool = False


def jobs_in(operation: str, payload: Any) -> Iterator[Mapping[str, Any]]:
    """The objects that stand for jobs in a payload, however wrong it is."""
    if not isinstance(payload, dict):
        return
    if about(operation) != "jobs":
        yield payload
        return
    for jobs in payload.values():
        yield from (job for job in jobs if isinstance(job, dict)) if isinstance(jobs, list) else ()


def final_replies(target: FuzzTarget, payload: Any = None) -> tuple[FuzzReply, ...]:
    """Replies that let a client come to an end: its jobs, or the one asked for, are completed."""
    states = [
        _failed(job) if job.get("status") == "failed" else completed(job.get("job_id"), job)
        for job in jobs_in(target.operation, payload)
    ]
    final = payload_of(target.operation, states or [completed(target.job_id)])
    return (_reply(target.operation, final), *other_operations(target, payload))


def other_operations(target: FuzzTarget, payload: Any) -> tuple[FuzzReply, ...]:
    """The replies to the operations beside the one that is asked for."""
    job: Mapping[str, Any] = next(jobs_in(target.operation, payload), {})
    if about(target.operation) == "job":
        begun = JobState(target.job_id, "downloading", _size(job), 0, FLOATING_EPOCH_MS)
        return (_reply(DOWNLOAD.id, download_payload(begun)),)
    if about(target.operation) == "model" and job.get("status") == "already_downloaded":
        lost = error_object("job_not_found", "There is no such download job")
        return (_reply(JOB_STATUS.id, lost, status=404),)
    state = completed(job.get("job_id", target.job_id), job)
    return (_reply(JOB_STATUS.id, job_payload(state)),)


def _reply(operation: str, payload: Any, status: int = 200) -> FuzzReply:
    return FuzzReply(operation, encoded(payload, operation), status)


def payload_of(operation: str, states: list[JobState]) -> Mapping[str, Any]:
    """What the operation replies, of one job unless it lists them."""
    if about(operation) == "jobs":
        return list_payload(states)
    return download_payload(states[0]) if about(operation) == "model" else job_payload(states[0])


def completed(job_id: Any, job: Mapping[str, Any] | None = None) -> JobState:
    """The job, once it is completed: its id, size and beginning are those that it has."""
    total, started_ms = _size(job or {}), _started_ms(job or {})
    return JobState(job_id, "completed", total, total, started_ms, completed_at_ms=started_ms)


def _failed(job: Mapping[str, Any]) -> JobState:
    done = job.get("downloaded_bytes", 0)
    return JobState(job["job_id"], "failed", _size(job), done, _started_ms(job))


def _size(job: Mapping[str, Any]) -> Any:
    """The job's own, which may be a float, too."""
    size = job.get("total_size_bytes")
    return size if isinstance(size, int | float) and not isinstance(size, bool) else SIZE_BYTES


def _started_ms(job: Mapping[str, Any]) -> int:
    text = job.get("started_at")
    if isinstance(text, str) and rfc3339.is_date_time(text):
        return min(max(0, rfc3339.to_milliseconds(text)), LAST_INSTANT_MS)
    return FLOATING_EPOCH_MS
