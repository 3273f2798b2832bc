"""Rows to JSON Schema 2020-12, open to unknown fields, since the pages do not forbid them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from mockserver.documents.source import Source
from mockserver.errors import PageError, visible
from mockserver.pages import conditions, presence, types
from mockserver.pages.conditions import Absent, Format, Present, StartsWith, Together
from mockserver.pages.node import DIALECT, SOURCE, Schema, Value, any_of, literals
from mockserver.pages.operation import PageOperation, Part
from mockserver.pages.params import Row

OPERATION = "x-operation"
"""Annotation of a whole schema: the operation's id, method and path, and which part this is."""


def compile_part(operation: PageOperation, part: Part, edition: str) -> Schema:
    """The schema of one table as a whole payload; PageError when the rows cannot be one."""
    compiler = _Compiler(operation.source)
    titles = {"path": "path parameters", "request": "request body", "response": "response"}
    name = quote(visible(edition), safe="")
    heading = f"{operation.method} {operation.path}: {titles[part.name]}"
    schema: Schema = {
        "$schema": DIALECT,
        "$id": f"urn:lmstudio-mockserver:{name}:{operation.id}.{part.name}",
        "title": f"{operation.title}: {heading}" if operation.title else heading,
    }
    if part.prose:
        schema["description"] = part.prose
    schema[SOURCE] = compiler.at(part.line)
    schema[OPERATION] = {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "part": part.name,
    }
    whole = Row(part.name, types.Primitive("object"), "", children=part.rows, line=part.line)
    return schema | compiler.structure(whole)


@dataclass(frozen=True, slots=True)
class _Compiler:
    source: Source

    def at(self, line: int) -> str:
        # The name alone: the same page gives the same bytes wherever it lies.
        return f"{visible(self.source.path.replace(chr(92), '/').rsplit('/', 1)[-1])}:{line}"

    def node(self, row: Row) -> Schema:
        """The schema of one field, or of one alternative (which then bears its name as title)."""
        node: Schema = {"title": row.name} if row.alternative else {}
        if row.description:
            node["description"] = row.description
        node[SOURCE] = self.at(row.line)
        node |= self.structure(row)
        for condition in conditions.read(row.description):
            if presence.reason_against(condition, row, {}) is not None:
                continue
            if isinstance(condition, Format):
                node["format"] = condition.name
            elif isinstance(condition, StartsWith):
                node["pattern"] = "^" + _escaped(condition.prefix)
        return node

    def structure(self, row: Row) -> Schema:
        """What the row's type and children demand, without the row's own annotations."""
        alternatives = tuple(child for child in row.children if child.alternative)
        members = tuple(child for child in row.children if not child.alternative)
        if members and not any(_holds_members(option) for option in types.options(row.type)):
            raise self.misfit(row, members[0], "an object or an array with these keys")
        form = _Form(self, row, self._members(members), alternatives)
        schema = form.of(row.type)
        for alternative in alternatives:
            if alternative not in form.used:
                raise self.misfit(row, alternative, "a parent's type that this could refine")
        # A lone alternative is a node of its own: it must not take the place of the row's.
        return {"anyOf": [schema]} if SOURCE in schema else schema

    def misfit(self, row: Row, child: Row, expected: str) -> PageError:
        """The error for a child that its parent has no place for."""
        found = types.render(row.type)
        return self.source.error(
            PageError,
            child.line,
            None,
            f"{child.name!r} ({types.render(child.type)}) does not fit {row.name!r} ({found})",
            expected=expected,
        )

    def _members(self, rows: tuple[Row, ...]) -> Schema:
        """The keywords for an object with these keys."""
        siblings: dict[str, Row] = {}
        for row in rows:
            if row.name in siblings:
                raise self.source.error(
                    PageError,
                    row.line,
                    None,
                    f"duplicate row {row.name!r}",
                    expected=f"one; the first is in line {siblings[row.name].line}",
                )
            siblings[row.name] = row
        keywords: Schema = {}
        if rows:
            keywords["properties"] = {row.name: self.node(row) for row in rows}
        required = [row.name for row in rows if not row.optional]
        if required:
            keywords["required"] = required
        return keywords | self._conditional(rows, siblings)

    def _conditional(self, rows: tuple[Row, ...], siblings: dict[str, Row]) -> Schema:
        together: dict[str, list[str]] = {}
        rules: list[Schema] = []
        for row in rows:
            for condition in conditions.read(row.description):
                if presence.reason_against(condition, row, siblings) is not None:
                    continue
                if isinstance(condition, Together):
                    for one, other in ((row.name, condition.field), (condition.field, row.name)):
                        # What is always required would be missing twice.
                        if siblings[other].optional and other not in together.get(one, ()):
                            together.setdefault(one, []).append(other)
                elif isinstance(condition, Present | Absent):
                    rules += self._presence(row, condition, siblings[condition.field])
        keywords: Schema = {}
        if together:
            keywords["dependentRequired"] = together
        if rules:
            keywords["allOf"] = rules
        return keywords

    def _presence(self, row: Row, condition: Present | Absent, other: Row) -> Iterator[Schema]:
        """One or two rules: what holds when the other field has the values, and what otherwise."""
        for when, then in presence.cases(row, condition, other):
            yield {
                "description": condition.sentence,
                SOURCE: self.at(row.line),
                "if": when,
                "then": then,
            }


class _Form:
    """A row's type as a schema, its children put where they belong."""

    def __init__(
        self, compiler: _Compiler, row: Row, members: Schema, alternatives: tuple[Row, ...]
    ) -> None:
        self._compiler = compiler
        self._row = row
        self._members = members
        self._alternatives = alternatives
        self.used: set[Row] = set()

    def of(self, type_: types.Type) -> Schema:
        options = types.options(type_)
        if all(isinstance(option, types.Literal) for option in options):
            values = [option.value for option in options if isinstance(option, types.Literal)]
            return literals(values)
        # An alternative that refines one of the options by its own type is not an array's item too.
        claimed = {
            alternative
            for alternative in self._alternatives
            for option in options
            if _refines(alternative, option)
        }
        # Literals share one node; null goes with the types, where it is one of them.
        labels: list[Value] = []
        schemas: list[Schema] = []
        for option in options:
            if isinstance(option, types.Literal) and option.value is not None:
                labels.append(option.value)
            else:
                schemas.append(self._option(option, claimed))
        return any_of([literals(labels), *schemas] if labels else schemas)

    def _option(self, type_: types.Type, claimed: set[Row]) -> Schema:
        fitting = [one for one in self._alternatives if _refines(one, type_)]
        if fitting:
            if self._members and _holds_members(type_):
                raise self._compiler.misfit(
                    self._row, fitting[0], "fields or alternatives, not both"
                )
            return self._nodes(fitting)
        if isinstance(type_, types.Literal):
            return literals([type_.value])
        if isinstance(type_, types.ArrayOf):
            return {"type": "array", "items": self._item(self.of(type_.item))}
        assert isinstance(type_, types.Primitive)
        if type_.name == "array":
            return self._bare_array(claimed)
        if type_.name == "object":
            return {"type": "object"} | self._members
        return {"type": type_.name}

    def _bare_array(self, claimed: set[Row]) -> Schema:
        if self._members:
            return {"type": "array", "items": self._item({"type": "object"} | self._members)}
        free = [one for one in self._alternatives if one not in claimed]
        if free:
            return {"type": "array", "items": self._item(self._nodes(free))}
        return {"type": "array"}

    def _item(self, schema: Schema) -> Schema:
        return {SOURCE: self._compiler.at(self._row.line)} | schema

    def _nodes(self, alternatives: list[Row]) -> Schema:
        self.used.update(alternatives)
        return any_of([self._compiler.node(one) for one in alternatives])


def _refines(alternative: Row, type_: types.Type) -> bool:
    """Whether the alternative's own type is of the same kind as this part of its parent's type."""
    if isinstance(type_, types.Literal) or type_ == types.Primitive("array"):
        return False
    return types.kind(type_) in [types.kind(option) for option in types.options(alternative.type)]


def _holds_members(type_: types.Type) -> bool:
    if isinstance(type_, types.ArrayOf):
        return any(_holds_members(option) for option in types.options(type_.item))
    return type_ in (types.Primitive("object"), types.Primitive("array"))


def _escaped(prefix: str) -> str:
    return "".join("\\" + ch if ch in r"\^$.|?*+()[]{}/" else ch for ch in prefix)
