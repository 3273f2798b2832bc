"""Job states as the API's replies: plain data, ready to be written as JSON.

Keys come in the order of the documentation's examples (D).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from mockserver.documents import rfc3339
from mockserver.timeline.model import JobState

Payload = dict[str, Any]

REPORTED = (
    *("job_id", "status", "bytes_per_second", "estimated_completion"),
    *("total_size_bytes", "downloaded_bytes", "started_at", "completed_at"),
)
"""The members that a job's reply can have."""
_OF_LIST_ITEM = (
    *("job_id", "downloaded_bytes", "total_size_bytes", "started_at"),
    *("bytes_per_second", "estimated_completion", "completed_at", "status"),
)
_LISTED = ("downloading", "completed", "failed", "paused")
_OF_DOWNLOAD = ("job_id", "status", "total_size_bytes", "started_at", "completed_at")
_OF_COMPLETION = frozenset(["completed_at"])
_OF_PROGRESS = frozenset(REPORTED).difference(_OF_DOWNLOAD)


def job_payload(state: JobState) -> Payload:
    """The reply to `job_status`."""
    return _payload(state, REPORTED, state.overrides.values, state.overrides.without)


def list_payload(states: Iterable[JobState]) -> dict[str, list[Payload]]:
    """The reply to `list_status`: the listed jobs under their statuses, each in the given order."""
    payload: dict[str, list[Payload]] = {status: [] for status in _LISTED}
    for state in states:
        if state.listed:
            overrides = state.overrides
            item = _payload(state, _OF_LIST_ITEM, overrides.values, overrides.without_in_list)
            payload.setdefault(state.status, []).append(item)
    return payload


def download_payload(state: JobState) -> Payload:
    """The reply to `download`: as the job itself, without what changes as bytes arrive (D).

    What a step reports of those members is left out here. What it omits is there all the same
    while it keeps to the contract, which wants each of these members but `completed_at`.
    """
    overridden = state.overrides.values.items()
    values = {key: value for key, value in overridden if key not in _OF_PROGRESS}
    without = state.overrides.without
    if not state.overrides.off_contract:
        without &= _OF_COMPLETION
    return _payload(state, _OF_DOWNLOAD, values, without)


def _payload(
    state: JobState, order: Iterable[str], values: Mapping[str, Any], without: frozenset[str]
) -> Payload:
    """The members that the job has, in this order; a step's report replaces or adds some."""
    members: Payload = {
        "job_id": state.job_id,
        "status": state.status,
        "total_size_bytes": state.total_size_bytes,
        "downloaded_bytes": state.downloaded_bytes,
        "started_at": rfc3339.from_milliseconds(state.started_at_ms),
    }
    if state.bytes_per_second is not None and state.estimated_completion_ms is not None:
        members["bytes_per_second"] = _as_javascript(state.bytes_per_second)
        estimate = rfc3339.from_milliseconds(state.estimated_completion_ms)
        members["estimated_completion"] = estimate
    if state.completed_at_ms is not None:
        members["completed_at"] = rfc3339.from_milliseconds(state.completed_at_ms)
    payload = {key: members[key] for key in order if key in members}
    if not values and not without:
        return payload
    return {key: value for key, value in {**payload, **values}.items() if key not in without}


def _as_javascript(number: float) -> int | float:
    """JavaScript writes 1500.0 as 1500; its shortest digits, filled up with zeros, beyond 2^53."""
    return int(Decimal(repr(number))) if number.is_integer() else number
