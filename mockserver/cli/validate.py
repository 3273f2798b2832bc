"""`mockserver validate`: payloads and recorded traffic from files against the schemas."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import click

from mockserver.cli.options import common
from mockserver.cli.options.groups import click_command, is_given, option
from mockserver.cli.views import validation
from mockserver.cli.views.validation import PayloadDocument, PayloadResult
from mockserver.contract import CompiledOperation, Validator, Violation, validator
from mockserver.contract import edition as load_edition
from mockserver.contract.json_data import shown
from mockserver.errors import UnreadableFile, visible

_Check: TypeAlias = Callable[[PayloadDocument], PayloadResult]
_TELLS_BY_ITSELF = "whose requests tell the operation; leave out --operation, --part and --schema"
_UNRECOGNISED = "unrecognised"  # the rule of a document that could be held to no operation


@dataclass(frozen=True, slots=True)
class _SchemaOptions:
    edition: str = common.edition_option()
    operation: str | None = option(
        "--operation OPERATION",
        "What the payload answers, such as job_status. Otherwise its own members tell.",
        shell_complete=common.operation_names,
    )
    part: str = common.part_option("Which documented part of the operation the payload is.")
    schema_path: str | None = option(
        "--schema FILE",
        "Hold to this schema instead: one that `schemas build` made of a page of yours.",
    )

    def __post_init__(self) -> None:
        if self.schema_path is not None and self.given:
            raise click.UsageError(f"--schema says it all; leave out --{self.given[0]}")

    @property
    def given(self) -> list[str]:
        """Which options that say what to hold to were given, and are no defaults."""
        return list(filter(is_given, ("operation", "edition", "part")))

    def check(self) -> _Check:
        if self.schema_path is not None:
            return _against_schema(self.schema_path)
        if self.operation is not None:
            found = validator(self.operation, self.edition, self.part)
            return partial(_checked, found, self.operation)
        return _by_members(self.edition, self.part)


@click_command("validate")
def command(
    schema: _SchemaOptions,
    paths: tuple[str, ...] = common.files_argument("FILE..."),
    lines: bool = option("--lines", "Read JSON lines: one document a line."),
    quiet: bool = option("-q --quiet", "Print violations only."),
    as_json: bool = common.json_option(),
) -> None:
    """Check JSON payloads, or recorded traffic, against the documented tables.

    FILE holds one JSON document, or one a line when it is called .jsonl or .ndjson; - is standard
    input, of either kind. Every violation is listed with its JSON pointer and the line of the page
    behind it.

    FILE may also be a HAR, as browsers and proxies export it, or the mock's own journal. Every
    exchange that asks for an operation of the edition is then checked as `mockserver check` does
    it, by itself and over time; credentials in it are not shown.

    Exit 0 when all are valid, 1 when one is not, 2 when a file cannot be read. Text that is no JSON
    is invalid, and so is traffic with an error, or with nothing in it that could be checked.

    Examples:
      mockserver validate reply.json
      mockserver validate --operation job_status polls.jsonl
      curl -s localhost:1234/api/v1/models/download/status | mockserver validate -
      mockserver validate --schema out/job_status.response.schema.json reply.json
      mockserver validate --edition 2026-01 devtools.har
      curl -s localhost:1234/_mock/journal | mockserver validate -
    """
    check = schema.check()
    results: list[PayloadResult] = []
    read = partial(validation.read_payloads, as_lines=lines)
    for document in (found for path in paths for found in read(path)):
        if document.recorded_as is None:
            results.append(check(document))
        elif schema.schema_path is None and set(schema.given) <= {"edition"}:
            results.append(_traffic(document, schema.edition, is_given=bool(schema.given)))
        else:
            kind = f"{visible(document.path)} is a {document.recorded_as}"
            raise click.UsageError(f"{kind}, {_TELLS_BY_ITSELF}")
        if not as_json:
            validation.print_result(results[-1], quiet=quiet)
    held_to = None if schema.schema_path else schema.edition
    are_valid = validation.print_summary(results, held_to, quiet=quiet, as_json=as_json)
    sys.exit(0 if are_valid else 1)


def _traffic(document: PayloadDocument, edition: str, *, is_given: bool) -> PayloadResult:
    """Recorded traffic; a violation when nothing in it could be checked."""
    from mockserver.server_rules.traffic import inspect

    because = "as asked for" if is_given else "the default; --edition names another"
    found = inspect(document.payload, document.path, edition, because)
    if found.reports:
        return PayloadResult(document, None, [], found.reports)
    operations = " or ".join(load_edition(edition).operations)
    reason = "; ".join(found.notes) or "no requests"
    unchecked = Violation(_UNRECOGNISED, "", f"replies to {operations} (edition {edition})", reason)
    return PayloadResult(document, None, [unchecked])


def _against_schema(path: str) -> _Check:
    schema = common.schema_file(path)
    try:
        validator_ = Validator(schema)
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise UnreadableFile(path, f"not a JSON Schema (2020-12): {reason}") from error
    return partial(_checked, validator_, schema["x-operation"]["id"])


def _checked(against: Validator, operation: str, document: PayloadDocument) -> PayloadResult:
    found = [document.fault] if document.fault else against.violations(document.payload)
    return PayloadResult(document, operation, found)


def _by_members(edition_name: str, part: str) -> _Check:
    """Each document against the operation that documents most of its members."""
    operations = load_edition(edition_name).operations.values()
    found = [operation for operation in operations if part in operation.schemas]
    if not found:
        raise click.UsageError(f"no operation of edition {edition_name} documents a {part}")

    def check(document: PayloadDocument) -> PayloadResult:
        if document.fault is not None:
            return PayloadResult(document, None, [document.fault])
        best = _closest(document.payload, found, edition_name, part)
        if len(best) == 1:
            return _checked(validator(best[0], edition_name, part), best[0], document)
        expected = "the members of " + " or ".join(best or [operation.id for operation in found])
        expected += " (say which with --operation)" if best else ""
        members = ", ".join(document.payload) if isinstance(document.payload, dict) else ""
        seen = f"an object with {visible(members[:60])}" if members else shown(document.payload)
        return PayloadResult(document, None, [Violation(_UNRECOGNISED, "", expected, seen)])

    return check


def _closest(payload: object, found: list[CompiledOperation], edition: str, part: str) -> list[str]:
    """The operations that know most of the payload's members; several when nothing decides."""
    scores: dict[str, int] = {}
    for operation in found:
        known = operation.schemas[part].get("properties", {})
        members = sum(member in known for member in payload) if isinstance(payload, dict) else 0
        # A tie in what is known goes to the operation whose rules the payload keeps.
        fits = validator(operation.id, edition, part).is_valid(payload)
        scores[operation.id] = 2 * members + fits if members else 0
    return [name for name, score in scores.items() if score == max(scores.values()) and score]
