"""Clients that make one of the mistakes seen in the wild: each breaks its rule, and no other."""

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.client_rules.rules import RULES
from mockserver.findings.finding import Finding
from support.cases import data, table
from support.journals import JOB, MODEL, Bench, GoodClient


def only(bench: Bench, rule: str) -> Finding:
    """The finding, which is the only one."""
    (finding,) = bench.verdict().remarks
    assert finding.rule is RULES[rule]
    return finding


def follow(bench: Bench, is_end: Callable[[Any], bool], most: int, step: str = "1s") -> None:
    """Poll until the client is pleased with what it gets, or a test would have lost patience."""
    for _ in range(most):
        answer = bench.poll()
        if isinstance(answer.data, dict) and is_end(answer.data):
            return
        bench.session.clock.advance(step)


def completed_alone(data: Any) -> bool:
    return bool(data.get("status") == "completed")


def perform(bench: Bench, verb: str, times: int = 1, step: str | None = None, **sent: Any) -> None:
    for _ in range(times):
        getattr(bench, verb)(**sent)
        if step is not None:
            bench.session.clock.advance(step)


MISTAKES = {
    f"{name} {edition}".strip(): {**case, "settings": settings | case.get("settings", {})}
    for name, case in data(__file__, "mistakes").items()
    for edition in case.get("editions", [""])
    for settings in [{"edition": edition} if edition else {}]
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_and_nothing_else(name: str) -> None:
    case = MISTAKES[name]
    bench = Bench(case.get("timeline", "healthy"), **case["settings"])
    for action in case["does"]:
        perform(bench, **action)
    remarks = bench.verdict().remarks
    expected = [case["breaks"]] if "breaks" in case else []
    assert [finding.rule.id for finding in remarks] == expected
    assert all(case["told"] in finding.message for finding in remarks)


class TestWhereItAsks:
    @table(__file__, "wrong-paths")
    @pytest.mark.parametrize("edition", ["2025-10", "2026-01"])
    def test_a_wrong_path(self, path: str, nearest: str, edition: str) -> None:
        bench = Bench("healthy", edition=edition)
        bench.get(path, 30, "1s")
        finding = only(bench, "unknown-path")
        assert nearest in finding.message
        assert "30 times" in finding.message
        assert finding.numbers == tuple(range(1, 31))
        assert not bench.verdict().is_observed

    def test_nothing_is_near(self) -> None:
        bench = Bench("healthy")
        bench.get("/zzz")
        assert "did you mean" not in only(bench, "unknown-path").message

    def test_a_request_where_none_is_taken(self) -> None:
        bench = Bench("healthy", edition="2025-10")
        bench.post()
        assert only(bench, "download-not-in-edition").rule.severity == "warning"

    @pytest.mark.parametrize(
        "asked",
        ["POST /v1/chat/completions", "GET /api/v0/models", "GET /", "POST /api/v1/models/load"],
    )
    def test_other_endpoints_are_only_warned_of(self, asked: str) -> None:
        bench = Bench("healthy")
        bench.ask(*asked.split())
        assert only(bench, "not-mocked").rule.severity == "warning"


class TestWhatItAsksFor:
    @pytest.mark.parametrize(
        ("value", "words"), [("Bearer open", "does not know"), ("sesame", "scheme Bearer")]
    )
    def test_a_wrong_token(self, value: str, words: str) -> None:
        bench = Bench("healthy", token="sesame")
        bench.headers["Authorization"] = value
        bench.poll(times=2)
        finding = only(bench, "wrong-token")
        assert words in finding.message
        assert "sesame" not in finding.message


class TestWhichJob:
    @pytest.mark.parametrize(
        "job_id",
        [
            *("", "undefined", "null", "None", "NaN", "nil", "NULL", "Optional(nil)", "job_id"),
            *("%5Bobject%20Object%5D", "%7Bjob_id%7D", "$%7BjobId%7D", "%3Cjob_id%3E", ":job_id"),
            "%25s",
        ],
    )
    @pytest.mark.parametrize("edition", ["2025-10", "2026-01"])
    def test_an_empty_id(self, job_id: str, edition: str) -> None:
        bench = Bench("healthy", edition=edition)
        bench.poll(job_id, 5, "1s")
        assert "5 times" in only(bench, "empty-job-id").message

    @pytest.mark.parametrize(
        ("job_id", "words"),
        [
            (MODEL, "the model's name"),
            ("ibm%2Fgranite-4-micro", "the model's name"),
            ("job_493c7c9dee", f"did you mean {JOB}?"),
            (f'"{JOB}"', f"did you mean {JOB}?"),
            ("42", "no job's id"),
        ],
    )
    def test_an_unknown_id(self, job_id: str, words: str) -> None:
        bench = Bench("download-on-request")
        bench.post()
        bench.poll(job_id, 5, "1s")
        assert words in only(bench, "unknown-job-id").message

    @pytest.mark.parametrize("job_id", ["", "undefined", MODEL])
    def test_polling_after_already_downloaded(self, job_id: str) -> None:
        bench = Bench("already-downloaded", with_download=True)
        bench.post()
        bench.poll(job_id, 5, "1s")
        assert "already_downloaded" in only(bench, "already-downloaded-polled").message

    @pytest.mark.parametrize("job_id", ["", "undefined"])
    def test_polling_after_a_reply_without_an_id(self, job_id: str) -> None:
        bench = Bench("post-without-job-id")
        bench.post()
        bench.poll(job_id, 5, "1s")
        assert "without a job_id" in only(bench, "error-taken-for-success").message

    def test_polling_after_an_error_with_200(self) -> None:
        bench = Bench("old-server", with_download=True)
        bench.post()
        bench.poll("None")
        assert only(bench, "error-taken-for-success").numbers == (2,)


class TestWhenItStops:
    def test_after_completion(self) -> None:
        bench = Bench("healthy")
        follow(bench, lambda data: data.get("progress") == 1.0, 60)
        finding = only(bench, "poll-after-end")
        assert "'completed'" in finding.message
        assert finding.job_id == JOB
        assert finding.numbers[-1] == 60

    def test_after_a_failure_with_completion_alone_in_mind(self) -> None:
        bench = Bench("failed-midway")
        follow(bench, completed_alone, 400)
        assert "'failed'" in only(bench, "poll-after-end").message

    def test_asking_again_after_a_failure_is_right(self) -> None:
        bench = Bench("failed-then-same-id-resumes", with_download=True)
        bench.poll(times=8, step="1s")
        bench.post()
        follow(bench, completed_alone, 60)
        assert bench.rules() == []

    def test_after_a_404(self) -> None:
        bench = Bench("forgotten-job")
        follow(bench, completed_alone, 400)
        assert "after a 404" in only(bench, "poll-forgotten-job").message

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("paused-for-ever", "'paused' at 40 %"),
            ("stalled-at-zero-speed", "'downloading'"),
            ("stalled-frozen-speed", "'downloading'"),
            ("stuck-at-100-percent", "'downloading' at 100 %"),
            ("suspended-until-resumed", "'paused'"),
        ],
    )
    @pytest.mark.parametrize("clock", ["manual", "poll"])
    def test_without_a_deadline(self, name: str, words: str, clock: str) -> None:
        bench = Bench(name, clock, **({"step": "4s"} if clock == "poll" else {}))
        if clock == "manual":
            follow(bench, completed_alone, 100, "4s")
        else:
            bench.poll(times=100)
        assert words in only(bench, "never-stopped").message


class TestPace:
    """On a clock that runs by itself; `test_judge` has the finer points."""

    def test_a_busy_loop(self) -> None:
        bench = Bench("paused-for-ever", "wall")
        bench.poll(times=12)
        assert only(bench, "poll-too-fast").numbers == tuple(range(1, 13))

    def test_retrying_at_once(self) -> None:
        bench = Bench("rate-limited", "wall")
        bench.poll(times=4)
        finding = only(bench, "no-backoff")
        assert "the 2 s that Retry-After says" in finding.message
        assert finding.numbers == (4,)


def test_a_client_that_went_elsewhere() -> None:
    bench = Bench("healthy")
    assert bench.rules() == []
    verdict = bench.verdict(strict=True)
    assert [finding.rule.id for finding in verdict.errors] == ["not-observed"]
    bench.get("/v1/models")
    assert not bench.verdict().is_observed
    bench.poll()
    assert bench.verdict(strict=True).remarks == ()


def test_two_clients_of_which_one_is_good() -> None:
    bench = Bench("several-jobs", with_download=True)
    good = GoodClient(bench)
    bench.poll("undefined")
    good.run()
    bench.poll("undefined")
    assert only(bench, "empty-job-id").numbers[0] == 1
