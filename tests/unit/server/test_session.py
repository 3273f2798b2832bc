"""A timeline being played: its clock, its events, its faults' counters, its windows of refusal."""

import time
from pathlib import Path
from typing import Any

import pytest

from mockserver.client_rules.context import ClockKind
from mockserver.documents.source import Source
from mockserver.errors import NeverHappens, UnknownName
from mockserver.faults.fault import Fault
from mockserver.faults.transport import Refuse
from mockserver.http.message import Request
from mockserver.server.config import ServerConfig
from mockserver.server.loading import clock_for
from mockserver.server.session import Session
from mockserver.server.session_server import SessionAdmission
from mockserver.server.sessions import Sessions
from mockserver.timeline.clock import Clock, ManualClock, PollClock, WallClock
from mockserver.timeline.model import FLOATING_EPOCH_MS, LAST_INSTANT_MS, JobState, Phase, Timeline
from mockserver.timeline.reader import load
from support.waiting import run_together

DEADLINE = 10
STATUS = "/api/v1/models/download/status"

TWO_JOBS = """\
jobs:
  - job_id: job_a
    total_size_bytes: 1000
    script: [{downloading: {for: 10s, to: 50%}}, {paused: {until: resume}}, failed]
  - job_id: job_b
    total_size_bytes: 1000
    begins: on request
    script: [{downloading: {for: 10s, to: 100%}}, completed: {for: 5s}, gone]
"""


def clock_of(kind: ClockKind, **settings: Any) -> Clock:
    return clock_for(ServerConfig(clock=kind, **settings), timeline())


def timeline(text: str = TWO_JOBS) -> Timeline:
    return load(Source("some.yaml", text))


def faulty(*faults: str) -> Timeline:
    job = "jobs: [{job_id: job_a, total_size_bytes: 1, script: [paused]}]\n"
    return timeline(job + "faults:\n" + "".join(f"  - {{{fault}}}\n" for fault in faults))


def session(of: Timeline | None = None, clock: Clock | ClockKind = "manual") -> Session:
    return Session(ServerConfig(of or timeline(), clock=clock))


def states(played: Session) -> tuple[JobState, ...]:
    playback, now_ms = played.moment()
    return playback.at(now_ms)


def job_of(played: Session, job_id: str) -> JobState | None:
    playback, now_ms = played.moment()
    return playback.job_at(job_id, now_ms)


class TestMakeClock:
    def test_a_wall_clock_without_an_instant_starts_now(self) -> None:
        before = time.time_ns() // 1_000_000
        clock = clock_of("wall")
        assert isinstance(clock, WallClock)
        assert before <= clock.now() <= time.time_ns() // 1_000_000

    @pytest.mark.parametrize("kind", ["manual", "poll"])
    def test_the_others_start_at_the_same_instant_in_every_run(self, kind: ClockKind) -> None:
        assert clock_of(kind).now() == FLOATING_EPOCH_MS

    @pytest.mark.parametrize("kind", ["wall", "manual", "poll"])
    def test_all_start_where_the_timeline_says(self, kind: ClockKind) -> None:
        fixed = timeline("starts_at: 2025-10-06T18:58:07.291Z\n" + TWO_JOBS)
        clock = clock_for(ServerConfig(clock=kind), fixed, lambda: 5.0)
        assert clock.now() == 1_759_777_087_291

    def test_the_wall_clock_runs_by_the_seconds_it_is_given(self) -> None:
        seconds = [1.0]
        clock = clock_for(ServerConfig(speed=60), timeline(), lambda: seconds[0])
        began = clock.now()
        seconds[0] = 3.0
        assert clock.now() == began + 120_000

    def test_a_poll_clock_moves_by_its_step(self) -> None:
        for step, milliseconds in ((None, 1_000), ("250ms", 250), (40, 40)):
            clock = clock_of("poll", step=step)
            clock.polled()
            assert clock.now() == FLOATING_EPOCH_MS + milliseconds


class TestBegin:
    def test_by_name_by_file_and_by_default(self, tmp_path: Path) -> None:
        assert Session(ServerConfig()).timeline.name == "healthy"
        assert isinstance(Session(ServerConfig()).clock, WallClock)
        (tmp_path / "own.yaml").write_text(TWO_JOBS, encoding="utf-8")
        assert Session(ServerConfig(tmp_path / "own.yaml")).timeline.name == "own"
        assert Session(ServerConfig("healthy", edition="2026-01")).edition == "2026-01"
        with pytest.raises(UnknownName, match="2025-10"):
            ServerConfig("healthy", edition="2025-11")

    def test_a_floating_timeline_lies_where_the_clock_stands(self) -> None:
        clock = ManualClock(FLOATING_EPOCH_MS + 5_000)
        (state,) = states(session(clock=clock))
        assert (state.started_at_ms, state.downloaded_bytes) == (clock.now(), 0)

    def test_what_is_known_now(self) -> None:
        played = session()
        played.clock.advance("4s")
        assert played.clock.now() == FLOATING_EPOCH_MS + 4_000
        job = job_of(played, "job_a")
        assert job is not None
        assert job.downloaded_bytes == 200
        assert states(played) == (job,)
        assert job_of(played, "job_b") is None
        assert job_of(played, "job_c") is None


class TestFire:
    def test_it_changes_the_jobs_that_wait_and_names_them(self) -> None:
        played = session()
        assert played.fire("resume") == ()  # it is not paused yet
        played.clock.advance("10s")
        assert played.fire("resume") == ("job_a",)
        assert [state.status for state in states(played)] == ["failed"]
        assert played.fire("resume") == ()
        assert played.fire("request") == ("job_b",)
        assert [state.status for state in states(played)] == ["failed", "downloading"]

    def test_an_event_that_nobody_waited_for_is_forgotten(self) -> None:
        played = session()
        for _ in range(1_000):
            played.fire("resume")
        assert played.playback.events == ()
        played.clock.advance("1h")
        job = job_of(played, "job_a")
        assert job is not None
        assert job.status == "paused"

    def test_one_job_alone(self) -> None:
        twice = "jobs: [{copies: 3, total_size_bytes: 9, script: [paused: {until: go}, failed]}]"
        played = session(timeline(twice))
        first, second, third = (job.job_id for job in played.timeline.jobs)
        assert played.fire("go", second) == (second,)
        assert played.fire("go") == (first, third)

    def test_what_the_timeline_does_not_wait_for_is_unknown(self) -> None:
        with pytest.raises(UnknownName, match="did you mean resume") as caught:
            session().fire("resum")
        assert caught.value.known == ("resume", "request")
        with pytest.raises(UnknownName, match="did you mean job_b"):
            session().fire("resume", "job_bb")
        with pytest.raises(UnknownName, match="none are known"):
            session(faulty("delay: 1s")).fire("request")

    def test_of_many_at_once_one_is_heard(self) -> None:
        played = session()
        played.clock.advance("10s")
        heard: list[tuple[str, ...]] = []
        run_together(16, lambda _: heard.append(played.fire("resume")))
        assert sorted(heard)[-1] == ("job_a",)
        assert heard.count(()) == 15

    def test_fired_while_it_is_polled(self) -> None:
        many = "jobs: [{copies: 40, total_size_bytes: 9, script: [paused: {until: go}, failed]}]"
        played = session(timeline(many), PollClock("1ms"))
        seen: list[list[str]] = []

        def fire_or_poll(index: int) -> None:
            if index < 40:
                played.fire("go", played.timeline.jobs[index].job_id)
                return
            for _ in range(50):
                seen.append([state.status for state in states(played)])
                played.clock.polled()

        run_together(48, fire_or_poll)
        assert played.clock.now() == FLOATING_EPOCH_MS + 8 * 50
        assert {state.status for state in states(played)} == {"failed"}
        assert {status for states in seen for status in states} <= {"paused", "failed"}


class TestRunUntil:
    @pytest.mark.parametrize("kind", ["wall", "manual", "poll"])
    def test_it_moves_every_clock(self, kind: ClockKind) -> None:
        played = session(clock=kind)
        state = played.run_until("job_a", "paused")
        assert state is not None
        assert (state.status, state.downloaded_bytes) == ("paused", 500)
        assert played.clock.now() - played.playback.epoch_ms >= 10_000
        assert played.clock.now() - played.playback.epoch_ms < 10_000 + 1_000 * DEADLINE

    def test_the_first_job_is_meant_unless_named(self) -> None:
        played = session()
        state = played.run_until(None, "paused")
        assert state is not None
        assert state.job_id == "job_a"
        assert played.clock.now() == FLOATING_EPOCH_MS + 10_000

    def test_it_stays_where_it_is_already(self) -> None:
        played = session()
        played.clock.advance("12s")
        played.run_until("job_a", "paused")
        assert played.clock.now() == FLOATING_EPOCH_MS + 12_000

    def test_a_job_that_is_gone_has_no_state(self) -> None:
        played = session()
        played.fire("request")
        assert played.run_until("job_b", "gone") is None
        assert job_of(played, "job_b") is None
        assert played.clock.now() == FLOATING_EPOCH_MS + 15_000

    def test_a_clock_that_is_paused_is_moved_all_the_same(self) -> None:
        played = session(clock="wall")
        played.clock.pause()
        assert played.run_until("job_a", "paused")
        assert played.clock.is_paused

    def test_what_only_an_event_brings_about_never_happens(self) -> None:
        played = session()
        with pytest.raises(NeverHappens, match="until the event 'resume'"):
            played.run_until("job_a", "failed")
        assert played.clock.now() == FLOATING_EPOCH_MS
        played.run_until("job_a", "paused")
        played.fire("resume")
        assert played.run_until("job_a", "failed")

    @pytest.mark.parametrize(
        ("job_id", "phase", "sentence"),
        [("job_aa", "paused", "did you mean job_a"), (None, "complete", "did you mean completed")],
    )
    def test_unknown_words(self, job_id: str | None, phase: Phase, sentence: str) -> None:
        with pytest.raises(UnknownName, match=sentence):
            session().run_until(job_id, phase)


def test_a_clock_reaches_an_instant_and_never_goes_back() -> None:
    clock, told = ManualClock(1_000), list[int]()
    clock.subscribe(lambda: told.append(clock.now()))
    for instant_ms in (5_000, 3_000, LAST_INSTANT_MS + 1):
        clock.reach(instant_ms)
    assert told == [5_000, LAST_INSTANT_MS]


class TestStrike:
    def struck(self, played: Session, times: int, operation: str | None = "job_status") -> str:
        """An x for each request that is struck, by the first fault, y for the second."""
        faults = played.timeline.faults
        found = [struck_by(played, operation) for _ in range(times)]
        return "".join("." if fault is None else "xy"[faults.index(fault)] for fault in found)

    @pytest.mark.parametrize(
        ("requests", "struck"),
        [("3", "..x..."), ("2-4", ".xxx.."), ("5-", "....xx"), ("1", "x.....")],
    )
    def test_requests_are_counted_from_1(self, requests: str, struck: str) -> None:
        played = session(faulty(f"operation: job_status, delay: 1s, when: {{request: {requests}}}"))
        assert self.struck(played, 6) == struck

    def test_each_fault_counts_its_own_and_the_first_strikes(self) -> None:
        played = session(
            faulty("delay: 1s, when: {request: 2-3}", "delay: 2s, when: {request: 3-4}")
        )
        assert self.struck(played, 5) == ".xxy."

    def test_other_operations_are_not_counted(self) -> None:
        played = session(faulty("operation: job_status, delay: 1s, when: {request: 2}"))
        assert self.struck(played, 3, "list_status") == "..."
        assert self.struck(played, 3, None) == "..."
        assert self.struck(played, 3) == ".x."

    @pytest.mark.parametrize(
        ("path", "asked", "struck"),
        [
            ("/api/v1/models", "/api/v1/models", True),
            ("/api/v1/models", "/api/v1/models/", True),
            ("/api/v1/models/", "/api/v1/models", True),
            ("/api/v1/models", "/api/v1/models/x", False),
            ("/caf%C3%A9", "/café", True),
            ("/", "/", True),
            ("/", "/x", False),
        ],
    )
    def test_paths_are_compared_without_the_last_slash(
        self, path: str, asked: str, struck: bool
    ) -> None:
        played = session(faulty(f"path: {path}, delay: 1s"))
        assert (struck_by(played, None, asked) is not None) == struck

    def test_the_window_is_the_timelines_time(self) -> None:
        played = session(faulty("delay: 1s, when: {after: 2s, for: 3s}"))
        struck = ""
        for _ in range(7):
            struck += self.struck(played, 1)
            played.clock.advance("1s")
        assert struck == "..xxx.."

    def test_before_the_timeline_begins_nothing_strikes(self) -> None:
        job = "jobs: [{total_size_bytes: 1, script: [paused]}]\n"
        fixed = timeline("starts_at: 2025-10-06T18:58:07Z\n" + job + "faults: [{delay: 1s}]")
        played = session(fixed, ManualClock(fixed.epoch_ms - 1))
        assert struck_by(played) is None
        played.clock.advance(1)
        assert struck_by(played) is fixed.faults[0]

    def test_of_many_at_once_the_right_number_is_struck(self) -> None:
        played = session(faulty("delay: 1s, when: {request: 20-22}"))
        found: list[bool] = []

        def ask(_: int) -> None:
            for _ in range(50):
                found.append(struck_by(played, None, "/") is not None)

        run_together(16, ask)
        assert (len(found), sum(found)) == (800, 3)


class TestRefusal:
    def test_the_windows(self) -> None:
        windows = ("{after: 2s, for: 3s}", "{after: 4s, for: 2s}")
        played = session(faulty(*(f"refuse: true, when: {window}" for window in windows)))
        began = played.playback.epoch_ms
        refused, changes = "", []
        for _ in range(8):
            changes_ms = played.faults.refusal_changes_ms()
            changes.append(changes_ms and changes_ms - began)
            refused += "x" if played.faults.is_refusing() else "."
            played.clock.advance("1s")
        assert refused == "..xxxx.."
        assert changes == [2_000, 2_000, 4_000, 4_000, 5_000, 6_000, None, None]

    def test_for_ever(self) -> None:
        played = session(faulty("refuse: true"))
        assert played.faults.is_refusing()
        assert played.faults.refusal_changes_ms() is None
        assert struck_by(played) is played.timeline.faults[0]

    def test_never(self) -> None:
        assert not session().faults.is_refusing()
        assert session().faults.refusal_changes_ms() is None

    @pytest.mark.parametrize(
        ("kind", "is_open"), [("wall", False), ("manual", False), ("poll", True)]
    )
    def test_the_gate_closes_where_time_moves_on_by_itself(
        self, kind: ClockKind, is_open: bool
    ) -> None:
        played = session(faulty("refuse: true, when: {for: 2s}"), kind)
        sessions = Sessions(played)
        gate = SessionAdmission(sessions)
        assert gate.is_open() == is_open
        opened = sessions.open(played.config)
        assert gate.is_open()
        sessions.close(opened.id)
        played.clock.advance("2s")
        assert gate.is_open()

    def test_the_gate_knows_when_it_changes(self) -> None:
        of = faulty("refuse: true, when: {after: 60s, for: 2s}")
        assert gate_of(session(of, WallClock(0, 60, lambda: 0.0))).changes_in_s() == 1.0
        assert gate_of(session(of)).changes_in_s() is None
        assert gate_of(session()).changes_in_s() is None

    def test_the_gate_tells_of_the_clock_the_faults_and_another_beginning(self) -> None:
        played = session(faulty("refuse: true, when: {for: 2s}"), "manual")
        gate, told = gate_of(played), list[bool]()
        way_back = gate.subscribe(lambda: told.append(gate.is_open()))
        played.clock.advance("2s")
        played.begin_anew()
        played.faults.remove()
        played.faults.add(Fault((Refuse(),)))
        assert told == [True, False, True, False]
        way_back()
        played.clock.advance("2s")
        assert len(told) == 4


def gate_of(played: Session) -> SessionAdmission:
    return SessionAdmission(Sessions(played))


def struck_by(
    played: Session, operation: str | None = "job_status", path: str = STATUS
) -> Fault | None:
    """The fault that befalls one more request."""
    found = played.arrive(Request("GET", path), operation, path).fault
    return None if found is None else found.fault
