"""What is wrong with a run: how the command ended, held against how a good client ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockserver.api.operation import segments
from mockserver.client_rules.entry_queries import replied, reported_status
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.verdict import Verdict
from mockserver.documents.text import duration
from mockserver.errors import visible
from mockserver.exercise.outcome import Outcome
from mockserver.findings.finding import Finding
from mockserver.findings.rule import Severity
from mockserver.timeline.model import Ends

__all__ = ["Ending", "Problem", "problems_of"]

_SHOWN = 400
_SILENT = 0.5
"""The share of the time until the deadline without a request after which a client is silent."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake. `id` is a rule's, or one of `crash`, `hang`, `unfinished`, `wrong-success` and
    `wrong-failure`. `numbers` are those of the requests that show it. Problems of the same `id` and
    `cause` in several runs are likely to be one mistake.
    """

    id: str
    severity: Severity
    message: str
    advice: str
    numbers: tuple[int, ...] = ()
    cause: str = ""

    @classmethod
    def of(cls, finding: Finding) -> Problem:
        rule = finding.rule
        return cls(rule.id, rule.severity, finding.message, rule.advice, finding.numbers)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, and what must be known to judge that.

    `last_words` is the last line that the command printed, `silent_s` how long before its end it
    made the last request, if it made one. `played_ms` is how much of the timeline
    was played, `settles_ms` when the last change of the jobs that were polled lies. `is_demanded`:
    the user has said by --expect how it is to end.
    """

    outcome: Outcome
    deadline_s: float
    last_words: str = ""
    silent_s: float | None = None
    played_ms: int = 0
    settles_ms: int = 0
    is_demanded: bool = False


def problems_of(
    ending: Ending,
    expected: Ends,
    verdict: Verdict,
    exchanges: Sequence[JournalEntry],
) -> tuple[Problem, ...]:
    """What is wrong, the gravest first. `verdict` is the judge's, who was strict.

    `expected` is how a good client ends.
    """
    remarks = [Problem.of(remark) for remark in verdict.remarks]
    kind = ending.outcome.kind
    if kind == "crash":
        return (_crash(ending, exchanges), *remarks)
    if kind == "hang":
        return (*_hang(ending, verdict, exchanges), *remarks)
    if not verdict.is_observed:  # no more needs to be said
        return tuple(remarks)
    if kind == "success" and (expected == "failure" or not any(map(_is_good_news, exchanges))):
        return (_wrong_success(ending, expected, exchanges), *remarks)
    if kind == "failure" and expected == "success":
        return (_wrong_failure(ending, exchanges), *remarks)
    return tuple(remarks)


def _is_good_news(exchange: JournalEntry) -> bool:
    """Whether the reply says that the model is there, as a list of models also may."""
    if segments(exchange.path)[-1:] == ("models",) and exchange.status == 200:
        return True
    told = [reported_status(state) for state in exchange.states]
    return "completed" in told or replied(exchange, "status") in ("completed", "already_downloaded")


def _crash(ending: Ending, exchanges: Sequence[JournalEntry]) -> Problem:
    outcome = ending.outcome
    what = "ended by an error that nothing caught" if outcome.is_uncaught else "crashed"
    advice = "Expect the reply that led to it: the last of the requests show it."
    if not exchanges:
        advice = "It ended before it asked for anything: look at its standard error for the reason."
    elif outcome.is_uncaught and _has_failed(exchanges):
        advice = (
            "The job had failed, which is no reason to crash: catch the error, say so in one line, "
            "and end with an exit code."
        )
    return Problem(
        "crash",
        "error",
        f"{what}: {outcome.why}",
        advice,
        _last(exchanges),
        outcome.why or "",
    )


def _has_failed(exchanges: Sequence[JournalEntry]) -> bool:
    """Whether the last reply about a single job said that it has failed."""
    told = [one.states[0] for one in exchanges if len(one.states) == 1]
    return bool(told) and reported_status(told[-1]) == "failed"


def _hang(ending: Ending, verdict: Verdict, exchanges: Sequence[JournalEntry]) -> Iterator[Problem]:
    if any(remark.rule.id == "never-stopped" for remark in verdict.remarks):
        return  # that says it better
    deadline = duration(round(ending.deadline_s * 1000))
    silent_s = ending.deadline_s if ending.silent_s is None else ending.silent_s
    polls_on = silent_s < _SILENT * ending.deadline_s
    if polls_on and ending.played_ms < ending.settles_ms:
        played, whole = duration(ending.played_ms), duration(ending.settles_ms)
        yield Problem(
            "unfinished",
            "error",
            f"the deadline of {deadline} came when {played} of the {whole} had been played",
            "Let the client poll faster in this test, or give a larger --step or --deadline.",
            _last(exchanges),
        )
        return
    message = f"still polled at the deadline of {deadline}"
    advice = (
        "Give up after a while without a new byte or another status; in this test, sooner than "
        "--deadline."
    )
    if ending.silent_s is None:
        message = f"was still running at the deadline of {deadline}, and had never asked anything"
        advice = (
            "Its URL may not have reached it: give it {url} among its arguments, or let it read "
            "MOCKSERVER_URL."
        )
    elif not polls_on:
        silent = duration(1000 * round(ending.silent_s))
        message = (
            f"was still running at the deadline of {deadline}, but had asked nothing for {silent}"
        )
    yield Problem("hang", "error", message, advice, _last(exchanges))


def _wrong_success(ending: Ending, expected: Ends, exchanges: Sequence[JournalEntry]) -> Problem:
    why = "which cannot be" if expected == "failure" else "but no reply had said so"
    advice = (
        "Take only `completed` and `already_downloaded` for success, and end with another exit "
        "code otherwise."
    )
    if ending.is_demanded and expected == "failure":
        why = "but no reply had said so"
        if any(map(_is_good_news, exchanges)):
            why = "but you expected a failure here by --expect"
            advice = "The model is there. If success is right here after all, change --expect."
    return Problem(
        "wrong-success",
        "error",
        f"said that it succeeded, with exit code {ending.outcome.exit_code}, {why}{_said(ending)}",
        advice,
        _last(exchanges),
    )


def _wrong_failure(ending: Ending, exchanges: Sequence[JournalEntry]) -> Problem:
    code = ending.outcome.exit_code
    why = "where a good client succeeds"
    advice = (
        "Go on until the job has completed. If your client is right to give up here, say so by "
        "--expect."
    )
    if ending.is_demanded:
        why = "but you expected success here by --expect"
        advice = "Go on until the job has completed, or change --expect."
    return Problem(
        "wrong-failure",
        "error",
        f"gave up, with exit code {code}, {why}{_said(ending)}",
        advice,
        _last(exchanges),
        ending.last_words,
    )


def _said(ending: Ending) -> str:
    """What it printed last; the middle of a long line is left out."""
    said = visible(ending.last_words)
    if len(said) > _SHOWN:
        said = f"{said[: _SHOWN // 2].rstrip()} … {said[-_SHOWN // 2 :].lstrip()}"
    return f"; it said: {said}" if said else ""


def _last(exchanges: Sequence[JournalEntry]) -> tuple[int, ...]:
    return (exchanges[-1].number,) if exchanges else ()
