"""Pages against themselves and each other: what an author should mend, or at least know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mockserver.contract.validator import Validator, of_text
from mockserver.contract.violation import Violation
from mockserver.documents import json_text
from mockserver.documents.source import Source
from mockserver.errors import JsonTextError, PageError, nearest
from mockserver.pages import curl, operation, page, presence, schema
from mockserver.pages.diff import differences
from mockserver.pages.operation import Example, PageOperation
from mockserver.pages.params import Row

LINT_RULES: dict[str, str] = {
    "example": "A documented example breaks the page's own table.",
    "unreadable-example": "A documented example cannot be read, so nothing could be checked.",
    "no-table": "An operation has no table at all, so no schema comes of it.",
    "unenforced-condition": "The prose states a condition that no schema holds anybody to.",
    "duplicate-row": "A table has two rows of one name.",
    "contradicting-pages": "Two pages describe one operation differently.",
    "path-parameters": "The path and its table name different parameters.",
    "contradicting-parameters": "The page says that there are no parameters, and lists some.",
    "unknown-box": "A box of an unknown word: its content was read as part of the page.",
}


_SHELLS = ("bash", "sh", "zsh", "shell", "console", "curl")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something on a page that is wrong or not what it seems; `rule` is one of LINT_RULES."""

    rule: str
    page: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.rule}: {self.message}"

    def as_dict(self) -> dict[str, str | int]:
        """The facts by name, as `--json` prints them."""
        return asdict(self)


def lint(sources: Iterable[Source]) -> list[Finding]:
    """Findings by page and line. PageError or YamlError when a page cannot be read at all."""
    findings: list[Finding] = []
    described: dict[str, PageOperation] = {}
    for source in sources:
        page_ = page.read(source)
        found = [
            Finding("unknown-box", source.path, box.line, f"{box.word!r} is no box that we know")
            for box in page_.unknown_boxes
        ]
        for one in operation.read(page_):
            found += _operation(one)
            if one.id in described:
                found += _contradictions(described[one.id], one)
            described.setdefault(one.id, one)
        findings += sorted(found, key=lambda finding: finding.line)
    return findings


def _operation(one: PageOperation) -> Iterator[Finding]:
    path = one.source.path
    for part in one.parts.values():
        for row, first in _duplicates(part.rows):
            message = f"{row.name!r} stands in line {first.line} already"
            yield Finding("duplicate-row", path, row.line, message)
        for left in presence.unenforced(part.rows):
            message = f"{left.row.name!r}: {left.sentence!r} is not enforced: {left.reason}"
            yield Finding("unenforced-condition", path, left.row.line, message)
    if not one.parts:
        message = f"{one.method} {one.path} has no lms_params table"
        yield Finding("no-table", path, one.line, message)
    yield from _parameters(one)
    validators = {
        name: Validator(schema.compile_part(one, part, ""))
        for name, part in one.parts.items()
        if not any(True for _ in _duplicates(part.rows))
    }
    for example in one.examples:
        yield from _example(one, example, validators)


def _duplicates(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    first: dict[str, Row] = {}
    for row in rows:
        if row.name in first and not row.alternative:
            yield row, first[row.name]
        first.setdefault(row.name, row)
        yield from _duplicates(row.children)


def _parameters(one: PageOperation) -> Iterator[Finding]:
    path = one.source.path
    in_path = re.findall(r":(\w+)", one.path)
    part = one.parts.get("path")
    in_table = {row.name: row for row in part.rows} if part else {}
    for name in in_path:
        if name not in in_table:
            message = f"':{name}' of {one.path} is in no **Path parameters** table"
            yield Finding("path-parameters", path, one.line, message)
    for name, row in in_table.items():
        if name not in in_path:
            message = f"{name!r} is no parameter of {one.path}"
            yield Finding("path-parameters", path, row.line, message)
    listed = one.parts.get("path") or one.parts.get("request")
    if one.no_parameters is not None and listed is not None:
        message = f"no parameters, says the page; line {listed.line} lists some"
        yield Finding("contradicting-parameters", path, one.no_parameters, message)


def _example(
    one: PageOperation, example: Example, validators: dict[Any, Validator]
) -> Iterator[Finding]:
    language = example.language.casefold()
    if example.part == "request" and language in _SHELLS:
        yield from _curl_example(one, example, validators)
    elif language == "json":
        if example.part in validators:
            yield from _json(one, example, example.code, validators[example.part])
    elif example.part == "response" or nearest(language, ("json", *_SHELLS)):
        # Requests in other languages are many, and none is read; what looks like a slip is said.
        message = f"{example.title!r} is in {example.language!r}: only json and curl are read"
        yield Finding("unreadable-example", one.source.path, example.line, message)


def _curl_example(
    one: PageOperation, example: Example, validators: dict[Any, Validator]
) -> Iterator[Finding]:
    path = one.source.path
    try:
        request = curl.read(example.code)
    except ValueError as error:
        message = f"{example.title!r} is not a curl command that we can read: {error}"
        yield Finding("unreadable-example", path, example.line, message)
        return
    names = re.findall(r":(\w+)", one.path)
    template = re.sub(r":\w+", "([^/]+)", re.escape(one.path).replace(r"\:", ":"))
    match = re.fullmatch(template, request.path)
    if request.method != one.method or match is None:
        message = f"the example asks {request.method} {request.path}, not {one.method} {one.path}"
        yield Finding("example", path, example.first_line, message)
        return
    if "path" in validators:
        values = dict(zip(names, map(_as_number, match.groups()), strict=True))
        for violation in validators["path"].violations(values):
            yield _broken(one, example, violation)
    if "request" in validators and request.body is not None:
        yield from _json(one, example, request.body, validators["request"])


def _as_number(text: str) -> str | int:
    """A path's parameter is text; digits may be meant as the number that they write."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text


def _json(one: PageOperation, example: Example, text: str, check: Validator) -> Iterator[Finding]:
    try:
        payload = json_text.loads(text)
    except JsonTextError as error:
        yield _broken(one, example, of_text(error), error.line - 1)
        return
    for violation in check.violations(payload):
        yield _broken(one, example, violation)


def _broken(one: PageOperation, example: Example, violation: Violation, below: int = 0) -> Finding:
    title = f"{example.title!r}: " if example.title else ""
    return Finding("example", one.source.path, example.first_line + below, f"{title}{violation}")


def _contradictions(first: PageOperation, second: PageOperation) -> Iterator[Finding]:
    try:
        schemas = [
            {
                f"{one.id}.{part.name}": schema.compile_part(one, part, "")
                for part in one.parts.values()
            }
            for one in (first, second)
        ]
    except PageError:
        return  # a duplicate row, which has a finding of its own
    where = f"{first.source.path}:{first.line}"
    for difference in differences(*schemas):
        message = f"against {where}: {difference}"
        yield Finding("contradicting-pages", second.source.path, second.line, message)
