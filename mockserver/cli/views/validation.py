"""Payloads for `mockserver validate`: documents out of files and pipes, and what came of each."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from mockserver import files
from mockserver.cli.views.output import print_json
from mockserver.cli.views.report import print_text
from mockserver.contract import Violation
from mockserver.contract.validator import of_text
from mockserver.documents import json_text
from mockserver.documents.text import counted
from mockserver.errors import JsonTextError, visible
from mockserver.findings.report import CheckReport
from mockserver.report.json import as_dict

_MAX_BYTES = 100 * 1024 * 1024  # recorded traffic may be large
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class PayloadDocument:
    """`line` is where it begins, None where its file is one document; `fault` why it is no JSON."""

    path: str
    line: int | None
    payload: object
    fault: Violation | None = None

    @property
    def recorded_as(self) -> str | None:
        from mockserver.server_rules.traffic import kind_of

        return None if self.line is not None else kind_of(self.payload)


def read_payloads(path: str, *, as_lines: bool) -> Iterator[PayloadDocument]:
    """The documents of a file, of standard input with `-`; UnreadableFile above 100 MiB."""
    if path == "-":
        name, body = "<stdin>", files.read_standard_input("<stdin>", _MAX_BYTES)
    else:
        name, body = path, files.read_bytes(path, _MAX_BYTES)
    if as_lines or path.endswith((".jsonl", ".ndjson")):
        yield from _lines(name, body)
        return
    try:
        yield PayloadDocument(name, None, json_text.loads(body, path=name))
    except JsonTextError as error:
        # A pipe has no ending that tells: several documents, each on its line, are JSON lines.
        if error.rule == "json:trailing" and error.line > 1 and not path.endswith(".json"):
            yield from _lines(name, body)
        else:
            # Some programs write a HAR with a byte order mark.
            unmarked = _parsed(name, None, body.removeprefix(_BOM))
            is_recorded = unmarked.recorded_as is not None
            yield unmarked if is_recorded else PayloadDocument(name, None, None, of_text(error))


def _lines(name: str, body: bytes) -> Iterator[PayloadDocument]:
    numbered = enumerate(body.split(b"\n"), 1)
    return (_parsed(name, number, line) for number, line in numbered if line.strip())


def _parsed(name: str, line: int | None, body: bytes) -> PayloadDocument:
    try:
        return PayloadDocument(name, line, json_text.loads(body, path=name))
    except JsonTextError as error:
        return PayloadDocument(name, line, None, of_text(error))


@dataclass(frozen=True, slots=True)
class PayloadResult:
    """`operation` is what it was held to; recorded traffic has reports in place, one a server."""

    document: PayloadDocument
    operation: str | None
    violations: list[Violation]
    reports: tuple[CheckReport, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.violations and not any(
            report.at_or_above("error") for report in self.reports
        )

    def as_dict(self) -> dict[str, object]:
        return {
            "file": self.document.path,
            "line": self.document.line or 1,
            "operation": self.operation,
            "valid": self.is_valid,
            "violations": [violation.as_dict() for violation in self.violations],
            "reports": [as_dict(report) for report in self.reports],
        }


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
    for report in result.reports:
        if report.findings or not quiet:
            print_text(report)
        if report.findings:
            click.echo()
    if result.reports or (quiet and not result.violations):
        return
    word, colour = ("invalid", "red") if result.violations else ("valid", "green")
    line = "" if result.document.line is None else f":{result.document.line}"
    about = f" ({result.operation})" if result.operation else ""
    place = visible(f"{result.document.path}{line}")
    click.echo(f"{click.style(word, fg=colour)}{' ' * (9 - len(word))}{place}{about}")
    for violation in result.violations:
        click.echo(f"  {visible(str(violation))}")
