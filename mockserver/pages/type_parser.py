"""Type cells: the small language in which a row says what its value may be.

type  = item { "|" item }
item  = atom { "[]" }
atom  = '"literal"' | "true" | "false" | "null"
      | "string" | "number" | "integer" | "boolean" | "object" | "array"
      | ("array" | "Array") "<" type ">" | "(" type ")"
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mockserver.errors import nearest
from mockserver.pages.types import (
    CONSTANTS,
    PRIMITIVES,
    ArrayType,
    LiteralType,
    PrimitiveType,
    Type,
    UnionType,
)

MAX_DEPTH = 32

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>[^\W\d]\w*)|(?P<mark>\[\]|[|<>()]))'
)
_EXPECTED_TYPE = f'one of {", ".join(PRIMITIVES)}, true, false, null or a "literal"'


class TypeCellError(ValueError):
    """A cell that the language does not allow. `offset` is where, in characters from its start."""

    def __init__(
        self, offset: int, problem: str, expected: str, suggestion: str | None = None
    ) -> None:
        super().__init__(problem)
        self.offset = offset
        self.problem = problem
        self.expected = expected
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def parse(cell: str) -> Type:
    """Read one type cell; TypeCellError says what is wrong and where."""
    return _Parser(_tokens(cell)).cell()


def _tokens(cell: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while cell[position:].strip():
        match = _TOKEN.match(cell, position)
        if match is None:
            start = len(cell) - len(cell[position:].lstrip())
            if cell[start] == '"':
                raise TypeCellError(start, "a literal without its closing quote", 'a closing "')
            if cell[start] == "[":
                raise TypeCellError(start, "'[' without ']' right behind it", "[] behind a type")
            raise TypeCellError(start, f"unexpected {cell[start]!r}", _EXPECTED_TYPE)
        kind = match.lastgroup or ""
        tokens.append(_Token(kind, match[kind], match.start(kind)))
        position = match.end()
    tokens.append(_Token("end", "", len(cell.rstrip())))
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._index = 0
        self._depth = 0
        """How many brackets are open here."""
        self._height = 0
        """How many levels of brackets and arrays the type that was just read has."""

    @property
    def _next(self) -> _Token:
        return self._tokens[self._index]

    def _take(self, text: str) -> bool:
        if self._next.kind == "mark" and self._next.text == text:
            self._index += 1
            return True
        return False

    def cell(self) -> Type:
        type_ = self._type()
        if self._next.kind != "end":
            raise TypeCellError(
                self._next.offset, f"unexpected {self._next.text!r}", "'|', '[]' or the end"
            )
        return type_

    def _type(self) -> Type:
        found = [self._item()]
        height = self._height
        while self._take("|"):
            found.append(self._item())
            height = max(height, self._height)
        self._height = height
        return found[0] if len(found) == 1 else UnionType(tuple(found))

    def _item(self) -> Type:
        self._height = 0
        item = self._atom()
        while self._take("[]"):
            self._rise()
            item = ArrayType(item)
        return item

    def _rise(self) -> None:
        self._height += 1
        if self._height > MAX_DEPTH:
            raise self._too_deep()

    def _too_deep(self) -> TypeCellError:
        return TypeCellError(self._next.offset, "nested too deeply", f"at most {MAX_DEPTH} levels")

    def _atom(self) -> Type:
        token = self._next
        if self._take("("):
            return self._inside(")")
        if token.kind == "string":
            self._index += 1
            return LiteralType(_literal(token))
        if token.kind != "word":
            found = repr(token.text) if token.text else "the end of the cell"
            raise TypeCellError(token.offset, f"unexpected {found}", _EXPECTED_TYPE)
        self._index += 1
        if token.text in ("array", "Array") and self._take("<"):
            return ArrayType(self._inside(">"))
        if token.text in CONSTANTS:
            return LiteralType(CONSTANTS[token.text])
        if token.text in PRIMITIVES:
            return PrimitiveType(token.text)
        raise TypeCellError(
            token.offset,
            f"unknown type {token.text!r}",
            _EXPECTED_TYPE,
            nearest(token.text, [*PRIMITIVES, *CONSTANTS]),
        )

    def _inside(self, closing: str) -> Type:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._too_deep()
        type_ = self._type()
        self._rise()
        if not self._take(closing):
            found = repr(self._next.text) if self._next.text else "the end of the cell"
            raise TypeCellError(self._next.offset, f"unexpected {found}", f"'|' or {closing!r}")
        self._depth -= 1
        return type_


def _literal(token: _Token) -> str:
    try:
        value = json.loads(token.text)
    except ValueError as error:
        raise TypeCellError(
            token.offset, "a literal that is not a JSON string", "JSON's escapes"
        ) from error
    assert isinstance(value, str)
    if any("\ud800" <= ch <= "\udfff" for ch in value):
        raise TypeCellError(token.offset, "a literal with half a surrogate pair", "Unicode text")
    return value
