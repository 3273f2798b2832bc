"""A check that has judged nothing is no good one, and nothing that a server sends misleads it."""

import gzip
import json
import os
import socket
import threading
from pathlib import Path

import pytest

from mockserver import MockServer
from mockserver.errors import UnreachableServer
from mockserver.findings.report import CheckReport
from mockserver.remote.address import read_address
from mockserver.remote.check import CheckPlan, ServerCheck
from mockserver.remote.check_server import check_server
from mockserver.remote.fetch import Fetcher, advice
from mockserver.remote.http_client import RequestLimits
from mockserver.server_rules.baseline import apply, renewed
from support.hostile import hostile, replying, sending
from support.process import Run, started, without_output
from support.remote_time import VirtualTime

JOB = "job_0123456789"
QUICK = RequestLimits(connect_s=1.0, read_s=0.5, total_s=0.5, body_bytes=100_000)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def rules(report: CheckReport) -> set[str]:
    return {finding.rule.id for finding in report.findings}


UNJUDGEABLE = {
    "a redirect": sending(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"),
    "a gzip bomb": sending(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(10**7))),
    "deep JSON": sending(OK + b"\r\n" + b"[" * 300 + b"]" * 300),
    "no JSON": sending(OK + b"\r\nhello"),
    "500": sending(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
}


class TestNothingJudged:
    @pytest.mark.parametrize("name", UNJUDGEABLE)
    def test_is_an_error_that_no_baseline_accepts(self, name: str) -> None:
        with hostile(UNJUDGEABLE[name]) as server:
            report = check_server(server.url, limits=QUICK)
        assert report.findings[0].rule.id == "nothing-judged"
        accepted = apply(report, renewed(report, {}))
        assert rules(accepted) == {"nothing-judged"}
        assert accepted.at_or_above("error")

    def test_also_when_nothing_was_asked(self) -> None:
        with MockServer(edition="2026-01") as server:
            report = check_server(server.url, edition="2026-01", asks_for_unknown=False)
        assert [finding.found for finding in report.findings] == ["nothing was asked"]

    def test_a_refused_token_is_never_accepted(self) -> None:
        with MockServer(token="other") as server:
            report = check_server(server.url)
        by_hand = {finding.fingerprint: "" for finding in report.findings}
        assert renewed(report, {}) == {}
        assert rules(apply(report, by_hand)) == {"token-refused"}
        assert sum(report.asked.values()) == 1

    def test_an_interrupted_run_says_nothing_of_it(self) -> None:
        with MockServer() as server, Fetcher(server.url) as fetcher:
            assert ServerCheck(fetcher).report(is_whole=False).findings == ()


class TestJobs:
    def test_a_named_job_that_is_not_known_is_an_error(self, run: Run) -> None:
        with MockServer() as server:
            done = run("check", server.url, "--job", "job_nope")
        assert done.code == 1
        assert "the server does not know job_nope" in done.out

    def test_a_job_that_was_known_once_is_none(self) -> None:
        with MockServer("forgotten-job", clock="poll") as server:
            job = server.timeline.jobs[0].job_id
            report = check_server(server.url, jobs=[job], follow=True, clock=VirtualTime())
        assert "nothing-judged" not in rules(report)

    def test_that_no_job_was_seen_is_told(self) -> None:
        lists: dict[str, list[object]] = {"downloading": [], "paused": [], "completed": []}
        note = "no job was seen; name one with --job"
        with MockServer(edition="2026-01") as server:
            assert check_server(server.url).notes == (note,)
        with hostile(replying(lists)) as other:
            assert note in check_server(other.url, edition="2025-10").notes
        with MockServer() as server:
            assert check_server(server.url).notes == ()

    def test_those_that_turn_up_later_are_not_kept(self) -> None:
        number = 0

        def handle(connection: socket.socket, over: threading.Event, request: bytes) -> None:
            nonlocal number
            number += 1
            is_list = request.split(b" ")[1].endswith(b"/status")
            job = {"job_id": f"job_{number:010}" if is_list else JOB, "status": "paused"}
            replying({"paused": [job]} if is_list else job)(connection, over, request)

        plan = CheckPlan("2025-10", (JOB,), follows=True, deadline_s=30)
        with hostile(handle) as server, Fetcher(server.url, clock=VirtualTime()) as fetcher:
            check = ServerCheck(fetcher, plan)
            check.run()
            assert len(server.requests) > 60
            assert len(check._jobs) == 2


class Slow(VirtualTime):
    """Every look at the clock takes a while, as replies do."""

    def monotonic_s(self) -> float:
        self.sleep(0.25)
        return super().monotonic_s()


def test_the_deadline_ends_a_round_of_many_jobs() -> None:
    jobs = [f"job_{at:010}" for at in range(20)]
    with hostile(replying({"status": "downloading"})) as server:
        plan = CheckPlan("2026-01", tuple(jobs), follows=True, deadline_s=2, asks_for_unknown=False)
        with Fetcher(server.url, clock=Slow()) as fetcher:
            check = ServerCheck(fetcher, plan)
            check.run()
        assert len(jobs) < len(server.requests) < len(jobs) + 9
    assert sum("had not ended" in note for note in check.report().notes) == 20


def test_a_token_that_is_a_number_changes_no_verdict() -> None:
    sizes = {"total_size_bytes": 1000, "downloaded_bytes": 1000}
    job = {"job_id": JOB, "status": "paused", "started_at": "2025-10-03T15:33:23.496Z", **sizes}
    with hostile(replying(job)) as server:
        bare = check_server(server.url, edition="2026-01", jobs=[JOB])
        for token in ("1000", "2025"):
            told = check_server(server.url, edition="2026-01", jobs=[JOB], token=token)
            assert rules(told) == rules(bare)


class TestGithub:
    def test_a_server_gives_no_workflow_command(self, run: Run) -> None:
        evil = "::error::gotcha ##[add-mask]x"
        statuses = iter(["paused", "downloading", "completed"] * 9)

        def handle(connection: socket.socket, over: threading.Event, request: bytes) -> None:
            job = {"job_id": evil, "status": next(statuses), evil: evil, "error": {evil: 1}}
            replying(job)(connection, over, request)

        given = ("--edition", "2026-01", "--job", evil, "--follow", "--interval", "1ms")
        with hostile(handle) as server:
            done = run("check", server.url, *given, "--format", "github")
        assert "gotcha" in done.err
        assert "gotcha" in done.out
        lines = done.out.splitlines()
        own = [line for line in lines if line.startswith("::")]
        assert own
        assert all(" title=" in line for line in own)
        for line in (*(line for line in lines if line not in own), *done.err.splitlines()):
            assert not line.lstrip().startswith("::")
            assert "##[" not in line


class TestRim:
    def test_reports_are_there_though_nobody_reads(self, tmp_path: Path) -> None:
        ours, theirs = os.pipe()
        os.close(ours)
        asked = ("check", "--report", "r.json")
        with MockServer() as server, os.fdopen(theirs, "wb") as gone:
            to = gone.fileno()
            with started(*asked, server.url, cwd=tmp_path, out=to, err=to) as running:
                running.stop()
        assert json.loads((tmp_path / "r.json").read_text("utf-8"))["is_whole"] is True

    @pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes the stream")
    def test_without_standard_output(self, tmp_path: Path) -> None:
        with MockServer() as server:
            done = without_output("check", server.url, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")

    def test_files_are_looked_at_first(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        given = (["--report", "file/r.json"], ["--baseline", "k.json", "--report", "./k.json"])
        with MockServer() as server:
            for options in given:
                assert run("check", server.url, *options).code == 2
            assert server.requests == ()

    def test_a_proxy_of_the_environment_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
        monkeypatch.setenv("http_proxy", proxy.replace("//", "//me:Vq3xR8tK@"))
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(UnreachableServer, match=f"the environment's proxy {proxy}") as caught:
            check_server("http://server.example")
        assert "Vq3xR8tK" not in str(caught.value)

    def test_a_port_that_was_forgotten_is_named(self) -> None:
        assert "as in http://127.0.0.1:1234/x" in advice("refused", read_address("127.0.0.1/x"))
        assert "1234" not in advice("refused", read_address("http://127.0.0.1:80"))
        assert "1234" not in advice("timeout", read_address("http://127.0.0.1"))
