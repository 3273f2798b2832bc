"""Clients that make one of the mistakes seen in the wild: each breaks its rule, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.client_rules.rules import RULES
from mockserver.findings.finding import Finding
from support.journals import DOWNLOAD, JOB, MODEL, STATUS, Bench, GoodClient

BadClient = Callable[[Bench], object]


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


class TestWhereItAsks:
    @pytest.mark.parametrize(
        ("path", "nearest"),
        [
            ("/api/v1/models/download-status", f"GET {STATUS}/:job_id"),
            (f"/api/v1/models/download-status/{JOB}", f"GET {STATUS}/:job_id"),
            ("/download-status", f"GET {STATUS}/:job_id"),
            (f"/v1{STATUS}/{JOB}", "ends with /v1, which is too much"),
            (f"/api/v0/models/download/status/{JOB}", "is v1, not v0"),
            (f"/v1/models/download/status/{JOB}", "lies below /api/v1"),
            (f"/models/download/status/{JOB}", "lies below /api/v1"),
            (f"/api/v1/models/download/progress/{JOB}", f"GET {STATUS}/:job_id"),
            (f"/api/v1/models/downloads/status/{JOB}", f"GET {STATUS}/:job_id"),
        ],
    )
    @pytest.mark.parametrize("edition", ["2025-10", "2026-01"])
    def test_a_wrong_path(self, path: str, nearest: str, edition: str) -> None:
        bench = Bench("healthy", edition=edition)
        bench.get(path, 30, "1s")
        finding = only(bench, "unknown-path")
        assert nearest in finding.message
        assert "30 times" in finding.message
        assert finding.numbers == tuple(range(1, 31))
        assert not bench.verdict().is_observed

    def test_a_wrong_path_for_the_request(self) -> None:
        bench = Bench("download-on-request")
        bench.ask("POST", "/v1/api/v1/models/download", json={"model": MODEL})
        bench.ask("POST", "/api/v1/download", json={"model": MODEL})
        assert f"POST {DOWNLOAD}" in only(bench, "unknown-path").message

    def test_nothing_is_near(self) -> None:
        bench = Bench("healthy")
        bench.get("/zzz")
        assert "did you mean" not in only(bench, "unknown-path").message

    def test_a_wrong_method(self) -> None:
        bench = Bench("healthy")
        bench.ask("POST", f"{STATUS}/{JOB}", json={})
        assert "takes GET, not POST" in only(bench, "wrong-method").message

    def test_get_for_the_request(self) -> None:
        bench = Bench("healthy", "manual", with_download=True)
        bench.get(f"{DOWNLOAD}?model={MODEL}")
        assert "takes POST, not GET" in only(bench, "wrong-method").message

    @pytest.mark.parametrize("edition", ["2025-10", "2026-01"])
    def test_the_id_in_the_query(self, edition: str) -> None:
        bench = Bench("healthy", edition=edition)
        bench.get(f"{STATUS}?job_id={JOB}", 5, "1s")
        assert JOB in only(bench, "id-in-query").message

    def test_the_list_where_there_is_none(self) -> None:
        bench = Bench("no-list")
        bench.get(STATUS)
        assert bench.rules() == []
        bench.get(STATUS, 9, "1s")
        assert "10 times" in only(bench, "list-not-in-edition").message

    def test_a_request_where_none_is_taken(self) -> None:
        bench = Bench("healthy", edition="2025-10")
        bench.post()
        assert only(bench, "download-not-in-edition").rule.severity == "warning"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v1/chat/completions"),
            ("GET", "/api/v0/models"),
            ("GET", "/"),
            ("POST", "/api/v1/models/load"),
        ],
    )
    def test_other_endpoints_are_only_warned_of(self, method: str, path: str) -> None:
        bench = Bench("healthy")
        bench.ask(method, path)
        assert only(bench, "not-mocked").rule.severity == "warning"

    def test_what_a_browser_does_by_itself(self) -> None:
        bench = Bench("healthy")
        bench.get("/favicon.ico")
        assert bench.rules() == []


class TestWhatItAsksFor:
    def test_no_token(self) -> None:
        bench = Bench("healthy", token="sesame")
        bench.poll(times=5, step="1s")
        assert "5 times" in only(bench, "no-token").message

    def test_no_token_in_polls_alone(self) -> None:
        bench = Bench("healthy", edition="2026-01", token="sesame")
        bench.post(json={"model": MODEL}, headers={"Authorization": "Bearer sesame"})
        bench.poll()
        assert "other requests have one" in only(bench, "no-token").message

    def test_a_preflight_cannot_have_one(self) -> None:
        bench = Bench("healthy", token="sesame")
        bench.ask("OPTIONS", f"{STATUS}/{JOB}")
        assert bench.rules() == []

    def test_finding_out_that_a_token_is_wanted(self) -> None:
        bench = Bench("healthy", token="sesame")
        bench.poll()
        bench.headers["Authorization"] = "Bearer sesame"
        bench.poll()
        assert bench.rules() == []

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

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"model": MODEL, "quantisation": "Q4"}, "did you mean quantization?"),
            ({"model_name": MODEL}, "did you mean model?"),
            ({"model": MODEL, "stream": True}, "'stream'"),
        ],
    )
    def test_undocumented_members(self, body: dict[str, object], words: str) -> None:
        bench = Bench("download-on-request")
        bench.post(body)
        assert words in only(bench, "undocumented-members").message

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"data": b"{", "content_type": "application/json"}, "not valid JSON"),
            ({"data": b"{}", "content_type": "text/plain"}, "Unsupported media type"),
            ({"json": {}}, "'model' is required"),
            ({"json": {"model": 5}}, "expected string"),
            ({"json": []}, "Expected object"),
            ({"data": b""}, "No Content-Type"),
        ],
    )
    def test_an_invalid_request(self, sent: dict[str, Any], words: str) -> None:
        bench = Bench("download-on-request")
        bench.post(**sent)
        assert words in only(bench, "invalid-request").message

    def test_a_model_that_is_not_there_is_nobodys_fault(self) -> None:
        bench = Bench("model-not-found")
        bench.post()
        assert bench.rules() == []

    def test_asking_for_it_again_and_again_is(self) -> None:
        bench = Bench("model-not-found")
        for _ in range(5):
            bench.post()
        assert "refused with 404" in only(bench, "refusal-repeated").message

    def test_polling_by_post(self) -> None:
        bench = Bench("download-on-request")
        for _ in range(12):
            bench.post()
            bench.session.clock.advance("1s")
        assert "12 times" in only(bench, "asked-too-often").message

    def test_polling_on_although_the_token_is_refused(self) -> None:
        bench = Bench("token-refused")
        bench.poll(times=10, step="1s")
        assert "refused with 401" in only(bench, "refusal-repeated").message


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

    def test_polling_on_although_each_reply_is_an_error(self) -> None:
        bench = Bench("old-server")
        bench.poll(times=400, step="1s")
        assert "400 times" in only(bench, "error-taken-for-success").message


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

    def test_a_job_that_nobody_asked_for(self) -> None:
        bench = Bench("download-on-request")
        bench.poll(times=10, step="1s")
        assert "nobody has asked" in only(bench, "poll-forgotten-job").message

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

    def test_without_a_deadline_by_the_list(self) -> None:
        bench = Bench("paused-for-ever")
        bench.get(STATUS, 100, "5s")
        assert "the list" in only(bench, "never-stopped").message

    def test_the_list_after_the_end(self) -> None:
        bench = Bench("healthy")
        bench.get(STATUS, 60, "1s")
        assert "after all its jobs had ended" in only(bench, "poll-after-end").message

    def test_a_clock_that_jumps_proves_nothing(self) -> None:
        bench = Bench("paused-for-ever")
        bench.poll(times=4, step="1h")
        assert bench.rules() == []


class TestPace:
    """On a clock that runs by itself; `test_conduct_judge` has the finer points."""

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
