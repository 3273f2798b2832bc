"""Pages to an edition's schema files: the same pages give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable

from mockserver.documents.source import Source
from mockserver.errors import PageError
from mockserver.pages import operation, page, schema
from mockserver.pages.node import Schema
from mockserver.pages.operation import PageOperation


def read_operations(sources: Iterable[Source]) -> list[PageOperation]:
    """The operations of several pages; PageError when two pages describe the same one."""
    found: dict[str, PageOperation] = {}
    for source in sources:
        for one in operation.read(page.read(source)):
            if one.id in found:
                first = found[one.id]
                raise source.error(
                    PageError,
                    one.line,
                    None,
                    operation.clash(one, first)
                    or f"{one.method} {one.path} is described on two pages",
                    expected=f"one; the first is {first.source.path}:{first.line}",
                )
            found[one.id] = one
    return list(found.values())


def compile_operations(operations: Iterable[PageOperation], edition: str) -> dict[str, Schema]:
    """The schema of every part: file name (`job_status.response.schema.json`) -> schema."""
    return {
        f"{one.id}.{part.name}.schema.json": schema.compile_part(one, part, edition)
        for one in operations
        for part in one.parts.values()
    }


def compile_pages(sources: Iterable[Source], edition: str) -> dict[str, Schema]:
    """Both steps at once."""
    return compile_operations(read_operations(sources), edition)


def as_text(schema_: Schema) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema_, ensure_ascii=False, indent=2) + "\n"
