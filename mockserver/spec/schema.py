"""Rows to JSON Schema 2020-12, open to unknown fields, since the pages do not forbid them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

from mockserver.errors import PageError
from mockserver.source import Source
from mockserver.spec import conditions, types
from mockserver.spec.conditions import Absent, Format, Present, StartsWith, Together, Unread
from mockserver.spec.operation import Operation, Part
from mockserver.spec.params import Row

Schema: TypeAlias = dict[str, Any]
_Value: TypeAlias = str | bool | None

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SOURCE = "x-source"
"""Annotation: where a node comes from, as `page.md:line`."""
OPERATION = "x-operation"
"""Annotation of a whole schema: the operation's id, method and path, and which part this is."""


@dataclass(frozen=True, slots=True)
class Unenforced:
    """A condition in the prose that the schema does not hold anybody to, and why not."""

    row: Row
    sentence: str
    reason: str


def compile_part(operation: Operation, part: Part, edition: str) -> Schema:
    """The schema of one table as a whole payload; PageError when the rows cannot be one."""
    compiler = _Compiler(operation.source)
    titles = {"path": "path parameters", "request": "request body", "response": "response"}
    heading = f"{operation.method} {operation.path}: {titles[part.name]}"
    schema: Schema = {
        "$schema": DIALECT,
        "$id": f"urn:lmstudio-mockserver:{quote(edition, safe='')}:{operation.id}.{part.name}",
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


def unenforced(rows: Sequence[Row]) -> Iterator[Unenforced]:
    """The conditions in these rows, and all below them, that `compile_part` leaves out."""
    siblings = {row.name: row for row in rows if not row.alternative}
    for row in rows:
        for condition in conditions.read(row.description):
            reason = _reason_against(condition, row, siblings)
            if reason is not None:
                yield Unenforced(row, condition.sentence, reason)
        yield from unenforced(row.children)


@dataclass(frozen=True, slots=True)
class _Compiler:
    source: Source

    def at(self, line: int) -> str:
        # The name alone: the same page gives the same bytes wherever it lies.
        return f"{self.source.path.replace(chr(92), '/').rsplit('/', 1)[-1]}:{line}"

    def node(self, row: Row) -> Schema:
        """The schema of one field, or of one alternative (which then bears its name as title)."""
        node: Schema = {"title": row.name} if row.alternative else {}
        if row.description:
            node["description"] = row.description
        node[SOURCE] = self.at(row.line)
        node |= self.structure(row)
        for condition in conditions.read(row.description):
            if _reason_against(condition, row, {}) is not None:
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
                if _reason_against(condition, row, siblings) is not None:
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
        values = _resolved(condition.values, other)
        named, rest = _when(other, values), _otherwise(other, values)
        cases: tuple[tuple[Schema | None, Schema], ...]
        there: Schema = {"required": [row.name]}
        gone: Schema = {"not": there}
        cases = ((named, there), (rest, gone))
        if isinstance(condition, Absent):
            cases = ((named, gone), (rest, there))
        for when, then in cases:
            if when is not None:
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
            return _literals(values)
        # An alternative that refines one of the options by its own type is not an array's item too.
        claimed = {
            alternative
            for alternative in self._alternatives
            for option in options
            if option != types.Primitive("array") and _refines(alternative, option)
        }
        # Literals share one node; null goes with the types, where it is one of them.
        labels: list[_Value] = []
        schemas: list[Schema] = []
        for option in options:
            if isinstance(option, types.Literal) and option.value is not None:
                labels.append(option.value)
            else:
                schemas.append(self._option(option, claimed))
        return _any_of([_literals(labels), *schemas] if labels else schemas)

    def _option(self, type_: types.Type, claimed: set[Row]) -> Schema:
        fitting = [one for one in self._alternatives if _refines(one, type_)]
        if fitting:
            if self._members and _holds_members(type_):
                raise self._compiler.misfit(
                    self._row, fitting[0], "fields or alternatives, not both"
                )
            return self._nodes(fitting)
        if isinstance(type_, types.Literal):
            return _literals([type_.value])
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
        return _any_of([self._compiler.node(one) for one in alternatives])


def _refines(alternative: Row, type_: types.Type) -> bool:
    """Whether the alternative's own type is of the same kind as this part of its parent's type."""
    return any(_kind(option) == _kind(type_) for option in types.options(alternative.type)) and (
        not isinstance(type_, types.Literal) and type_ != types.Primitive("array")
    )


def _kind(type_: types.Type) -> str:
    match type_:
        case types.ArrayOf():
            return "array"
        case types.Primitive(name):
            return name
        case types.Literal(str()):
            return "string"
        case types.Literal(bool()):
            return "boolean"
        case _:
            return "null"


def _holds_members(type_: types.Type) -> bool:
    if isinstance(type_, types.ArrayOf):
        return any(_holds_members(option) for option in types.options(type_.item))
    return type_ in (types.Primitive("object"), types.Primitive("array"))


def _literals(values: list[_Value]) -> Schema:
    distinct = list({(type(value), value): value for value in values}.values())
    if distinct == [None]:
        return {"type": "null"}
    return {"const": distinct[0]} if len(distinct) == 1 else {"enum": distinct}


def _any_of(schemas: list[Schema]) -> Schema:
    """One node that accepts what any of these accepts; plain types share a single node."""
    flat: list[Schema] = []
    for schema in schemas:
        inner = schema["anyOf"] if list(schema) == ["anyOf"] else [schema]
        flat += [one for one in inner if one not in flat]
    if len(flat) == 1:
        return flat[0]
    names = [schema.get("type") for schema in flat]
    annotated = any(SOURCE in schema for schema in flat)
    # A rule about an object's members would hold for a value of the other types as well.
    ruled = any("allOf" in schema for schema in flat)
    distinct = all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    if distinct and not annotated and not ruled:
        merged: Schema = {"type": names}
        for schema in flat:
            merged |= {key: value for key, value in schema.items() if key != "type"}
        return merged
    return {"anyOf": flat}


def _escaped(prefix: str) -> str:
    return "".join("\\" + ch if ch in r"\^$.|?*+()[]{}/" else ch for ch in prefix)


def _reason_against(
    condition: conditions.Condition, row: Row, siblings: dict[str, Row]
) -> str | None:
    """Why this condition cannot be enforced, or None when it can.

    `siblings` matters to conditions on another field only.
    """
    if isinstance(condition, Unread):
        return "not one of the wordings that are read"
    if isinstance(condition, Format | StartsWith):
        if types.Primitive("string") in types.options(row.type):
            return None
        return f"the field's type is {types.render(row.type)}, not string"
    if row.alternative:
        return f"{row.name!r} is an alternative, not a field"
    other = siblings.get(condition.field)
    if other is None:
        return f"{condition.field!r} is not a field beside it"
    if other is row:
        return "a field cannot depend on itself"
    if isinstance(condition, Together):
        may_miss = other.optional
    else:
        try:
            values = _resolved(condition.values, other)
        except ValueError as error:
            return str(error)
        may_miss = isinstance(condition, Absent) or _otherwise(other, values) is not None
    if may_miss and not row.optional:
        return "the field is not marked optional, so it is always required"
    return None


def _resolved(values: tuple[conditions.Value, ...], other: Row) -> list[_Value]:
    """The prose's values as JSON; ValueError when the other field can never have one of them."""
    literals = _domain(other)
    found: list[_Value] = []
    for value in values:
        candidates: list[_Value] = [value.text]
        if not value.quoted and value.text in types.CONSTANTS:
            candidates.insert(0, types.CONSTANTS[value.text])
        fitting = [one for one in candidates if _can_be(other, one, literals)]
        if not fitting:
            raise ValueError(f"{other.name!r} ({types.render(other.type)}) is never {value.text}")
        found.append(fitting[0])
    return found


def _can_be(row: Row, value: _Value, domain: list[_Value] | None) -> bool:
    if domain is not None:
        return any(_same(value, one) for one in domain)
    kind = _kind(types.Literal(value))
    return any(
        option == types.Primitive(kind) or option == types.Literal(value)
        for option in types.options(row.type)
    )


def _same(one: _Value, other: _Value) -> bool:
    return type(one) is type(other) and one == other


def _domain(row: Row) -> list[_Value] | None:
    """Every value the field may have when its type counts them, else None."""
    values: list[_Value] = []
    for option in types.options(row.type):
        if isinstance(option, types.Literal):
            values.append(option.value)
        elif option == types.Primitive("boolean"):
            values += [True, False]
        else:
            return None
    return values


def _when(other: Row, values: list[_Value]) -> Schema:
    return {"properties": {other.name: _literals(values)}, "required": [other.name]}


def _otherwise(other: Row, values: list[_Value]) -> Schema | None:
    """The reverse of `_when`, or None when there is none: the field can have no other value.

    A value that the other field must not have at all, or its being missing although required, is a
    violation of its own and makes no case here: one fault gives one violation.
    """
    domain = _domain(other)
    if domain is None:
        kinds = list(dict.fromkeys(_kind(option) for option in types.options(other.type)))
        case: Schema = {"type": kinds[0] if len(kinds) == 1 else kinds}
        case["not"] = _literals(values)
    else:
        rest = [one for one in domain if not any(_same(one, value) for value in values)]
        if not rest and not other.optional:
            return None
        case = _literals(rest) if rest else {"not": {}}
    when: Schema = {"properties": {other.name: case}}
    if not other.optional:
        when["required"] = [other.name]
    return when
