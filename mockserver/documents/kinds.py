"""Kinds of values that a format has: each is read from a node, and has its JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from mockserver.documents.node import MAX_INTEGER, Node, either

_T = TypeVar("_T")
_Word = TypeVar("_Word", bound=str)
Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind(Generic[_T]):
    """How values are written: `expected` in words, read from a node, and as a JSON Schema."""

    expected: str
    read: Callable[[Node], _T]
    schema: Mapping[str, Any]
    name: str | None = None

    @property
    def reference(self) -> Schema:
        """What a schema says where such a value stands: a reference, where it has a name."""
        return {"$ref": f"#/$defs/{self.name}"} if self.name else dict(self.schema)


def words(*known: _Word, old: Mapping[str, _Word] | None = None) -> Kind[_Word]:
    """One of these words; each of the `old` ones is refused with the one that it is now."""
    return Kind(
        either([f"`{word}`" for word in known]),
        lambda node: node.word(known, old),
        {"enum": list(known)},
    )


def list_of(kind: Kind[_T], each: str, most: int | None = None) -> Kind[list[_T]]:
    """A list that is not empty; `each` is what an item is called.

    `most` stands in the schema; whoever reads the items refuses more, as copies count as well.
    """
    limit = {} if most is None else {"maxItems": most}
    return Kind(
        f"a list, each item {kind.expected}",
        lambda node: [kind.read(item) for item in node.items(each)],
        {"type": "array", "minItems": 1, **limit, "items": kind.reference},
    )


def whole_number(what: str, low: int, high: int) -> Kind[int]:
    """A number of these, both included; `what` it is called."""
    expected = f"{what} from {low} to {high:,}"

    def read(node: Node) -> int:
        if type(node.value) is int and low <= node.value <= high:
            return node.value
        raise node.wrong(expected)

    return Kind(expected, read, {"type": "integer", "minimum": low, "maximum": high})


_LIMITS = {"minimum": 0, "maximum": MAX_INTEGER}
TEXT: Kind[str] = Kind("text", Node.text, {"type": "string"})
FLAG: Kind[bool] = Kind("`true` or `false`", Node.flag, {"type": "boolean"})
JSON: Kind[Any] = Kind("any value", Node.json, {})
NODE: Kind[Node] = Kind("any value", lambda node: node, {})
WHOLE_NUMBER: Kind[int] = Kind(
    "a whole number", lambda node: node.whole_number(), {"type": "integer", **_LIMITS}
)
BYTES: Kind[int] = Kind(
    "a whole number of bytes",
    lambda node: node.whole_number("a whole number of bytes"),
    {
        "description": "A whole number of bytes.",
        "type": "integer",
        **_LIMITS,
        "examples": [2279145003],
    },
    "byte_count",
)
POINTER: Kind[str] = Kind(
    'a JSON pointer such as `/job_id`, or `""` for the whole',
    Node.json_pointer,
    {
        "type": "string",
        "pattern": "^(?:/(?:[^~]|~[01])*)?$",
        "examples": ["/job_id", "/downloading/0/status", ""],
    },
)
