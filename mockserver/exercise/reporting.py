"""Runs as the plain records that reports are made of."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from mockserver import __version__
from mockserver.exercise.problem import Problem
from mockserver.exercise.run import Plan, Run
from mockserver.findings.finding import Finding
from mockserver.findings.report import Case, ExerciseReport
from mockserver.findings.rule import Rule
from mockserver.http.redaction import Redaction

__all__ = ["case_of", "report_of"]


def report_of(
    plan: Plan,
    runs: Sequence[Run],
    *,
    seconds: float,
    began_at: str,
    not_run: Sequence[str] = (),
    fails_on_warnings: bool,
) -> ExerciseReport:
    """All runs, in this order; with `fails_on_warnings` a warning fails one, too.

    `not_run` names the incidents that were not run to their end, as somebody interrupted it.
    """
    redaction = Redaction([plan.token] if plan.token else [])
    command = redaction.body(shlex.join(plan.command).encode(errors="surrogateescape"))
    return ExerciseReport(
        subject=command.decode(errors="replace"),
        cases=tuple(case_of(run, fails_on_warnings=fails_on_warnings) for run in runs),
        seconds=seconds,
        made_by=f"mockserver {__version__}",
        began_at=began_at,
        is_whole=not not_run,
        settings=_settings(plan),
        not_run=tuple(not_run),
    )


def case_of(run: Run, *, fails_on_warnings: bool = False) -> Case:
    counted = {"error", "warning"} if fails_on_warnings else {"error"}
    return Case(
        run.incident.name,
        not any(problem.severity in counted for problem in run.problems),
        run.outcome.kind,
        str(run.outcome),
        run.expected,
        run.seconds,
        run.requests,
        run.outcome.exit_code,
        run.incident.timeline.description,
        run.incident.does,
        tuple(map(_finding, run.problems)),
        tuple(map(_finding, run.allowed)),
        run.timeline,
        run.stdout,
        run.stderr,
    )


def _finding(problem: Problem) -> Finding:
    rule = Rule(problem.id, problem.severity, "G", "", "", problem.advice)
    return Finding(rule, problem.message, numbers=problem.numbers, cause=problem.cause)


def _settings(plan: Plan) -> Mapping[str, str]:
    step = plan.step or "1s (more in a long timeline)"
    clock = {
        "poll": f"moved by {step} with each status request",
        "wall": f"{plan.speed or 1:g} seconds in a real one",
    }
    return {
        "clock": clock.get(plan.clock, plan.clock),
        "edition": plan.edition or "each timeline's own",
        "token": "required" if plan.token else "none",
        "POST": "answered in every edition" if plan.with_download else "as the edition has it",
        "deadline": f"{plan.deadline_s:g} s",
    }
