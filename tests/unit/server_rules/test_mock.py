"""The mock keeps to its own rules: whatever a timeline plays, only what it is meant to show."""

import pytest

from mockserver.resources import edition_names, timeline_files
from mockserver.timeline.clock import PollClock, WallClock
from mockserver.timeline.find import find
from mockserver.timeline.model import FLOATING_EPOCH_MS
from mockserver.timeline.reader import load
from support.observed import Watched

SHOWN: dict[str, set[str]] = {
    # Off contract, or odd
    "new-status": {"unknown-value"},
    "null-fields": {"type"},
    "times-with-offset": {"time-in-utc", "time-fraction"},
    "unknown-fields": {"unknown-field"},
    # Accidents of a job
    "completed-then-forgotten": {"forgotten-job"},
    "forgotten-job": {"forgotten-job"},
    "forgotten-then-new-id": {"forgotten-job"},
    "stalled-at-zero-speed": {"stalled"},
    "stalled-frozen-speed": {"stalled"},
    "stuck-at-100-percent": {"never-completed"},
    # Faults of the server and of what is before it
    "connection-drops": {"broken-off"},
    "crash-mid-poll": {"broken-off", "no-reply"},
    "error-with-200": {"error-in-200"},
    "html-error-page": {"html-page"},
    "old-server": {"old-server"},
    "rate-limited": {"status-code"},
    "server-error-then-fine": {"status-code"},
    "server-restart": {"no-reply"},
    "token-refused": {"token-refused"},
}
"""What a checker says of a timeline's server; of all others nothing."""

ONLY_BY_POST: dict[str, set[str]] = {
    "post-fails-then-works": {"status-code"},
    "post-without-job-id": {"required"},
}
WAITS = {"slow-replies"}
"""Timelines whose replies take real time."""

HONEST = sorted(timeline_files().keys() - SHOWN.keys() - ONLY_BY_POST.keys() - WAITS)


def watch(watched: Watched, polls: int, step_ms: int) -> None:
    """Ask for everything again and again, and for the model again after a failure."""
    ids = [job.job_id for job in watched.jobs][:4]
    models = [job.model for job in watched.jobs if job.model][:4]
    can_ask = watched.edition == "2026-01"
    for model in models if can_ask else ():
        watched.ask("download", model=model)
    for poll in range(polls):
        for job_id in ids:
            reply = watched.ask("job_status", job_id)
            if can_ask and models and b'"failed"' in reply.body:
                watched.ask("download", model=models[0])
        if not can_ask and (poll % 3 == 0 or len(watched.jobs) < 10):
            watched.ask("list_status")
        if step_ms:
            watched.advance(step_ms)


class TestTimelines:
    @pytest.mark.parametrize("edition", edition_names())
    @pytest.mark.parametrize("name", sorted(timeline_files().keys() - WAITS))
    def test_breaks_what_it_is_made_to_break(self, name: str, edition: str) -> None:
        watched = Watched(name, edition)
        watch(watched, polls=20, step_ms=1700)
        watch(watched, polls=3, step_ms=70_000)
        expected = SHOWN.get(name, set())
        if edition == "2026-01":
            expected = expected | ONLY_BY_POST.get(name, set())
        assert watched.told() == expected

    def test_tables_name_timelines(self) -> None:
        assert SHOWN.keys() | ONLY_BY_POST.keys() | WAITS <= timeline_files().keys()


class TestClocks:
    @pytest.mark.parametrize("name", HONEST)
    def test_poll_clock_shows_nothing(self, name: str) -> None:
        start_ms = load(find(name)).epoch_ms
        watched = Watched(name, clock=PollClock("900ms", start_ms))
        watch(watched, polls=15, step_ms=0)
        assert watched.told() == set()

    @pytest.mark.parametrize("name", ["healthy", "flapping", "several-jobs"])
    def test_fast_wall_clock_shows_nothing(self, name: str) -> None:
        watched = Watched(name, clock=WallClock(FLOATING_EPOCH_MS, speed=600))
        watch(watched, polls=15, step_ms=0)
        assert watched.told() == set()


class TestResumption:
    def test_failed_job_that_goes_on_is_honest(self) -> None:
        watched = Watched("failed-then-same-id-resumes", "2026-01")
        statuses = []
        for _ in range(12):
            reply = watched.ask("job_status", watched.jobs[0].job_id)
            if b'"failed"' in reply.body:
                statuses.append("failed")
                watched.ask("download", model=watched.jobs[0].model)
            watched.advance(3000)
        assert statuses == ["failed"]
        assert b'"completed"' in reply.body
        assert watched.told() == set()

    def test_track_shows_its_whole_life(self) -> None:
        watched = Watched("paused-then-resumed")
        watch(watched, polls=20, step_ms=2000)
        (track,) = watched.inspector.tracks()
        assert [*dict.fromkeys(point.status for point in track.points)] == [
            "downloading",
            "paused",
            "completed",
        ]
        assert track.points[-1].downloaded_bytes == track.points[-1].total_size_bytes
