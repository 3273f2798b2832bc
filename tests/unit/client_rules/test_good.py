"""A client that does everything right gets no remark, whatever befalls it."""

import pytest

from mockserver.client_rules.judge import judge
from mockserver.client_rules.verdict import Verdict
from mockserver.resources import edition_names, timeline_files
from support.journals import JOB, Bench, GoodClient, bundled

TIMELINES = sorted(timeline_files())
CLOCKS = ("manual", "poll")
LONG = {"spec-example": "200m"}
"""Timelines of hours, and how much of each goes by before the client comes."""


def job_of(name: str) -> str:
    return bundled(name).jobs[0].job_id


def clean(verdict: Verdict) -> list[str]:
    return [str(remark) for remark in verdict.remarks]


@pytest.mark.parametrize("name", TIMELINES)
@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("changes", [{}, {"with_download": True}], ids=["polls", "asks"])
class TestGoodClient:
    def test_gets_no_remark(self, name: str, clock: str, changes: dict[str, bool]) -> None:
        """Nor does what it had done until then, nor what is left when the oldest is dropped."""
        bench = Bench(name, clock, **changes)
        if name in LONG:
            bench.session.clock.advance(LONG[name])
        GoodClient(bench, job_of(name)).run()
        journal = bench.journal
        assert journal
        assert clean(bench.verdict(strict=True)) == []
        for end in {*range(min(len(journal), 8)), len(journal) // 2}:
            assert clean(judge(journal[:end], bench.circumstances)) == []
        for start in {1, len(journal) // 2, max(0, len(journal) - 2)}:
            assert clean(judge(journal[start:], bench.circumstances)) == []


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("edition", edition_names())
def test_with_a_token(edition: str, clock: str) -> None:
    bench = Bench("healthy", clock, edition=edition, token="sesame")
    bench.headers["Authorization"] = "Bearer sesame"
    assert GoodClient(bench).run() == "completed"
    assert clean(bench.verdict(strict=True)) == []


def test_what_it_comes_to() -> None:
    outcomes = {
        name: GoodClient(Bench(name), job_of(name)).run()
        for name in ("healthy", "failed-midway", "forgotten-job", "paused-for-ever", "old-server")
    }
    assert outcomes == {
        "healthy": "completed",
        "failed-midway": "failed",
        "forgotten-job": "lost",
        "paused-for-ever": "gave up",
        "old-server": "gave up",
    }


def test_several_clients_at_once() -> None:
    bench = Bench("several-jobs", with_download=True)
    jobs = [job.job_id for job in bundled("several-jobs").jobs]
    done = set[str]()
    for _ in range(30):
        for job_id in jobs:
            if job_id not in done:
                answer = bench.poll(job_id)
                if answer.data["status"] in ("completed", "failed"):
                    done.add(job_id)
        bench.session.clock.advance("1s")
    assert JOB in done
    assert clean(bench.verdict()) == []


def test_following_by_the_list() -> None:
    bench = Bench("healthy")
    for _ in range(60):
        answer = bench.get("/api/v1/models/download/status")
        if any(job["job_id"] == JOB for job in answer.data["completed"]):
            break
        bench.session.clock.advance("1s")
    bench.poll()
    assert clean(bench.verdict()) == []


def test_resumed_by_hand() -> None:
    bench = Bench("suspended-until-resumed")
    bench.poll(times=20, step="1s")
    bench.session.fire("resume")
    assert GoodClient(bench).run() == "completed"
    assert clean(bench.verdict()) == []


def test_looking_at_the_models_afterwards() -> None:
    bench = Bench("healthy")
    GoodClient(bench).run()
    bench.get("/v1/models")
    bench.get("/api/v1/models")
    bench.ask("OPTIONS", "/api/v1/models/download/status")
    assert clean(bench.verdict()) == []


def test_one_more_look_is_forgiven() -> None:
    bench = Bench("healthy")
    GoodClient(bench).run()
    bench.poll(times=2)
    assert clean(bench.verdict()) == []
