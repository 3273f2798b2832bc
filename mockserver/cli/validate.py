"""`mockserver validate`: payloads from files against the schemas."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click

from mockserver import files, jsontext
from mockserver.cli.options import (
    completing,
    counted,
    echo_json,
    edition_option,
    json_option,
    operation_names,
)
from mockserver.contract import Violation, edition, validator
from mockserver.contract.validator import of_text
from mockserver.errors import JsonTextError

_LINES_SUFFIXES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class _Document:
    """One JSON document of a file; `line` is where it begins, `fault` why it is no JSON."""

    path: str
    line: int
    payload: object
    fault: Violation | None = None


@dataclass(frozen=True, slots=True)
class _Result:
    document: _Document
    operation: str | None
    violations: list[Violation]

    @property
    def place(self) -> str:
        line = self.document.line
        return self.document.path if line == 1 else f"{self.document.path}:{line}"

    def as_dict(self) -> dict[str, object]:
        return {
            "file": self.document.path,
            "line": self.document.line,
            "operation": self.operation,
            "valid": not self.violations,
            "violations": [violation.as_dict() for violation in self.violations],
        }


@click.command(
    name="validate",
    epilog="""\b
Examples:
  mockserver validate reply.json
  mockserver validate --operation job_status polls.jsonl
  curl -s localhost:1234/api/v1/models/download/status | mockserver validate -""",
)
@click.argument("paths", metavar="FILE…", nargs=-1, required=True, type=click.Path())
@edition_option()
@click.option(
    "--operation",
    metavar="OPERATION",
    help="What the payload answers, such as job_status. Otherwise its own members tell.",
    shell_complete=completing(operation_names),
)
@click.option(
    "--part",
    type=click.Choice(["response", "request", "path"]),
    default="response",
    show_default=True,
    help="Which documented part of the operation the payload is.",
)
@click.option("--lines", is_flag=True, help="Read JSON lines: one document a line.")
@click.option("-q", "--quiet", is_flag=True, help="Print violations only.")
@json_option
def command(
    paths: tuple[str, ...],
    edition: str,
    operation: str | None,
    part: str,
    lines: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Check JSON payloads against the documented tables.

    FILE holds one JSON document, or one a line when it is called .jsonl or .ndjson; - is standard
    input, of either kind. Every violation is listed with its JSON pointer and the line of the page
    behind it. Exit 0 when all are valid, 1 when one is not, 2 when a file cannot be read.
    """
    if operation is not None:
        validator(operation, edition, part)  # an unknown name is refused before anything is read
    results: list[_Result] = []
    for path in paths:
        for document in _documents(path, lines):
            result = _check(document, operation, edition, part)
            results.append(result)
            if not as_json:
                _print(result, quiet)
    invalid = sum(bool(result.violations) for result in results)
    if as_json:
        documents = [result.as_dict() for result in results]
        counts = {"valid": len(results) - invalid, "invalid": invalid}
        echo_json({"edition": edition, **counts, "documents": documents})
    elif not quiet or not results:
        summary = f"{counted(len(results), 'document')}, {invalid} invalid"
        click.secho(summary, fg="red" if invalid else "green", err=True)
    sys.exit(1 if invalid else 0)


def _documents(path: str, lines: bool) -> Iterator[_Document]:
    name = "<stdin>" if path == "-" else path
    body = sys.stdin.buffer.read() if path == "-" else files.read_bytes(path)
    if lines or path.endswith(_LINES_SUFFIXES):
        yield from _lines(name, body)
        return
    try:
        yield _Document(name, 1, jsontext.loads(body, path=name))
    except JsonTextError as error:
        # A pipe has no ending that tells: several documents, each on its line, are JSON lines.
        if error.rule == "json:trailing" and error.line > 1 and not path.endswith(".json"):
            yield from _lines(name, body)
        else:
            yield _Document(name, 1, None, of_text(error))


def _lines(name: str, body: bytes) -> Iterator[_Document]:
    for number, line in enumerate(body.split(b"\n"), 1):
        if line.strip():
            try:
                yield _Document(name, number, jsontext.loads(line, path=name))
            except JsonTextError as error:
                yield _Document(name, number, None, of_text(error))


def _check(document: _Document, operation: str | None, edition: str, part: str) -> _Result:
    if document.fault is not None:
        return _Result(document, operation, [document.fault])
    name = operation or _guess(document, edition, part)
    return _Result(document, name, validator(name, edition, part).violations(document.payload))


def _guess(document: _Document, edition_name: str, part: str) -> str:
    """The operation that documents most of the payload's members; refused when two could be."""
    scores: dict[str, int] = {}
    payload = document.payload
    for one in edition(edition_name).operations.values():
        if part in one.schemas and isinstance(payload, dict):
            known = one.schemas[part].get("properties", {})
            # A tie in what is known goes to the operation whose rules the payload keeps.
            fits = validator(one.id, edition_name, part).is_valid(payload)
            scores[one.id] = 2 * sum(member in known for member in payload) + fits
    best = [name for name, score in scores.items() if score == max(scores.values()) and score > 1]
    if len(best) == 1:
        return best[0]
    operations = [
        one.id for one in edition(edition_name).operations.values() if part in one.schemas
    ]
    if not operations:
        raise click.UsageError(f"no operation of edition {edition_name} documents a {part}")
    reason = f"could be {' or '.join(best)}" if best else "fits no operation's members"
    raise click.UsageError(
        f"{document.path}:{document.line}: {reason}; say --operation {'|'.join(best or operations)}"
    )


def _print(result: _Result, quiet: bool) -> None:
    if not result.violations and not quiet:
        click.echo(f"{click.style('valid', fg='green')}    {result.place} ({result.operation})")
    elif result.violations:
        about = f" ({result.operation})" if result.operation else ""
        click.echo(f"{click.style('invalid', fg='red')}  {result.place}{about}")
        for violation in result.violations:
            click.echo(f"  {violation}")
