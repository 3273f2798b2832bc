"""Pages at random: what is written is read back, and no accident on a page surprises the reader."""

from collections.abc import Callable
from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import resources
from mockserver.contract.lint import lint
from mockserver.documents.source import Source
from mockserver.errors import MockServerError, SourceError
from mockserver.files import read_source
from mockserver.pages import compiler, operation, page
from support.cases import source
from support.mutations import mutations
from support.pages import WrittenPage, pages

OURS = [
    read_source(path).text
    for name in resources.edition_names()
    for path in resources.edition_pages(name)
]
OTHER_DIALECT = source(__file__, "other-dialect.md").text


@given(pages())
def test_what_is_written_is_read_back(written: WrittenPage) -> None:
    found = operation.read(page.read(Source("p.md", written.text)))
    for read, expected in zip(found, written.operations, strict=True):
        assert (read.method, read.path, read.line) == (
            expected.method,
            expected.path,
            expected.line,
        )
        assert {name: (part.line, part.rows) for name, part in read.parts.items()} == {
            name: (table.line, table.rows) for name, table in expected.tables.items()
        }


@given(pages())
def test_the_same_page_gives_the_same_bytes_wherever_it_lies(written: WrittenPage) -> None:
    here, there = (
        compiler.compile_pages([Source(path, written.text)], "e") for path in ("a/p.md", "b\\p.md")
    )
    assert list(map(compiler.as_text, here.values())) == list(map(compiler.as_text, there.values()))
    assert list(here) == list(there)


def refusal(use: Callable[[], object]) -> MockServerError | None:
    try:
        use()
    except MockServerError as error:
        return error
    return None


@given(mutations(st.sampled_from([*OURS, OTHER_DIALECT]) | pages().map(attrgetter("text"))))
def test_a_page_compiles_or_is_refused_with_its_place(text: str) -> None:
    source = Source("p.md", text)
    for use in (lambda: lint([source]), lambda: compiler.compile_pages([source], "e")):
        error = refusal(use)
        if error is None:
            continue
        assert isinstance(error, SourceError)
        assert error.path == "p.md"
        assert 1 <= error.line <= len(source.lines)
        assert error.column is None or 1 <= error.column <= len(error.source_line) + 1
        assert error.source_line == source.line(error.line)
        assert error.summary.isprintable(), error.summary
        assert str(error).splitlines()[0] == error.summary


@pytest.mark.parametrize("text", [*OURS, OTHER_DIALECT])
def test_what_the_accidents_happen_to_compiles(text: str) -> None:
    assert compiler.compile_pages([Source("p.md", text)], "e")
