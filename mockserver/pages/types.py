"""What a row's type cell says that its value may be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeAlias

PRIMITIVES = ("string", "number", "integer", "boolean", "object", "array")
CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


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
        case LiteralType(str() as text):
            return json.dumps(text, ensure_ascii=False)
        case LiteralType(value):
            return json.dumps(value)
        case PrimitiveType(name):
            return name
        case ArrayType(UnionType() as item):
            return f"({render(item)})[]"
        case ArrayType(item):
            return f"{render(item)}[]"
        case UnionType(options):
            return " | ".join(
                f"({render(option)})" if isinstance(option, UnionType) else render(option)
                for option in options
            )


def options(type_: Type) -> tuple[Type, ...]:
    """The union's options with nested ones opened; a type that is no union is its only one."""
    if isinstance(type_, UnionType):
        return tuple(leaf for option in type_.options for leaf in options(option))
    return (type_,)


def kind(type_: Type) -> str:
    """JSON's own name for the kind of value that the type, which is no union, allows."""
    match type_:
        case ArrayType():
            return "array"
        case PrimitiveType(name):
            return name
        case LiteralType(str()):
            return "string"
        case LiteralType(bool()):
            return "boolean"
        case _:
            return "null"


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
