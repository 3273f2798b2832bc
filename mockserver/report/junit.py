"""Reports as JUnit XML, as CI servers read it: one suite, its test cases, what came of each.

Of a check, findings that count fail, those that are accepted are skipped, and an operation that was
asked, and of which nothing that counts was found, is a case that passes. Of an exercise each
incident is a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from xml.etree import ElementTree

from mockserver.findings.finding import Finding
from mockserver.findings.report import Case, ExerciseReport
from mockserver.findings.rule import Severity
from mockserver.report import check_summary
from mockserver.report.escaping import xml_safe
from mockserver.report.exercise_summary import errors_of
from mockserver.report.formats import AnyReport, CheckReport

_Kind: TypeAlias = Literal["failure", "error", "skipped"]
_ERRORS = ("crash", "hang", "unfinished")
"""Findings that JUnit calls an error: the command did not come to an end of its own."""


@dataclass(frozen=True, slots=True)
class _NotPassed:
    """Why a case has not passed. `type` is a word for scripts, `text` all there is to say."""

    kind: _Kind
    type: str
    message: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class _TestCase:
    """`result` is None for a case that has passed."""

    classname: str
    name: str
    result: _NotPassed | None = None
    seconds: float = 0.0
    properties: Mapping[str, str] = field(default_factory=dict)
    stdout: str = ""
    stderr: str = ""


def render(report: AnyReport, fails_on: Severity = "error") -> str:
    """The text of the file; what XML cannot hold is replaced."""
    printed = ""
    if isinstance(report, ExerciseReport):
        suite, cases = "mockserver exercise", list(_exercise_cases(report))
        facts = {"command": report.subject, "made_by": report.made_by, **report.settings}
    else:
        suite, cases = "mockserver check", list(_check_cases(report, fails_on))
        facts = _check_facts(report, fails_on)
        printed = "\n".join(_uncounted(report, fails_on))
    kinds = [case.result.kind for case in cases if case.result is not None]
    counts = {
        "name": suite,
        "tests": str(len(cases)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
        "time": f"{report.seconds:.3f}",
    }
    root = ElementTree.Element("testsuites", counts)
    element = _add(root, "testsuite", {**counts, "timestamp": report.began_at})
    _add_properties(element, facts)
    for case in cases:
        _add_case(element, case)
    _add_output(element, "system-out", printed)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _check_cases(report: CheckReport, fails_on: Severity) -> Iterator[_TestCase]:
    failing = report.at_or_above(fails_on)
    for finding in failing:
        yield _finding_case(finding, "failure", finding.rule.sentence)
    failed = {finding.operation for finding in failing}
    for operation, number in sorted(report.asked.items()):
        if number and operation not in failed:
            yield _TestCase(_classname(operation), "conforms", properties={"asked": str(number)})
    for finding in report.accepted:
        yield _finding_case(
            finding, "skipped", f"accepted by the baseline: {finding.rule.sentence}"
        )
    if not report.is_whole:
        why = "interrupted: it was not asked to the end"
        yield _TestCase(
            _classname(None), "the whole check", _NotPassed("error", "interrupted", why)
        )


def _finding_case(finding: Finding, kind: _Kind, message: str) -> _TestCase:
    text = "\n".join(_finding_lines(finding))
    result = _NotPassed(kind, finding.rule.id, message, text)
    return _TestCase(_classname(finding.operation), finding.id, result)


def _classname(operation: str | None) -> str:
    return f"mockserver.check.{operation}" if operation else "mockserver.check"


def _check_facts(report: CheckReport, fails_on: Severity) -> dict[str, str]:
    return {
        "subject": report.subject,
        "edition": report.edition,
        "edition_because": report.edition_because,
        "asked": check_summary.asked_in_words(report),
        "fails_on": fails_on,
        "made_by": report.made_by,
    }


def _uncounted(report: CheckReport, fails_on: Severity) -> Iterator[str]:
    """What fails no case, for the suite's output: lesser findings, stale entries, notes."""
    failing = report.at_or_above(fails_on)
    for finding in report.findings:
        if finding not in failing:
            yield from _finding_lines(finding)
    for fingerprint in report.stale:
        yield f"no longer seen: {check_summary.fingerprint_in_words(fingerprint)}"
    for note in report.notes:
        yield f"note: {note}"


def _finding_lines(finding: Finding) -> Iterator[str]:
    yield f"{finding.rule.severity}: {finding.id}: {finding.rule.sentence}"
    for name, text in check_summary.facts(finding):
        yield f"    {name}: {text}"


def _exercise_cases(report: ExerciseReport) -> Iterator[_TestCase]:
    """Warnings that do not fail a case are in its `system-err`. What was not run is an error."""
    for case in report.cases:
        notes = [_client_line(finding) for finding in case.findings if case.has_passed]
        yield _TestCase(
            "mockserver.exercise",
            case.name,
            None if case.has_passed else _not_passed(case),
            seconds=case.seconds,
            properties={
                "ends": case.ending,
                "expected": case.expected,
                "requests": str(case.requests),
                "good_client": case.does or "",
            },
            stdout=case.stdout,
            stderr="\n".join([*notes, case.stderr]) if notes else case.stderr,
        )
    why = _NotPassed("error", "interrupted", "interrupted before this incident had ended")
    yield from (_TestCase("mockserver.exercise", name, why) for name in report.not_run)


def _not_passed(case: Case) -> _NotPassed:
    """Named after the first error, else after the first finding of all."""
    text = "\n".join(_case_lines(case))
    main = next(iter([*errors_of(case), *case.findings]), None)
    if main is None:
        return _NotPassed("failure", "mockserver", case.ending, text)
    ids = ", ".join(dict.fromkeys(finding.rule.id for finding in case.findings))
    kind: _Kind = "error" if main.rule.id in _ERRORS else "failure"
    return _NotPassed(kind, main.rule.id, f"{ids}: {main.message}", text)


def _case_lines(case: Case) -> Iterable[str]:
    for finding in case.findings:
        yield _client_line(finding)
        yield f"    {finding.advice}"
    if case.does:
        yield f"good client: {case.does}"
    if case.timeline:
        yield from ("", "requests:", case.timeline)


def _client_line(finding: Finding) -> str:
    return f"{finding.severity}: {finding.rule.id}: {finding.message}"


def _add_case(suite: ElementTree.Element, case: _TestCase) -> None:
    facts = {"name": case.name, "classname": case.classname, "time": f"{case.seconds:.3f}"}
    element = _add(suite, "testcase", facts)
    _add_properties(element, case.properties)
    if case.result is not None:
        facts = {"message": case.result.message, "type": case.result.type}
        _add(element, case.result.kind, facts).text = xml_safe(case.result.text) or None
    _add_output(element, "system-out", case.stdout)
    _add_output(element, "system-err", case.stderr)


def _add_properties(parent: ElementTree.Element, facts: Mapping[str, str]) -> None:
    if facts:
        element = _add(parent, "properties", {})
        for name, value in facts.items():
            _add(element, "property", {"name": name, "value": value})


def _add_output(parent: ElementTree.Element, tag: str, text: str) -> None:
    if text:
        _add(parent, tag, {}).text = xml_safe(text)


def _add(parent: ElementTree.Element, tag: str, facts: Mapping[str, str]) -> ElementTree.Element:
    return ElementTree.SubElement(
        parent, tag, {name: xml_safe(value) for name, value in facts.items()}
    )
