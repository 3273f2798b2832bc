"""What a check found as JSON: what it says, and that it keeps to its schema."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from jsonschema import Draft202012Validator

from mockserver.documents import json_text
from mockserver.findings.report import CheckReport, JobSample, JobSeries
from mockserver.report import json as json_report
from mockserver.report.json import as_dict
from mockserver.report.json import render as to_json
from support.check_reports import CLEAN, JOB, REPORT, reports

SCHEMA: dict[str, Any] = json.loads(
    (Path(json_report.__file__).parent / "check.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_names_all_that_there_is() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    data, parts = as_dict(REPORT), SCHEMA["$defs"]
    assert set(data) == set(SCHEMA["properties"]) == set(SCHEMA["required"])
    finding, track = data["findings"][0], data["tracks"][0]
    for name, value in {
        "finding": finding,
        "rule": finding["rule"],
        "sighting": finding["first"],
        "fingerprint": data["stale"][0],
        "track": track,
        "point": track["points"][0],
    }.items():
        assert set(value) == set(parts[name]["properties"]) == set(parts[name]["required"])
    assert data["format"] == SCHEMA["properties"]["format"]["const"]


@given(reports)
def test_any_report_is_strict_json_that_keeps_to_the_schema(report: CheckReport) -> None:
    text = to_json(report)
    assert text.endswith("}\n")
    data = json_text.loads(text.encode("utf-8"))
    assert list(VALIDATOR.iter_errors(data)) == []


def test_what_it_says() -> None:
    data = as_dict(REPORT)
    for name in ("made_by", "began_at", "seconds", "subject", "edition", "edition_because"):
        assert data[name] == getattr(REPORT, name)
    assert data["counts"] == {"error": 1, "warning": 1, "drift": 1, "info": 1}
    first = data["findings"][0]
    assert (first["id"], first["rule"]["severity"]) == ("required:/downloading/*/job_id", "error")
    assert first["first"] == {"number": 4, "at_ms": REPORT.findings[0].first.at_ms}
    assert [finding["place"] for finding in data["accepted"]] == ["/model"]
    assert data["stale"] == [
        {"operation": "download", "rule": "required", "place": "/job_id"},
        {"operation": None, "rule": "slow-reply", "place": ""},
    ]
    assert data["asked"] == {"job_status": 120, "list_status": 120, "download": 1}
    assert len(data["tracks"][0]["points"]) == 120


def test_what_counts_as_passed() -> None:
    warned = replace(REPORT, findings=REPORT.findings[1:])
    assert as_dict(REPORT)["has_passed"] is False
    assert as_dict(warned)["has_passed"] is True
    assert as_dict(warned, "warning")["has_passed"] is False
    assert as_dict(warned, "warning")["fails_on"] == "warning"
    assert as_dict(CLEAN, "info")["has_passed"] is True
    assert as_dict(replace(CLEAN, is_whole=False))["has_passed"] is False


def test_numbers_that_json_cannot_write_are_null() -> None:
    odd = JobSample(1, 1, "downloading", float("inf"), float("nan"), -float("inf"))
    huge = JobSample(2, 2, "downloading", 10**400, 0, 1.5)
    data = json.loads(to_json(replace(CLEAN, tracks=(JobSeries(JOB, (odd, huge)),))))
    first, second = data["tracks"][0]["points"]
    numbers = ("downloaded_bytes", "total_size_bytes", "bytes_per_second")
    assert [first[name] for name in numbers] == [None] * 3
    assert [second[name] for name in numbers] == [10**400, 0, 1.5]
