"""What is wrong with a run, whatever the judge says besides."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.rules import RULES as CLIENT_RULES
from mockserver.client_rules.verdict import Verdict
from mockserver.exercise.command import Outcome, outcome_of
from mockserver.exercise.rules import EndedRun, findings_of
from mockserver.findings.finding import Finding
from mockserver.http.message import NO_HEADERS, Body, Exchange, Request, Response
from mockserver.timeline.model import Ends, JobState
from support.cases import table

PATH = "/api/v1/models/download/status/a"


def poll(
    number: int, at_s: float, status: str = "downloading", body: bytes = b"{}"
) -> JournalEntry:
    state = JobState("a", status, 2, 1, 0)  # type: ignore[arg-type]
    reply = Response(200, NO_HEADERS, Body.of(body))
    return JournalEntry(
        Exchange(number, Request("GET", PATH), reply, started_s=at_s, took_s=0.001),
        round(at_s * 1000),
        operation="job_status",
        job_id="a",
        states=(state,),
    )


def ended(
    outcome: Outcome, expected: Ends, polls: Sequence[JournalEntry], *remarks: str, **known: Any
) -> list[Finding]:
    """The findings of a run against which the judge remarks this."""
    found = tuple(Finding(CLIENT_RULES[id_], id_) for id_ in remarks)
    verdict = Verdict(found, is_observed=bool(polls))
    return list(findings_of(EndedRun(outcome, expected, verdict, 60.0, polls, **known)))


def found(
    code: int | None,
    expected: Ends = "either",
    *polls: JournalEntry,
    remarks: tuple[str, ...] = (),
    **known: Any,
) -> list[str]:
    run = ended(outcome_of(code), expected, polls, *remarks, last_words="last words", **known)
    return [finding.rule.id for finding in run]


@table(__file__, "ends")
def test_an_end_is_held_against_a_good_clients(
    code: int, expected: Ends, status: str, ids: list[str]
) -> None:
    assert found(code, expected, poll(1, 0, status)) == ids


def test_a_model_that_is_there_is_success() -> None:
    there = poll(1, 0, body=b'{"status": "already_downloaded"}')
    assert found(0, "success", there) == []
    listed = JournalEntry(
        Exchange(1, Request("GET", "/api/v1/models"), Response(200), took_s=0.001), 0
    )
    assert found(0, "success", listed) == []


@pytest.mark.parametrize(
    ("silent_s", "played_ms", "settles_ms", "ids"),
    [
        (0.5, 59_000, 600_000, ["unfinished"]),
        (0.5, 59_000, 20_000, ["hang"]),
        (55.0, 5_000, 600_000, ["hang"]),
        (None, 0, 600_000, ["hang"]),
    ],
)
def test_a_run_without_an_end_hangs_or_was_too_slow(
    silent_s: float | None, played_ms: int, settles_ms: int, ids: list[str]
) -> None:
    polls, known = [poll(1, 0)], {"played_ms": played_ms, "settles_ms": settles_ms}
    run = ended(outcome_of(None), "success", polls, silent_s=silent_s, **known)
    assert [finding.rule.id for finding in run] == ids


TRACEBACK = "Traceback (most recent call last):\n  File\nKeyError: 'status'\n"


def only(outcome: Outcome, expected: Ends, *polls: JournalEntry, **known: Any) -> Finding:
    """The only finding of a run that the judge found no mistake in."""
    (finding,) = ended(outcome, expected, polls, silent_s=2.0 if polls else None, **known)
    return finding


def test_one_that_never_asked_may_not_have_been_told_where() -> None:
    finding = only(outcome_of(None), "success")
    assert "never asked anything" in finding.message
    assert "any more" not in finding.message
    assert "{url}" in finding.advice
    assert "MOCKSERVER_URL" in finding.advice


def test_one_that_fell_silent_is_told_for_how_long() -> None:
    (finding,) = ended(outcome_of(None), "success", [poll(1, 0)], silent_s=48.4)
    assert finding.message == (
        "was still running at the deadline of 1 min, but had asked nothing for 48 s"
    )


@pytest.mark.parametrize("outcome", [outcome_of(1, TRACEBACK), outcome_of(-11)])
def test_a_crash_before_any_request_has_no_reply_that_led_to_it(outcome: Outcome) -> None:
    finding = only(outcome, "success")
    assert "before it asked for anything" in finding.advice
    assert "standard error" in finding.advice
    assert "reply" not in finding.advice
    assert finding.numbers == ()


def test_a_crash_is_looked_for_in_the_requests() -> None:
    finding = only(outcome_of(1, TRACEBACK), "success", poll(1, 0))
    assert finding.message == "ended by an error that nothing caught: KeyError: 'status'"
    assert "timeline" not in finding.advice
    assert "requests" in finding.advice
    assert finding.cause == "KeyError: 'status'"
    assert only(outcome_of(-11), "success", poll(1, 0)).message == "crashed: killed by SIGSEGV"


def test_an_error_that_nothing_caught_after_a_failed_job_is_to_be_caught() -> None:
    polls = (poll(1, 0), poll(2, 1, "failed"))
    advice = only(outcome_of(1, TRACEBACK), "failure", *polls).advice
    assert "catch" in advice.lower()
    assert "exit code" in advice
    assert "one line" in advice
    assert "catch" not in only(outcome_of(-11), "failure", *polls).advice.lower()
    assert "catch" not in only(outcome_of(1, TRACEBACK), "failure", *polls[:1]).advice.lower()


def test_what_the_user_expected_is_not_called_impossible() -> None:
    done = poll(1, 0, "completed")
    finding = only(outcome_of(0), "failure", done, is_demanded=True)
    assert "you expected a failure here by --expect" in finding.message
    assert "cannot be" not in finding.message
    assert "`completed`" not in finding.advice
    finding = only(outcome_of(0), "failure", poll(1, 0, "paused"), is_demanded=True)
    assert "no reply had said so" in finding.message
    finding = only(outcome_of(1), "success", poll(1, 0, "paused"), is_demanded=True)
    assert "you expected success here by --expect" in finding.message
    assert "which cannot be" in only(outcome_of(0), "failure", done).message


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=2_000))
@example("".join(map(str, range(999))))
def test_what_it_said_is_cut_in_the_middle(said: str) -> None:
    finding = only(outcome_of(1), "success", poll(1, 0), last_words=said)
    shown = finding.message.partition("; it said: ")[2]
    assert len(shown) <= 410
    if len(said) <= 400 and said.isascii():
        assert shown == said
    if len(said) > 400 and said.isascii():
        assert shown.startswith(said[:150])
        assert shown.endswith(said[-150:])
        assert " … " in shown
    assert finding.cause == said


def test_never_stopped_says_it_better_than_hang() -> None:
    polls = (poll(1, 0), poll(2, 59))
    assert found(None, "failure", *polls, remarks=("never-stopped",)) == ["never-stopped"]
    assert found(None, "failure", *polls, remarks=("poll-after-end",)) == ["hang", "poll-after-end"]


def test_of_one_that_never_asked_no_more_is_said() -> None:
    assert found(0, "failure", remarks=("not-observed",)) == ["not-observed"]
    assert found(1, "success", remarks=("not-observed",)) == ["not-observed"]
    assert found(-6, "success", remarks=("not-observed",)) == ["crash", "not-observed"]
