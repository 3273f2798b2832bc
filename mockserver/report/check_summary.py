"""What every report of a check says in the same words: facts of a finding, counts, moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from mockserver.documents import rfc3339
from mockserver.documents.text import counted, duration
from mockserver.findings.finding import Finding, Fingerprint
from mockserver.findings.report import CheckReport
from mockserver.findings.rule import PROVENANCES, SEVERITIES, Severity

MEANINGS: dict[Severity, str] = {
    "error": "promises that the server breaks",
    "warning": "what clients trip over",
    "drift": "what the pages do not know, or not yet",
    "info": "worth knowing",
}


class Group(NamedTuple):
    """Findings of one severity, each with its number in the report, from 1."""

    severity: Severity
    findings: tuple[tuple[int, Finding], ...]

    @property
    def title(self) -> str:
        """`2 errors: promises that the server breaks`."""
        number, noun = len(self.findings), self.severity
        amount = f"{number:,} info" if noun == "info" else counted(number, noun)
        return f"{amount}: {MEANINGS[noun]}"


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """The findings by severity, the gravest first; they are numbered in this order."""
    ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.rule.severity))
    runs = groupby(enumerate(ordered, 1), lambda numbered: numbered[1].severity)
    return [Group(severity, tuple(run)) for severity, run in runs]


def has_passed(report: CheckReport, fails_on: Severity) -> bool:
    """Whether it ran to its end and found nothing this grave."""
    return report.is_whole and not report.at_or_above(fails_on)


def headline(report: CheckReport) -> str:
    """`2 errors, 1 warning`, or that there is nothing to say."""
    if report.findings:
        return tally(report.findings)
    if not any(report.asked.values()):
        return "nothing was asked"
    known = "nothing new found" if report.accepted else "nothing found"
    return known if report.is_whole else f"{known} so far"


def conclusion(report: CheckReport) -> str:
    """The headline with what was asked, and of whom where nothing else says that."""
    text = f"{headline(report)}; {asked_in_words(report)} {took(report)}"
    if not report.findings:
        text = f"{report.subject}, held to edition {report.edition}: {text}"
    return text if report.is_whole else f"{text}; interrupted"


def tally(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 drift`."""
    return ", ".join(group.title.partition(":")[0] for group in grouped(findings))


def asked_in_words(report: CheckReport) -> str:
    """`34 requests (job_status 30, list_status 4)`."""
    total = sum(report.asked.values())
    parts = [f"{name} {number:,}" for name, number in sorted(report.asked.items()) if number]
    return counted(total, "request") + (f" ({', '.join(parts)})" if parts else "")


def took(report: CheckReport) -> str:
    """`in 2.1 s`."""
    seconds = round(report.seconds, 1 if report.seconds >= 1 else 3)
    return f"in {duration(round(seconds * 1000))}"


def facts(finding: Finding) -> Iterator[tuple[str, str]]:
    """Names and texts, in the order in which they are read; what is not known is left out."""
    rule = finding.rule
    rows = (
        ("where", place_in_words(finding)),
        ("expected", finding.expected),
        ("found", finding.found),
        ("seen", _seen(finding)),
        ("basis", _basis(finding)),
        ("why", rule.why),
        ("advice", rule.advice),
        ("again", finding.curl),
        ("more", f"mockserver explain {rule.id}"),
    )
    return ((name, text) for name, text in rows if text)


def place_in_words(finding: Finding) -> str:
    """`job_status /error/type of job_0123456789`."""
    what = finding.operation or "any request"
    about = f" of {finding.job_id}" if finding.job_id else ""
    return what + (f" {finding.pointer}" if finding.pointer else "") + about


def fingerprint_in_words(fingerprint: Fingerprint) -> str:
    """`job_status required:/job_id`."""
    operation, rule, place = fingerprint
    return " ".join(filter(None, (operation, f"{rule}:{place}" if place else rule)))


def moment(at_ms: int) -> str:
    """`2025-10-03T15:33:23.496Z`."""
    try:
        return rfc3339.from_milliseconds(at_ms)
    except ValueError:
        return f"{at_ms} ms since 1970"


def _seen(finding: Finding) -> str:
    first, last = (
        f"in request {seen.number:,} at {moment(seen.at_ms)}"
        for seen in (finding.first, finding.last)
    )
    if finding.count == 1:
        return f"once, {first}"
    which = first if finding.first.number == finding.last.number else f"first {first}, last {last}"
    return f"{counted(finding.count, 'time')}, {which}"


def _basis(finding: Finding) -> str:
    words = PROVENANCES[finding.rule.provenance]
    if not finding.page:
        return words
    return f"{words}, {finding.page}" + (f":{finding.line}" if finding.line is not None else "")
