"""A client's report as JUnit XML: a test case for each incident."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.report import junit
from mockserver.report.exercise_record import Case, Finding, Report

__all__ = ["to_junit"]

_CLASS = "mockserver.exercise"
_ERRORS = ("crash", "hang", "unfinished")
"""Findings that JUnit calls an error: the command did not come to an end of its own."""


def to_junit(report: Report, suite: str = "mockserver exercise") -> str:
    """Warnings that do not fail a case are in its `system-err`. What was not run is an error."""
    return junit.to_xml(
        junit.Suite(
            suite,
            [*map(_case, report.cases), *map(_not_run, report.not_run)],
            report.seconds,
            report.began_at,
            {"command": report.command, "made_by": report.made_by, **report.settings},
        )
    )


def _case(case: Case) -> junit.Case:
    notes = [] if not case.has_passed else [_line(one) for one in case.findings]
    return junit.Case(
        _CLASS,
        case.name,
        case.seconds,
        {
            "ends": case.ending,
            "expected": case.expected,
            "requests": str(case.requests),
            "good_client": case.does or "",
        },
        None if case.has_passed else _result(case),
        case.stdout,
        "\n".join([*notes, case.stderr]) if notes else case.stderr,
    )


def _not_run(name: str) -> junit.Case:
    why = "interrupted before this incident had ended"
    return junit.Case(_CLASS, name, result=junit.Result("error", "interrupted", why))


def _result(case: Case) -> junit.Result:
    """Named after the first error, else after the first finding of all."""
    errors = [one for one in case.findings if one.severity == "error"]
    main = next(iter([*errors, *case.findings]), None)
    text = "\n".join(_lines(case))
    if main is None:
        return junit.Result("failure", "mockserver", case.ending, text)
    ids = ", ".join(dict.fromkeys(one.id for one in case.findings))
    kind: junit.Kind = "error" if main.id in _ERRORS else "failure"
    return junit.Result(kind, main.id, f"{ids}: {main.message}", text)


def _lines(case: Case) -> Iterable[str]:
    for finding in case.findings:
        yield _line(finding)
        yield f"    {finding.advice}"
    if case.does:
        yield f"good client: {case.does}"
    if case.timeline:
        yield from ("", "requests:", case.timeline)


def _line(finding: Finding) -> str:
    return f"{finding.severity}: {finding.id}: {finding.message}"
