"""A text and the place it came from, so that whoever reads it can say where something is wrong."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, TypeAlias, TypeVar

from mockserver.errors import SourceError

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices from the root to a value; () is the root."""

_Error = TypeVar("_Error", bound=SourceError)


@dataclass(frozen=True)
class Source:
    """`path` is what the user typed (or a bundled file's name); `text` is the whole text."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines as editors count them: only line feeds end a line (CR is left out)."""
        return [line.rstrip("\r") for line in self.text.split("\n")]

    def line(self, number: int) -> str:
        """The line with this number, counted from 1; empty beyond the end."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    def error(
        self, kind: type[_Error], line: int, column: int | None, problem: str, **facts: Any
    ) -> _Error:
        """An error of this kind at this place; the caller raises it."""
        return kind(self.path, line, column, self.line(line), problem, **facts)


@dataclass(frozen=True, eq=False)
class PlacedData:
    """Data that knows the place of its parts: a YAML text's, or Python's own."""

    data: JsonValue

    @property
    def source(self) -> Source:
        """The text that the data came from, or that shows it."""
        raise NotImplementedError

    def position(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of the value at `path`, or of its key in the mapping around it.

        A path that leads to nothing has the position of the last value on the way to it.
        """
        raise NotImplementedError

    def error(
        self, kind: type[_Error], path: Path, problem: str, *, key: bool = False, **facts: Any
    ) -> _Error:
        """An error at the position of `path`, for the caller to raise."""
        return self.source.error(kind, *self.position(path, key=key), problem, **facts)


@dataclass(frozen=True)
class Excerpt:
    """Some lines of a source, perhaps without their indentation, from `first_line` on."""

    source: Source
    text: str
    first_line: int

    @cached_property
    def starts(self) -> list[int]:
        lengths = (len(line) + 1 for line in self.text.split("\n"))
        return list(accumulate(lengths, initial=0))

    def place(self, index: int) -> tuple[int, int]:
        """The line and column in the source of a character of the excerpt."""
        row = bisect_right(self.starts, index, hi=len(self.starts) - 1) - 1
        start, number = self.starts[row], self.first_line + row
        line = self.text[start : self.starts[row + 1] - 1].rstrip("\r")
        return number, max(index - start + self._margin(line, number), 0) + 1

    def _margin(self, line: str, number: int) -> int:
        """How much of the source's line comes before the excerpt's: indentation, a quote's `>`."""
        original = self.source.line(number)
        text = line.strip()
        if not text:
            return 0
        if original.endswith(line):
            return len(original) - len(line)
        found = original.find(text)
        return found - line.index(text) if found >= 0 else 0
