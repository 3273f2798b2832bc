"""How reports are written: a module for each format, which renders a check's and an exercise's;
and text of clients and servers, as each kind of document can hold it.

The command line reads what it offers from here: a format with a suffix is written to files by
`--report`, one without is printed by `--format`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import TypeAlias

from mockserver.findings.finding import Severity
from mockserver.findings.report import CheckReport, ExerciseReport

AnyReport: TypeAlias = CheckReport | ExerciseReport

# What a program printed that is no UTF-8 comes as lone surrogates; JSON and HTML are UTF-8.
_SURROGATES = re.compile("[\ud800-\udfff]")
# XML has no form for these, not even an escaped one.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORKFLOW_COMMAND = re.compile(r"^(\s*:)(?=:)|(##)(?=\[)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """`mockserver.report.<name>` has its `render`; `help` says what one gets by it."""

    name: str
    help: str
    suffix: str | None = None

    def render(self, report: AnyReport, fails_on: Severity = "error") -> str:
        """The whole text. `fails_on` is the least grave finding that fails a check."""
        # When it is needed, as one of them needs a template engine.
        text: str = import_module(f"mockserver.report.{self.name}").render(report, fails_on)
        return text


FORMATS: Mapping[str, ReportFormat] = {
    known.name: known
    for known in (
        ReportFormat("text", "text"),
        ReportFormat("github", "besides it annotations for a GitHub workflow"),
        ReportFormat("json", ".json", ".json"),
        ReportFormat("junit", ".xml (JUnit)", ".xml"),
        ReportFormat("html", ".html", ".html"),
    )
}


def format_of(path: str) -> ReportFormat | None:
    """The format in which a file of this name is written; None where its suffix tells none."""
    suffix = PurePath(path).suffix.lower()
    return next((known for known in FORMATS.values() if suffix and known.suffix == suffix), None)


def utf8_safe(text: str) -> str:
    """The text with U+FFFD in place of what UTF-8 cannot write."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def xml_safe(text: str) -> str:
    """The text with U+FFFD in place of what neither XML nor HTML can hold."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def inert(text: str) -> str:
    """The text without workflow commands: a space breaks up `::` that begins a line, and `##[`.

    GitHub obeys both in whatever a step prints, also when a server has written it.
    """
    return _WORKFLOW_COMMAND.sub(lambda match: match[0] + " ", text)


def workflow_message(text: str) -> str:
    """A workflow command's message, escaped as GitHub's own toolkit does it; `%` goes first."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property's value, which may hold neither the end of its list nor the next one."""
    return workflow_message(text).replace(":", "%3A").replace(",", "%2C")
