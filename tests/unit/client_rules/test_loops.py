"""Loops that hide behind other requests, clocks that jump, and replies that say nothing."""

import pytest

from mockserver.client_rules.context import Limits
from mockserver.client_rules.judge import judge
from mockserver.faults.fault import Fault
from mockserver.faults.reply import Reply as OwnReply
from support.journals import (
    DOWNLOAD,
    JOB,
    MODEL,
    STATUS,
    Bench,
    about,
    exchange,
    poll_of,
    rules,
)


class TestWithoutNews:
    @pytest.mark.parametrize(("clock", "found"), [("manual", 1), ("poll", 1), ("wall", 0)])
    def test_many_polls_while_no_time_passes(self, clock: str, found: int) -> None:
        polls = [poll_of(at, "paused", after=at / 1000) for at in range(1, 1004)]
        about_it = about(clock, limits=Limits(poll_interval_s=0.0))
        assert [finding.rule.id for finding in judge(polls, about_it).remarks] == [
            "never-stopped"
        ] * found
        assert judge(polls[:1002], about_it).remarks == ()

    def test_what_moves_is_news(self) -> None:
        polls = [poll_of(at, after=0, bytes=at % 2) for at in range(1, 3000)]
        assert rules(polls) == []


class TestAClockThatJumps:
    def test_a_few_jumps_prove_nothing(self) -> None:
        bench = Bench("paused-for-ever")
        bench.session.clock.advance("1m")
        for times, step in ((10, "10m"), (3, "15m"), (30, "15m"), (3, "1m")):
            bench.poll(times=times)
            bench.session.clock.advance(step)
        assert bench.rules() == []

    def test_many_steps_do(self) -> None:
        bench = Bench("paused-for-ever")
        bench.session.clock.advance("1m")
        bench.poll(times=20, step="30s")
        assert bench.rules() == ["never-stopped"]


class TestReadNothing:
    def test_head_has_no_body(self) -> None:
        bench = Bench("already-downloaded")
        for _ in range(9):
            bench.ask("HEAD", f"{STATUS}/{JOB}")
        for _ in range(20):
            bench.ask("HEAD", STATUS)
        bench.poll()
        bench.get(STATUS)
        assert bench.rules() == []

    def test_head_has_a_status(self) -> None:
        bench = Bench("download-on-request")
        for _ in range(9):
            bench.ask("HEAD", f"{STATUS}/{JOB}")
        assert bench.rules() == ["poll-forgotten-job"]


class TestLoops:
    def test_asking_for_what_is_there_between_polls(self) -> None:
        bench = Bench("already-downloaded", with_download=True)
        for _ in range(9):
            bench.post()
            bench.poll()
        assert bench.rules() == ["poll-after-end"]

    def test_asking_for_what_is_there(self) -> None:
        bench = Bench("already-downloaded", with_download=True)
        for _ in range(10):
            bench.post()
        assert bench.rules() == []
        bench.post()
        (remark,) = bench.verdict().remarks
        assert remark.rule.id == "asked-too-often"
        assert remark.message == "asked 11 times for the same model, which was there"

    @pytest.mark.parametrize(
        ("timeline", "rule"),
        [("download-on-request", "asked-too-often"), ("model-not-found", "refusal-repeated")],
    )
    def test_white_space_makes_no_other_request(self, timeline: str, rule: str) -> None:
        bench = Bench(timeline)
        for number in range(12):
            body = '{"model":' + " " * number + f'"{MODEL}"}}'
            bench.post(data=body.encode(), content_type="application/json")
        assert bench.rules() == [rule]

    @pytest.mark.parametrize("token", ["same", "another"])
    def test_another_token_makes_another_request(self, token: str) -> None:
        bench = Bench("token-refused")
        for number in range(9):
            bench.headers["Authorization"] = f"Bearer {number if token == 'another' else 0}"
            bench.poll()
        assert bench.rules() == (["refusal-repeated"] if token == "same" else [])

    @pytest.mark.parametrize("fault_hides", [True, False])
    def test_an_id_that_only_a_fault_gave(self, fault_hides: bool) -> None:
        fault = Fault((OwnReply(200),), operation="download") if fault_hides else None
        exchanges = []
        for number in range(1, 18, 2):
            post = exchange(
                number,
                DOWNLOAD,
                method="POST",
                operation="download",
                fault=fault,
                data={"job_id": JOB},
            )
            exchanges += [post, poll_of(number + 1, "completed", bytes=100)]
        assert rules(exchanges) == []


class TestPaths:
    @pytest.mark.parametrize("edition", ["2025-10", "2026-01"])
    def test_two_slashes(self, edition: str) -> None:
        bench = Bench("healthy", edition=edition)
        bench.get(f"{STATUS}//{JOB}")
        (remark,) = bench.verdict().remarks
        assert remark.rule.id == "unknown-path"
        assert remark.message.endswith("Two slashes in a row make another path of it.")

    def test_nothing_but_slashes(self) -> None:
        bench = Bench("healthy")
        bench.get(f"{STATUS}//")
        assert bench.rules() == ["empty-job-id"]

    @pytest.mark.parametrize(
        "query", [f"download_id={JOB}", f"x={JOB}", "y=job_0123456789", "jobId=5", "Download-ID=5"]
    )
    def test_an_id_in_the_query(self, query: str) -> None:
        bench = Bench("healthy")
        bench.get(f"{STATUS}?{query}")
        assert bench.rules() == ["id-in-query"]

    @pytest.mark.parametrize("query", ["page=2", "verbose", "t=1759505603"])
    def test_another_query(self, query: str) -> None:
        bench = Bench("healthy")
        bench.get(f"{STATUS}?{query}")
        assert bench.rules() == []

    def test_a_path_that_a_fault_redirects(self) -> None:
        bench = Bench("healthy")
        bench.session.faults.add(
            Fault((OwnReply(307, {"Location": f"{STATUS}/{JOB}"}),), path=f"{STATUS}/old")
        )
        bench.poll("old")
        bench.poll()
        assert bench.rules() == []


def test_many_wrong_ids_take_no_long_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def nearest(word: str, known: object) -> str:
        asked.append(word)
        return JOB

    monkeypatch.setattr("mockserver.client_rules.job_ids.nearest", nearest)
    polls = [exchange(at, f"{STATUS}/j{at}", status=404) for at in range(1, 301)]
    remarks = judge(polls, about()).remarks
    assert len(remarks) == 300
    assert asked == [f"j{at}" for at in range(1, 21)]
    assert "did you mean" in remarks[19].message
