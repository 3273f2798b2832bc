"""A report as JUnit XML, which CI servers read: a test case for each incident."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from mockserver.report.cleaning import holdable
from mockserver.report.record import Case, Finding, Report

__all__ = ["to_junit"]

_ERRORS = ("crash", "hang", "unfinished")
"""Findings that JUnit calls an error: the command did not come to an end of its own."""


def to_junit(report: Report, suite: str = "mockserver exercise") -> str:
    """Warnings that do not fail a case are in its `system-err`."""
    failed = [_main(case) for case in report.failed]
    errors = sum(finding is not None and finding.id in _ERRORS for finding in failed)
    counts = {
        "name": suite,
        "tests": str(len(report.cases)),
        "failures": str(len(failed) - errors),
        "errors": str(errors),
        "skipped": "0",
        "time": f"{report.seconds:.3f}",
        "timestamp": report.began_at,
    }
    root = ET.Element("testsuites", {key: counts[key] for key in list(counts)[:-1]})
    element = ET.SubElement(root, "testsuite", counts)
    facts = {"command": report.command, "made_by": report.made_by, **report.settings}
    _properties(element, facts)
    for case in report.cases:
        _add(element, case)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _add(suite: ET.Element, case: Case) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        {
            "name": holdable(case.name),
            "classname": "mockserver.exercise",
            "time": f"{case.seconds:.3f}",
        },
    )
    _properties(
        element,
        {
            "ends": case.ending,
            "expected": case.expected,
            "requests": str(case.requests),
            "good_client": case.does or "",
        },
    )
    main = _main(case)
    if not case.has_passed:
        kind = "error" if main is not None and main.id in _ERRORS else "failure"
        ids = ", ".join(dict.fromkeys(one.id for one in case.findings))
        message = f"{ids}: {main.message}" if main is not None else case.ending
        failure = ET.SubElement(
            element, kind, {"message": holdable(message), "type": main.id if main else "mockserver"}
        )
        failure.text = holdable("\n".join(_lines(case)))
    if case.stdout:
        ET.SubElement(element, "system-out").text = holdable(case.stdout)
    notes = [] if not case.has_passed else [_line(one) for one in case.findings]
    printed = "\n".join([*notes, case.stderr]) if notes else case.stderr
    if printed:
        ET.SubElement(element, "system-err").text = holdable(printed)


def _main(case: Case) -> Finding | None:
    """The finding that the case is named after: the first error, else the first of all."""
    errors = [one for one in case.findings if one.severity == "error"]
    return next(iter([*errors, *case.findings]), None)


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


def _properties(parent: ET.Element, facts: dict[str, str]) -> None:
    element = ET.SubElement(parent, "properties")
    for name, value in facts.items():
        ET.SubElement(element, "property", {"name": name, "value": holdable(value)})
