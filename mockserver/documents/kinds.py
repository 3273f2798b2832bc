"""Kinds of values that a format has, each read from a node, and what its members say together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

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
    """A list that is not empty; its reader refuses more than `most`, as copies count as well."""
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


class MemberRule(Protocol):
    """What members say together."""

    def check(self, nodes: Mapping[str, Node]) -> None:
        """Refuse the members that were given, if they break it."""

    def add_to(self, schema: Schema) -> None:
        """Say it in the JSON Schema of the mapping."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A member cannot be with another one, or cannot be without it."""

    key: str
    other: str
    problem: str
    expected: str
    is_refused_with: ClassVar[bool]

    def check(self, nodes: Mapping[str, Node]) -> None:
        if self.key in nodes and (self.other in nodes) is self.is_refused_with:
            raise nodes[self.key].error(self.problem, self.expected, key=True)


class Excludes(_Pair):
    """A member cannot stand beside the other one."""

    is_refused_with = True

    def add_to(self, schema: Schema) -> None:
        dependent = schema.setdefault("dependentSchemas", {}).setdefault(self.other, {})
        dependent.setdefault("properties", {})[self.key] = False


class Needs(_Pair):
    """A member says nothing without the other one."""

    is_refused_with = False

    def add_to(self, schema: Schema) -> None:
        schema.setdefault("dependentRequired", {}).setdefault(self.key, []).append(self.other)


@dataclass(frozen=True, slots=True)
class ExcludesWhen:
    """With some values, a member cannot stand beside the others, or beside those in one of them.

    `holds` tells those values, and `schema` describes them. `{}` in `problem` is the other's key.
    """

    key: str
    holds: Callable[[Node], bool]
    schema: Schema
    others: tuple[str, ...]
    problem: str
    expected: str
    inside: str | None = None

    def check(self, nodes: Mapping[str, Node]) -> None:
        if self.key not in nodes or not self.holds(nodes[self.key]):
            return
        beside = nodes
        if self.inside is not None:
            beside = nodes[self.inside].children if self.inside in nodes else {}
        for other, node in beside.items():
            if other in self.others:
                raise node.error(self.problem.format(other), self.expected, key=True)

    def add_to(self, schema: Schema) -> None:
        condition = {"properties": {self.key: self.schema}, "required": [self.key]}
        then: Schema = {"properties": dict.fromkeys(self.others, False)}
        if self.inside is not None:
            then = {"properties": {self.inside: then}}
        schema.setdefault("allOf", []).append({"if": condition, "then": then})
