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
from typing import NamedTuple, TypeAlias

from mockserver.errors import nearest

PRIMITIVES = ("string", "number", "integer", "boolean", "object", "array")
CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
MAX_DEPTH = 32

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>[^\W\d]\w*)|(?P<mark>\[\]|[|<>()])|(?P<stray>\S))'
)
_STRAY = {
    '"': ("a literal without its closing quote", 'a closing "'),
    "[": ("'[' without ']' right behind it", "[] behind a type"),
}
_EXPECTED_TYPE = f'one of {", ".join(PRIMITIVES)}, true, false, null or a "literal"'


@dataclass(frozen=True, slots=True)
class LiteralType:
    """Exactly this value."""

    value: str | bool | None


@dataclass(frozen=True, slots=True)
class PrimitiveType:
    """Any value of one JSON type; `array` here is an array whose items the cell says nothing of."""

    name: str


@dataclass(frozen=True, slots=True)
class ArrayType:
    """An array, each item of this type."""

    item: Type


@dataclass(frozen=True, slots=True)
class UnionType:
    """Any of two or more types, in the order written."""

    options: tuple[Type, ...]


Type: TypeAlias = LiteralType | PrimitiveType | ArrayType | UnionType


def render(type_: Type) -> str:
    """The cell that reads as this type."""
    match type_:
        case LiteralType(value):
            return json.dumps(value, ensure_ascii=False)
        case PrimitiveType(name):
            return name
        case ArrayType(item):
            return f"{_bracketed(item)}[]"
        case UnionType(options):
            return " | ".join(map(_bracketed, options))


def _bracketed(type_: Type) -> str:
    return f"({render(type_)})" if isinstance(type_, UnionType) else render(type_)


def options(type_: Type) -> tuple[Type, ...]:
    """The union's options with nested ones opened; a type that is no union is its only one."""
    if isinstance(type_, UnionType):
        return tuple(leaf for option in type_.options for leaf in options(option))
    return (type_,)


def kind(type_: Type) -> str:
    """JSON's own name for the kind of value that the type, which is no union, allows."""
    if isinstance(type_, PrimitiveType):
        return type_.name
    if isinstance(type_, LiteralType):
        return {str: "string", bool: "boolean"}.get(type(type_.value), "null")
    return "array"


def refines(refined: Type, option: Type) -> bool:
    """Whether a type is of the same kind as this option, and may stand for it."""
    if isinstance(option, LiteralType) or option == PrimitiveType("array"):
        return False
    return kind(option) in map(kind, options(refined))


def holds_members(type_: Type) -> bool:
    """Whether it is of objects with keys, or of arrays of such."""
    if isinstance(type_, ArrayType):
        return any(map(holds_members, options(type_.item)))
    return type_ in (PrimitiveType("object"), PrimitiveType("array"))


class TypeCellError(ValueError):
    """A cell that the language does not allow. `offset` is where, in characters from its start."""

    def __init__(
        self, offset: int, problem: str, expected: str, suggestion: str | None = None
    ) -> None:
        super().__init__(problem)
        self.offset, self.problem = offset, problem
        self.expected, self.suggestion = expected, suggestion


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


def parse(cell: str) -> Type:
    """Read one type cell; TypeCellError says what is wrong and where."""
    tokens = []
    for match in _TOKEN.finditer(cell):
        kind = match.lastgroup or ""
        token = _Token(kind, match[kind], match.start(kind))
        if kind == "stray":
            problem = _STRAY.get(token.text, (f"unexpected {token.text!r}", _EXPECTED_TYPE))
            raise TypeCellError(token.offset, *problem)
        tokens.append(token)
    return _Parser([*tokens, _Token("end", "", len(cell.rstrip()))]).cell()


class _Parser:
    """Gives each type with its height in brackets and arrays; `depth` brackets are open there."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._index = tokens, 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._index]

    def _take(self, text: str) -> bool:
        is_next = self._next.kind == "mark" and self._next.text == text
        self._index += is_next
        return is_next

    def _unexpected(self, expected: str) -> TypeCellError:
        found = repr(self._next.text) if self._next.text else "the end of the cell"
        return TypeCellError(self._next.offset, f"unexpected {found}", expected)

    def _checked(self, levels: int) -> int:
        if levels > MAX_DEPTH:
            most = f"at most {MAX_DEPTH} levels"
            raise TypeCellError(self._next.offset, "nested too deeply", most)
        return levels

    def cell(self) -> Type:
        type_, _ = self._type(0)
        if self._next.kind != "end":
            raise self._unexpected("'|', '[]' or the end")
        return type_

    def _type(self, depth: int) -> tuple[Type, int]:
        items = [self._item(depth)]
        while self._take("|"):
            items.append(self._item(depth))
        types = tuple(type_ for type_, _ in items)
        return UnionType(types) if len(types) > 1 else types[0], max(height for _, height in items)

    def _item(self, depth: int) -> tuple[Type, int]:
        type_, height = self._atom(depth)
        while self._take("[]"):
            type_, height = ArrayType(type_), self._checked(height + 1)
        return type_, height

    def _atom(self, depth: int) -> tuple[Type, int]:
        token = self._next
        if self._take("("):
            return self._inside(")", depth)
        if token.kind not in ("string", "word"):
            raise self._unexpected(_EXPECTED_TYPE)
        self._index += 1
        if token.text in ("array", "Array") and self._take("<"):
            item, height = self._inside(">", depth)
            return ArrayType(item), height
        return _leaf(token), 0

    def _inside(self, closing: str, depth: int) -> tuple[Type, int]:
        type_, height = self._type(self._checked(depth + 1))
        height = self._checked(height + 1)
        if not self._take(closing):
            raise self._unexpected(f"'|' or {closing!r}")
        return type_, height


def _leaf(token: _Token) -> Type:
    if token.text in CONSTANTS:
        return LiteralType(CONSTANTS[token.text])
    if token.text in PRIMITIVES:
        return PrimitiveType(token.text)
    if token.kind == "word":
        meant = nearest(token.text, [*PRIMITIVES, *CONSTANTS])
        raise TypeCellError(token.offset, f"unknown type {token.text!r}", _EXPECTED_TYPE, meant)
    try:
        value: str = json.loads(token.text)
    except ValueError as error:
        problem = "a literal that is not a JSON string"
        raise TypeCellError(token.offset, problem, "JSON's escapes") from error
    if any("\ud800" <= ch <= "\udfff" for ch in value):
        raise TypeCellError(token.offset, "a literal with half a surrogate pair", "Unicode text")
    return LiteralType(value)
