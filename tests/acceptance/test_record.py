"""A job on a server is followed, written down, and told again by a mock that plays the file."""

import json
import signal
import socket
import threading
from pathlib import Path

import pytest

from mockserver import MockServer
from mockserver.documents.source import Source
from mockserver.errors import NothingToRecord, UnknownName, UnreachableServer
from mockserver.remote.access import Access
from mockserver.remote.fetch import Fetcher
from mockserver.remote.http_client import RequestLimits
from mockserver.remote.record import Record
from mockserver.timeline.reader import load
from mockserver.timeline.recording import Recording
from support.hostile import echoing, hostile, sending
from support.process import DEADLINE_S, Run, started
from support.remote_time import VirtualTime

JOB = "job_493c7c9ded"
PAUSED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    b'{"status": "paused"}'
)
TOKEN = "sk-lm-Vq3xR8tK:w7Zp"


def polled(timeline: str | Path, edition: str | None = None) -> tuple[Recording, list[object]]:
    """A recording of a job that moves by a second with each poll, and all that was told."""
    told: list[object] = []
    waits = VirtualTime()
    with (
        MockServer(timeline, edition=edition, clock="poll") as server,
        Fetcher(server.url, limits=RequestLimits(body_bytes=100_000), clock=waits) as fetcher,
    ):
        record = Record(
            fetcher,
            JOB,
            edition=server.timeline.edition,
            deadline_s=60,
            watch=lambda seen: told.append((seen.status, seen.body, bool(seen.failure))),
        )
        record.run()
    return record.recording(), told


@pytest.mark.parametrize(
    "timeline",
    [
        *("healthy", "paused-then-resumed", "failed-midway", "forgotten-job", "unknown-fields"),
        *("rate-limited", "html-error-page", "error-with-200", "connection-drops", "null-fields"),
        *("server-error-then-fine", "times-with-offset", "zero-total", "minimal-fields"),
    ],
)
def test_a_replay_tells_the_same_and_records_the_same(timeline: str, tmp_path: Path) -> None:
    made, told = polled(timeline)
    path = tmp_path / "again.yaml"
    path.write_text(made.text, encoding="utf-8")
    again, told_again = polled(path)
    assert told_again == told
    assert (again.polls, again.steps) == (made.polls, made.steps)
    assert len(told) > 2


def test_a_job_at_even_speed_takes_the_steps_it_had() -> None:
    made, _ = polled("healthy")
    assert (made.steps, made.faults) == (4, 0)
    assert made.text.count("\n") < 16


def test_the_edition_is_found_by_the_list() -> None:
    for edition in ("2025-10", "2026-01"):
        waits = VirtualTime()
        with (
            MockServer(edition=edition, clock="poll") as server,
            Fetcher(server.url, clock=waits) as fetcher,
        ):
            record = Record(fetcher, JOB)
            record.run()
        assert load(Source("x", record.recording().text)).edition == edition


def test_what_is_no_server_or_no_job_is_told() -> None:
    with MockServer() as server, Fetcher(server.url) as fetcher:
        with pytest.raises(UnknownName):
            Record(fetcher, JOB, edition="2024-01")
        record = Record(fetcher, "job_0000000000")
        record.run()
        with pytest.raises(NothingToRecord, match="does not know it"):
            record.recording()
    with Fetcher(server.url) as fetcher, pytest.raises(UnreachableServer, match="see whether"):
        Record(fetcher, JOB).run()


def test_an_outage_ends_no_recording() -> None:
    refusals = (b"HTTP/1.1 503 No\r\n\r\n", b"HTTP/1.1 429 No\r\n\r\n")
    outages = (b"", *refusals, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")

    def handle(connection: socket.socket, over: threading.Event, request: bytes) -> None:
        number = len(server.requests)
        done = PAUSED.replace(b"paused", b"completed")
        sending(PAUSED if number < 3 else outages[number // 9 % 4] if number < 40 else done)(
            connection, over, request
        )

    waits = VirtualTime()
    with hostile(handle) as server, Fetcher(server.url, clock=waits) as fetcher:
        record = Record(fetcher, JOB, edition="2025-10")
        record.run()
    assert (record.polls, record.notes) == (40, ())


def test_what_is_no_job_is_given_up() -> None:
    page = PAUSED.replace(b'{"status": "paused"}', b"<p>")
    waits = VirtualTime()
    with hostile(sending(page)) as server, Fetcher(server.url, clock=waits) as fetcher:
        record = Record(fetcher, JOB, edition="2025-10")
        record.run()
    assert (record.polls, len(record.notes)) == (5, 1)


def test_no_secret_is_written() -> None:
    def shown_once(connection: socket.socket, over: threading.Event, request: bytes) -> None:
        if len(seen) < 2:
            seen.append(request)
            secret = TOKEN.encode()
            body = b'{"status": "downloading", "again": "%s"}' % secret
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
            sending(head + body)(connection, over, request)
        else:
            echoing(connection, over, request)

    seen: list[bytes] = []
    waits = VirtualTime()
    access = Access(token=TOKEN, headers=(("X-Api-Key", "a-key-of-some-length"),))
    with hostile(shown_once) as server, Fetcher(server.url, access, clock=waits) as fetcher:
        record = Record(fetcher, JOB)
        record.run()
        made = record.recording()
        assert TOKEN in str(server.requests)
    for secret in (TOKEN, "a-key-of-some-length", TOKEN[:10]):
        assert secret not in made.text
    assert "[hidden]" in made.text
    assert "X-Again" in made.text
    assert "Bearer [hidden]" not in made.text.partition("body")[0]


class TestCommand:
    def test_writes_a_timeline_that_is_checked_and_served(self, run: Run, tmp_path: Path) -> None:
        with MockServer(clock="poll") as server:
            done = run("record", server.url, "--job", JOB, "-o", "mine.yaml", "--interval", "10ms")
        assert (done.code, done.err.count("completed")) == (0, 1)
        assert done.out.startswith("wrote mine.yaml: ")
        assert "replay it: mockserver serve ./mine.yaml" in done.out
        assert run("timelines", "check", "mine.yaml").code == 0
        text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
        assert text.startswith("# Recorded by mockserver ")
        assert server.url in text
        assert load(Source("mine.yaml", text)).jobs[0].job_id == JOB

    def test_overwrites_nothing_unless_told_to(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "mine.yaml"
        path.write_text("kept", encoding="utf-8")
        with MockServer(clock="poll") as server:
            asked = ("record", server.url, "--job", JOB, "-o", "mine.yaml", "--interval", "5ms")
            refused = run(*asked)
            assert (refused.code, path.read_text(encoding="utf-8")) == (2, "kept")
            assert "exists already" in refused.err
            assert not server.requests
            done = run(*asked, "--force", "--json")
        facts = json.loads(done.out)
        assert (done.code, facts["edition"], facts["left_out"]) == (0, "2025-10", 0)
        assert path.read_text(encoding="utf-8") != "kept"

    def test_mistakes_are_sentences(self, run: Run, tmp_path: Path) -> None:
        gone = run("record", "http://127.0.0.1:9", "--job", JOB, "-o", "mine.yaml")
        assert (gone.code, "nobody listens there" in gone.err) == (3, True)
        with MockServer() as server:
            unknown = run("record", server.url, "--job", "job_0000000000", "-o", "mine.yaml")
            assert (unknown.code, "does not know it" in unknown.err) == (2, True)
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_cannot_be_written_is_told_first(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        names = [f"{'x' * 300}.yaml", "file/mine.yaml"]
        names += ["/proc/nope.yaml"] if Path("/proc/self").exists() else []
        with hostile(sending(PAUSED)) as server:
            for name in names:
                done = run("record", server.url, "--job", JOB, "-o", name)
                assert (done.code, name in done.err, "Traceback" in done.err) == (2, True, False)
            assert not server.requests
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    def test_says_that_the_job_had_not_ended(self, run: Run) -> None:
        with hostile(sending(PAUSED)) as server:
            asked = ("record", server.url, "--job", JOB, "-o", "mine.yaml", "--json")
            done = run(*asked, "--interval", "5ms", "--deadline", "20ms")
        assert (done.code, json.loads(done.out)["has_ended"]) == (0, False)
        assert "the recording ends before the job did" in done.err
        assert "had not ended" in done.err

    def test_ctrl_c_writes_what_there_is(self, tmp_path: Path) -> None:
        has_polled = threading.Event()

        def paused(connection: socket.socket, over: threading.Event, request: bytes) -> None:
            sending(PAUSED)(connection, over, request)
            if len(server.requests) > 3:
                has_polled.set()

        asked = ("--job", JOB, "-o", "mine.yaml", "--interval", "20ms")
        with (
            hostile(paused) as server,
            started("record", server.url, *asked, cwd=tmp_path) as running,
        ):
            assert has_polled.wait(DEADLINE_S)
            done = running.stop(signal.SIGINT)
        assert (done.code, "interrupted" in done.err, "Traceback" in done.err) == (130, True, False)
        text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
        assert "it was interrupted" in text
        assert load(Source("mine.yaml", text)).jobs[0].steps[-1].phase == "paused"
        assert done.out.startswith("wrote mine.yaml: ")
