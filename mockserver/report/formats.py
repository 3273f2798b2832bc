"""How reports are written: a module for each format, which renders a check's and an exercise's.

The command line reads what it offers from here: a format with a suffix is written to files by
`--report`, one without is printed by `--format`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import TypeAlias

from mockserver.findings.report import CheckReport, ExerciseReport
from mockserver.findings.rule import Severity

AnyReport: TypeAlias = CheckReport | ExerciseReport


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """`mockserver.report.<name>` has its `render`; `help` says what one gets by it."""

    name: str
    help: str
    suffix: str | None = None

    def render(self, report: AnyReport, fails_on: Severity = "error") -> str:
        """The whole text. `fails_on` is the least grave finding that fails a check.

        The module is imported when it is needed, as one of them needs a template engine.
        """
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
