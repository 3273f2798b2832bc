"""Reports as JUnit XML, read back by a library of somebody else's."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, TestCase

from mockserver.findings.report import ExerciseReport
from mockserver.report.junit import render as to_junit
from support.reports import CRASHED, EMPTY, HELD, HUNG, PASSED, REPORT, STOPPED

TestCase.__test__ = False  # pytest takes it for a class of tests


def read(report: ExerciseReport) -> tuple[JUnitXml, list[Any]]:
    found = JUnitXml.fromstring(to_junit(report).encode("utf-8"))
    (suite,) = found
    return found, list(suite)


def test_each_incident_is_a_case() -> None:
    found, cases = read(REPORT)
    assert (found.tests, found.failures, found.errors, found.time) == (4, 1, 1, 62.75)
    assert [case.name for case in cases][:3] == ["healthy", "instant", "paused-for-ever"]
    assert [case.time for case in cases] == [0.25, 0.5, 61.0, 1.0]
    properties = ET.fromstring(to_junit(REPORT).encode("utf-8")).find("testsuite/properties")
    assert properties is not None
    assert {told.get("name"): told.get("value") for told in properties} == {
        "command": REPORT.subject,
        "made_by": REPORT.made_by,
        **REPORT.settings,
    }


def test_a_failed_one_says_why() -> None:
    _, (passed, warned, hung, crashed) = read(REPORT)
    assert passed.result == []
    assert warned.result == []
    assert "poll-too-fast" in warned.system_err
    (failure,) = hung.result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == (
        "never-stopped",
        "poll-too-fast, never-stopped: polled 1,900 times",
    )
    for piece in ("Give up.", "good client: has a deadline.", "> #3    +2 s  GET /"):
        assert piece in failure.text
    (error,) = crashed.result
    assert isinstance(error, Error)
    assert error.type == "crash"
    element = ET.fromstring(to_junit(REPORT).encode("utf-8"))[0].findall("testcase")[2]
    assert {told.get("name"): told.get("value") for told in element.iter("property")} == {
        "ends": "hang",
        "expected": "failure",
        "requests": "1900",
        "good_client": "has a deadline.",
    }


def test_what_xml_cannot_hold_is_replaced() -> None:
    text = to_junit(REPORT)
    assert not set(text) & set("\x00\x1b\ud800\uffff")
    _, cases = read(REPORT)
    assert (cases[3].name, cases[3].system_out) == (HELD, HELD)


def test_what_was_not_run_is_an_error() -> None:
    found, cases = read(STOPPED)
    assert (found.tests, found.errors, found.failures) == (3, 2, 0)
    assert [case.name for case in cases] == ["healthy", "instant", HELD]
    for case in cases[1:]:
        (result,) = case.result
        assert isinstance(result, Error)
        assert "interrupted" in str(result.message)


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_gives_xml(text: str) -> None:
    case = replace(CRASHED, name=text, stdout=text, description=text, timeline=text)
    ET.fromstring(to_junit(replace(REPORT, cases=(case,), subject=text)).encode("utf-8"))


@pytest.mark.parametrize("report", [EMPTY, replace(REPORT, cases=(PASSED, HUNG))])
def test_the_counts_are_those_of_the_cases(report: ExerciseReport) -> None:
    found, cases = read(report)
    assert found.tests == len(cases) == len(report.cases)
    assert found.failures + found.errors == len(report.failed)
