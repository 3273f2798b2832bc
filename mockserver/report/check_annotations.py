"""What a check found as GitHub's workflow commands, which annotate a run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockserver.errors import visible
from mockserver.report import check_words as words
from mockserver.server_rules.finding import Finding, Severity
from mockserver.server_rules.report import Report

__all__ = ["inert", "to_annotations"]

_COMMANDS: dict[Severity, str] = {
    "error": "error",
    "warning": "warning",
    "drift": "notice",
    "info": "notice",
}
_COMMAND = re.compile(r"^(\s*:)(?=:)|(##)(?=\[)", re.MULTILINE)
# As GitHub's own toolkit escapes them; `%` goes first.
_IN_MESSAGE = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTY = (*_IN_MESSAGE, (":", "%3A"), (",", "%2C"))


def to_annotations(report: Report) -> Iterator[str]:
    """`::error title=…::…`, a line for each finding, the gravest first.

    GitHub shows the first ten errors, ten warnings and ten notices of a step.
    """
    for group in words.grouped(report.findings):
        for _, finding in group.findings:
            title = _escaped(visible(finding.id), _IN_PROPERTY)
            message = _escaped("\n".join(_message(finding)), _IN_MESSAGE)
            yield f"::{_COMMANDS[group.severity]} title={title}::{message}"


def inert(text: str) -> str:
    """The text without workflow commands: a space breaks up `::` that begins a line, and `##[`.

    GitHub obeys both in whatever a step prints, also when a server has written it.
    """
    return _COMMAND.sub(lambda match: match[0] + " ", text)


def _message(finding: Finding) -> Iterator[str]:
    yield visible(finding.rule.sentence)
    for name, text in words.facts(finding):
        yield f"{name}: {visible(text)}"


def _escaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for character, escape in escapes:
        text = text.replace(character, escape)
    return text
