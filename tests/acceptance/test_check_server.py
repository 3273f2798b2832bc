"""The mock, held to its own pages by the checker; time passes by waits that take none."""

import itertools
import re
import socket
import threading
from typing import Any

import pytest

from mockserver import MockServer
from mockserver.errors import UnreachableServer
from mockserver.findings.report import CheckReport
from mockserver.remote.check import CheckPlan, ServerCheck
from mockserver.remote.check_server import check_server
from mockserver.remote.fetch import Fetcher
from mockserver.remote.http_client import RequestLimits
from mockserver.server_rules.observation import Observation
from support.hostile import (
    Handle,
    hostile,
    replying,
    resetting,
    sending,
    sending_then_silent,
)
from support.remote_time import VirtualTime
from support.serving import ID, MODEL

TOKEN = "sk-lm-Vq3xR8tK:w7Zp"
QUICK = RequestLimits(connect_s=1.0, read_s=0.2, total_s=0.2)


def ids(report: CheckReport) -> list[str]:
    return [finding.id for finding in report.findings]


def followed(timeline: str = "healthy", edition: str = "2025-10", **options: Any) -> CheckReport:
    """What is found of the mock, whose jobs are followed at a second a poll."""
    with MockServer(timeline, edition=edition, clock="poll") as server:
        return check_server(server.url, follow=True, clock=VirtualTime(), **options)


class TestConforming:
    @pytest.mark.parametrize("edition", ["2025-10", "2026-01"])
    def test_a_download_is_followed_to_its_end(self, edition: str) -> None:
        waits = VirtualTime()
        with MockServer(edition=edition, clock="poll") as server:
            report = check_server(server.url, jobs=[ID], follow=True, clock=waits)
        assert (report.findings, report.notes, report.edition) == ((), (), edition)
        (track,) = report.tracks
        assert (track.job_id, track.points[-1].status) == (ID, "completed")
        assert len(track.points) > 8
        assert set(waits.waits) == {1.0}
        assert report.seconds == len(waits.waits)

    def test_a_job_that_the_list_shows_is_found_and_followed(self) -> None:
        with MockServer(clock="poll") as server:
            report = check_server(server.url, follow=True, clock=VirtualTime())
            asked = [request.operation for request in server.requests]
        assert report.findings == ()
        assert report.tracks[0].points[-1].status == "completed"
        assert asked[-2:] == ["job_status", "list_status"]
        assert dict(report.asked) == {
            "list_status": asked.count("list_status"),
            "job_status": asked.count("job_status"),
            "unknown path": 1,
        }

    def test_several_jobs_are_followed_at_once(self) -> None:
        with MockServer("several-jobs", clock="poll") as server:
            report = check_server(server.url, follow=True, deadline_s=60, clock=VirtualTime())
            jobs = {job.job_id for job in server.timeline.jobs if job.listed}
        assert report.findings == ()
        assert {track.job_id for track in report.tracks} == jobs
        assert len(report.notes) == 1
        assert "had not ended after 1 min; it was paused" in report.notes[0]

    def test_without_follow_nothing_is_waited_for(self) -> None:
        waits = VirtualTime()
        with MockServer(clock="poll") as server:
            report = check_server(server.url, clock=waits)
        assert (report.findings, waits.waits) == ((), [])
        assert sum(report.asked.values()) == 4

    def test_nothing_is_changed_unless_asked_for(self) -> None:
        with MockServer(edition="2026-01", clock="poll") as server:
            check_server(server.url, jobs=[ID])
            assert {request.method for request in server.requests} == {"GET"}

    def test_a_download_that_is_asked_for_is_followed(self) -> None:
        with MockServer("download-on-request", edition="2026-01", clock="poll") as server:
            report = check_server(server.url, downloads=[MODEL], follow=True, clock=VirtualTime())
            posts = [request for request in server.requests if request.method == "POST"]
        assert report.findings == ()
        assert report.asked["download"] == len(posts) == 1
        assert report.tracks[-1].points[-1].status == "completed"

    def test_a_model_that_is_there_has_no_job_to_follow(self) -> None:
        report = followed("already-downloaded", "2026-01", downloads=[MODEL])
        assert report.findings == ()
        assert "no job was followed" in report.notes[0]

    def test_only_so_many_listed_jobs_are_asked_for(self) -> None:
        with MockServer("several-jobs") as server, Fetcher(server.url) as fetcher:
            check = ServerCheck(fetcher, CheckPlan(most_jobs=1))
            check.run()
        report = check.report()
        assert report.asked["job_status"] == 2
        assert "listed jobs were not asked for" in report.notes[0]


class TestEdition:
    @pytest.mark.parametrize(
        ("timeline", "edition", "found", "because"),
        [
            ("healthy", "2025-10", "2025-10", "has the lists"),
            ("healthy", "2026-01", "2026-01", "answers 404"),
            ("old-server", "2026-01", "2025-10", "answers 200, but with none of its lists"),
            ("token-refused", "2026-01", "2025-10", "answers 401"),
        ],
    )
    def test_found_by_the_list(self, timeline: str, edition: str, found: str, because: str) -> None:
        with MockServer(timeline, edition=edition) as server:
            report = check_server(server.url)
        assert report.edition == found
        assert report.asked.get("list_status", 0) == (found == "2025-10")
        assert because in report.edition_because

    def test_given(self) -> None:
        with MockServer(edition="2026-01") as server:
            report = check_server(server.url, edition="2025-10")
            assert (report.edition, report.edition_because) == ("2025-10", "as asked for")
            assert ids(report) == ["list-missing:/error"]
            assert check_server(server.url, edition="2026-01").findings == ()


class TestFollow:
    def test_ends_at_the_deadline(self) -> None:
        waits = VirtualTime()
        with MockServer("paused-for-ever", clock="poll") as server:
            report = check_server(
                server.url, jobs=[ID], follow=True, interval_s=2, deadline_s=60, clock=waits
            )
        assert report.notes == (f"{ID} had not ended after 1 min; it was paused",)
        assert waits.waits == [2.0] * 30

    @pytest.mark.parametrize(
        ("timeline", "job", "why"),
        [
            ("forgotten-job", ID, "the server does not know it any more"),
            ("healthy", "job_1", "the server does not know it"),
        ],
    )
    def test_ends_when_the_job_is_not_known(self, timeline: str, job: str, why: str) -> None:
        assert followed(timeline, jobs=[job]).notes == (
            f"{job} was not followed to its end: {why}",
        )

    def test_survives_a_few_errors(self) -> None:
        report = followed("server-error-then-fine")
        assert report.tracks[0].points[-1].status == "completed"

    def test_ends_when_nothing_comes_any_more(self) -> None:
        with (
            MockServer(edition="2026-01") as server,
            Fetcher(server.url, clock=VirtualTime()) as fetcher,
        ):
            plan = CheckPlan("2026-01", (ID,), follows=True)
            numbers = itertools.count(1)

            def stop_after_five(_: Observation) -> None:
                if next(numbers) == 5:
                    server.stop()

            check = ServerCheck(fetcher, plan, watch=stop_after_five)
            check.run()
        report = check.report()
        assert "5 replies in a row told no status" in report.notes[0]
        assert ids(report)[0].startswith("no-reply")

    def test_a_job_that_has_ended_is_not_polled(self) -> None:
        report = followed("instant")
        assert report.notes == ("no job was followed: all have ended already",)

    def test_errors_between_good_replies_do_not_add_up(self) -> None:
        numbers = itertools.count()

        def handle(connection: socket.socket, over: threading.Event, request: bytes) -> None:
            at = next(numbers)
            job = {"job_id": ID, "status": "completed" if at > 20 else "downloading"}
            answer = replying(job) if at % 5 == 0 else sending(b"HTTP/1.1 500 No\r\n\r\n")
            answer(connection, over, request)

        with hostile(handle) as server:
            report = check_server(
                server.url, edition="2026-01", jobs=[ID], follow=True, clock=VirtualTime()
            )
        assert report.notes == ()
        assert report.tracks[0].points[-1].status == "completed"

    def test_a_job_that_nobody_asked_for_is_not_followed(self) -> None:
        with hostile(replying({"job_id": ID, "status": "paused"})) as server:
            report = check_server(server.url, edition="2026-01", follow=True, clock=VirtualTime())
        assert report.notes[0].startswith("no job was followed: none was named")


class TestNoServer:
    def test_a_server_that_says_nothing(self) -> None:
        silence = hostile(sending_then_silent())
        with silence as server, pytest.raises(UnreachableServer) as caught:
            check_server(server.url, limits=QUICK)
        assert caught.value.kind == "timeout"

    @pytest.mark.parametrize(
        ("handle", "rule"),
        [(resetting(), "broken-off"), (sending(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "bad-http")],
    )
    def test_something_else_listens(self, handle: Handle, rule: str) -> None:
        with hostile(handle) as server:
            report = check_server(server.url, follow=True, limits=QUICK)
        assert {finding.rule.id for finding in report.findings} == {rule}
        assert report.notes == ("nothing more was asked after 3 requests without a reply",)


class TestHostileIds:
    @pytest.mark.parametrize(
        "job_id",
        ["..", ".", "a/../../b", "a?b#c", "%2e%2e", "x" * 1000, "", "\r\nX: y", "ü\u2028", " "],
    )
    def test_ids_are_only_ever_one_segment_of_a_path(self, job_id: str) -> None:
        jobs = {"downloading": [{"job_id": job_id, "status": "downloading"}]}
        with hostile(replying(jobs)) as server:
            check_server(server.url, follow=True, limits=QUICK, deadline_s=3, clock=VirtualTime())
        for request in server.requests:
            target = request.split(b" ")[1]
            assert re.match(
                rb"/api/v1/(models/download/status(/[^/]*)?|mockserver-check.*)$", target
            )
            assert len(target) < 300
            assert b"\nX: y" not in request
