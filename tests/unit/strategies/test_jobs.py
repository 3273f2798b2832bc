"""Replies about one job: valid in their edition, and true to themselves."""

from fractions import Fraction
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.documents import rfc3339
from mockserver.errors import UnknownName
from mockserver.strategies.jobs import jobs
from mockserver.timeline.model import Status
from support.drawing import printed, replays

EDITIONS = resources.edition_names()
STATUSES: tuple[Status, ...] = get_args(Status)


@given(st.data(), st.sampled_from(EDITIONS), st.none() | st.sampled_from(STATUSES))
def test_it_keeps_to_the_contract_and_has_the_status(
    data: st.DataObject, edition: str, status: Status | None
) -> None:
    reply = data.draw(jobs(status, edition=edition))
    assert contract.violations(reply, "job_status", edition) == []
    assert reply["status"] in (STATUSES if status is None else (status,))


@given(jobs())
def test_bytes_speed_and_times_agree(reply: dict[str, Any]) -> None:
    total, arrived = reply.get("total_size_bytes"), reply.get("downloaded_bytes")
    times = [
        rfc3339.to_milliseconds(reply[name])
        for name in ("started_at", "completed_at", "estimated_completion")
        if name in reply
    ]
    assert times == sorted(times)
    if total is None or arrived is None:
        return
    assert 0 <= arrived <= total < 2**53
    if reply["status"] == "completed":
        assert arrived == total
    speed = reply.get("bytes_per_second")
    if speed is not None and arrived < total and "started_at" in reply:
        # A start before now, and the rest at this speed, lead to when it is expected.
        rest_ms = Fraction(total - arrived) * 1000 / Fraction(speed)
        lasts_ms = times[-1] - times[0]
        assert rest_ms < lasts_ms + 1


@given(jobs("downloading"))
def test_a_speed_is_finite_and_no_less_than_nothing(reply: dict[str, Any]) -> None:
    assert 0 <= reply["bytes_per_second"] < float("inf")


MAY_MISS = ("total_size_bytes", "downloaded_bytes", "started_at")


@pytest.mark.parametrize("name", MAY_MISS)
@pytest.mark.parametrize("edition", EDITIONS)
def test_what_may_be_missing_sometimes_is(name: str, edition: str) -> None:
    reply, _ = printed(jobs(edition=edition), lambda reply: name not in reply)
    assert set(MAY_MISS) - set(reply) == {name}


def test_a_speed_may_be_a_float_and_a_size_nothing() -> None:
    printed(jobs(), lambda reply: isinstance(reply.get("bytes_per_second"), float))
    printed(jobs(), lambda reply: reply.get("total_size_bytes") == 0)


def test_the_simplest_is_a_plain_download() -> None:
    reply, text = printed(jobs())
    assert reply == {
        "job_id": "job_0000000000",
        "status": "downloading",
        "bytes_per_second": 600,
        "estimated_completion": "2025-10-03T15:33:25.496Z",
        "total_size_bytes": 1000,
        "downloaded_bytes": 400,
        "started_at": "2025-10-03T15:33:23.496Z",
    }
    assert "'status': 'downloading'" in text


def test_an_unknown_word_is_refused_at_once() -> None:
    with pytest.raises(UnknownName, match="did you mean paused"):
        jobs("pausd")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(UnknownName, match="unknown edition"):
        jobs(edition="2024-10")


def test_the_same_seed_gives_the_same_replies() -> None:
    replays(jobs())
