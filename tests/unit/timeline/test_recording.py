"""Recordings tell again what was told: drawn timelines and drawn accidents, polled and replayed."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from werkzeug.test import Client

from mockserver import resources
from mockserver.documents import rfc3339, yaml_text
from mockserver.documents.source import Source
from mockserver.errors import TimelineError
from mockserver.http.message import Headers
from mockserver.server.app import shared_app
from mockserver.server.config import ServerConfig
from mockserver.server.request_target import SESSIONS
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.strategies.timelines import timelines
from mockserver.timeline.find import find
from mockserver.timeline.model import LATEST_START_MS, Timeline
from mockserver.timeline.payloads import job_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.polls import PollEnd, PollLog, RecordedJob, RecordedPoll, job_in, thinned
from mockserver.timeline.reader import load
from mockserver.timeline.recording import Recording, can_be_named, recording
from support.cases import source
from support.timelines import START_MS, stories

JOB = "job_493c7c9ded"
JSON = Headers.of({"Content-Type": "application/json"})
SIZE = 2_279_145_003
EDITIONS = resources.edition_names()


@cache
def for_editors() -> Draft202012Validator:
    path = resources.folder("fixtures") / "timeline.schema.json"
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def shown(at_ms: int, job: dict[str, Any]) -> RecordedPoll:
    """A poll that is answered with this job."""
    return RecordedPoll(at_ms, 200, JSON, json.dumps(job).encode())


def polled(playback: Playback, job_id: str, now_ms: int) -> RecordedPoll:
    """What a poll of a played job comes to."""
    state = playback.job_at(job_id, now_ms)
    if state is None:
        return RecordedPoll(now_ms, 404, JSON, b'{"error": "gone"}')
    return shown(now_ms, job_payload(state))


def recorded(
    polls: Iterable[RecordedPoll], edition: str = EDITIONS[0], job_id: str = JOB
) -> tuple[tuple[RecordedPoll, ...], Recording]:
    """The polls as a log keeps them, and their recording."""
    log = PollLog()
    for poll in polls:
        log.add(poll)
    made = recording([RecordedJob(job_id, log.polls)], edition, "What there was.", ["For readers."])
    return log.polls, made


def replayed(made: Recording, job_id: str, polls: Sequence[RecordedPoll]) -> list[RecordedPoll]:
    """The same polls of a mock that plays the recording, by a clock that is moved by hand."""
    timeline = load(Source("recording.yaml", made.text))
    assert for_editors().is_valid(json.loads(json.dumps(_data(made.text))))
    session = Session(ServerConfig(timeline, clock="manual"))
    sessions = Sessions(session)
    client = Client(shared_app())
    assert session.clock.now() == polls[0].at_ms
    return [_asked(client, sessions, job_id, poll.at_ms) for poll in polls]


def _data(text: str) -> Any:
    return yaml_text.load(Source("recording.yaml", text)).data


def _asked(client: Client, sessions: Sessions, job_id: str, at_ms: int) -> RecordedPoll:
    clock = sessions.own.clock
    clock.reach(at_ms)
    path = f"/api/v1/models/download/status/{quote(job_id, safe='')}"
    try:
        reply = client.get(path, environ_overrides={SESSIONS: sessions, "REQUEST_URI": path})
        body = reply.get_data()
    except ConnectionRefusedError:
        return RecordedPoll(at_ms, end="refused")
    except ConnectionError:
        took_ms = clock.now() - at_ms
        return RecordedPoll(at_ms, end="silent" if took_ms else "broken", took_ms=took_ms)
    end: PollEnd = "whole" if int(reply.headers["Content-Length"]) == len(body) else "broken"
    return RecordedPoll(at_ms, reply.status_code, Headers(reply.headers.items()), body, end)


def told(poll: RecordedPoll) -> object:
    """What a client can tell of it; of a job's reply, what its JSON says, 1 and 1.0 apart."""
    if (job := job_in(poll)) is not None:
        return json.dumps(job, sort_keys=True)
    headers = [(name, poll.headers.get(name)) for name in ("Content-Type", "Retry-After")]
    status = poll.status
    return status, poll.end, poll.body, [] if status is None else headers


def assert_replays(
    polls: Iterable[RecordedPoll], edition: str = EDITIONS[0], job_id: str = JOB
) -> Recording:
    kept, made = recorded(polls, edition, job_id)
    assert list(map(told, replayed(made, job_id, kept))) == list(map(told, kept))
    assert (made.polls, made.left_out) == (len(kept), 0)
    return made


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data(), st.sampled_from(EDITIONS), st.booleans())
def test_drawn_timelines_polled_at_drawn_instants(
    data: st.DataObject, edition: str, surprises: bool
) -> None:
    timeline = data.draw(timelines(edition=edition, surprises=surprises, max_jobs=1))
    moments = data.draw(stories(timeline, most=20))
    assume(moments[0].now_ms <= LATEST_START_MS)
    job_id = timeline.jobs[0].job_id
    assert_replays(
        (polled(moment.playback, job_id, moment.now_ms) for moment in moments), edition, job_id
    )


@settings(max_examples=max(40, settings().max_examples // 4))
@given(st.data(), st.sampled_from([250, 333, 1000, 2500]), st.integers(0, 3000))
def test_drawn_timelines_polled_at_an_interval(
    data: st.DataObject, interval_ms: int, late_ms: int
) -> None:
    timeline = data.draw(timelines(events=False, max_jobs=1))
    playback, job_id = Playback.of(timeline), timeline.jobs[0].job_id
    begins_ms = max(0, playback.epoch_ms + late_ms)
    assume(begins_ms <= LATEST_START_MS)
    instants = range(begins_ms, begins_ms + 30 * interval_ms, interval_ms)
    polls = [polled(playback, job_id, now_ms) for now_ms in instants]
    made = assert_replays(polls, timeline.edition, job_id)
    again, second = recorded(replayed(made, job_id, polls), timeline.edition, job_id)
    assert list(map(told, again)) == list(map(told, polls))
    assert second.steps <= made.steps


_numbers = st.integers(-5, 2**60) | st.integers(0, 1000) | st.floats(allow_nan=False, width=32)
_numbers = _numbers.filter(lambda number: abs(number) < 1e300)
_odd = st.none() | st.booleans() | _numbers | st.text(max_size=5) | st.lists(_numbers, max_size=2)
_times = st.integers(START_MS - 10_000, START_MS + 100_000).map(rfc3339.from_milliseconds)
_statuses = st.sampled_from(["downloading", "paused", "completed", "failed", "queued", "gone"])
_jobs = st.fixed_dictionaries(
    {"status": _statuses | _odd},
    optional={
        "job_id": st.just(JOB) | _odd,
        "total_size_bytes": st.sampled_from([SIZE, 1000]) | _odd,
        "downloaded_bytes": st.sampled_from([0, 10, 1000, SIZE]) | _odd,
        "bytes_per_second": _odd | st.sampled_from([100.5, 1000]),
        "started_at": _times | _odd,
        "completed_at": _times | _odd,
        "estimated_completion": _times | _odd,
        "progress": _odd,
        "\x85\u2028 \U0001f600": _odd,
    },
)
_bodies = (
    st.binary(max_size=20)
    | st.text(max_size=20).map(lambda text: text.encode(errors="replace"))
    | st.sampled_from([b"", b"{}", b'{"error": "Busy"}', b'{"error":"Busy"}', b"<html>\r\n", b"[1"])
)
_html, _later = Headers.of({"Content-Type": "text/html"}), Headers([("retry-after", "2"), *JSON])
_headers = st.sampled_from([Headers(), JSON, _html, _later])
_codes = st.sampled_from([200, 400, 401, 404, 429, 500, 503, 599])
_ends = st.sampled_from(["whole", "whole", "broken"])
_replies = st.builds(RecordedPoll, st.just(0), _codes, _headers, _bodies, _ends)
_gap_ends = st.sampled_from(["refused", "broken", "silent"])
_gaps = st.builds(RecordedPoll, st.just(0), end=_gap_ends, took_ms=st.just(1))
_shown = st.builds(shown, st.just(0), _jobs)


@st.composite
def accidents(draw: st.DrawFn) -> list[RecordedPoll]:
    """Polls of a server that does what it likes."""
    now_ms, found = START_MS, []
    for poll in draw(st.lists(_shown | _shown | _replies | _gaps, min_size=1, max_size=12)):
        found.append(replace(poll, at_ms=now_ms))
        now_ms += draw(st.integers(2, 5) | st.integers(2, 60_000))
    return found


@given(accidents(), st.sampled_from(EDITIONS))
def test_accidents_and_whatever_a_server_may_say(polls: list[RecordedPoll], edition: str) -> None:
    assert_replays(polls, edition)


def observed(name: str, every_ms: int, count: int) -> tuple[Timeline, str, list[RecordedPoll]]:
    timeline = load(find(name))
    playback, job_id = Playback.of(timeline), timeline.jobs[0].job_id
    instants = [playback.epoch_ms + number * every_ms for number in range(count)]
    return timeline, job_id, [polled(playback, job_id, instant_ms) for instant_ms in instants]


@pytest.mark.parametrize("name", resources.timeline_files())
def test_bundled_timelines(name: str) -> None:
    timeline, job_id, polls = observed(name, 500, 60)
    assert_replays(polls, timeline.edition, job_id)


@pytest.mark.parametrize(
    "name",
    ["healthy", "flapping", "paused-then-resumed", "fractional-speed", "stalled-then-recovers"],
)
@pytest.mark.parametrize("every_ms", [333, 1000])
def test_even_speeds_become_the_steps_that_they_were(name: str, every_ms: int) -> None:
    timeline, job_id, polls = observed(name, every_ms, 200)
    _, made = recorded(polls, timeline.edition, job_id)
    found = load(Source("recording.yaml", made.text)).jobs[0]
    before = timeline.jobs[0]
    assert [(step.phase, step.to_bytes) for step in found.steps] == [
        (step.phase, step.to_bytes) for step in before.steps
    ]
    growing = [step.lasts_ms for step in before.steps if step.from_bytes != step.to_bytes]
    assert [step.lasts_ms for step in found.steps if step.from_bytes != step.to_bytes] == growing


def test_bytes_arrive_between_polls_of_uneven_speed() -> None:
    job = {"job_id": JOB, "status": "downloading", "total_size_bytes": SIZE}
    job |= {"estimated_completion": "2025-10-04T15:33:23.496Z"}
    job |= {"started_at": "2025-10-03T15:33:23.496Z"}
    polls = [
        shown(at_ms, {**job, "downloaded_bytes": count, "bytes_per_second": count * 1.7 + 3})
        for at_ms, count in enumerate([0, 1_000_001, 1_500_000, 9_000_000])
    ]
    polls = [replace(poll, at_ms=START_MS + 1000 * poll.at_ms) for poll in polls]
    made = assert_replays(polls)
    playback = Playback.of(load(Source("recording.yaml", made.text)))
    state = playback.job_at(JOB, START_MS + 500)
    assert state is not None
    assert state.downloaded_bytes == 500_000
    assert "off_contract" not in made.text


def test_a_file_is_short_and_says_what_it_is() -> None:
    timeline, job_id, polls = observed("server-restart", 1000, 40)
    _, made = recorded(polls, timeline.edition, job_id)
    assert made.text == source(__file__, "recording.yaml").text


def test_the_usual_404_needs_no_fault() -> None:
    polls = [RecordedPoll(START_MS, 404, JSON, b'{"error": 1}')]
    with_fault = recording([RecordedJob(JOB, polls)], EDITIONS[0], "x")
    usual = recording([RecordedJob(JOB, polls)], EDITIONS[0], "x", (), lambda _: {"error": 1})
    assert (with_fault.faults, usual.faults, usual.steps) == (1, 0, 1)


def test_a_long_recording_is_thinned_where_only_numbers_change() -> None:
    statuses = ["downloading"] * 1000 + ["paused"] * 2 + ["downloading"] * 498
    polls = [
        shown(START_MS + 1000 * number, {"status": status, "downloaded_bytes": number**2 % 977})
        for number, status in enumerate(statuses)
    ]
    kept, made = recorded(polls)
    assert made.polls + made.left_out == 1_500
    assert 400 < made.polls <= 1_000
    last = replayed(made, JOB, [kept[0], kept[1000], kept[1001], kept[-1]])
    told_statuses = [(job_in(poll) or {})["status"] for poll in last]
    assert told_statuses == ["downloading", "paused", "paused", "downloading"]


def test_a_reel_stays_within_its_bounds() -> None:
    log = PollLog(most=100, most_bytes=200_000)
    for number in range(10_000):
        poll = shown(number, {"status": "downloading", "downloaded_bytes": number})
        log.add(replace(poll, body=poll.body + b" " * (number % 7) * 300))
    kept = log.polls
    assert (log.count, kept[0].at_ms, kept[-1].at_ms) == (10_000, 0, 9_999)
    assert 20 < len(kept) <= 100
    assert sum(len(poll.body) for poll in kept) < 200_000
    assert [poll.at_ms for poll in kept] == sorted({poll.at_ms for poll in kept})


def test_thinning_always_gets_somewhere() -> None:
    flapping = [RecordedPoll(number, 200 + number % 2) for number in range(100)]
    while len(flapping) > 1:
        fewer = thinned(flapping)
        assert 0 < len(fewer) < len(flapping)
        flapping = fewer
    assert thinned(flapping) == flapping


def test_two_polls_of_one_millisecond_are_one() -> None:
    log = PollLog()
    for status in (500, 503):
        log.add(RecordedPoll(START_MS, status))
    log.add(RecordedPoll(START_MS - 1, 200))
    assert ([poll.status for poll in log.polls], log.count) == ([503], 3)


def test_an_id_that_no_timeline_can_have() -> None:
    assert can_be_named(JOB)
    assert not can_be_named("a/b")
    with pytest.raises(TimelineError):
        recording([RecordedJob("a/b", [RecordedPoll(START_MS, 500)])], EDITIONS[0], "x")


def test_several_jobs_each_with_its_faults() -> None:
    paused = RecordedPoll(START_MS, 200, JSON, b'{"status": "paused"}')
    jobs = [
        RecordedJob("one", [RecordedPoll(START_MS, 503, JSON, b"{}")], "a/model"),
        RecordedJob("t*o", [paused, RecordedPoll(START_MS + 5, end="refused")]),
    ]
    made = recording(jobs, EDITIONS[0], "x")
    assert replayed(made, "one", jobs[0].polls)[-1].status == 503
    first, second = replayed(made, "t*o", jobs[1].polls)
    assert (job_in(first), second.status) == ({"status": "paused"} | (job_in(first) or {}), None)
    assert load(Source("x", made.text)).jobs[0].model == "a/model"
