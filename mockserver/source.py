"""A text and the place it came from, so that whoever reads it can say where something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from mockserver.errors import SourceError

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
        self,
        kind: type[_Error],
        line: int,
        column: int | None,
        problem: str,
        *,
        expected: str | None = None,
        suggestion: str | None = None,
    ) -> _Error:
        """An error of this kind at this place; the caller raises it."""
        return kind(
            self.path,
            line,
            column,
            self.line(line),
            problem,
            expected=expected,
            suggestion=suggestion,
        )
