"""Pages against themselves and each other: what an author should mend, or at least know."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias

from mockserver.contract.validator import Validator, of_text
from mockserver.documents import json_text
from mockserver.documents.source import Source
from mockserver.errors import JsonTextError, PageError, nearest
from mockserver.findings.finding import Finding, rules_of
from mockserver.pages import compiler, condition_schema, examples, operation, page
from mockserver.pages.diff import differences
from mockserver.pages.examples import Example
from mockserver.pages.operation import PageOperation
from mockserver.pages.table import Row

_rule = rules_of("contract")
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


@_rule
def example(described: PageOperation, _: PageOperation) -> _Found:
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


def _broken_command(
    described: PageOperation, example: Example, validators: Mapping[Any, Validator]
) -> _Found:
    try:
        request = examples.curl_request(example.code)
    except ValueError:
        return  # a finding of another rule
    values = described.values_in(request)
    if values is None:
        asked, own = f"{request.method} {request.path}", f"{described.method} {described.path}"
        yield example.first_line, f"the example asks {asked}, not {own}"
        return
    if "path" in validators:
        # A path's parameter is text; digits may be meant as the number that they write.
        parameters = {
            name: int(value) if re.fullmatch("[0-9]{1,15}", value) else value
            for name, value in values.items()
        }
        for violation in validators["path"].violations(parameters):
            yield example.first_line, _titled(example, violation)
    if "request" in validators and request.body is not None:
        yield from _broken_json(example, request.body, validators["request"])


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


@_rule
def unreadable_example(described: PageOperation, _: PageOperation) -> _Found:
    for example in described.examples:
        language = example.language.casefold()
        if _is_command(example):
            try:
                examples.curl_request(example.code)
            except ValueError as error:
                problem = f"is not a curl command that we can read: {error}"
                yield example.line, f"{example.title!r} {problem}"
        # Requests in other languages are many, and none is read; what looks like a slip is told.
        elif language != "json" and (
            example.part == "response" or nearest(language, ("json", *_SHELLS))
        ):
            problem = f"is in {example.language!r}: only json and curl are read"
            yield example.line, f"{example.title!r} {problem}"


def _is_command(example: Example) -> bool:
    return example.part == "request" and example.language.casefold() in _SHELLS


@_rule
def no_table(described: PageOperation, _: PageOperation) -> _Found:
    if not described.parts:
        yield described.line, f"{described.method} {described.path} has no lms_params table"


@_rule
def unenforced_condition(described: PageOperation, _: PageOperation) -> _Found:
    for part in described.parts.values():
        for row, sentence, reason in condition_schema.unenforced(part.rows):
            yield row.line, f"{row.name!r}: {sentence!r} is not enforced: {reason}"


@_rule
def duplicate_row(described: PageOperation, _: PageOperation) -> _Found:
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


@_rule
def contradicting_pages(described: PageOperation, first: PageOperation) -> _Found:
    if first is described:
        return
    with suppress(PageError):  # a duplicate row, which has a finding of its own
        schemas = [compiler.compile_operation(each, "") for each in (first, described)]
        for difference in differences(*schemas):
            yield described.line, f"against {first.source.path}:{first.line}: {difference}"


@_rule
def path_parameters(described: PageOperation, _: PageOperation) -> _Found:
    part = described.parts.get("path")
    rows = {row.name: row for row in part.rows} if part else {}
    for name in described.parameters:
        if name not in rows:
            where = f"of {described.path} is in no **Path parameters** table"
            yield described.line, f"':{name}' {where}"
    for name, row in rows.items():
        if name not in described.parameters:
            yield row.line, f"{name!r} is no parameter of {described.path}"


@_rule
def contradicting_parameters(described: PageOperation, _: PageOperation) -> _Found:
    listed = described.parts.get("path") or described.parts.get("request")
    if described.no_parameters is not None and listed is not None:
        message = f"no parameters, says the page; line {listed.line} lists some"
        yield described.no_parameters, message


# Of a page as a whole, not of its operations.
_BOX = "A box of an unknown word: its content was read as part of the page."
_UNKNOWN_BOX = replace(no_table, id="unknown-box", sentence=_BOX, check=None)

_ALL = (
    *(example, unreadable_example, no_table, unenforced_condition, duplicate_row),
    *(contradicting_pages, path_parameters, contradicting_parameters, _UNKNOWN_BOX),
)
LINT_RULES = {rule.id: replace(rule, advice="Mend the page.") for rule in _ALL}
"""By id, in the order in which they are told."""
