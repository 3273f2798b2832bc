"""A format stated once: a class lists the members of a mapping, and all else follows from it.

    class Window(Members):
        \"\"\"When a shop is open.\"\"\"

        lasts = Field(DURATION, "For how long.", key="for", required=True)
        days = Field(WHOLE_NUMBER, "How many days in a row.", default=1, examples=[5])
        until = Field(TEXT, "What ends it.")
        RULES = (Excludes("until", "days", "`until` beside `days`", "one of them"),)

- `Window(node)` reads a `Node`: `.lasts` is an int here, `.days` 1 unless given, `.until` a text or
  None. Whatever is wrong is refused with its place. `"until" in window` tells whether it was given,
  `window.nodes["until"]` is its node, for errors that only the caller can find.
- `Window.schema()` is the JSON Schema: the docstring is its description, `LEAST` how many members
  there are at the least, `MORE` is added.
- `Window.kind("a window", name="window")` makes the class the `Kind` of a value itself.

Members that a registry adds are passed in: `Members.of("Fault", "What goes wrong.", fields)`, read
as `members["delay"]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Literal, Self, TypedDict, TypeVar, Unpack, cast, overload

from mockserver.documents.kinds import Kind, MemberRule, Schema
from mockserver.documents.node import Node, either

_T = TypeVar("_T")


class _More(TypedDict, total=False):
    key: str
    shown_default: Any
    examples: Sequence[Any]


class Field(Generic[_T]):
    """One member of a mapping. Of an instance of the class that lists it, it is the value read.

    `key` is the attribute's name unless given. `default` stands for a member that is not there;
    `shown_default` is how the format writes it, where that is another value.
    """

    @overload
    def __init__(
        self, kind: Kind[_T], description: str, *, required: Literal[True], **more: Unpack[_More]
    ) -> None: ...

    @overload
    def __init__(
        self, kind: Kind[_T], description: str, *, default: _T, **more: Unpack[_More]
    ) -> None: ...

    @overload
    def __init__(
        self: Field[_T | None], kind: Kind[_T], description: str, **more: Unpack[_More]
    ) -> None: ...

    def __init__(
        self,
        kind: Kind[Any],
        description: str,
        *,
        required: bool = False,
        default: Any = None,
        **more: Unpack[_More],
    ) -> None:
        self.kind = kind
        self.description = description
        self.required = required
        self.default = default
        self.shown_default = more.get("shown_default", default)
        self.key = more.get("key", "")
        self.examples = more.get("examples", ())

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = self.key or name

    @overload
    def __get__(self, instance: None, owner: type) -> Field[_T]: ...

    @overload
    def __get__(self, instance: Members, owner: type) -> _T: ...

    def __get__(self, instance: Members | None, owner: type) -> Field[_T] | _T:
        return self if instance is None else cast(_T, instance[self.key])

    def schema(self) -> Schema:
        schema = {"description": self.description, **self.kind.reference}
        if self.shown_default is not None:
            schema["default"] = self.shown_default
        if self.examples:
            schema["examples"] = list(self.examples)
        return schema


class Members:
    """A mapping's members as its subclass lists them, read from a node."""

    FIELDS: ClassVar[Mapping[str, Field[Any]]] = {}
    RULES: ClassVar[tuple[MemberRule, ...]] = ()
    LEAST: ClassVar[int] = 0
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
        if len(self.nodes) < self.LEAST:
            raise node.error(f"{node.name} says nothing", either([*fields]))
        for rule in self.RULES:
            rule.check(self.nodes)
        self._values = {
            key: field.kind.read(self.nodes[key])
            for key, field in fields.items()
            if key in self.nodes
        }

    def __contains__(self, key: str) -> bool:
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
        if cls.LEAST:
            schema["minProperties"] = cls.LEAST
        return {**schema, **cls.MORE}

    @classmethod
    def kind(cls, expected: str, name: str | None = None) -> Kind[Self]:
        """The class as the kind of a value."""
        return Kind(expected, cls, cls.schema(), name)

    @classmethod
    def or_first(
        cls, expected: str, name: str, description: str, examples: Sequence[Any]
    ) -> Kind[Any]:
        """The mapping, or the value of its first member alone: read as the values of all."""
        first, *others = cls.FIELDS.values()
        mapping = {key: value for key, value in cls.schema().items() if key != "description"}

        def read(node: Node) -> tuple[Any, ...]:
            if not isinstance(node.value, dict):
                return (first.kind.read(node), *(field.default for field in others))
            members = cls(node)
            return tuple(members[key] for key in cls.FIELDS)

        schema = {"anyOf": [first.kind.reference, mapping], "examples": examples}
        return Kind(expected, read, {"description": description, **schema}, name)
