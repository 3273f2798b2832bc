"""Reports as JUnit XML, as CI servers read it: one suite, its test cases, what came of each.

Of a check, findings that count fail, those that are accepted are skipped, and an operation that was
asked, and of which nothing that counts was found, is a case that passes. Of an exercise each
incident is a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from mockserver.findings.finding import Finding
from mockserver.findings.report import Case, CheckReport, ExerciseReport
from mockserver.findings.rule import Severity
from mockserver.report import check_summary
from mockserver.report.escaping import xml_safe
from mockserver.report.exercise_summary import errors_of
from mockserver.report.formats import AnyReport

_ERRORS = ("crash", "hang", "unfinished")
"""Findings that JUnit calls an error: the command did not come to an end of its own."""


def render(report: AnyReport, fails_on: Severity = "error") -> str:
    """The text of the file; what XML cannot hold is replaced."""
    root = Element("testsuites")
    suite = _add(root, "testsuite")
    if isinstance(report, ExerciseReport):
        _add_exercise(suite, report)
    else:
        _add_check(suite, report, fails_on)
    counts = {
        "name": f"mockserver {'exercise' if isinstance(report, ExerciseReport) else 'check'}",
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
        "time": f"{report.seconds:.3f}",
    }
    for element in (root, suite):
        element.attrib.update({name: str(count) for name, count in counts.items()})
    suite.set("timestamp", xml_safe(report.began_at))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _add_check(suite: Element, report: CheckReport, fails_on: Severity) -> None:
    facts = {
        "subject": report.subject,
        "edition": report.edition,
        "edition_because": report.edition_because,
        "asked": check_summary.asked_in_words(report),
        "fails_on": fails_on,
        "made_by": report.made_by,
    }
    _add_properties(suite, facts)
    failing = report.at_or_above(fails_on)
    for finding in failing:
        _add_finding(suite, finding, "failure", finding.rule.sentence)
    failed = {finding.operation for finding in failing}
    for operation, number in sorted(report.asked.items()):
        if number and operation not in failed:
            case = _add_case(suite, f"mockserver.check.{operation}", "conforms")
            _add_properties(case, {"asked": str(number)})
    for finding in report.accepted:
        sentence = f"accepted by the baseline: {finding.rule.sentence}"
        _add_finding(suite, finding, "skipped", sentence)
    if not report.is_whole:
        case = _add_case(suite, "mockserver.check", "the whole check")
        why = "interrupted: it was not asked to the end"
        _add(case, "error", {"message": why, "type": "interrupted"})
    _add_text(suite, "system-out", _uncounted(report, fails_on))


def _add_finding(suite: Element, finding: Finding, kind: str, message: str) -> None:
    classname = "mockserver.check" + (f".{finding.operation}" if finding.operation else "")
    facts = {"message": message, "type": finding.rule.id}
    _add_text(_add_case(suite, classname, finding.id), kind, _finding_lines(finding), facts)


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


def _add_exercise(suite: Element, report: ExerciseReport) -> None:
    """Warnings that do not fail a case are in its `system-err`. What was not run is an error."""
    facts = {"command": report.subject, "made_by": report.made_by, **report.settings}
    _add_properties(suite, facts)
    for case in report.cases:
        element = _add_case(suite, "mockserver.exercise", case.name, case.seconds)
        facts = {
            "ends": case.ending,
            "expected": case.expected,
            "requests": str(case.requests),
            "good_client": case.does or "",
        }
        _add_properties(element, facts)
        notes = [_client_line(finding) for finding in case.findings if case.has_passed]
        if not case.has_passed:
            _add_failure(element, case)
        _add_text(element, "system-out", [case.stdout])
        _add_text(element, "system-err", [*notes, case.stderr])
    for name in report.not_run:
        element = _add_case(suite, "mockserver.exercise", name)
        why = "interrupted before this incident had ended"
        _add(element, "error", {"message": why, "type": "interrupted"})


def _add_failure(element: Element, case: Case) -> None:
    """Named after the first error, else after the first finding of all."""
    main = next(iter([*errors_of(case), *case.findings]), None)
    tag, facts = "failure", {"message": case.ending, "type": "mockserver"}
    if main is not None:
        ids = ", ".join(dict.fromkeys(finding.rule.id for finding in case.findings))
        tag = "error" if main.rule.id in _ERRORS else "failure"
        facts = {"message": f"{ids}: {main.message}", "type": main.rule.id}
    _add_text(element, tag, _case_lines(case), facts)


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


def _add_case(suite: Element, classname: str, name: str, seconds: float = 0.0) -> Element:
    facts = {"name": name, "classname": classname, "time": f"{seconds:.3f}"}
    return _add(suite, "testcase", facts)


def _add_properties(parent: Element, facts: Mapping[str, str]) -> None:
    element = _add(parent, "properties")
    for name, value in facts.items():
        _add(element, "property", {"name": name, "value": value})


def _add_text(
    parent: Element, tag: str, lines: Iterable[str], facts: Mapping[str, str] = {}
) -> None:
    """An element that holds the lines; none where there is neither a line nor a fact."""
    text = xml_safe("\n".join(lines))
    if text or facts:
        _add(parent, tag, facts).text = text or None


def _add(parent: Element, tag: str, facts: Mapping[str, str] = {}) -> Element:
    safe = {name: xml_safe(value) for name, value in facts.items()}
    return ElementTree.SubElement(parent, tag, safe)
