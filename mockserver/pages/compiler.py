"""Rows to JSON Schema 2020-12, open to unknown fields, since the pages do not forbid them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from mockserver.documents.source import Source
from mockserver.errors import PageError, visible
from mockserver.pages import condition_schema, conditions, types
from mockserver.pages.operation import PageOperation, Part, read_operations
from mockserver.pages.page import refusal
from mockserver.pages.schema_node import DIALECT, SOURCE, Schema, any_of, literals
from mockserver.pages.table import Row

OPERATION = "x-operation"
"""Annotation of a whole schema: the operation's id, method and path, and which part this is."""


def compile_pages(sources: Iterable[Source], edition: str) -> dict[str, Schema]:
    """The schema of every part: file name (`job_status.response.schema.json`) -> schema."""
    return {
        f"{name}.schema.json": schema
        for described in read_operations(sources)
        for name, schema in compile_operation(described, edition).items()
    }


def as_text(document: Schema) -> str:
    """A schema, or a document of schemas, as its file holds it: the same pages, the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def compile_operation(operation: PageOperation, edition: str) -> dict[str, Schema]:
    """The schema of every part: `job_status.response` -> schema."""
    return {
        f"{operation.id}.{part.name}": compile_part(operation, part, edition)
        for part in operation.parts.values()
    }


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
    about = {name: getattr(operation, name) for name in ("id", "method", "path")}
    schema[OPERATION] = {**about, "part": part.name}
    whole = Row(part.name, types.PrimitiveType("object"), "", children=part.rows, line=part.line)
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
            if condition_schema.reason_against(condition, row, {}) is not None:
                continue
            if condition.kind == "iso-8601":
                node["format"] = "date-time"
            elif condition.kind == "starts-with":
                node["pattern"] = "^" + _escaped(condition.values[0].text)
        return node

    def structure(self, row: Row) -> Schema:
        """What the row's type and children demand, without the row's own annotations."""
        alternatives = tuple(child for child in row.children if child.alternative)
        members = tuple(child for child in row.children if not child.alternative)
        if members and not any(types.holds_members(option) for option in types.options(row.type)):
            raise self.misfit(row, members[0], "an object or an array with these keys")
        compiler = _TypeCompiler(self, row, self._members(members), alternatives)
        schema = compiler.schema(row.type)
        for alternative in alternatives:
            if alternative not in compiler.used:
                raise self.misfit(row, alternative, "a parent's type that this could refine")
        # A lone alternative is a node of its own: it must not take the place of the row's.
        return {"anyOf": [schema]} if SOURCE in schema else schema

    def misfit(self, row: Row, child: Row, expected: str) -> PageError:
        """The error for a child that its parent has no place for."""
        own, parent = (f"{each.name!r} ({types.render(each.type)})" for each in (child, row))
        return refusal(self.source, child.line, f"{own} does not fit {parent}", expected, at=None)

    def _members(self, rows: tuple[Row, ...]) -> Schema:
        """The keywords for an object with these keys."""
        siblings: dict[str, Row] = {}
        for row in rows:
            if row.name in siblings:
                expected = f"one; the first is in line {siblings[row.name].line}"
                problem = f"duplicate row {row.name!r}"
                raise refusal(self.source, row.line, problem, expected, at=None)
            siblings[row.name] = row
        keywords: Schema = {}
        if rows:
            keywords["properties"] = {row.name: self.node(row) for row in rows}
        required = [row.name for row in rows if not row.optional]
        if required:
            keywords["required"] = required
        return keywords | condition_schema.keywords(rows, siblings, self.at)


@dataclass(slots=True)
class _TypeCompiler:
    """A row's type as a schema, its children put where they belong."""

    compiler: _Compiler
    row: Row
    members: Schema
    alternatives: tuple[Row, ...]
    used: set[Row] = field(default_factory=set)

    def schema(self, type_: types.Type) -> Schema:
        options = types.options(type_)
        values = [option.value for option in options if isinstance(option, types.LiteralType)]
        if len(values) == len(options):
            return literals(values)
        # An alternative that refines one of the options by its own type is not an array's item too.
        claimed = {
            alternative
            for alternative in self.alternatives
            for option in options
            if types.refines(alternative.type, option)
        }
        # Literals share one node; null goes with the types, where it is one of them.
        labels = [value for value in values if value is not None]
        schemas = [
            self._option(option, claimed)
            for option in options
            if not isinstance(option, types.LiteralType) or option.value is None
        ]
        return any_of([literals(labels), *schemas] if labels else schemas)

    def _option(self, type_: types.Type, claimed: set[Row]) -> Schema:
        fitting = [row for row in self.alternatives if types.refines(row.type, type_)]
        if fitting:
            if self.members and types.holds_members(type_):
                raise self.compiler.misfit(self.row, fitting[0], "fields or alternatives, not both")
            return self._nodes(fitting)
        if isinstance(type_, types.LiteralType):
            return literals([type_.value])
        if isinstance(type_, types.ArrayType):
            return {"type": "array", "items": self._item(self.schema(type_.item))}
        assert isinstance(type_, types.PrimitiveType)
        if type_.name == "array":
            return self._bare_array(claimed)
        if type_.name == "object":
            return {"type": "object"} | self.members
        return {"type": type_.name}

    def _bare_array(self, claimed: set[Row]) -> Schema:
        if self.members:
            return {"type": "array", "items": self._item({"type": "object"} | self.members)}
        free = [row for row in self.alternatives if row not in claimed]
        if free:
            return {"type": "array", "items": self._item(self._nodes(free))}
        return {"type": "array"}

    def _item(self, schema: Schema) -> Schema:
        return {SOURCE: self.compiler.at(self.row.line)} | schema

    def _nodes(self, alternatives: list[Row]) -> Schema:
        self.used.update(alternatives)
        return any_of([self.compiler.node(row) for row in alternatives])


def _escaped(prefix: str) -> str:
    return "".join("\\" + ch if ch in r"\^$.|?*+()[]{}/" else ch for ch in prefix)
