"""Schemas for property tests: those of the bundled editions, and those of random pages."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from mockserver import resources
from mockserver.contract import Mutant, Violation, edition
from mockserver.documents import rfc3339
from mockserver.documents.source import Source
from mockserver.files import read_source
from mockserver.pages.compiler import compile_pages
from support.pages import pages

Schema = dict[str, Any]

BUNDLED = [
    (operation.id, name, part)
    for name in resources.edition_names()
    for operation in edition(name).operations.values()
    for part in operation.schemas
]

FIRST_LINE = 6
"""The line of the first row of `page_of`."""


def page_of(rows: str) -> Source:
    """A page with one table of these rows."""
    page = f"`GET /x`\n\n**Response fields**\n\n```lms_params\n{rows}\n```\n"
    return Source("p.md", page)


def schema_of(rows: str) -> Schema:
    (schema,) = compile_pages([page_of(rows)], "e").values()
    return schema


def row(name: str, type_: str, said: str = "d", *, optional: bool = False) -> str:
    flag = ", optional: true" if optional else ""
    return f"- {{name: '{name}', type: '{type_}', description: '{said}'{flag}}}"


(EVERY_RULE,) = compile_pages(
    [read_source(Path(__file__).with_name("every_rule.md"))], "e"
).values()
"""Every rule that a page can state, and members whose names surprise only where there are none."""

OF_A_PAGE: st.SearchStrategy[Schema] = (
    pages()
    .map(lambda page: [*compile_pages([Source("p.md", page.text)], "e").values()])
    .flatmap(st.sampled_from)
)


def reference(schema: Schema) -> Draft202012Validator:
    """Another engine, which knows nothing of ours but what a date-time is."""
    checker = FormatChecker(formats=())
    checker.checks("date-time")(
        lambda value: not isinstance(value, str) or rfc3339.is_date_time(value)
    )
    return Draft202012Validator(schema, format_checker=checker)


def broken(violations: Iterable[Violation | Mutant]) -> list[tuple[str, str]]:
    """The rules that are broken, and where."""
    return [(violation.rule, violation.pointer) for violation in violations]
