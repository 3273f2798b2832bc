"""Runs a command against an incident: a server that plays it, the command, and what came of it."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from mockserver.client_rules.context import ClockKind, Limits
from mockserver.client_rules.entry_queries import asks_for_model, polled_id
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.request_log import request_log
from mockserver.client_rules.verdict import Verdict
from mockserver.exercise.child_process import ChildProcess, OutputTail
from mockserver.exercise.command import environment_of, fill, values_of
from mockserver.exercise.incident import Incident
from mockserver.exercise.outcome import Outcome, outcome_of
from mockserver.exercise.rules import EndedRun, findings_of
from mockserver.findings.report import Case, ExerciseReport
from mockserver.http.redaction import Redaction
from mockserver.server.client_judge import ClientJudge
from mockserver.server.config import ServerConfig
from mockserver.server.session import Session
from mockserver.server.session_server import SessionServer

KEPT_OUTPUT = 8 * 1024
_PATIENT = Limits(patience_ms=10**15, polls_without_news=10**15)

Start: TypeAlias = Callable[[Sequence[str], Mapping[str, str]], ChildProcess | None]
"""Starts the command, or does not any more."""


@dataclass(frozen=True, slots=True)
class ExercisePlan:
    """The command, how it is run against each incident, and what fails one."""

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
    fails_on_warnings: bool = False

    def config(self, incident: Incident) -> ServerConfig:
        """What is served, by a poll clock with the incident's step unless one is given.

        Raises what `ServerConfig` raises.
        """
        own = incident.step_ms if self.clock == "poll" else None
        return ServerConfig(
            incident.timeline,
            edition=self.edition,
            clock=self.clock,
            speed=self.speed,
            step=own if self.step is None else self.step,
            token=self.token,
            with_download=self.with_download,
        )

    @property
    def redaction(self) -> Redaction:
        return Redaction([self.token] if self.token else [])

    def in_words(self) -> dict[str, str]:
        step = self.step or "1s (more in a long timeline)"
        clock = {
            "poll": f"moved by {step} with each status request",
            "wall": f"{self.speed or 1:g} seconds in a real one",
        }
        return {
            "clock": clock.get(self.clock, self.clock),
            "edition": self.edition or "each timeline's own",
            "token": "required" if self.token else "none",
            "POST": "answered in every edition" if self.with_download else "as the edition has it",
            "deadline": f"{self.deadline_s:g} s",
        }


def report_of(
    plan: ExercisePlan,
    cases: Sequence[Case],
    *,
    seconds: float,
    began_at: str,
    not_run: Sequence[str] = (),
) -> ExerciseReport:
    """All cases, in this order.

    `not_run` names the incidents that were not run to their end, as somebody interrupted it.
    """
    command = plan.redaction.body(shlex.join(plan.command).encode(errors="surrogateescape"))
    return ExerciseReport(
        subject=command.decode(errors="replace"),
        cases=tuple(cases),
        seconds=seconds,
        began_at=began_at,
        is_whole=not not_run,
        settings=plan.in_words(),
        not_run=tuple(not_run),
    )


def perform(incident: Incident, plan: ExercisePlan, start: Start) -> Case | None:
    """Run the command against the incident; None when it was not to be started any more.

    Raises CannotStart.
    """
    session = Session(plan.config(incident))
    with SessionServer(session) as server:
        job = incident.job
        values = values_of(server.url, job.job_id, job.model or "", plan.token or "")
        began_s = time.monotonic()
        child = start(fill(plan.command, values), environment_of(values, incident.name))
        if child is None:
            return None
        code = child.wait(plan.deadline_s)
        ended_s = time.monotonic()
    stdout, stderr = (_text(tail, plan) for tail in (child.stdout, child.stderr))
    outcome = outcome_of(code, stderr, plan.success_codes)
    entries = session.journal.entries()
    played_ms, settles_ms = _progress(session, entries, incident)
    run = EndedRun(
        outcome,
        incident.expected(has_asked=any(map(asks_for_model, entries))),
        _verdict(session, plan, outcome),
        plan.deadline_s,
        entries,
        last_words=_last_words(stdout, stderr),
        silent_s=max(0.0, ended_s - entries[-1].received_s) if entries else None,
        played_ms=played_ms,
        settles_ms=settles_ms,
        is_demanded=incident.demanded is not None,
    )
    case = _case(run, incident, plan)
    seconds, requests = ended_s - began_s, session.journal.last
    return replace(case, seconds=seconds, requests=requests, stdout=stdout, stderr=stderr)


def _case(run: EndedRun, incident: Incident, plan: ExercisePlan) -> Case:
    """The run as reports show it. Of very many requests only the last are in its log."""
    findings = findings_of(run)
    counted = {"error", "warning"} if plan.fails_on_warnings else {"error"}
    marked = {number for finding in findings for number in finding.numbers}
    return Case(
        name=incident.name,
        has_passed=not any(finding.severity in counted for finding in findings),
        outcome=run.outcome.kind,
        ending=str(run.outcome),
        expected=run.expected,
        seconds=0.0,
        requests=len(run.entries),
        exit_code=run.outcome.exit_code,
        description=incident.timeline.description,
        does=incident.does,
        findings=findings,
        accepted=run.verdict.expected,
        timeline=request_log(run.entries, marked),
    )


def _verdict(session: Session, plan: ExercisePlan, outcome: Outcome) -> Verdict:
    """The judge's verdict. Who has stopped by itself is not told that it never stops."""
    judge = ClientJudge(Limits() if outcome.kind == "hang" else _PATIENT, strict=True)
    judge.expect(*plan.allowed)
    return judge.verdict(session)


def _progress(
    session: Session, entries: Sequence[JournalEntry], incident: Incident
) -> tuple[int, int]:
    """How much was played, and when the last change of what was polled is."""
    playback = session.playback
    polled = {polled_id(entry) for entry in entries} or {incident.job.job_id}
    ends = [
        stretch.begins_ms - playback.epoch_ms
        for job_id, schedule in playback.schedules.items()
        if job_id in polled
        for stretch in schedule.stretches[-1:]
    ]
    return session.clock.now() - playback.epoch_ms, max(ends, default=0)


def _text(tail: OutputTail, plan: ExercisePlan) -> str:
    """What was kept of an output, without the token, which may have been cut in two."""
    output = tail.bytes()
    if plan.token and tail.size > len(output):
        output = re.sub(rb"\A\S{0,4096}", b"", output)
    text = plan.redaction.body(output).decode("utf-8", "replace").replace("\r\n", "\n")
    return text[-KEPT_OUTPUT:]


def _last_words(stdout: str, stderr: str) -> str:
    lines = [line.strip() for line in re.split(r"[\r\n]+", f"{stdout}\n{stderr}") if line.strip()]
    return lines[-1] if lines else ""
