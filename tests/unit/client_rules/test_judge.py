"""The judge over exchanges made by hand: pace, faults, gaps, and what is nobody's fault."""

from collections.abc import Mapping

import pytest

from mockserver.client_rules.context import Limits
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import judge
from mockserver.client_rules.rules import RULES
from mockserver.errors import UnknownName
from mockserver.faults.fault import Fault
from mockserver.faults.message import Truncate
from mockserver.faults.reply import Reply as OwnReply
from mockserver.faults.transport import Disconnect
from mockserver.http.message import Exchange
from support.journals import (
    DOWNLOAD,
    JOB,
    MODEL,
    STATUS,
    Bench,
    about,
    changed,
    exchange,
    poll_of,
    rules,
)

OTHER = "job_5f1d0c4b7a"


def error(
    number: int, status: int = 503, after: float = 0.0, headers: Mapping[str, str] | None = None
) -> JournalEntry:
    return exchange(
        number,
        operation="job_status",
        status=status,
        after=after,
        data={"error": {"type": "internal_error"}},
        reply_headers=headers or {},
    )


class TestRules:
    def test_each_says_what_it_is(self) -> None:
        for id_, rule in RULES.items():
            assert rule.id == id_
            assert rule.severity in ("error", "warning")
            for text in (rule.sentence, rule.why, rule.advice):
                assert text[0].isupper() or text[0] == "`"
                assert text.endswith(".")
            assert rule.provenance in ("D", "O", "G")
            assert rule.check is not None or rule.id == "not-observed"

    def test_they_cannot_be_changed(self) -> None:
        with pytest.raises(TypeError):
            RULES["x"] = RULES["no-token"]  # type: ignore[index]


class TestStrict:
    def test_one_that_asked_wrongly_is_not_told_that_it_never_asked(self) -> None:
        asked = [exchange(1, "/nowhere", status=404)]

        def strictly(*expected: str) -> list[str]:
            verdict = judge(asked, about(), expected=expected, strict=True)
            return [finding.rule.id for finding in verdict.remarks]

        assert strictly() == ["unknown-path"]
        assert strictly("unknown-path") == ["not-observed"]


class TestExpected:
    def test_what_is_expected_is_set_apart(self) -> None:
        polls = [poll_of(number, "completed") for number in range(1, 9)]
        verdict = judge(polls, about(), expected=["poll-after-end", "no-token"])
        assert verdict.remarks == ()
        assert [finding.rule.id for finding in verdict.expected] == ["poll-after-end"]
        assert verdict.errors == verdict.warnings == ()
        assert "nothing to say" in verdict.text(polls)

    def test_a_rule_that_there_is_not(self) -> None:
        with pytest.raises(UnknownName, match="did you mean poll-after-end"):
            judge((), about(), expected=["poll-after-ends"])


class TestPace:
    def fast(self, gap: float, count: int = 20) -> list[JournalEntry]:
        return [poll_of(at, after=at * gap) for at in range(1, count + 1)]

    def test_polls_without_a_pause(self) -> None:
        assert rules(self.fast(0.01), "wall") == ["poll-too-fast"]
        (remark,) = judge(self.fast(0.01), about("wall")).remarks
        assert remark.numbers == tuple(range(1, 21))
        assert "0.1 s" in remark.message

    def test_with_a_pause(self) -> None:
        assert rules(self.fast(0.1), "wall") == []
        assert rules(self.fast(0.1), "wall", limits=Limits(poll_interval_s=0.2)) != []

    @pytest.mark.parametrize("clock", ["manual", "poll"])
    def test_a_clock_that_stands_still_cannot_tell(self, clock: str) -> None:
        assert rules(self.fast(0.01), clock) == []

    def test_a_few_close_ones_do_no_harm(self) -> None:
        polls = [*self.fast(0.01, 5), *(poll_of(at, after=float(at)) for at in range(6, 30))]
        assert rules(polls, "wall") == []

    def test_two_jobs_have_two_paces(self) -> None:
        polls = [
            poll_of(at, after=at * 0.06, job_id=(JOB, OTHER)[at % 2], bytes=at)
            for at in range(1, 40)
        ]
        assert rules(polls, "wall", job_ids=frozenset({JOB, OTHER})) == []

    @pytest.mark.parametrize("status", [429, 503])
    def test_sooner_than_retry_after(self, status: int) -> None:
        polls = [error(1, status, headers={"Retry-After": "2"}), poll_of(2, after=0.5)]
        assert rules(polls, "wall") == ["no-backoff"]
        assert rules(polls, "manual") == []
        later = [polls[0], poll_of(2, after=1.95)]
        assert rules(later, "wall") == []

    def test_retry_after_as_a_date(self) -> None:
        dates = {
            "Retry-After": "Fri, 03 Oct 2025 15:33:33 GMT",
            "Date": "Fri, 03 Oct 2025 15:33:23 GMT",
        }
        assert rules([error(1, headers=dates), poll_of(2, after=5.0)], "wall") == ["no-backoff"]
        assert rules([error(1, headers=dates), poll_of(2, after=11.0)], "wall") == []

    @pytest.mark.parametrize("value", ["", "soon", "-1", "\u0661", "Fri, 99 Oct", "1e9"])
    def test_retry_after_that_says_nothing(self, value: str) -> None:
        headers = {"Retry-After": value, "Date": value}
        assert rules([error(1, headers=headers), poll_of(2, after=0.2)], "wall") == []

    def test_a_clients_sleep_may_be_in_the_clocks_seconds(self) -> None:
        polls = [
            error(1, headers={"Retry-After": "2"}),
            changed(poll_of(2, after=3.0), received_s=100.1),
        ]
        assert rules(polls, "wall") == []

    def test_an_unchanged_pace(self) -> None:
        polls = [error(at, after=at * 0.5) for at in range(1, 10)]
        assert rules(polls, "wall") == ["no-backoff"]

    def test_slowing_down(self) -> None:
        polls = [error(at, after=0.2 * 2**at) for at in range(1, 10)]
        assert rules(polls, "wall") == []

    def test_slow_from_the_beginning(self) -> None:
        assert rules([error(at, after=at * 2.0) for at in range(1, 10)], "wall") == []

    def test_retrying_after_a_broken_connection_is_right(self) -> None:
        broken = Fault((Disconnect(),), operation="job_status")
        polls = [
            exchange(at, operation="job_status", after=at * 0.2, reply=None, fault=broken)
            for at in range(1, 10)
        ]
        assert rules([*polls, poll_of(10)], "wall") == []


class TestNobodysFault:
    def test_requests_under_way(self) -> None:
        waiting = [
            JournalEntry(Exchange(at, entry.request), entry.received_ms, operation="job_status")
            for at, entry in enumerate([poll_of(1)] * 30, 1)
        ]
        assert rules(waiting) == rules(waiting, "wall") == []

    def test_polls_that_were_under_way_at_the_end(self) -> None:
        first = changed(poll_of(1, "completed"), took_s=50.0)
        polls = [first, *(poll_of(at, "completed") for at in range(2, 10))]
        assert rules(polls) == []

    def test_an_end_that_never_arrived(self) -> None:
        broken = Fault((Disconnect("in body"),))
        polls = [poll_of(at, "completed", fault=broken) for at in range(1, 9)]
        assert rules(polls) == []

    def test_a_path_that_a_fault_answers_on_purpose(self) -> None:
        fault = Fault((OwnReply(200, body={}),), path="/lms/*")
        assert rules([exchange(1, "/lms/status", fault=fault)]) == []

    def test_an_id_that_the_mock_made_up(self) -> None:
        fault = Fault((OwnReply(200),), operation="download")
        post = exchange(
            1, DOWNLOAD, method="POST", operation="download", fault=fault, data={"job_id": "job_x"}
        )
        polls = [exchange(at, f"{STATUS}/job_x", status=404, data={}) for at in (2, 3)]
        assert rules([post, *polls]) == []

    def test_what_was_dropped(self) -> None:
        polls = [exchange(at, f"{STATUS}/{OTHER}", status=404) for at in range(50, 90)]
        assert rules(polls) == []
        assert rules([changed(entry, number=entry.number - 49) for entry in polls]) == [
            "unknown-job-id"
        ]
        assert judge([exchange(50, "/")], about(), strict=True).is_observed

    def test_a_reply_in_a_spoilt_body(self) -> None:
        fault = Fault((Truncate(3),), operation="download")
        post = exchange(1, DOWNLOAD, method="POST", operation="download", fault=fault)
        assert rules([post, poll_of(2)]) == []


class TestManyOfThem:
    def test_one_remark_for_a_kind_and_a_job(self) -> None:
        polls = [
            poll_of(at, "completed", job_id=(JOB, OTHER)[at % 2], bytes=100) for at in range(1, 80)
        ]
        remarks = judge(polls, about(job_ids=frozenset({JOB, OTHER}))).remarks
        assert sorted(finding.job_id or "" for finding in remarks) == [JOB, OTHER]

    def test_how_other_jobs_come_in_between_makes_no_difference(self) -> None:
        own = [poll_of(at, "completed", after=at) for at in range(1, 21)]
        others = [poll_of(at, "paused", after=at, job_id=OTHER) for at in range(1, 21)]
        apart = [*own, *others]
        mixed = [entry for pair in zip(others, own, strict=True) for entry in pair]
        known = about(job_ids=frozenset({JOB, OTHER}))
        found = [
            [
                (finding.rule.id, finding.job_id, finding.message)
                for finding in judge(each, known).remarks
            ]
            for each in (
                [changed(entry, number=at, received_s=0.0) for at, entry in enumerate(order, 1)]
                for order in (apart, mixed)
            )
        ]
        assert found[0] == found[1] == [("poll-after-end", JOB, found[0][0][2])]

    def test_a_whole_journal(self) -> None:
        polls = [poll_of(at, "paused" if at % 2 else "completed") for at in range(1, 10_001)]
        posts = [
            exchange(
                at,
                DOWNLOAD,
                method="POST",
                operation="download",
                job_id=f"job_{at % 50}",
                sent=b'{"model": "a%d"}' % at,
            )
            for at in range(10_001, 15_001)
        ]
        assert judge([*polls, *posts], about("wall")).requests == 15_000


def test_data() -> None:
    bench = Bench("healthy")
    bench.session.clock.advance("1h")
    bench.poll(times=9)
    data = bench.verdict(["no-token"]).as_dict()
    assert (data["requests"], data["is_observed"]) == (9, True)
    assert (data["errors"], data["warnings"], data["expected"]) == (1, 0, [])
    (remark,) = data["remarks"]
    assert remark["rule"] == "poll-after-end"
    assert remark["severity"] == "error"
    assert remark["numbers"] == list(range(2, 10))
    assert remark["job_id"] == JOB
    assert MODEL not in remark["advice"]
