"""What a check found, as lines for a terminal; whoever prints them gives each style its colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from mockserver.report import check_words as words
from mockserver.server_rules.finding import Finding, Severity
from mockserver.server_rules.report import Report
from mockserver.timeline.words import plain, wrapped

__all__ = ["Line", "Piece", "Style", "to_lines"]

Style: TypeAlias = Severity | Literal["plain", "strong", "dim", "good"]

_INDENT = "    "
_NAME = 10
_LEAST_WIDTH = 40
_OF_RULE = ("why", "advice", "more")
_COMMANDS = ("again", "more")
"""A command that is broken into lines cannot be copied."""


class Piece(NamedTuple):
    """Printable text without line ends, and how it is meant."""

    text: str
    style: Style = "plain"


Line: TypeAlias = tuple[Piece, ...]


def to_lines(report: Report, *, width: int = 100, fails_on: Severity = "error") -> Iterator[Line]:
    """The findings by severity, what else there is to know, and a summary at the end.

    What there is to say of a rule is said at its first finding. Lines are at most `width` columns,
    or 40 where that is less; only a command to copy may be longer. When there is nothing to say,
    the summary is all.
    """
    width = max(width, _LEAST_WIDTH)
    if report.findings:
        yield from _header(report, width)
    told: set[str] = set()
    for group in words.grouped(report.findings):
        yield ()
        yield from _wrapped(group.title, width, "", group.severity)
        for _, finding in group.findings:
            yield from _finding(finding, width, is_first=finding.rule.id not in told)
            told.add(finding.rule.id)
    for lines in (list(_asides(report, width)), _summary(report, width, fails_on)):
        if report.findings and lines:
            yield ()
        yield from lines


def _header(report: Report, width: int) -> Iterator[Line]:
    title = f"{plain(report.subject)}, held to edition {plain(report.edition)}"
    yield from _wrapped(title, width, "", "strong")
    yield from _wrapped(report.edition_because, width, "  ", "dim")


def _finding(finding: Finding, width: int, *, is_first: bool) -> Iterator[Line]:
    yield from _wrapped(finding.id, width, "  ", finding.rule.severity)
    yield from _wrapped(finding.rule.sentence, width, _INDENT)
    for name, text in words.facts(finding):
        if name in _OF_RULE and not is_first:
            continue
        label = Piece(f"{_INDENT}{name:<{_NAME}}", "dim")
        room = width - len(label.text)
        lines = [plain(text)] if name in _COMMANDS else wrapped(plain(text), room)
        for line in lines:
            yield (label, Piece(line))
            label = Piece(" " * len(label.text))


def _asides(report: Report, width: int) -> Iterator[Line]:
    """What the baseline takes care of, and the notes."""
    if report.accepted:
        known = words.counted(len(report.accepted), "finding")
        yield from _wrapped(f"accepted by the baseline: {known}", width, "", "dim")
        for finding in report.accepted:
            text = words.fingerprint_in_words(finding.fingerprint)
            yield from _wrapped(f"{text} ({finding.rule.severity})", width, "  ", "dim")
    if report.stale:
        gone = words.counted(len(report.stale), "entry")
        yield from _wrapped(f"no longer seen: {gone} of the baseline", width, "", "warning")
        for fingerprint in report.stale:
            yield from _wrapped(words.fingerprint_in_words(fingerprint), width, "  ", "dim")
    for note in report.notes:
        yield from _wrapped(f"note: {note}", width, "", "dim")


def _summary(report: Report, width: int, fails_on: Severity) -> Iterator[Line]:
    asked = f"{words.asked_in_words(report)} {words.took(report)}"
    text = f"{words.headline(report)}; {asked}"
    if not report.findings:
        text = f"{report.subject}, held to edition {report.edition}: {text}"
    if not report.is_whole:
        text += "; interrupted"
    style: Style = "good"
    if report.at_or_above(fails_on):
        style = "error"
    elif report.findings or not (report.is_whole and report.tracks and any(report.asked.values())):
        style = "warning"
    yield from _wrapped(text, width, "", style)


def _wrapped(text: str, width: int, indent: str, style: Style = "plain") -> Iterator[Line]:
    for line in wrapped(plain(text), width - len(indent)):
        if line:
            yield (Piece(indent), Piece(line, style)) if indent else (Piece(line, style),)
