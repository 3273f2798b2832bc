"""What `mockserver validate` prints: what came of each document, and how many are valid."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from mockserver.cli.options.payloads import PayloadDocument
from mockserver.cli.views.output import print_json
from mockserver.cli.views.report import print_text
from mockserver.contract import Violation
from mockserver.documents.text import counted
from mockserver.errors import visible

if TYPE_CHECKING:
    from mockserver.findings.report import CheckReport


@dataclass(frozen=True, slots=True)
class PayloadResult:
    """What came of a document; `operation` is what it was held to, None of recorded traffic."""

    document: PayloadDocument
    operation: str | None
    violations: list[Violation]
    reports: tuple[CheckReport, ...] = ()
    """Of recorded traffic: one for each server."""

    @property
    def is_valid(self) -> bool:
        return not self.violations and not any(
            report.at_or_above("error") for report in self.reports
        )

    @property
    def place(self) -> str:
        line = self.document.line
        return self.document.path if line is None else f"{self.document.path}:{line}"

    def as_dict(self) -> dict[str, object]:
        from mockserver.report.json import as_dict

        facts = {
            "file": self.document.path,
            "line": self.document.line or 1,
            "operation": self.operation,
            "valid": self.is_valid,
            "violations": [violation.as_dict() for violation in self.violations],
        }
        return {**facts, "reports": [as_dict(report) for report in self.reports]}


def print_summary(
    results: Sequence[PayloadResult], edition: str | None, *, quiet: bool, as_json: bool
) -> bool:
    """How many are valid, as JSON also what came of each. Gives whether all are."""
    invalid = sum(not result.is_valid for result in results)
    if as_json:
        documents = [result.as_dict() for result in results]
        counts = {"valid": len(results) - invalid, "invalid": invalid}
        print_json({"edition": edition, **counts, "documents": documents})
    elif not quiet or not results:
        sys.stdout.flush()
        summary = f"{counted(len(results), 'document')}, {invalid} invalid"
        click.secho(summary, fg="red" if invalid else "green", err=True)
    return not invalid


def print_result(result: PayloadResult, *, quiet: bool) -> None:
    if result.reports:
        _print_reports(result.reports, quiet=quiet)
        return
    if not result.violations:
        if not quiet:
            word = click.style("valid", fg="green")
            click.echo(f"{word}    {visible(result.place)} ({result.operation})")
        return
    about = f" ({result.operation})" if result.operation else ""
    click.echo(f"{click.style('invalid', fg='red')}  {visible(result.place)}{about}")
    for violation in result.violations:
        click.echo(f"  {visible(str(violation))}")


def _print_reports(reports: tuple[CheckReport, ...], *, quiet: bool) -> None:
    for report in reports:
        if report.findings or not quiet:
            print_text(report)
        if report.findings:
            click.echo()
