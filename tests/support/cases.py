"""Cases that are data: files of a `cases` folder beside the tests; one more entry is one more test.

A table (`.yaml`) has the names of its columns first, then a row for each case. In a text with marks
(`.txt`) each case is a paragraph in which `^` stands below the place of an error, with words of its
message behind it: `^ a key is missing … did you mean b?`. Pages are whole files.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mockserver.documents import yaml_text
from mockserver.documents.source import Source
from mockserver.errors import SourceError


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text that is refused, and where and with which words it is."""

    text: str
    line: int
    column: int
    words: tuple[str, ...]

    def assert_marks(self, error: SourceError) -> None:
        assert (error.line, error.column) == (self.line, self.column)
        assert error.source_line == self.text.split("\n")[self.line - 1]
        assert [word for word in self.words if word not in error.summary] == []


def source(test: str, name: str) -> Source:
    """A file of cases beside this test."""
    return Source(name, (Path(test).parent / "cases" / name).read_text(encoding="utf-8"))


def data(test: str, name: str) -> Any:
    return yaml_text.load(source(test, f"{name}.yaml")).data


def table(test: str, name: str) -> pytest.MarkDecorator:
    columns, *rows = data(test, name)
    return pytest.mark.parametrize(columns, rows)


def marked(test: str, name: str, head: str = "") -> list[Any]:
    """Parameters of which each is a `MarkedText`, below this head."""
    paragraphs = source(test, f"{name}.txt").text.rstrip("\n").split("\n\n")
    return [pytest.param(_marked(paragraph, head), id=paragraph) for paragraph in paragraphs]


def _marked(paragraph: str, head: str) -> MarkedText:
    lines = paragraph.split("\n")
    (at,) = (at for at, line in enumerate(lines) if line.lstrip().startswith("^"))
    before, words = lines.pop(at).split("^", 1)
    text = head + "\n".join(lines)
    return MarkedText(text, head.count("\n") + at, len(before) + 1, tuple(words[1:].split(" … ")))
