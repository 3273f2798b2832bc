"""Pages to an edition's schema files: the same pages give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mockserver.documents.source import Source
from mockserver.errors import PageError
from mockserver.pages import compiler, operation, page
from mockserver.pages.operation import PageOperation
from mockserver.pages.schema_node import Schema


def read_operations(sources: Iterable[Source]) -> list[PageOperation]:
    """The operations of several pages; PageError when two pages describe the same one."""
    found: dict[str, PageOperation] = {}
    for source in sources:
        for described in operation.read(page.read(source)):
            first = found.setdefault(described.id, described)
            if first is not described:
                problem = operation.clash(described, first)
                problem = problem or f"{first.method} {first.path} is described on two pages"
                expected = f"one; the first is {first.source.path}:{first.line}"
                raise source.error(PageError, described.line, None, problem, expected=expected)
    return list(found.values())


def compile_pages(sources: Iterable[Source], edition: str) -> dict[str, Schema]:
    """The schema of every part: file name (`job_status.response.schema.json`) -> schema."""
    return {
        f"{name}.schema.json": schema
        for described in read_operations(sources)
        for name, schema in compiler.compile_operation(described, edition).items()
    }


def as_text(document: dict[str, Any]) -> str:
    """A schema, or a document of schemas, as its file holds it."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
