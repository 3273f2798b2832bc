"""Job states as the API's two replies: plain data, ready to be written as JSON.

Keys come in the order of the documentation's examples (D).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from mockserver.documents import rfc3339
from mockserver.timeline.model import JobState

Payload = dict[str, Any]

_OF_COMPLETION = frozenset(["completed_at"])
_OF_PROGRESS = ("bytes_per_second", "estimated_completion", "downloaded_bytes")


def job_payload(state: JobState) -> Payload:
    """The reply to `job_status`."""
    payload: Payload = {
        "job_id": state.job_id,
        "status": state.status,
        **_progress(state),
        "total_size_bytes": state.total_size_bytes,
        "downloaded_bytes": state.downloaded_bytes,
        "started_at": rfc3339.from_milliseconds(state.started_at_ms),
        **_completion(state),
    }
    return _as_reported(payload, state.overrides.values, state.overrides.without)


def list_payload(states: Iterable[JobState]) -> dict[str, list[Payload]]:
    """The reply to `list_status`: the listed jobs under their statuses, each in the given order."""
    payload: dict[str, list[Payload]] = {
        "downloading": [],
        "completed": [],
        "failed": [],
        "paused": [],
    }
    for state in states:
        if state.listed:
            payload.setdefault(state.status, []).append(_list_item(state))
    return payload


def download_payload(state: JobState) -> Payload:
    """The reply to `download`: as the job itself, without what changes as bytes arrive (D).

    What a step reports of those members is left out here. What it omits is there all the same
    while it keeps to the contract, which wants each of these members but `completed_at`.
    """
    payload: Payload = {
        "job_id": state.job_id,
        "status": state.status,
        "total_size_bytes": state.total_size_bytes,
        "started_at": rfc3339.from_milliseconds(state.started_at_ms),
        **_completion(state),
    }
    overridden = state.overrides.values.items()
    values = {key: value for key, value in overridden if key not in _OF_PROGRESS}
    without = state.overrides.without
    if not state.overrides.off_contract:
        without &= _OF_COMPLETION
    return _as_reported(payload, values, without)


def _list_item(state: JobState) -> Payload:
    payload: Payload = {
        "job_id": state.job_id,
        "downloaded_bytes": state.downloaded_bytes,
        "total_size_bytes": state.total_size_bytes,
        "started_at": rfc3339.from_milliseconds(state.started_at_ms),
        **_progress(state),
        **_completion(state),
        "status": state.status,
    }
    return _as_reported(payload, state.overrides.values, state.overrides.without_in_list)


def _as_reported(payload: Payload, values: Mapping[str, Any], without: frozenset[str]) -> Payload:
    if not values and not without:
        return payload
    return {key: value for key, value in {**payload, **values}.items() if key not in without}


def _progress(state: JobState) -> Payload:
    if state.bytes_per_second is None or state.estimated_completion_ms is None:
        return {}
    return {
        "bytes_per_second": _as_javascript(state.bytes_per_second),
        "estimated_completion": rfc3339.from_milliseconds(state.estimated_completion_ms),
    }


def _completion(state: JobState) -> Payload:
    if state.completed_at_ms is None:
        return {}
    return {"completed_at": rfc3339.from_milliseconds(state.completed_at_ms)}


def _as_javascript(number: float) -> int | float:
    """JavaScript writes 1500.0 as 1500; its shortest digits, filled up with zeros, beyond 2^53."""
    return int(Decimal(repr(number))) if number.is_integer() else number


def _reported() -> tuple[str, ...]:
    downloading = JobState(
        "", "downloading", 0, 0, 0, bytes_per_second=0.0, estimated_completion_ms=0
    )
    completed = JobState("", "completed", 0, 0, 0, completed_at_ms=0)
    return tuple(dict.fromkeys([*job_payload(downloading), *job_payload(completed)]))


REPORTED = _reported()
"""The members that a job's reply can have."""
