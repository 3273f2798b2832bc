"""What the members of a mapping say together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from mockserver.documents.kinds import Schema
from mockserver.documents.node import Node


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
