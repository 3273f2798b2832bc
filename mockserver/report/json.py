"""Reports as JSON, as `check.schema.json` and `exercise.schema.json` describe it."""

import json
import math
from dataclasses import asdict
from typing import Any

from mockserver.findings.finding import SEVERITIES, Finding, Severity
from mockserver.findings.report import Case, CheckReport, ExerciseReport, JobSample
from mockserver.report.formats import AnyReport, utf8_safe
from mockserver.report.summary import has_passed

_FORMAT = 1  # rises when a script that reads reports would have to change


def render(report: AnyReport, fails_on: Severity = "error") -> str:
    data = as_dict(report, fails_on)
    return utf8_safe(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def as_dict(report: AnyReport, fails_on: Severity = "error") -> dict[str, Any]:
    """The report as plain data that JSON can write: a number that is not finite becomes None."""
    return {
        "format": _FORMAT,
        **_members(report, "made_by began_at"),
        "seconds": round(report.seconds, 3),
        **(_check(report, fails_on) if isinstance(report, CheckReport) else _exercise(report)),
    }


def _members(record: object, names: str) -> dict[str, Any]:
    """The named attributes, in this order."""
    return {name: getattr(record, name) for name in names.split()}


def _check(report: CheckReport, fails_on: Severity) -> dict[str, Any]:
    severities = [finding.severity for finding in report.findings]
    return {
        **_members(report, "subject edition edition_because is_whole"),
        "fails_on": fails_on,
        "has_passed": has_passed(report, fails_on),
        "counts": {severity: severities.count(severity) for severity in SEVERITIES},
        "asked": dict(report.asked),
        "findings": list(map(_server_finding, report.findings)),
        "accepted": list(map(_server_finding, report.accepted)),
        "stale": [
            {"operation": operation or None, "rule": rule, "place": place}
            for operation, rule, place in report.stale
        ],
        "notes": list(report.notes),
        "tracks": [
            {"job_id": track.job_id, "points": list(map(_point, track.points))}
            for track in report.tracks
        ],
    }


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
    """An integer of any length is finite, though no float may hold it."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in asdict(point).items()
    }


def _exercise(report: ExerciseReport) -> dict[str, Any]:
    return {
        "command": report.subject,
        "settings": dict(report.settings),
        "is_whole": report.is_whole,
        "has_passed": report.is_whole and not report.failed,
        "passed": len(report.cases) - len(report.failed),
        "failed": len(report.failed),
        "not_run": list(report.not_run),
        "incidents": list(map(_incident, report.cases)),
    }


def _incident(case: Case) -> dict[str, Any]:
    return {
        "incident": case.name,
        **_members(case, "description has_passed outcome exit_code expected"),
        "good_client": case.does,
        "seconds": round(case.seconds, 3),
        "requests": case.requests,
        "findings": list(map(_client_finding, case.findings)),
        "allowed": list(map(_client_finding, case.accepted)),
        "timeline": case.timeline.splitlines(),
        **_members(case, "stdout stderr"),
    }


def _client_finding(finding: Finding) -> dict[str, Any]:
    facts = _members(finding, "severity message advice")
    return {"id": finding.rule.id, **facts, "requests": list(finding.numbers)}
