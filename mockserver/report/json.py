"""Reports as JSON, as `check.schema.json` and `exercise.schema.json` describe it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from mockserver.findings.finding import Finding
from mockserver.findings.report import Case, CheckReport, ExerciseReport, JobSample
from mockserver.findings.rule import SEVERITIES, Severity
from mockserver.report import check_summary
from mockserver.report.escaping import utf8_safe
from mockserver.report.formats import AnyReport

_FORMAT = 1  # rises when a script that reads reports would have to change


def render(report: AnyReport, fails_on: Severity = "error") -> str:
    data = as_dict(report, fails_on)
    return utf8_safe(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def as_dict(report: AnyReport, fails_on: Severity = "error") -> dict[str, Any]:
    """The report as plain data that JSON can write: a number that is not finite becomes None."""
    facts = {
        "format": _FORMAT,
        **_members(report, "made_by began_at"),
        "seconds": round(report.seconds, 3),
    }
    if isinstance(report, ExerciseReport):
        return {**facts, **_exercise(report)}
    return {**facts, **_check(report, fails_on)}


def _check(report: CheckReport, fails_on: Severity) -> dict[str, Any]:
    severities = [finding.rule.severity for finding in report.findings]
    return {
        **_members(report, "subject edition edition_because is_whole"),
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


def _members(record: object, names: str) -> dict[str, Any]:
    """The named attributes, in this order."""
    return {name: getattr(record, name) for name in names.split()}


def _server_finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "rule": finding.rule.as_dict(),
        **_members(finding, "operation job_id pointer place expected found page line count"),
        "first": finding.first._asdict(),
        "last": finding.last._asdict(),
        "curl": finding.curl,
    }


def _point(point: JobSample) -> dict[str, Any]:
    return {name: _finite(value) for name, value in asdict(point).items()}


def _finite(value: float | str | None) -> float | str | None:
    """An integer of any length is finite, though no float may hold it."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


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
        **_members(case, "description has_passed outcome exit_code expected"),
        "good_client": case.does,
        "seconds": round(case.seconds, 3),
        "requests": case.requests,
        "findings": [_client_finding(finding) for finding in case.findings],
        "allowed": [_client_finding(finding) for finding in case.accepted],
        "timeline": case.timeline.splitlines(),
        **_members(case, "stdout stderr"),
    }


def _client_finding(finding: Finding) -> dict[str, Any]:
    facts = _members(finding, "severity message advice")
    return {"id": finding.rule.id, **facts, "requests": list(finding.numbers)}
