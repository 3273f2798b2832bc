"""One run: a server that plays the incident, the command, and the verdict."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mockserver.client_rules.context import Limits
from mockserver.client_rules.entry_queries import asks_for_model, polled_id
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.request_log import request_log
from mockserver.client_rules.verdict import Verdict
from mockserver.exercise.child import Child, Tail
from mockserver.exercise.incident import Incident
from mockserver.exercise.outcome import Outcome, outcome_of
from mockserver.exercise.placeholders import fill
from mockserver.exercise.problem import Ending, Problem, problems_of
from mockserver.exercise.surroundings import environment_of, values_of
from mockserver.http.redaction import Redaction
from mockserver.server.hearing import Hearing
from mockserver.server.session import Session
from mockserver.server.settings import ClockKind, Settings
from mockserver.server.stage import Stage
from mockserver.timeline.model import Ends

__all__ = ["KEPT_OUTPUT", "Plan", "Run", "Start", "perform"]

KEPT_OUTPUT = 8 * 1024
_ENDLESS = 10**15

Start = Callable[[Sequence[str], Mapping[str, str]], Child | None]
"""Starts the command, or does not any more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The command, and how it is run against each incident."""

    command: tuple[str, ...]
    clock: ClockKind = "poll"
    speed: float | None = None
    step: str | int | None = None
    edition: str | None = None
    token: str | None = None
    with_download: bool = True
    deadline_s: float = 60.0
    success_codes: frozenset[int] = frozenset({0})
    allowed: tuple[str, ...] = ()

    def settings(self, incident: Incident) -> Settings:
        """What is served, by a poll clock with the incident's step unless one is given.

        Raises what `Settings.of` raises.
        """
        own = incident.step_ms if self.clock == "poll" else None
        return Settings.of(
            incident.timeline,
            self.edition,
            self.clock,
            speed=self.speed,
            step=own if self.step is None else self.step,
            token=self.token,
            with_download=self.with_download,
        )


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it. `expected` is how a good client ends that asks for what this one asked for.

    `problems` are the mistakes that nobody allowed, `requests` how many came; of very many only
    the last are among the exchanges.
    """

    incident: Incident
    expected: Ends
    outcome: Outcome
    seconds: float
    exchanges: tuple[JournalEntry, ...]
    requests: int
    problems: tuple[Problem, ...]
    allowed: tuple[Problem, ...]
    stdout: str = ""
    stderr: str = ""

    @property
    def timeline(self) -> str:
        """The requests, a line for each or for several alike."""
        marked = {number for problem in self.problems for number in problem.numbers}
        return request_log(self.exchanges, marked)


def perform(incident: Incident, plan: Plan, start: Start) -> Run | None:
    """Run the command against the incident; None when it was not to be started any more.

    Raises CannotStart.
    """
    session = Session(plan.settings(incident))
    stage = Stage(session)
    stage.live.start()
    try:
        job = incident.job
        values = values_of(stage.live.url, job.job_id, job.model or "", plan.token or "")
        began_s = time.monotonic()
        child = start(fill(plan.command, values), environment_of(values, incident.name))
        if child is None:
            return None
        code = child.wait(plan.deadline_s)
        ended_s = time.monotonic()
    finally:
        stage.live.stop()
    stdout, stderr = (_text(tail, plan.token) for tail in (child.stdout, child.stderr))
    outcome = outcome_of(code, stderr, plan.success_codes)
    exchanges = session.journal.entries()
    verdict = _verdict(session, plan, outcome)
    played_ms, settles_ms = _progress(session, exchanges, incident)
    expected = incident.expected(has_asked=any(map(asks_for_model, exchanges)))
    silent_s = max(0.0, ended_s - exchanges[-1].received_s) if exchanges else None
    ending = Ending(
        outcome,
        plan.deadline_s,
        _last_words(stdout, stderr),
        silent_s,
        played_ms,
        settles_ms,
        is_demanded=incident.demanded is not None,
    )
    return Run(
        incident,
        expected,
        outcome,
        ended_s - began_s,
        exchanges,
        session.journal.last,
        problems_of(ending, expected, verdict, exchanges),
        tuple(map(Problem.of, verdict.expected)),
        stdout,
        stderr,
    )


def _verdict(session: Session, plan: Plan, outcome: Outcome) -> Verdict:
    """The judge's verdict. Who has stopped by itself is not told that it never stops."""
    limits = (
        Limits()
        if outcome.kind == "hang"
        else Limits(patience_ms=_ENDLESS, polls_without_news=_ENDLESS)
    )
    hearing = Hearing(limits, strict=True)
    hearing.expect(*plan.allowed)
    return hearing.verdict(session)


def _progress(
    session: Session, exchanges: Sequence[JournalEntry], incident: Incident
) -> tuple[int, int]:
    """How much was played, and when the last change of what was polled is."""
    playback = session.playback
    polled = {polled_id(one) for one in exchanges} or {incident.job.job_id}
    ends = [
        stretch.begins_ms - playback.epoch_ms
        for job_id, schedule in playback.schedules.items()
        if job_id in polled
        for stretch in schedule.stretches[-1:]
    ]
    return session.now() - playback.epoch_ms, max(ends, default=0)


def _text(tail: Tail, token: str | None) -> str:
    """What was kept of an output, without the token, which may have been cut in two."""
    output = tail.bytes()
    if token and tail.size > len(output):
        output = re.sub(rb"\A\S{0,4096}", b"", output)
    text = (
        Redaction([token] if token else [])
        .body(output)
        .decode("utf-8", "replace")
        .replace("\r\n", "\n")
    )
    return text[-KEPT_OUTPUT:]


def _last_words(stdout: str, stderr: str) -> str:
    for output in (stderr, stdout):
        lines = [line.strip() for line in re.split(r"[\r\n]+", output) if line.strip()]
        if lines:
            return lines[-1]
    return ""
