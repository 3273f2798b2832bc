"""What a check found as JUnit XML, read back by a library of somebody else's."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase

from mockserver.findings.finding import Severity
from mockserver.findings.report import CheckReport
from mockserver.report.junit import render as to_junit
from support.check_reports import CLEAN, REPORT, reports

TestCase.__test__ = False  # pytest takes it for a class of tests


def read(report: CheckReport, fails_on: Severity = "error") -> tuple[JUnitXml, list[Any]]:
    found = JUnitXml.fromstring(to_junit(report, fails_on).encode("utf-8"))
    (suite,) = found
    return found, list(suite)


def test_a_server_that_conforms_passes_once_for_each_operation() -> None:
    found, cases = read(CLEAN, "info")
    assert (found.tests, found.failures, found.errors, found.skipped) == (3, 0, 0, 0)
    assert found.time == 121.25
    assert [(case.classname, case.name) for case in cases] == [
        ("mockserver.check.download", "conforms"),
        ("mockserver.check.job_status", "conforms"),
        ("mockserver.check.list_status", "conforms"),
    ]
    assert all(case.is_passed for case in cases)


def test_a_finding_that_counts_fails() -> None:
    found, cases = read(REPORT)
    assert (found.tests, found.failures, found.errors, found.skipped) == (4, 1, 0, 1)
    (failure,) = cases[0].result
    assert isinstance(failure, Failure)
    assert (cases[0].classname, cases[0].name) == (
        "mockserver.check.list_status",
        "required:/downloading/*/job_id",
    )
    assert (failure.type, failure.message) == (
        "required",
        "A member that must be there is missing.",
    )
    for piece in (
        "expected: `job_id`",
        "found: nothing",
        "basis: documented, 2025-10/",
        "curl http",
    ):
        assert piece in failure.text
    assert [case.name for case in cases[1:3]] == ["conforms"] * 2


def test_one_that_the_baseline_accepts_is_skipped() -> None:
    _, cases = read(REPORT)
    (skipped,) = cases[-1].result
    assert isinstance(skipped, Skipped)
    assert "accepted by the baseline" in skipped.message
    assert cases[-1].name == "required:/model"


@pytest.mark.parametrize(
    ("fails_on", "failures"), [("error", 1), ("warning", 2), ("drift", 3), ("info", 4)]
)
def test_the_others_are_printed(fails_on: Severity, failures: int) -> None:
    found, _ = read(REPORT, fails_on)
    printed = ET.fromstring(to_junit(REPORT, fails_on)).findtext("testsuite/system-out") or ""
    assert found.failures == failures
    heads = [f"{finding.rule.severity}: {finding.id}: " for finding in REPORT.findings]
    assert [head in printed for head in heads] == [place >= failures for place in range(4)]
    assert "no longer seen: download required:/job_id" in printed
    assert "note: Nothing was posted" in printed


def test_one_that_was_interrupted_is_an_error() -> None:
    found, cases = read(replace(CLEAN, is_whole=False))
    assert found.errors == 1
    assert isinstance(cases[-1].result[0], Error)


@given(reports)
def test_any_report_gives_xml_whose_counts_are_right(report: CheckReport) -> None:
    found, cases = read(report)
    assert found.tests == len(cases)
    kinds = [type(result) for case in cases for result in case.result]
    assert found.failures == kinds.count(Failure) == len(report.at_or_above("error"))
    assert found.skipped == kinds.count(Skipped) == len(report.accepted)
    assert found.errors == kinds.count(Error) == (not report.is_whole)
    root = ET.fromstring(to_junit(report).encode("utf-8"))
    assert {element.tag for element in root.iter()} <= {
        *("testsuites", "testsuite", "testcase", "properties", "property"),
        *("failure", "error", "skipped", "system-out"),
    }
