"""What a job's state is at an instant: exact values, with and without events."""

import json
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from mockserver.documents import rfc3339
from mockserver.errors import NeverHappens, UnknownName
from mockserver.timeline.model import (
    FLOATING_EPOCH_MS,
    LAST_INSTANT_MS,
    LATEST_START_MS,
    REQUEST,
    RESUME,
    Event,
    JobState,
    Phase,
)
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.schedule import Schedule
from support.cases import table
from support.timelines import START, START_MS, loaded, played, scripted

FIRST_HALF = {"downloading": {"for": "10s", "to": "50%"}}
SECOND_HALF = {"downloading": {"for": "10s", "to": "100%"}}


def playing(*script: Any, **rest: Any) -> Playback:
    return played(scripted(*script, **rest))


def resumed() -> Playback:
    steps = [{"downloading": {"for": "8s", "to": "40%"}}, {"paused": {"for": "5s"}}]
    rest = {"downloading": {"for": "12s", "to": "100%"}}
    return playing(*steps, rest, "completed", job_id="job_493c7c9ded")


def shown(playback: Playback, after_ms: int) -> list[str]:
    """What the jobs are, each as its status and bytes."""
    states = playback.at(playback.epoch_ms + after_ms)
    return [f"{state.status} {state.downloaded_bytes}" for state in states]


def happens(playback: Playback, name: str, after_ms: int, job_id: str | None = None) -> Playback:
    return playback.after(Event(name, playback.epoch_ms + after_ms, job_id))


def only(playback: Playback) -> Schedule:
    (schedule,) = playback.schedules.values()
    return schedule


def test_before_it_starts_a_job_does_not_exist() -> None:
    assert resumed().at(START_MS - 1) == ()
    assert resumed().job_at("job_493c7c9ded", START_MS - 1) is None
    assert resumed().job_at("job_493c7c9ded", START_MS) is not None
    assert resumed().job_at("job_0000000000", START_MS) is None


@table(__file__, "half-open-steps")
def test_steps_are_half_open(
    after_ms: int, status: str, downloaded: int, speed: float | None, rest_ms: int | None
) -> None:
    (state,) = resumed().at(START_MS + after_ms)
    assert (state.status, state.downloaded_bytes) == (status, downloaded)
    assert state.bytes_per_second == speed
    estimate = None if rest_ms is None else START_MS + after_ms + rest_ms
    assert state.estimated_completion_ms == estimate
    assert state.completed_at_ms == (START_MS + 25_000 if status == "completed" else None)
    assert state.started_at_ms == START_MS


def test_the_estimate_is_rounded_to_the_nearest_millisecond() -> None:
    # 3 bytes at 2 bytes in 3 ms: the rest takes 4.5 ms, and 4.5 goes up.
    playback = playing({"downloading": {"for": "3ms", "to": 2}}, "failed", total=3)
    assert playback.at(START_MS)[0].estimated_completion_ms == START_MS + 5


def test_an_estimate_beyond_the_year_9999_stays_there() -> None:
    step = {"downloading": {"for": "1h", "to": 1}}
    playback = playing(step, "failed", total=2**53 - 1)
    (state,) = playback.at(START_MS)
    assert job_payload(state)["estimated_completion"] == "9999-12-31T23:59:59.999Z"


def test_a_hold_freezes_bytes_and_speed_and_moves_the_estimate() -> None:
    hold = {"downloading": {"hold": True, "for": "30s"}}
    playback = playing(FIRST_HALF, hold, SECOND_HALF, "completed")
    for after_ms in (10_000, 10_001, 25_000, 39_999):
        (state,) = playback.at(START_MS + after_ms)
        assert (state.status, state.downloaded_bytes) == ("downloading", 500)
        assert state.bytes_per_second == 50.0
        assert state.estimated_completion_ms == START_MS + after_ms + 10_000
    assert shown(playback, 40_020) == ["downloading 501"]


def test_a_hold_keeps_the_speed_of_the_last_bytes_across_a_pause() -> None:
    slow = {"downloading": {"for": "10s", "to": "20%"}}
    playback = playing(slow, {"paused": {"for": "1s"}}, {"downloading": {"hold": True}})
    (state,) = playback.at(START_MS + 99_000)
    assert (state.downloaded_bytes, state.bytes_per_second) == (200, 20.0)
    assert state.estimated_completion_ms == START_MS + 99_000 + 40_000


def test_all_bytes_can_be_there_without_the_job_being_completed() -> None:
    playback = playing(
        {"downloading": {"for": "1s", "to": "100%"}}, {"downloading": {"hold": True}}
    )
    (state,) = playback.at(START_MS + 5_000)
    assert (state.status, state.downloaded_bytes) == ("downloading", 1_000)
    assert state.estimated_completion_ms == START_MS + 5_000


def test_a_download_of_nothing_takes_its_time_too() -> None:
    steps = ({"downloading": {"for": "5s", "to": "100%"}}, {"downloading": {"hold": True}})
    playback = playing(*steps, total=0)
    for after_ms in (0, 4_999, 5_000, 10**9):
        (state,) = playback.at(START_MS + after_ms)
        assert (state.downloaded_bytes, state.total_size_bytes) == (0, 0)
        assert state.bytes_per_second == 0.0
        assert state.estimated_completion_ms == START_MS + after_ms


def test_a_failed_job_resumes_from_the_bytes_it_had() -> None:
    failed = {"failed": {"for": "3s"}}
    playback = playing(FIRST_HALF, failed, SECOND_HALF, "completed")
    assert shown(playback, 12_999) == ["failed 500"]
    assert shown(playback, 13_000) == ["downloading 500"]
    (state,) = playback.at(START_MS + 23_000)
    assert (state.status, state.started_at_ms) == ("completed", START_MS)
    assert state.completed_at_ms == START_MS + 23_000


def test_a_job_can_be_forgotten_for_a_while() -> None:
    playback = playing(FIRST_HALF, {"gone": {"for": "3s"}}, SECOND_HALF, "completed")
    assert shown(playback, 9_999) == ["downloading 499"]
    assert shown(playback, 10_000) == shown(playback, 12_999) == []
    assert shown(playback, 13_000) == ["downloading 500"]
    assert playback.at(START_MS + 13_000)[0].started_at_ms == START_MS


def test_a_completed_job_can_be_forgotten_for_ever() -> None:
    playback = playing({"completed": {"for": "5s"}}, "gone", total=0)
    assert shown(playback, 4_999) == ["completed 0"]
    assert shown(playback, 5_000) == shown(playback, 10**12) == []


def test_jobs_begin_at_the_start_later_and_one_after_the_other() -> None:
    job = {"total_size_bytes": 5, "script": ["paused"]}
    playback = played(job, {**job, "begins": "2s"}, {**job, "copies": 3, "every": "1s"})
    begun = [len(playback.at(playback.epoch_ms + after)) for after in (-1, 0, 999, 1_000, 2_000)]
    assert begun == [0, 2, 2, 3, 5]
    last = playback.at(playback.epoch_ms + 9_000)[-1]
    assert last.started_at_ms == playback.epoch_ms + 2_000
    assert playback.settles_ms == playback.epoch_ms + 2_000


class TestEvents:
    def test_a_step_lasts_until_its_event(self) -> None:
        script = (FIRST_HALF, {"paused": {"until": RESUME}}, SECOND_HALF, "completed")
        before = playing(*script)
        assert shown(before, 10**9) == ["paused 500"]
        after = happens(before, RESUME, 17_000)
        assert shown(after, 16_999) == ["paused 500"]
        assert shown(after, 17_000) == ["downloading 500"]
        assert shown(after, 27_000) == ["completed 1000"]
        assert shown(before, 10**9) == ["paused 500"]

    def test_with_both_ends_the_first_counts(self) -> None:
        playback = playing({"paused": {"for": "5s", "until": "go"}}, "failed")
        assert shown(playback, 5_000) == ["failed 0"]
        assert shown(happens(playback, "go", 4_999), 4_999) == ["failed 0"]
        assert only(happens(playback, "go", 4_000)).settles_ms == START_MS + 4_000
        assert only(happens(playback, "go", 5_000)) == only(playback)

    def test_an_event_at_the_very_end_of_a_step_counts_for_the_next(self) -> None:
        script = ({"paused": {"for": "5s", "until": "go"}}, {"failed": {"until": "go"}}, "gone")
        playback = happens(playing(*script), "go", 5_000)
        assert shown(playback, 4_999) == ["paused 0"]
        assert shown(playback, 5_000) == []

    def test_an_event_before_its_step_counts_for_nothing(self) -> None:
        script = ({"paused": {"for": "5s"}}, {"failed": {"until": "go"}}, "paused")
        playback = happens(playing(*script), "go", 4_999)
        assert shown(playback, 10**9) == ["failed 0"]
        assert shown(happens(playback, "go", 5_000), 5_000) == ["paused 0"]

    def test_an_event_counts_once(self) -> None:
        script = ({"failed": {"until": "go"}}, {"paused": {"until": "go"}}, "gone")
        once = happens(playing(*script), "go", 1_000)
        assert shown(once, 10**9) == ["paused 0"]
        twice = happens(once, "go", 1_000)
        assert shown(twice, 999) == ["failed 0"]
        assert shown(twice, 1_000) == []

    def test_events_of_another_name_or_job_are_not_heard(self) -> None:
        job = scripted({"paused": {"until": "go"}}, "failed")
        playback = played({**job, "job_id": "a"}, {**job, "job_id": "b"})
        other = happens(playback, "stop", 1_000)
        assert shown(other, 1_000) == ["paused 0", "paused 0"]
        of_b = happens(other, "go", 2_000, "b")
        assert shown(of_b, 2_000) == ["paused 0", "failed 0"]
        assert of_b.schedules["a"] is other.schedules["a"]
        assert shown(happens(of_b, "go", 3_000), 3_000) == ["failed 0", "failed 0"]

    def test_a_job_begins_when_it_is_requested(self) -> None:
        job = scripted(FIRST_HALF, "paused", begins="on request", job_id="a")
        waiting = played(job, {**job, "job_id": "b"})
        assert shown(waiting, 10**9) == []
        assert only(played(job)).begins_ms is only(played(job)).settles_ms is None
        assert waiting.settles_ms == waiting.epoch_ms
        begun = happens(waiting, REQUEST, 3_000, "b")
        assert [state.job_id for state in begun.at(begun.epoch_ms + 3_000)] == ["b"]
        assert begun.at(begun.epoch_ms + 4_000)[0].started_at_ms == begun.epoch_ms + 3_000
        assert happens(begun, REQUEST, 4_000, "b").schedules["b"] == begun.schedules["b"]
        assert shown(happens(begun, REQUEST, 5_000), 5_000) == ["downloading 0", "downloading 100"]

    def test_the_request_that_begins_a_job_is_not_heard_again_by_its_first_step(self) -> None:
        script = ({"paused": {"until": REQUEST}}, "failed")
        playback = happens(playing(*script, begins="on request"), REQUEST, 1_000)
        assert shown(playback, 5_000) == ["paused 0"]
        assert shown(happens(playback, REQUEST, 6_000), 6_000) == ["failed 0"]

    def test_the_names_that_a_timeline_waits_for_come_once_each(self) -> None:
        script = (
            {"failed": {"until": "b"}},
            {"paused": {"until": "a"}},
            {"failed": {"until": "b"}},
        )
        playback = played(scripted(*script, "paused"), scripted("paused", begins="on request"))
        assert playback.event_names == ("b", "a", REQUEST)
        assert resumed().event_names == ()

    def test_events_lie_in_their_order_and_name_jobs_that_are_there(self) -> None:
        playback = happens(resumed(), "go", 1_000)
        with pytest.raises(ValueError, match="in the order of their times"):
            happens(playback, "go", 999)
        with pytest.raises(UnknownName, match=r"unknown job 'job_493c7c9dee' in made; did you"):
            happens(playback, "go", 1_000, "job_493c7c9dee")
        assert happens(playback, "go", 1_000).events == (Event("go", START_MS + 1_000),) * 2

    def test_a_playback_cannot_be_changed(self) -> None:
        playback = resumed()
        with pytest.raises(FrozenInstanceError):
            playback.epoch_ms = 5  # type: ignore[misc]


class TestWhen:
    @pytest.mark.parametrize(
        ("phase", "now", "expected"),
        [
            ("downloading", -5, 0),
            ("downloading", 3, 3),
            ("downloading", 8_000, 13_000),
            ("paused", 0, 8_000),
            ("paused", 12_999, 12_999),
            ("completed", 0, 25_000),
            ("completed", 10**12, 10**12),
        ],
    )
    def test_the_first_instant_from_now_on(self, phase: Phase, now: int, expected: int) -> None:
        found = resumed().when("job_493c7c9ded", phase, START_MS + now)
        assert found == START_MS + expected

    def test_what_is_past_or_not_in_the_script_never_happens(self) -> None:
        with pytest.raises(NeverHappens) as caught:
            resumed().when("job_493c7c9ded", "paused", START_MS + 13_000)
        assert str(caught.value) == "job_493c7c9ded never comes to be paused: it stays completed"
        with pytest.raises(NeverHappens) as caught:
            resumed().when("job_493c7c9ded", "failed", START_MS)
        assert (caught.value.now, caught.value.awaits) == ("completed", None)

    def test_what_waits_for_an_event_says_so(self) -> None:
        playback = playing({"paused": {"until": "go"}}, "failed", job_id="a")
        with pytest.raises(NeverHappens, match=r"it stays paused until the event 'go'"):
            playback.when("a", "failed", START_MS)
        assert happens(playback, "go", 5).when("a", "failed", START_MS) == START_MS + 5
        waiting = playing("paused", begins="on request", job_id="a")
        with pytest.raises(NeverHappens, match=r"it stays unknown until the event 'request'"):
            waiting.when("a", "paused", START_MS)

    def test_a_step_that_an_event_ends_where_it_begins_never_is(self) -> None:
        script = ({"failed": {"until": "go"}}, {"paused": {"until": "go"}}, "gone")
        playback = happens(playing(*script, job_id="a"), "go", 1_000)
        playback = happens(playback, "go", 1_000)
        with pytest.raises(NeverHappens):
            playback.when("a", "paused", START_MS)
        assert playback.when("a", "gone", START_MS) == START_MS + 1_000

    def test_an_unknown_job_is_refused(self) -> None:
        with pytest.raises(UnknownName, match="unknown job 'x' in made"):
            resumed().when("x", "paused", 0)


def test_a_floating_timeline_lies_where_the_clock_says() -> None:
    script = [{"downloading": {"for": "10s", "to": "100%"}}, "completed"]
    timeline = loaded({"total_size_bytes": 10, "script": script})
    assert timeline.floating
    assert Playback.of(timeline).epoch_ms == FLOATING_EPOCH_MS == START_MS
    moved = Playback.of(timeline, 5_000)
    assert moved.epoch_ms == 5_000
    assert moved.at(4_999) == ()
    assert [state.downloaded_bytes for state in moved.at(7_500)] == [2]
    assert moved.settles_ms == 15_000
    for start_ms in (-1, LATEST_START_MS + 1):
        with pytest.raises(ValueError, match="1970 and 9899"):
            Playback.of(timeline, start_ms)
    last = Playback.of(timeline, LATEST_START_MS)
    assert last.at(LAST_INSTANT_MS)[0].status == "completed"


def test_a_timeline_that_names_an_instant_stays_there() -> None:
    job = {"total_size_bytes": 10, "script": ["paused"]}
    anchored = loaded(job, {**job, "started_at": START})
    assert Playback.of(anchored, 5_000) == Playback.of(anchored)
    assert Playback.of(anchored, 5_000).epoch_ms == START_MS
    started = played({**job, "started_at": START}, job, starts_at="2025-10-04T00:00:00Z")
    assert started.epoch_ms == rfc3339.to_milliseconds("2025-10-04T00:00:00Z")
    begun = [state.started_at_ms for state in started.at(started.epoch_ms)]
    assert begun == [START_MS, started.epoch_ms]


def test_all_that_a_timeline_says_lies_in_the_years_that_can_be_written() -> None:
    longest = {"paused": {"for": "87600h"}}
    late = {"total_size_bytes": 10, "begins": "87600h", "script": [longest, "failed"]}
    playback = Playback.of(loaded(late), LATEST_START_MS)
    assert playback.settles_ms < LAST_INSTANT_MS
    assert shown(playback, LAST_INSTANT_MS - LATEST_START_MS) == ["failed 0"]


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
        (0.0, "0"),
        (2.0**53, "9007199254740992"),
        # JavaScript: (9.007199254740991e18).toString()
        (9.007199254740991e18, "9007199254740991000"),
    ],
)
def test_numbers_are_written_as_javascript_writes_them(speed: float, text: str) -> None:
    assert json.dumps(job_payload(state_with(speed))["bytes_per_second"]) == text


def test_the_list_leaves_out_what_is_not_listed() -> None:
    job = scripted("paused", job_id="a")
    playback = played(job, {**job, "job_id": "b", "listed": False})
    states = playback.at(START_MS)
    assert [state.job_id for state in states] == ["a", "b"]
    assert [item["job_id"] for item in list_payload(states)["paused"]] == ["a"]


def test_keys_come_in_the_order_of_the_documentation() -> None:
    speed = ("bytes_per_second", "estimated_completion")
    alone = ["job_id", "status", *speed, "total_size_bytes", "downloaded_bytes", "started_at"]
    in_list = ["job_id", "downloaded_bytes", "total_size_bytes", "started_at", *speed, "status"]
    assert list(job_payload(state_with(1.0))) == alone
    listed = list_payload([state_with(1.0)])
    assert list(listed) == ["downloading", "completed", "failed", "paused"]
    assert list(listed["downloading"][0]) == in_list
