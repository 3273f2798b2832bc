"""Schemas for property tests: those of the bundled editions, and those of random pages."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from mockserver import resources
from mockserver.contract import edition
from mockserver.source import Source
from mockserver.spec.edition import compile_pages
from unit.pages import pages

Schema = dict[str, Any]

BUNDLED = [
    (operation.id, name, part)
    for name in resources.edition_names()
    for operation in edition(name).operations.values()
    for part in operation.schemas
]

OF_A_PAGE: st.SearchStrategy[Schema] = (
    pages()
    .map(lambda page: [*compile_pages([Source("p.md", page.text)], "e").values()])
    .flatmap(st.sampled_from)
)
