"""Replies about one job that agree with themselves: bytes, speed and times fit together."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.api.operations import JOB_STATUS
from mockserver.errors import UnknownName
from mockserver.timeline.model import FLOATING_EPOCH_MS, LATEST_START_MS, JobState, Status
from mockserver.timeline.payloads import job_payload

_STATUSES: tuple[Status, ...] = ("downloading", "completed", "paused", "failed")
_TEN_YEARS_MS = 10 * 365 * 86_400_000

_sizes = (
    st.sampled_from([1_000, 2_279_145_003, 0, 1, 2**31, 124_196_907_504])
    | st.integers(0, 2**53 - 1)
)  # fmt: skip
_ids = st.integers(0, 16**10 - 1).map("job_{:010x}".format)
_starts_ms = st.just(FLOATING_EPOCH_MS) | st.integers(0, LATEST_START_MS)
_shares = st.sampled_from([0.4, 0.0, 1.0]) | st.floats(0, 1)
_lengths_ms = st.sampled_from([1_000, 60_000]) | st.integers(1, _TEN_YEARS_MS)


def jobs(
    status: Status | None = None, *, edition: str | None = None
) -> st.SearchStrategy[dict[str, Any]]:
    """Valid replies to `job_status` that could be true, of this status or of any.

    No more bytes have arrived than there are, and all of them when it is completed; it began
    before it is completed, or expected to be; the expectation is what the speed and the missing
    bytes come to. Members that the edition lets miss may be missing, all others are there.

    Raises UnknownName for an unknown status or edition.
    """
    if status is not None and status not in get_args(Status):
        raise UnknownName("status", status, get_args(Status))
    edition = contract.edition(edition or resources.DEFAULT_EDITION).name
    return _jobs(_STATUSES if status is None else (status,), edition)


@st.composite
def _jobs(draw: st.DrawFn, statuses: tuple[Status, ...], edition: str) -> dict[str, Any]:
    payload = job_payload(draw(_states(statuses)))
    check = contract.validator(JOB_STATUS.id, edition)
    left_out = draw(st.lists(st.sampled_from(list(payload)), unique=True))
    for name in left_out:
        rest = {key: value for key, value in payload.items() if key != name}
        if check.is_valid(rest):
            payload = rest
    return payload


@st.composite
def _states(draw: st.DrawFn, statuses: tuple[Status, ...]) -> JobState:
    """A job after some time, with some share of its bytes."""
    status = draw(st.sampled_from(statuses))
    total, job_id, began_ms = draw(_sizes), draw(_ids), draw(_starts_ms)
    lasted_ms, share, rest_ms = draw(_lengths_ms), draw(_shares), draw(_lengths_ms)
    arrived = total if status == "completed" else int(total * share)
    now_ms, missing = began_ms + lasted_ms, total - arrived
    state = JobState(job_id, status, total, arrived, began_ms)
    if status == "completed":
        return state._replace(completed_at_ms=now_ms)
    if status != "downloading":
        return state
    # Where nothing is missing, the speed is that of what has come, and it is expected right now.
    speed = missing * 1000 / rest_ms if missing else total * 1000 / lasted_ms
    expected_ms = now_ms + rest_ms if missing else now_ms
    return state._replace(bytes_per_second=speed, estimated_completion_ms=expected_ms)
