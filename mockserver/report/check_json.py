"""What a check found as JSON, as `check.schema.json` describes it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mockserver.report import check_words as words
from mockserver.report.as_json import to_text
from mockserver.server_rules.finding import SEVERITIES, Finding, Severity, Sighting
from mockserver.server_rules.report import Point, Report, Track

__all__ = ["FORMAT", "as_dict", "to_json"]

FORMAT = 1
"""Rises when a script that reads reports would have to change."""


def to_json(report: Report, fails_on: Severity = "error") -> str:
    return to_text(as_dict(report, fails_on))


def as_dict(report: Report, fails_on: Severity = "error") -> dict[str, Any]:
    """The report as plain data that JSON can write: a number that is not finite becomes None."""
    severities = [one.rule.severity for one in report.findings]
    return {
        "format": FORMAT,
        "made_by": report.made_by,
        "began_at": report.began_at,
        "seconds": round(report.seconds, 3),
        "subject": report.subject,
        "edition": report.edition,
        "edition_because": report.edition_because,
        "is_whole": report.is_whole,
        "fails_on": fails_on,
        "has_passed": words.has_passed(report, fails_on),
        "counts": {severity: severities.count(severity) for severity in SEVERITIES},
        "asked": dict(report.asked),
        "findings": [_finding(one) for one in report.findings],
        "accepted": [_finding(one) for one in report.accepted],
        "stale": [
            {"operation": operation or None, "rule": rule, "place": place}
            for operation, rule, place in report.stale
        ],
        "notes": list(report.notes),
        "tracks": [_track(one) for one in report.tracks],
    }


def _finding(finding: Finding) -> dict[str, Any]:
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
        "first": _sighting(finding.first),
        "last": _sighting(finding.last),
        "curl": finding.curl,
    }


def _sighting(sighting: Sighting) -> Mapping[str, int]:
    return {"number": sighting.number, "at_ms": sighting.at_ms}


def _track(track: Track) -> dict[str, Any]:
    return {"job_id": track.job_id, "points": [_point(one) for one in track.points]}


def _point(point: Point) -> dict[str, Any]:
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
