"""A format stated once: a class lists the members of a mapping, and all else follows from it.

    class Window(Members):
        \"\"\"When a shop is open.\"\"\"

        lasts = Field(DURATION, "For how long.", key="for", required=True)
        days = Field(WHOLE_NUMBER, "How many days in a row.", default=1, examples=[5])
        until = Field(TEXT, "What ends it.")
        RULES = (Excludes("until", "days", "`until` beside `days`", "one of them"),)

- `Window(node)` reads a `Node`: `.lasts` is an int here, `.days` 1 unless given, `.until` a text or
  None. Whatever is wrong is refused with its place: an unknown or missing key, a value that its
  kind does not take, a rule that is broken. `"until" in window` tells whether it was given,
  `window.nodes["until"]` is its node, for errors that only the caller can find.
- `Window.schema()` is the JSON Schema. The docstring is its description; `MORE` is added to it.
- `Window.reference()` is a Markdown table of the members.

Values are of a `Kind`: what is expected, in words; how it is read from a node; its JSON Schema; and
a name, if that schema stands in `$defs`. `Window.kind("a window", name="window")` makes the class a
kind itself, `words("near", "far")` takes one of these words, `list_of(kind, each="day")` a list.
A value whose meaning depends on others is a NODE, which its reader reads on.

Members that a registry adds are passed in: `Members.of("Fault", "What goes wrong.", fields)`, read
as `members["delay"]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeAlias, TypeVar, cast, overload

from mockserver.documents.node import MAX_INTEGER, Node, either

_T = TypeVar("_T")
_Word = TypeVar("_Word", bound=str)
_Self = TypeVar("_Self", bound="Members")
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


class Field(Generic[_T]):
    """One member of a mapping. Of an instance of the class that lists it, it is the value read.

    `key` is the attribute's name unless given. `default` stands for a member that is not there;
    `shown_default` is how the format writes it, where that is another value. `schema` is added to
    that of the kind.
    """

    @overload
    def __init__(
        self,
        kind: Kind[_T],
        description: str,
        *,
        required: Literal[True],
        key: str = "",
        examples: Sequence[Any] = (),
        schema: Mapping[str, Any] = ...,
    ) -> None: ...

    @overload
    def __init__(
        self,
        kind: Kind[_T],
        description: str,
        *,
        default: _T,
        shown_default: Any = None,
        key: str = "",
        examples: Sequence[Any] = (),
        schema: Mapping[str, Any] = ...,
    ) -> None: ...

    @overload
    def __init__(
        self: Field[_T | None],
        kind: Kind[_T],
        description: str,
        *,
        key: str = "",
        examples: Sequence[Any] = (),
        schema: Mapping[str, Any] = ...,
    ) -> None: ...

    def __init__(
        self,
        kind: Kind[Any],
        description: str,
        *,
        required: bool = False,
        default: Any = None,
        shown_default: Any = None,
        key: str = "",
        examples: Sequence[Any] = (),
        schema: Mapping[str, Any] | None = None,
    ) -> None:
        self.kind = kind
        self.description = description
        self.required = required
        self.default = default
        self.shown_default = default if shown_default is None else shown_default
        self.key = key
        self.examples = examples
        self._schema = schema or {}

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = self.key or name

    @overload
    def __get__(self, instance: None, owner: type) -> Field[_T]: ...

    @overload
    def __get__(self, instance: Members, owner: type) -> _T: ...

    def __get__(self, instance: Members | None, owner: type) -> Field[_T] | _T:
        return self if instance is None else cast(_T, instance[self.key])

    def schema(self) -> Schema:
        """The JSON Schema of the member."""
        schema = {"description": self.description, **self.kind.reference, **self._schema}
        if self.shown_default is not None:
            schema["default"] = self.shown_default
        if self.examples:
            schema["examples"] = list(self.examples)
        return schema


class MemberRule(Protocol):
    """What members say together."""

    def check(self, nodes: Mapping[str, Node]) -> None:
        """Refuse the members that were given, if they break it."""

    def add_to(self, schema: Schema) -> None:
        """Say it in the JSON Schema of the mapping."""


@dataclass(frozen=True, slots=True)
class Excludes:
    """A member cannot stand beside any of the others."""

    key: str
    others: str | tuple[str, ...]
    problem: str
    expected: str

    def check(self, nodes: Mapping[str, Node]) -> None:
        others = (self.others,) if isinstance(self.others, str) else self.others
        if self.key in nodes and any(other in nodes for other in others):
            raise nodes[self.key].error(self.problem, self.expected, key=True)

    def add_to(self, schema: Schema) -> None:
        for other in (self.others,) if isinstance(self.others, str) else self.others:
            dependent = schema.setdefault("dependentSchemas", {}).setdefault(other, {})
            dependent.setdefault("properties", {})[self.key] = False


@dataclass(frozen=True, slots=True)
class Needs:
    """A member says nothing without another one."""

    key: str
    other: str
    problem: str
    expected: str

    def check(self, nodes: Mapping[str, Node]) -> None:
        if self.key in nodes and self.other not in nodes:
            raise nodes[self.key].error(self.problem, self.expected, key=True)

    def add_to(self, schema: Schema) -> None:
        schema.setdefault("dependentRequired", {}).setdefault(self.key, []).append(self.other)


class Members:
    """A mapping's members as its subclass lists them, read from a node."""

    FIELDS: ClassVar[Mapping[str, Field[Any]]] = {}
    RULES: ClassVar[tuple[MemberRule, ...]] = ()
    MORE: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        # Several bases may each list some, so that the attribute as inherited is not all of them.
        fields: dict[str, Field[Any]] = {}
        for base in reversed(cls.__mro__):
            own = (value for value in vars(base).values() if isinstance(value, Field))
            fields |= {field.key: field for field in own}
        cls.FIELDS = fields

    @staticmethod
    def of(name: str, description: str, fields: Iterable[Field[Any]], **more: Any) -> type[Members]:
        """A subclass made from fields that bear their keys; `more` are RULES and MORE."""
        attributes = {field.key: field for field in fields}
        return type(name, (Members,), {"__doc__": description, **attributes, **more})

    def __init__(self, node: Node) -> None:
        fields = self.FIELDS
        required = [key for key, field in fields.items() if field.required]
        self.node = node
        self.nodes = node.members(required, [key for key in fields if key not in required])
        for rule in self.RULES:
            rule.check(self.nodes)
        self._values = {
            key: field.kind.read(self.nodes[key])
            for key, field in fields.items()
            if key in self.nodes
        }

    def __contains__(self, key: str) -> bool:
        """Whether the member was given."""
        return key in self.nodes

    def __getitem__(self, key: str) -> Any:
        return self._values[key] if key in self._values else self.FIELDS[key].default

    @classmethod
    def schema(cls) -> Schema:
        """The JSON Schema of the mapping, which takes no other members."""
        schema: Schema = {"description": " ".join((cls.__doc__ or "").split()), "type": "object"}
        if required := [key for key, field in cls.FIELDS.items() if field.required]:
            schema["required"] = required
        schema["additionalProperties"] = False
        schema["properties"] = {key: field.schema() for key, field in cls.FIELDS.items()}
        for rule in cls.RULES:
            rule.add_to(schema)
        return {**schema, **cls.MORE}

    @classmethod
    def kind(cls: type[_Self], expected: str, name: str | None = None) -> Kind[_Self]:
        """The class as the kind of a value."""
        return Kind(expected, cls, cls.schema(), name)

    @classmethod
    def reference(cls) -> str:
        """A Markdown table of the members, for readers."""
        lines = ["| key | value | what it says |", "|---|---|---|"]
        for key, field in cls.FIELDS.items():
            about = field.description + (" Required." if field.required else "")
            expected = field.kind.expected.replace("|", r"\|")
            lines.append(f"| `{key}` | {expected} | {about} |")
        return "\n".join(lines) + "\n"


def words(*known: _Word, old: Mapping[str, _Word] | None = None, name: str = "") -> Kind[_Word]:
    """One of these words; each of the `old` ones is refused with the one that it is now."""
    return Kind(
        either([f"`{word}`" for word in known]),
        lambda node: node.word(known, old),
        {"enum": list(known)},
        name or None,
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
