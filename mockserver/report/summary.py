"""What reports say in the same words: of a check facts, counts, moments; of an exercise causes."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from mockserver.client_rules.verdict import request_numbers as request_numbers
from mockserver.documents import rfc3339
from mockserver.documents.text import counted, duration
from mockserver.errors import visible
from mockserver.findings.finding import PROVENANCES, SEVERITIES, Finding, Fingerprint, Severity
from mockserver.findings.report import Case, CheckReport, ExerciseReport

MEANINGS: dict[Severity, str] = {
    "error": "promises that the server breaks",
    "warning": "what clients trip over",
    "drift": "what the pages do not know, or not yet",
    "info": "worth knowing",
}
_SHOWN_NAMES = 6


class Group(NamedTuple):
    """Findings of one severity, each with its number in the report, from 1."""

    severity: Severity
    findings: tuple[tuple[int, Finding], ...]

    @property
    def amount(self) -> str:
        """`2 errors`, `1 drift`, `3 info`."""
        number, noun = len(self.findings), self.severity
        return f"{number:,} info" if noun == "info" else counted(number, noun)


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """The findings by severity, the gravest first; they are numbered in this order."""
    ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    runs = groupby(enumerate(ordered, 1), lambda numbered: numbered[1].severity)
    return [Group(severity, tuple(run)) for severity, run in runs]


def has_passed(report: CheckReport, fails_on: Severity) -> bool:
    """Whether it ran to its end and found nothing this grave."""
    return report.is_whole and not report.at_or_above(fails_on)


def headline(report: CheckReport) -> str:
    """`2 errors, 1 warning`, or that there is nothing to say."""
    if report.findings:
        return ", ".join(group.amount for group in grouped(report.findings))
    if not any(report.asked.values()):
        return "nothing was asked"
    known = "nothing new found" if report.accepted else "nothing found"
    return known if report.is_whole else f"{known} so far"


def asked_in_words(report: CheckReport) -> str:
    """`34 requests (job_status 30, list_status 4)`."""
    parts = [f"{name} {number:,}" for name, number in sorted(report.asked.items()) if number]
    requests = counted(sum(report.asked.values()), "request")
    return f"{requests} ({', '.join(parts)})" if parts else requests


def took(report: CheckReport) -> str:
    """`in 2.1 s`."""
    seconds = round(report.seconds, 1 if report.seconds >= 1 else 3)
    return f"in {duration(round(seconds * 1000))}"


def facts(finding: Finding) -> Iterator[tuple[str, str]]:
    """Names and texts, in the order in which they are read; what is not known is left out."""
    rule = finding.rule
    rows = (
        ("where", _place(finding)),
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


def _place(finding: Finding) -> str:
    """`job_status /error/type of job_0123456789`."""
    about = finding.job_id and f"of {finding.job_id}"
    return " ".join(filter(None, (finding.operation or "any request", finding.pointer, about)))


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
    line = "" if finding.line is None else f":{finding.line}"
    page = f", {finding.page}{line}" if finding.page else ""
    return PROVENANCES[finding.rule.provenance] + page


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


def errors_of(case: Case) -> tuple[Finding, ...]:
    return tuple(finding for finding in case.findings if finding.severity == "error")


def shared_causes(cases: Sequence[Case]) -> Iterator[tuple[str, str, list[str]]]:
    """Rule, cause and incidents of what is likely to be one mistake, the most frequent first."""
    names: dict[tuple[str, str], dict[str, None]] = {}
    for case in cases:
        for finding in errors_of(case) or case.findings:
            names.setdefault((finding.rule.id, finding.cause), {})[case.name] = None
    for (rule, cause), seen in sorted(names.items(), key=lambda pair: -len(pair[1])):
        if len(seen) > 1:
            yield rule, cause, list(seen)


def failures(report: ExerciseReport) -> str:
    """How many failed; of one that was interrupted, how many ran at all, and which did not."""
    ran, failed = len(report.cases), len(report.failed)
    if report.is_whole:
        incidents = counted(ran, "incident")
        return f"{failed} of {incidents} failed" if failed else f"{incidents}, all as expected"
    total = counted(ran + len(report.not_run), "incident")
    if ran == 1:
        ended = f"1 of {total} ran to its end, and {'failed' if failed else 'did not fail'}"
    else:
        ended = f"{ran or 'none'} of {total} ran to their end"
        ended += f", and {failed or 'none'} of them failed" if ran else ""
    names = ", ".join(map(visible, report.not_run[:_SHOWN_NAMES]))
    more = len(report.not_run) - _SHOWN_NAMES
    return f"interrupted: {ended}; not run: {names}" + (f" and {more} more" if more > 0 else "")
