"""Pages against themselves and each other: what an author should mend, or at least know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from mockserver.contract.validator import Validator, of_text
from mockserver.documents import json_text
from mockserver.documents.source import Source
from mockserver.errors import JsonTextError, PageError, nearest
from mockserver.findings.finding import Finding
from mockserver.findings.rule import Check, Rule
from mockserver.pages import compiler, condition_schema, curl, operation, page
from mockserver.pages.diff import differences
from mockserver.pages.examples import Example
from mockserver.pages.operation import PageOperation
from mockserver.pages.table import Row

_SHELLS = ("bash", "sh", "zsh", "shell", "console", "curl")

_Found: TypeAlias = Iterator[tuple[int, str]]
"""What a check gives of an operation: lines of its page, each with what is wrong there."""


def lint(sources: Iterable[Source]) -> list[Finding]:
    """Findings by page and line. PageError or YamlError when a page cannot be read at all."""
    findings: list[Finding] = []
    earlier: dict[str, PageOperation] = {}
    for source in sources:
        page_ = page.read(source)
        found = [
            (LINT_RULES["unknown-box"], box.line, f"{box.word!r} is no box that we know")
            for box in page_.unknown_boxes
        ]
        for described in operation.read(page_):
            first = earlier.setdefault(described.id, described)
            for rule in LINT_RULES.values():
                if rule.check is not None:
                    found += [(rule, *place) for place in rule.check(described, first)]
        found.sort(key=lambda place: place[1])
        findings += [
            Finding(rule, message, page=source.path, line=line) for rule, line, message in found
        ]
    return findings


# Each check is handed an operation, and the first that was described of its id, maybe itself.


def _missing_table(described: PageOperation, _: PageOperation) -> _Found:
    if not described.parts:
        yield described.line, f"{described.method} {described.path} has no lms_params table"


def _duplicate_rows(described: PageOperation, _: PageOperation) -> _Found:
    for part in described.parts.values():
        for row, first in _duplicates(part.rows):
            yield row.line, f"{row.name!r} stands in line {first.line} already"


def _duplicates(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    first: dict[str, Row] = {}
    for row in rows:
        if row.name in first and not row.alternative:
            yield row, first[row.name]
        first.setdefault(row.name, row)
        yield from _duplicates(row.children)


def _unenforced_conditions(described: PageOperation, _: PageOperation) -> _Found:
    for part in described.parts.values():
        for row, sentence, reason in condition_schema.unenforced(part.rows):
            yield row.line, f"{row.name!r}: {sentence!r} is not enforced: {reason}"


def _path_parameters(described: PageOperation, _: PageOperation) -> _Found:
    part = described.parts.get("path")
    rows = {row.name: row for row in part.rows} if part else {}
    for name in described.parameters:
        if name not in rows:
            where = f"of {described.path} is in no **Path parameters** table"
            yield described.line, f"':{name}' {where}"
    for name, row in rows.items():
        if name not in described.parameters:
            yield row.line, f"{name!r} is no parameter of {described.path}"


def _denied_parameters(described: PageOperation, _: PageOperation) -> _Found:
    listed = described.parts.get("path") or described.parts.get("request")
    if described.no_parameters is not None and listed is not None:
        message = f"no parameters, says the page; line {listed.line} lists some"
        yield described.no_parameters, message


def _unreadable_examples(described: PageOperation, _: PageOperation) -> _Found:
    for example in described.examples:
        language = example.language.casefold()
        if _is_command(example):
            try:
                curl.read(example.code)
            except ValueError as error:
                problem = f"is not a curl command that we can read: {error}"
                yield example.line, f"{example.title!r} {problem}"
        # Requests in other languages are many, and none is read; what looks like a slip is told.
        elif language != "json" and (
            example.part == "response" or nearest(language, ("json", *_SHELLS))
        ):
            problem = f"is in {example.language!r}: only json and curl are read"
            yield example.line, f"{example.title!r} {problem}"


def _broken_examples(described: PageOperation, _: PageOperation) -> _Found:
    validators = {
        name: Validator(compiler.compile_part(described, part, ""))
        for name, part in described.parts.items()
        if next(_duplicates(part.rows), None) is None
    }
    for example in described.examples:
        if _is_command(example):
            yield from _broken_command(described, example, validators)
        elif example.language.casefold() == "json" and example.part in validators:
            yield from _broken_json(example, example.code, validators[example.part])


def _is_command(example: Example) -> bool:
    return example.part == "request" and example.language.casefold() in _SHELLS


def _broken_command(
    described: PageOperation, example: Example, validators: Mapping[Any, Validator]
) -> _Found:
    try:
        request = curl.read(example.code)
    except ValueError:
        return  # a finding of another rule
    values = described.values_in(request)
    if values is None:
        asked, own = f"{request.method} {request.path}", f"{described.method} {described.path}"
        yield example.first_line, f"the example asks {asked}, not {own}"
        return
    if "path" in validators:
        parameters = {name: _as_number(value) for name, value in values.items()}
        for violation in validators["path"].violations(parameters):
            yield example.first_line, _titled(example, violation)
    if "request" in validators and request.body is not None:
        yield from _broken_json(example, request.body, validators["request"])


def _as_number(text: str) -> str | int:
    """A path's parameter is text; digits may be meant as the number that they write."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text


def _broken_json(example: Example, text: str, check: Validator) -> _Found:
    try:
        payload = json_text.loads(text)
    except JsonTextError as error:
        yield example.first_line + error.line - 1, _titled(example, of_text(error))
        return
    for violation in check.violations(payload):
        yield example.first_line, _titled(example, violation)


def _titled(example: Example, violation: object) -> str:
    return f"{example.title!r}: {violation}" if example.title else str(violation)


def _contradictions(described: PageOperation, first: PageOperation) -> _Found:
    if first is described:
        return
    try:
        schemas = [compiler.compile_operation(each, "") for each in (first, described)]
    except PageError:
        return  # a duplicate row, which has a finding of its own
    for difference in differences(*schemas):
        yield described.line, f"against {first.source.path}:{first.line}: {difference}"


_TABLE: tuple[tuple[str, str, Check | None], ...] = (
    ("example", "A documented example breaks the page's own table.", _broken_examples),
    (
        "unreadable-example",
        "A documented example cannot be read, so nothing could be checked.",
        _unreadable_examples,
    ),
    ("no-table", "An operation has no table at all, so no schema comes of it.", _missing_table),
    (
        "unenforced-condition",
        "The prose states a condition that no schema holds anybody to.",
        _unenforced_conditions,
    ),
    ("duplicate-row", "A table has two rows of one name.", _duplicate_rows),
    ("contradicting-pages", "Two pages describe one operation differently.", _contradictions),
    ("path-parameters", "The path and its table name different parameters.", _path_parameters),
    (
        "contradicting-parameters",
        "The page says that there are no parameters, and lists some.",
        _denied_parameters,
    ),
    # Of a page as a whole, not of its operations.
    ("unknown-box", "A box of an unknown word: its content was read as part of the page.", None),
)

LINT_RULES = {
    id_: Rule(id_, "warning", "D", sentence, why="", advice="Mend the page.", check=check)
    for id_, sentence, check in _TABLE
}
"""By id, in the order in which they are told."""
