"""What a client may get wrong by how it ends, held against how a good client ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from mockserver.api.operation import segments
from mockserver.api.operations import MODELS
from mockserver.client_rules.entry_queries import reported_status
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.verdict import Verdict
from mockserver.documents.text import duration
from mockserver.errors import visible
from mockserver.exercise.command import Outcome
from mockserver.findings.finding import Finding, Rule, rules_of
from mockserver.timeline.model import Ends

_rule = rules_of("exercise")
_SUCCESS = ("completed", "already_downloaded")
_SHOWN = 200
_SILENT = 0.5
"""The share of the time until the deadline without a request after which a client is silent."""


@dataclass(frozen=True, slots=True)
class EndedRun:
    """How a command ended, and what must be known to judge that.

    `expected` is how a good client ends. `verdict` is that of a strict judge, on the `entries` of
    the journal. `last_words` is the last line that the command printed, `silent_s` how long before
    its end it made the last request, if it made one. `played_ms` is how much of the timeline was
    played, `settles_ms` when the last change of the jobs that were polled lies. `is_demanded`: the
    user has said by --expect how it is to end.
    """

    outcome: Outcome
    expected: Ends
    verdict: Verdict
    deadline_s: float
    entries: Sequence[JournalEntry] = ()
    last_words: str = ""
    silent_s: float | None = None
    played_ms: int = 0
    settles_ms: int = 0
    is_demanded: bool = False

    @property
    def deadline(self) -> str:
        return duration(round(1000 * self.deadline_s))

    @property
    def polls_on(self) -> bool:
        return self.silent_s is not None and self.silent_s < _SILENT * self.deadline_s

    @property
    def is_too_slow(self) -> bool:
        """Whether the deadline came before the last change that there was to see."""
        return self.polls_on and self.played_ms < self.settles_ms

    @property
    def is_hanging(self) -> bool:
        """Whether it had not ended at the deadline, and no rule of the verdict says so better."""
        ids = {finding.rule.id for finding in self.verdict.remarks}
        return self.outcome.kind == "hang" and "never-stopped" not in ids

    @property
    def last_status(self) -> Any:
        """What the last reply about a single job said."""
        single = [entry.states[0] for entry in self.entries if len(entry.states) == 1]
        return reported_status(single[-1]) if single else None

    @property
    def has_heard_success(self) -> bool:
        return any(map(_is_good_news, self.entries))


def findings_of(run: EndedRun) -> tuple[Finding, ...]:
    """What is wrong with the run, the gravest first, and what the verdict has against it."""
    checks = (rule.check for rule in RULES if rule.check)
    return (*chain.from_iterable(check(run) for check in checks), *run.verdict.remarks)


@_rule
def crash(run: EndedRun) -> Iterator[Finding]:
    outcome, hint = run.outcome, ""
    if outcome.kind != "crash":
        return
    what = "ended by an error that nothing caught" if outcome.is_uncaught else "crashed"
    if not run.entries:
        hint = "It ended before it asked for anything: look at its standard error for the reason."
    elif outcome.is_uncaught and run.last_status == "failed":
        hint = (
            "The job had failed, which is no reason to crash: catch the error, say so in one line, "
            "and end with an exit code."
        )
    yield _finding(crash, run, f"{what}: {outcome.why}", hint, cause=outcome.why or "")


@_rule
def unfinished(run: EndedRun) -> Iterator[Finding]:
    if run.is_hanging and run.is_too_slow:
        played = f"{duration(run.played_ms)} of the {duration(run.settles_ms)} had been played"
        yield _finding(unfinished, run, f"the deadline of {run.deadline} came when {played}")


@_rule
def hang(run: EndedRun) -> Iterator[Finding]:
    if not run.is_hanging or run.is_too_slow:
        return
    running = f"was still running at the deadline of {run.deadline}"
    message, hint = f"still polled at the deadline of {run.deadline}", ""
    if run.silent_s is None:
        message = f"{running}, and had never asked anything"
        hint = (
            "Its URL may not have reached it: give it {url} among its arguments, or let it read "
            "MOCKSERVER_URL."
        )
    elif not run.polls_on:
        message = f"{running}, but had asked nothing for {duration(1000 * round(run.silent_s))}"
    yield _finding(hang, run, message, hint)


@_rule
def wrong_success(run: EndedRun) -> Iterator[Finding]:
    expects_failure = run.expected == "failure"
    if run.outcome.kind != "success" or not run.verdict.is_observed:
        return
    if not expects_failure and run.has_heard_success:
        return
    why, hint = "which cannot be" if expects_failure else "but no reply had said so", ""
    if run.is_demanded and expects_failure:
        why = "but no reply had said so"
        if run.has_heard_success:
            why = "but you expected a failure here by --expect"
            hint = "The model is there. If success is right here after all, change --expect."
    how = f"said that it succeeded, with exit code {run.outcome.exit_code}"
    yield _finding(wrong_success, run, f"{how}, {why}{_said(run)}", hint)


@_rule
def wrong_failure(run: EndedRun) -> Iterator[Finding]:
    is_wrong = run.outcome.kind == "failure" and run.expected == "success"
    if not is_wrong or not run.verdict.is_observed:
        return
    why, hint = "where a good client succeeds", ""
    if run.is_demanded:
        why = "but you expected success here by --expect"
        hint = "Go on until the job has completed, or change --expect."
    message = f"gave up, with exit code {run.outcome.exit_code}, {why}{_said(run)}"
    yield _finding(wrong_failure, run, message, hint, cause=run.last_words)


RULES = (crash, unfinished, hang, wrong_success, wrong_failure)
"""At most one of them is broken in a run."""


def _finding(rule: Rule, run: EndedRun, message: str, hint: str = "", cause: str = "") -> Finding:
    """With the last request, which shows it."""
    numbers = tuple(entry.number for entry in run.entries[-1:])
    return Finding(rule, message, numbers=numbers, hint=hint, cause=cause)


def _is_good_news(entry: JournalEntry) -> bool:
    """Whether the reply says that the model is there, as a list of models also may."""
    if segments(entry.path)[-1:] == segments(MODELS.path)[-1:] and entry.status == 200:
        return True
    return "completed" in map(reported_status, entry.states) or entry.replied("status") in _SUCCESS


def _said(run: EndedRun) -> str:
    """What it printed last; the middle of a long line is left out."""
    said = visible(run.last_words)
    if len(said) > 2 * _SHOWN:
        said = f"{said[:_SHOWN].rstrip()} … {said[-_SHOWN:].lstrip()}"
    return f"; it said: {said}" if said else ""
