"""What a job's state is at an instant: exact values, and rules that hold for every script."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract, rfc3339
from mockserver.source import Source
from mockserver.timeline.load import load
from mockserver.timeline.model import (
    FLOATING_EPOCH_MS,
    LAST_INSTANT_MS,
    LATEST_START_MS,
    Job,
    JobState,
    Timeline,
)
from mockserver.timeline.reply import job_payload, list_payload

START = "2025-10-03T15:33:23.496Z"
START_MS = 1_759_505_603_496
YEAR_MS = 365 * 24 * 3_600_000


def loaded(*jobs: dict[str, Any], **rest: Any) -> Timeline:
    return load(Source("made.json", json.dumps({"jobs": jobs, **rest})))


def paused_then_resumed() -> Job:
    job = {
        "job_id": "job_493c7c9ded",
        "total_size_bytes": 1_000,
        "started_at": START,
        "script": [
            {"downloading": {"for": "8s", "to": "40%"}},
            {"paused": {"for": "5s"}},
            {"downloading": {"for": "12s", "to": "100%"}},
            "completed",
        ],
    }
    return loaded(job).jobs[0]


@st.composite
def scripted_jobs(draw: st.DrawFn) -> dict[str, Any]:
    """A legal job as a file would say it."""
    total = draw(st.integers(0, 2**53 - 1) | st.integers(0, 50))
    goals = draw(st.lists(st.integers(1, total), max_size=5, unique=True)) if total else []
    if total and draw(st.booleans()):
        goals = [*(goal for goal in goals if goal < total), total]
    durations = st.integers(1, 50) | st.integers(1, YEAR_MS // 4)
    script: list[Any] = []
    for goal in sorted(goals):
        if draw(st.booleans()):
            script.append({"paused": {"for": f"{draw(durations)}ms"}})
        script.append({"downloading": {"for": f"{draw(durations)}ms", "to": goal}})
    is_whole = total == max(goals, default=0)
    ends = ["paused", "failed", "completed"] if is_whole else ["paused", "failed"]
    script.append(draw(st.sampled_from(ends)))
    start = draw(st.sampled_from([START, "1970-01-01T00:00:00Z", "9899-12-31T00:00:00Z"]))
    return {"total_size_bytes": total, "started_at": start, "script": script}


def instants(job: Job) -> st.SearchStrategy[list[int]]:
    """Increasing instants, those around step boundaries more often than chance would have it."""
    ends = [job.started_at_ms + step.begins_ms for step in job.steps]
    near = st.builds(lambda end, by: end + by, st.sampled_from(ends), st.integers(-2, 2))
    anywhere = st.integers(max(0, ends[0] - 1_000), min(ends[-1] + 10_000, LAST_INSTANT_MS))
    return st.lists(near | anywhere, min_size=1, max_size=12).map(sorted)


def test_before_it_starts_a_job_does_not_exist() -> None:
    job = paused_then_resumed()
    assert job.at(START_MS - 1) is None
    assert job.at(START_MS) is not None


@pytest.mark.parametrize(
    ("after_ms", "status", "downloaded", "speed", "rest_ms"),
    [
        (0, "downloading", 0, 50.0, 20_000),
        (19, "downloading", 0, 50.0, 20_000),
        (20, "downloading", 1, 50.0, 19_980),
        (7_999, "downloading", 399, 50.0, 12_020),
        (8_000, "paused", 400, None, None),
        (12_999, "paused", 400, None, None),
        (13_000, "downloading", 400, 50.0, 12_000),
        (24_999, "downloading", 999, 50.0, 20),
        (25_000, "completed", 1_000, None, None),
        (10**12, "completed", 1_000, None, None),
    ],
)
def test_steps_are_half_open(
    after_ms: int, status: str, downloaded: int, speed: float | None, rest_ms: int | None
) -> None:
    state = paused_then_resumed().at(START_MS + after_ms)
    assert state is not None
    assert (state.status, state.downloaded_bytes) == (status, downloaded)
    assert state.bytes_per_second == speed
    estimate = None if rest_ms is None else START_MS + after_ms + rest_ms
    assert state.estimated_completion_ms == estimate
    assert state.completed_at_ms == (START_MS + 25_000 if status == "completed" else None)
    assert state.started_at_ms == START_MS


def test_the_estimate_is_rounded_to_the_nearest_millisecond() -> None:
    # 3 bytes at 2 bytes in 3 ms: the rest takes 4.5 ms, and 4.5 goes up.
    script = [{"downloading": {"for": "3ms", "to": 2}}, "failed"]
    job = loaded({"total_size_bytes": 3, "started_at": START, "script": script}).jobs[0]
    state = job.at(START_MS)
    assert state is not None
    assert state.estimated_completion_ms == START_MS + 5


def test_an_estimate_beyond_the_year_9999_stays_there() -> None:
    script = [{"downloading": {"for": "1h", "to": 1}}, "failed"]
    job = loaded({"total_size_bytes": 2**53 - 1, "started_at": START, "script": script}).jobs[0]
    state = job.at(START_MS)
    assert state is not None
    assert job_payload(state)["estimated_completion"] == "9999-12-31T23:59:59.999Z"


@given(st.data())
def test_bytes_and_times_stay_in_order(data: st.DataObject) -> None:
    job = loaded(data.draw(scripted_jobs())).jobs[0]
    asked = data.draw(instants(job))
    states = [(now, state) for now in asked if (state := job.at(now)) is not None]
    for now, state in states:
        assert 0 <= state.downloaded_bytes <= state.total_size_bytes
        assert state.started_at_ms <= now
        if state.completed_at_ms is not None:
            assert state.started_at_ms <= state.completed_at_ms <= now
            assert state.downloaded_bytes == state.total_size_bytes
        if state.estimated_completion_ms is not None:
            assert state.estimated_completion_ms >= now
    for (_, earlier), (_, later) in pairwise(states):
        assert earlier.downloaded_bytes <= later.downloaded_bytes
        assert earlier.completed_at_ms in (None, later.completed_at_ms)


@given(st.data())
def test_a_state_is_what_a_slow_and_plain_reading_of_the_script_gives(data: st.DataObject) -> None:
    job = loaded(data.draw(scripted_jobs())).jobs[0]
    for now in data.draw(instants(job)):
        step = next(
            (one for one in reversed(job.steps) if one.begins_ms <= now - job.started_at_ms), None
        )
        state = job.at(now)
        if step is None or state is None:
            assert step is None
            assert state is None
            continue
        assert state.status == step.status
        if step.ends_ms is None or step.status != "downloading":
            assert state.downloaded_bytes == step.from_bytes == step.to_bytes
            assert state.bytes_per_second is state.estimated_completion_ms is None
            continue
        rate = Fraction(step.to_bytes - step.from_bytes, step.ends_ms - step.begins_ms)
        exact = step.from_bytes + rate * (now - job.started_at_ms - step.begins_ms)
        assert 0 <= exact - state.downloaded_bytes < 1
        assert state.bytes_per_second == float(rate * 1000)
        estimate = now + (state.total_size_bytes - state.downloaded_bytes) / rate
        assert state.estimated_completion_ms is not None
        if estimate < LAST_INSTANT_MS:
            assert abs(state.estimated_completion_ms - estimate) <= Fraction(1, 2)
        else:
            assert state.estimated_completion_ms == LAST_INSTANT_MS


@given(st.data())
def test_every_reply_keeps_to_the_contract_and_both_agree(data: st.DataObject) -> None:
    jobs = data.draw(st.lists(scripted_jobs(), min_size=1, max_size=3))
    timeline = loaded(*jobs)
    for now in data.draw(instants(timeline.jobs[-1])):
        states = timeline.at(now)
        assert states == timeline.at(now)
        listed = list_payload(states)
        assert contract.violations(listed, "list_status") == []
        for state in states:
            alone = job_payload(state)
            assert contract.violations(alone, "job_status") == []
            assert contract.violations(alone, "job_status", "2026-01") == []
            assert alone in listed[state.status]
            assert timeline.job_at(state.job_id, now) == state
        assert sum(map(len, listed.values())) == len(states)


@given(st.data())
def test_nothing_changes_after_the_end(data: st.DataObject) -> None:
    timeline = loaded(*data.draw(st.lists(scripted_jobs(), min_size=1, max_size=3)))
    end = timeline.ends_at_ms
    assert timeline.at(end) == timeline.at(end + 1) == timeline.at(end + YEAR_MS)
    assert timeline.at(end) != timeline.at(end - 1)


def test_a_floating_timeline_lies_where_the_clock_says() -> None:
    script = [{"downloading": {"for": "10s", "to": "100%"}}, "completed"]
    timeline = loaded({"total_size_bytes": 10, "script": script})
    assert timeline.floating
    assert timeline.epoch_ms == FLOATING_EPOCH_MS == START_MS
    moved = timeline.starting_at(5_000)
    assert moved.epoch_ms == 5_000
    assert moved.at(4_999) == ()
    assert [state.downloaded_bytes for state in moved.at(7_500)] == [2]
    assert moved.ends_at_ms == 15_000
    with pytest.raises(ValueError, match="1970 and 9899"):
        timeline.starting_at(LATEST_START_MS + 1)
    last = timeline.starting_at(LATEST_START_MS)
    assert last.at(LAST_INSTANT_MS)[0].status == "completed"


def test_a_timeline_that_names_an_instant_stays_there() -> None:
    job = {"total_size_bytes": 10, "script": ["paused"]}
    anchored = loaded(job, {**job, "started_at": START})
    assert not anchored.floating
    assert anchored.epoch_ms == START_MS
    assert anchored.starting_at(5_000) is anchored
    started = loaded({**job, "started_at": START}, starts_at="2025-10-04T00:00:00Z")
    assert started.epoch_ms == rfc3339.to_milliseconds("2025-10-04T00:00:00Z")
    assert started.jobs[0].started_at_ms == START_MS


def test_the_constants_are_the_instants_that_they_are_said_to_be() -> None:
    assert rfc3339.from_milliseconds(FLOATING_EPOCH_MS) == START
    assert rfc3339.from_milliseconds(LAST_INSTANT_MS) == "9999-12-31T23:59:59.999Z"
    assert rfc3339.from_milliseconds(LATEST_START_MS) == "9899-12-31T00:00:00.000Z"


def state_with(speed: float) -> JobState:
    return JobState("job_1", "downloading", 10, 5, START_MS, speed, START_MS)


@pytest.mark.parametrize(
    ("speed", "text"),
    [
        (1500.0, "1500"),
        (9834240.879725136, "9834240.879725136"),
        (0.5, "0.5"),
        (2.0**53, "9007199254740992"),
        # JavaScript: (9.007199254740991e18).toString()
        (9.007199254740991e18, "9007199254740991000"),
    ],
)
def test_numbers_are_written_as_javascript_writes_them(speed: float, text: str) -> None:
    assert json.dumps(job_payload(state_with(speed))["bytes_per_second"]) == text


def test_keys_come_in_the_order_of_the_documentation() -> None:
    assert list(job_payload(state_with(1.0))) == [
        "job_id",
        "status",
        "bytes_per_second",
        "estimated_completion",
        "total_size_bytes",
        "downloaded_bytes",
        "started_at",
    ]
    listed = list_payload([state_with(1.0)])
    assert list(listed) == ["downloading", "completed", "failed", "paused"]
    assert list(listed["downloading"][0]) == [
        "job_id",
        "downloaded_bytes",
        "total_size_bytes",
        "started_at",
        "bytes_per_second",
        "estimated_completion",
        "status",
    ]
