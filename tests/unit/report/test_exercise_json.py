"""Reports as JSON: what they say, and that they keep to their schema."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.findings.report import ExerciseReport
from mockserver.report import json as json_report
from mockserver.report.json import as_dict
from mockserver.report.json import render as to_json
from mockserver.report.summary import request_numbers
from support.reports import EMPTY, HUNG, NASTY, REPORT, STOPPED, found

SCHEMA: dict[str, Any] = json.loads(
    (Path(json_report.__file__).parent / "exercise.schema.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("report", [REPORT, EMPTY, STOPPED])
def test_a_report_keeps_to_the_schema(report: ExerciseReport) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    data = as_dict(report)
    assert list(Draft202012Validator(SCHEMA).iter_errors(data)) == []
    assert set(data) == set(SCHEMA["properties"])
    for incident in data["incidents"]:
        assert set(incident) == set(SCHEMA["$defs"]["incident"]["properties"])
        for finding in incident["findings"]:
            assert set(finding) == set(SCHEMA["$defs"]["finding"]["properties"])
    assert data["format"] == SCHEMA["properties"]["format"]["const"]


def test_what_it_says_of_an_incident() -> None:
    data = as_dict(REPORT)
    assert (data["passed"], data["failed"], data["has_passed"]) == (2, 2, False)
    hung = data["incidents"][2]
    assert (hung["incident"], hung["outcome"], hung["exit_code"]) == (HUNG.name, "hang", None)
    assert [finding["id"] for finding in hung["findings"]] == ["poll-too-fast", "never-stopped"]
    assert [finding["id"] for finding in hung["allowed"]] == ["crash"]
    assert hung["findings"][1]["requests"] == [3, 5, 6, 7, 9]
    assert hung["timeline"] == HUNG.timeline.split("\n")


def test_one_that_was_interrupted_has_not_passed() -> None:
    assert as_dict(EMPTY)["has_passed"] is False
    assert as_dict(STOPPED)["has_passed"] is False
    assert as_dict(STOPPED)["not_run"] == ["instant", NASTY]
    assert as_dict(REPORT)["not_run"] == []
    assert as_dict(replace(EMPTY, is_whole=True))["has_passed"] is True


def test_it_is_json_in_utf_8_whatever_was_printed() -> None:
    text = to_json(REPORT)
    assert json.loads(text.encode("utf-8")) == json.loads(text)
    assert text.endswith("}\n")


def test_where_a_finding_is_seen() -> None:
    numbers = (3, 5, 6, 7, 9)
    assert request_numbers(found("a", "error", "", "", numbers)) == "#3, #5-7, #9"
    assert request_numbers(found("a", "error", "", "")) == ""
    many = found("a", "error", "", "", tuple(range(1, 100, 2)))
    assert request_numbers(many) == "#1, #3, #5, #7, #9, #11, #13, #15, …"
