"""What a check found as JUnit XML: findings that count fail, those that are accepted are skipped.

An operation that was asked, and of which nothing that counts was found, is a case that passes.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.report import check_words as words
from mockserver.report import junit
from mockserver.server_rules.finding import Finding, Severity
from mockserver.server_rules.report import Report

__all__ = ["to_junit"]

_SUITE = "mockserver check"


def to_junit(report: Report, fails_on: Severity = "error") -> str:
    """Findings that do not count are in the suite's `system-out`, and so are the notes."""
    failing = report.at_or_above(fails_on)
    cases = [_case(one, _result(one, "failure")) for one in failing]
    cases += _passed(report, failing)
    cases += [_case(one, _result(one, "skipped")) for one in report.accepted]
    if not report.is_whole:
        message = "interrupted: it was not asked to the end"
        result = junit.Result("error", "interrupted", message)
        cases.append(junit.Case("mockserver.check", "the whole check", result=result))
    facts = {
        "subject": report.subject,
        "edition": report.edition,
        "edition_because": report.edition_because,
        "asked": words.asked_in_words(report),
        "fails_on": fails_on,
        "made_by": report.made_by,
    }
    printed = "\n".join(_asides(report, failing))
    return junit.to_xml(junit.Suite(_SUITE, cases, report.seconds, report.began_at, facts, printed))


def _passed(report: Report, failing: tuple[Finding, ...]) -> Iterator[junit.Case]:
    failed = {one.operation for one in failing}
    for operation, number in sorted(report.asked.items()):
        if number and operation not in failed:
            yield junit.Case(_classname(operation), "conforms", properties={"asked": str(number)})


def _case(finding: Finding, result: junit.Result) -> junit.Case:
    return junit.Case(_classname(finding.operation), finding.id, result=result)


def _result(finding: Finding, kind: junit.Kind) -> junit.Result:
    message = finding.rule.sentence
    if kind == "skipped":
        message = f"accepted by the baseline: {message}"
    return junit.Result(kind, finding.rule.id, message, "\n".join(_lines(finding)))


def _classname(operation: str | None) -> str:
    return f"mockserver.check.{operation}" if operation else "mockserver.check"


def _asides(report: Report, failing: tuple[Finding, ...]) -> Iterator[str]:
    for finding in report.findings:
        if finding not in failing:
            yield from _lines(finding)
    for fingerprint in report.stale:
        yield f"no longer seen: {words.fingerprint_in_words(fingerprint)}"
    for note in report.notes:
        yield f"note: {note}"


def _lines(finding: Finding) -> Iterator[str]:
    yield f"{finding.rule.severity}: {finding.id}: {finding.rule.sentence}"
    for name, text in words.facts(finding):
        yield f"    {name}: {text}"
