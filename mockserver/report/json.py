"""Reports as JSON, as `check.schema.json` and `exercise.schema.json` describe it."""

from __future__ import annotations

import json
import math
from typing import Any

from mockserver.findings.finding import Finding
from mockserver.findings.report import Case, ExerciseReport, JobSample
from mockserver.findings.rule import SEVERITIES, Severity
from mockserver.report import check_summary
from mockserver.report.escaping import utf8_safe
from mockserver.report.formats import AnyReport, CheckReport

FORMAT = 1
"""Rises when a script that reads reports would have to change."""


def render(report: AnyReport, fails_on: Severity = "error") -> str:
    data = as_dict(report, fails_on)
    return utf8_safe(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def as_dict(report: AnyReport, fails_on: Severity = "error") -> dict[str, Any]:
    """The report as plain data that JSON can write: a number that is not finite becomes None."""
    facts = {
        "format": FORMAT,
        "made_by": report.made_by,
        "began_at": report.began_at,
        "seconds": round(report.seconds, 3),
    }
    if isinstance(report, ExerciseReport):
        return {**facts, **_exercise(report)}
    return {**facts, **_check(report, fails_on)}


def _check(report: CheckReport, fails_on: Severity) -> dict[str, Any]:
    severities = [finding.rule.severity for finding in report.findings]
    return {
        "subject": report.subject,
        "edition": report.edition,
        "edition_because": report.edition_because,
        "is_whole": report.is_whole,
        "fails_on": fails_on,
        "has_passed": check_summary.has_passed(report, fails_on),
        "counts": {severity: severities.count(severity) for severity in SEVERITIES},
        "asked": dict(report.asked),
        "findings": [_server_finding(finding) for finding in report.findings],
        "accepted": [_server_finding(finding) for finding in report.accepted],
        "stale": [
            {"operation": operation or None, "rule": rule, "place": place}
            for operation, rule, place in report.stale
        ],
        "notes": list(report.notes),
        "tracks": [
            {"job_id": track.job_id, "points": [_point(point) for point in track.points]}
            for track in report.tracks
        ],
    }


def _server_finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "rule": finding.rule.as_dict(),
        "operation": finding.operation,
        "job_id": finding.job_id,
        "pointer": finding.pointer,
        "place": finding.place,
        "expected": finding.expected,
        "found": finding.found,
        "page": finding.page,
        "line": finding.line,
        "count": finding.count,
        "first": {"number": finding.first.number, "at_ms": finding.first.at_ms},
        "last": {"number": finding.last.number, "at_ms": finding.last.at_ms},
        "curl": finding.curl,
    }


def _point(point: JobSample) -> dict[str, Any]:
    return {
        "number": point.number,
        "at_ms": point.at_ms,
        "status": point.status,
        "downloaded_bytes": _finite(point.downloaded_bytes),
        "total_size_bytes": _finite(point.total_size_bytes),
        "bytes_per_second": _finite(point.bytes_per_second),
    }


def _finite(number: float | None) -> float | None:
    """An integer of any length is finite, though no float may hold it."""
    return None if isinstance(number, float) and not math.isfinite(number) else number


def _exercise(report: ExerciseReport) -> dict[str, Any]:
    return {
        "command": report.subject,
        "settings": dict(report.settings),
        "is_whole": report.is_whole,
        "has_passed": report.is_whole and not report.failed,
        "passed": len(report.cases) - len(report.failed),
        "failed": len(report.failed),
        "not_run": list(report.not_run),
        "incidents": [_incident(case) for case in report.cases],
    }


def _incident(case: Case) -> dict[str, Any]:
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
        "findings": [_client_finding(finding) for finding in case.findings],
        "allowed": [_client_finding(finding) for finding in case.accepted],
        "timeline": case.timeline.splitlines(),
        "stdout": case.stdout,
        "stderr": case.stderr,
    }


def _client_finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.rule.id,
        "severity": finding.severity,
        "message": finding.message,
        "advice": finding.advice,
        "requests": list(finding.numbers),
    }
