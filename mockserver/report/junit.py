"""Reports as JUnit XML, as CI servers read it: one suite, its test cases, what came of each.

Of a check, findings that count fail, those that are accepted are skipped, and an operation that was
asked, and of which nothing that counts was found, is a case that passes. Of an exercise each
incident is a case.
"""

from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mockserver.findings.finding import Finding, Severity
from mockserver.findings.report import Case, CheckReport, ExerciseReport
from mockserver.report import summary
from mockserver.report.formats import AnyReport, xml_safe

_ERRORS = ("crash", "hang", "unfinished")
"""Findings that JUnit calls an error: the command did not come to an end of its own."""


def render(report: AnyReport, fails_on: Severity = "error") -> str:
    """The text of the file; what XML cannot hold is replaced."""
    root = Element("testsuites")
    suite = SubElement(root, "testsuite")
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
    suite.set("timestamp", report.began_at)
    ElementTree.indent(root)
    text = xml_safe(ElementTree.tostring(root, "unicode"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _add_check(suite: Element, report: CheckReport, fails_on: Severity) -> None:
    facts = {
        "subject": report.subject,
        "edition": report.edition,
        "edition_because": report.edition_because,
        "asked": summary.asked_in_words(report),
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
        _add_interruption(case, "interrupted: it was not asked to the end")
    # What fails no case.
    lesser = [finding for finding in report.findings if finding not in failing]
    lines = [line for finding in lesser for line in _finding_lines(finding)]
    stale = map(summary.fingerprint_in_words, report.stale)
    lines += [f"no longer seen: {fingerprint}" for fingerprint in stale]
    _add_text(suite, "system-out", [*lines, *(f"note: {note}" for note in report.notes)])


def _add_finding(suite: Element, finding: Finding, kind: str, message: str) -> None:
    classname = "mockserver.check" + (f".{finding.operation}" if finding.operation else "")
    facts = {"message": message, "type": finding.rule.id}
    _add_text(_add_case(suite, classname, finding.id), kind, _finding_lines(finding), facts)


def _finding_lines(finding: Finding) -> Iterator[str]:
    yield f"{finding.severity}: {finding.id}: {finding.rule.sentence}"
    for name, text in summary.facts(finding):
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
        _add_interruption(element, "interrupted before this incident had ended")


def _add_failure(element: Element, case: Case) -> None:
    """Named after the first error, else after the first finding of all."""
    main = next(iter([*summary.errors_of(case), *case.findings]), None)
    tag, facts = "failure", {"message": case.ending, "type": "mockserver"}
    if main is not None:
        ids = ", ".join(dict.fromkeys(finding.rule.id for finding in case.findings))
        tag = "error" if main.rule.id in _ERRORS else "failure"
        facts = {"message": f"{ids}: {main.message}", "type": main.rule.id}
    lines = [
        line
        for finding in case.findings
        for line in (_client_line(finding), f"    {finding.advice}")
    ]
    lines += [f"good client: {case.does}"] if case.does else []
    lines += ["", "requests:", case.timeline] if case.timeline else []
    _add_text(element, tag, lines, facts)


def _client_line(finding: Finding) -> str:
    return f"{finding.severity}: {finding.rule.id}: {finding.message}"


def _add_case(suite: Element, classname: str, name: str, seconds: float = 0.0) -> Element:
    facts = {"name": name, "classname": classname, "time": f"{seconds:.3f}"}
    return SubElement(suite, "testcase", facts)


def _add_interruption(case: Element, message: str) -> None:
    SubElement(case, "error", {"message": message, "type": "interrupted"})


def _add_properties(parent: Element, facts: Mapping[str, str]) -> None:
    element = SubElement(parent, "properties")
    for name, value in facts.items():
        SubElement(element, "property", {"name": name, "value": value})


def _add_text(
    parent: Element, tag: str, lines: Iterable[str], facts: Mapping[str, str] = {}
) -> None:
    """An element that holds the lines; none where there is neither a line nor a fact."""
    text = "\n".join(lines)
    if text or facts:
        SubElement(parent, tag, dict(facts)).text = text or None
