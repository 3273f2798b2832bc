"""Runs a command against an incident: a server that plays it, the command, and what came of it."""

import re
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockserver.client_rules.context import ClockKind, Limits
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.request_log import request_log
from mockserver.exercise.child_process import ChildProcess, OutputTail
from mockserver.exercise.command import environment_of, fill, outcome_of, values_of
from mockserver.exercise.incident import Incident
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
        """What is served, by the incident's step unless one is given; raises as ServerConfig."""
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
    plan: ExercisePlan, cases: Sequence[Case], *, not_run: Sequence[str] = (), **times: Any
) -> ExerciseReport:
    """All cases, in order; `times` are `seconds` and `began_at`, `not_run` what was interrupted."""
    command = plan.redaction.body(shlex.join(plan.command).encode(errors="surrogateescape"))
    return ExerciseReport(
        subject=command.decode(errors="replace"),
        cases=tuple(cases),
        is_whole=not not_run,
        settings=plan.in_words(),
        not_run=tuple(not_run),
        **times,
    )


def perform(incident: Incident, plan: ExercisePlan, start: Start) -> Case | None:
    """Run the command for the incident; None when it was not to be started. Raises CannotStart."""
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
    # Who has stopped by itself is not told that it never stops.
    judge = ClientJudge(Limits() if outcome.kind == "hang" else _PATIENT, strict=True)
    judge.expect(*plan.allowed)
    played_ms, settles_ms = _progress(session, entries, incident)
    lines = [line.strip() for line in re.split(r"[\r\n]+", f"{stdout}\n{stderr}")]
    run = EndedRun(
        outcome,
        incident.expected(has_asked=any(entry.asks_for_model for entry in entries)),
        judge.verdict(session),
        plan.deadline_s,
        entries,
        last_words=next(filter(None, reversed(lines)), ""),
        silent_s=max(0.0, ended_s - entries[-1].received_s) if entries else None,
        played_ms=played_ms,
        settles_ms=settles_ms,
        is_demanded=incident.demanded is not None,
    )
    seconds, requests = ended_s - began_s, session.journal.last
    printed = {"stdout": stdout, "stderr": stderr}
    return _case(run, incident, plan, seconds=seconds, requests=requests, **printed)


def _case(run: EndedRun, incident: Incident, plan: ExercisePlan, **facts: Any) -> Case:
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
        exit_code=run.outcome.exit_code,
        description=incident.timeline.description,
        does=incident.does,
        findings=findings,
        accepted=run.verdict.expected,
        timeline=request_log(run.entries, marked),
        **facts,
    )


def _progress(
    session: Session, entries: Sequence[JournalEntry], incident: Incident
) -> tuple[int, int]:
    """How much was played, and when the last change of what was polled is."""
    playback = session.playback
    polled = {entry.polled_id for entry in entries} or {incident.job.job_id}
    ends = [
        schedule.stretches[-1].begins_ms - playback.epoch_ms
        for job_id, schedule in playback.schedules.items()
        if job_id in polled and schedule.stretches
    ]
    return session.clock.now() - playback.epoch_ms, max(ends, default=0)


def _text(tail: OutputTail, plan: ExercisePlan) -> str:
    """What was kept of an output, without the token, which may have been cut in two."""
    output = tail.kept
    if plan.token and tail.size > len(output):
        output = re.sub(rb"\A\S{0,4096}", b"", output)
    text = plan.redaction.body(output).decode("utf-8", "replace").replace("\r\n", "\n")
    return text[-KEPT_OUTPUT:]
