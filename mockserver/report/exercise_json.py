"""A client's report as JSON, as `exercise.schema.json` describes it."""

from __future__ import annotations

from typing import Any

from mockserver.report.as_json import to_text
from mockserver.report.exercise_record import Case, Finding, Report

__all__ = ["FORMAT", "as_dict", "to_json"]

FORMAT = 1
"""Rises when a script that reads reports would have to change."""


def to_json(report: Report) -> str:
    return to_text(as_dict(report))


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "format": FORMAT,
        "made_by": report.made_by,
        "began_at": report.began_at,
        "seconds": round(report.seconds, 3),
        "command": report.command,
        "settings": dict(report.settings),
        "is_whole": report.is_whole,
        "has_passed": report.is_whole and not report.failed,
        "passed": len(report.cases) - len(report.failed),
        "failed": len(report.failed),
        "not_run": list(report.not_run),
        "incidents": [_case(case) for case in report.cases],
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "incident": case.name,
        "description": case.description,
        "has_passed": case.has_passed,
        "outcome": case.outcome,
        "exit_code": case.exit_code,
        "expected": case.expected,
        "good_client": case.does,
        "seconds": round(case.seconds, 3),
        "requests": case.requests,
        "findings": [_finding(one) for one in case.findings],
        "allowed": [_finding(one) for one in case.allowed],
        "timeline": case.timeline.splitlines(),
        "stdout": case.stdout,
        "stderr": case.stderr,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity,
        "message": finding.message,
        "advice": finding.advice,
        "requests": list(finding.requests),
    }
