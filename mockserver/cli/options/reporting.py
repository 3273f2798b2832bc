"""What is told of what was found, in which formats, and when that is a failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from mockserver.cli.options import values
from mockserver.cli.options.common import json_option
from mockserver.cli.options.groups import option
from mockserver.findings.rule import SEVERITIES, Severity
from mockserver.report.formats import FORMATS, inert

_PRINTED = [known for known in FORMATS.values() if known.suffix is None]
_WRITTEN = [known.help for known in FORMATS.values() if known.suffix is not None]


def report_option(what: str = "Write a report") -> Any:
    suffixes = f"{', '.join(_WRITTEN[:-1])} or {_WRITTEN[-1]}"
    return option(
        "--report FILE",
        f"{what}; {suffixes} says which. May be repeated.",
        values.report_file,
        multiple=True,
    )


@dataclass(frozen=True, slots=True)
class ReportOptions:
    fail_on: Severity = option(
        "--fail-on",
        "The least grave finding that makes the exit code 1.",
        click.Choice(SEVERITIES),
        default="error",
    )
    reports: tuple[str, ...] = report_option()


@dataclass(frozen=True, slots=True)
class PrintingOptions:
    format_: str = option(
        "--format",
        f"What to print: {', or '.join(known.help for known in _PRINTED)}.",
        click.Choice([known.name for known in _PRINTED]),
        default=_PRINTED[0].name,
    )
    as_json: bool = json_option()

    def __post_init__(self) -> None:
        if self.as_json and self.format_ != _PRINTED[0].name:
            raise click.UsageError(f"--json and --format {self.format_} cannot both be printed")

    def cleaned(self, line: str) -> str:
        """A line of progress or an error as it may be printed: GitHub obeys commands in any."""
        return inert(line) if self.format_ == "github" else line
