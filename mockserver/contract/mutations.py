"""What may break a rule of a payload, proposed by a walk through its schema; not yet proved."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from mockserver.documents.pointer import MISSING

Schema: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str | int, ...]

KEYWORDS = {"absent": "not"}
"""The keyword of a schema that states a rule, where it is not the rule's own name."""

_DATE_TIME = "2025-10-03T15:33:23.496Z"
_ZONE = re.compile(r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$")


class AppliedSchema(NamedTuple):
    """A schema and the value that it holds for. `members` are the schemas of the value's members.

    What a condition demands is applied whether or not the condition is met.
    """

    schema: Schema
    value: Any
    place: Place
    members: dict[str, Schema]


class Mutation(NamedTuple):
    """What becomes of the value at a place; `note` tells several mutations there apart."""

    place: Place
    became: Any
    note: str = ""


def mutations(payload: Any, schema: Schema, rule: str) -> Iterator[tuple[AppliedSchema, Mutation]]:
    """What may break the rule; that another whole takes the place of this one comes last."""
    keyword = KEYWORDS.get(rule, rule)
    for is_whole in (False, True):
        for applied in _applied_schemas(payload, schema):
            if keyword in applied.schema:
                for mutation in MUTATORS[rule](applied):
                    if is_whole is not bool(mutation.place):
                        yield applied, mutation


def _applied_schemas(payload: Any, schema: Schema) -> Iterator[AppliedSchema]:
    """All pairs of a schema and the value it is for, the whole first, then level by level."""
    todo = deque([AppliedSchema(schema, payload, (), schema.get("properties", {}))])
    while todo:
        applied = todo.popleft()
        yield applied
        node, value = applied.schema, applied.value
        for inner in reversed([*in_place(node)]):
            members = applied.members | inner.get("properties", {})
            todo.appendleft(AppliedSchema(inner, value, applied.place, members))
        below: dict[Any, Any] = {}
        if isinstance(value, dict):
            below = {k: inner for k, inner in node.get("properties", {}).items() if k in value}
        elif isinstance(value, list) and "items" in node:
            below = dict.fromkeys(range(len(value)), node["items"])
        for step, inner in below.items():
            members, place = inner.get("properties", {}), (*applied.place, step)
            todo.append(AppliedSchema(inner, value[step], place, members))


def in_place(node: Schema) -> Iterator[Schema]:
    """The schemas within this one that apply to the same value; a condition itself is none."""
    yield from (*node.get("allOf", ()), *node.get("anyOf", ()))
    yield from (node[keyword] for keyword in ("then", "else") if keyword in node)


# The mutations for each rule, the plainest first.


def _drop_required(applied: AppliedSchema) -> Iterator[Mutation]:
    for name in applied.schema["required"]:
        if isinstance(applied.value, dict) and name in applied.value:
            yield Mutation((*applied.place, name), MISSING)


def _drop_dependent(applied: AppliedSchema) -> Iterator[Mutation]:
    for name, others in applied.schema["dependentRequired"].items():
        for other in others:
            if isinstance(applied.value, dict) and {name, other} <= applied.value.keys():
                yield Mutation((*applied.place, other), MISSING)


def _add_forbidden(applied: AppliedSchema) -> Iterator[Mutation]:
    for name in applied.schema["not"].get("required", ()):
        if isinstance(applied.value, dict) and name not in applied.value:
            yield Mutation((*applied.place, name), _sample(applied.members.get(name, {})))


def _spoil_time(applied: AppliedSchema) -> Iterator[Mutation]:
    text = applied.value if isinstance(applied.value, str) else _DATE_TIME
    for note, became in (
        ("words", "yesterday"),
        ("impossible-day", f"{text[:5]}02-30{text[10:]}"),
        ("no-zone", _ZONE.sub("", text)),
        ("trailing-newline", f"{text}\n"),
        ("space-for-t", f"{text[:10]} {text[11:]}"),
        ("hour-24", f"{text[:11]}24{text[13:]}"),
        ("month-13", f"{text[:5]}13{text[7:]}"),
        ("date-alone", text[:10]),
        ("empty", ""),
    ):
        yield Mutation(applied.place, became, note)


def _spoil_prefix(applied: AppliedSchema) -> Iterator[Mutation]:
    text = applied.value if isinstance(applied.value, str) else pattern_prefix(applied.schema)
    for note, became in (("prefixed", f"x{text}"), ("cut-off", text[1:]), ("empty", "")):
        yield Mutation(applied.place, became, note)


def _leave_forms(applied: AppliedSchema) -> Iterator[Mutation]:
    yield from _change_type(applied)
    if isinstance(applied.value, str):
        yield from _near_misses(applied)


def _change_type(applied: AppliedSchema) -> Iterator[Mutation]:
    """A value of every JSON type, with the same content where there is a way."""
    value = applied.value
    is_number = isinstance(value, int | float)
    digits = isinstance(value, str) and re.fullmatch("[0-9]{1,15}", value)
    for note, became in (
        ("text", json.dumps(value) if is_number else "text"),
        ("number", int(value) if digits else 1),
        ("fraction", 0.5),
        ("null", None),
        ("true", True),
        ("array", []),
        ("object", {}),
    ):
        yield Mutation(applied.place, became, note)


def _near_misses(applied: AppliedSchema) -> Iterator[Mutation]:
    """Values that are nearly this one, or nothing like it."""
    value = applied.value
    if isinstance(value, str):
        yield Mutation(applied.place, value.upper(), "upper-case")
        yield Mutation(applied.place, f"{value} ", "trailing-space")
        yield Mutation(applied.place, value[:-1], "cut-short")
    yield Mutation(applied.place, "unknown", "unknown-word")
    yield Mutation(applied.place, None, "null")
    if isinstance(value, bool):
        yield Mutation(applied.place, not value, "negated")


def pattern_prefix(schema: Schema) -> str:
    """What the text begins with, as far as the schema's pattern says it; the rest is its own."""
    pattern: str = schema.get("pattern", "")
    return re.sub(r"\\(.)", r"\1", pattern.removeprefix("^"), flags=re.DOTALL)


def _sample(schema: Schema) -> Any:
    """A value that the schema allows."""
    for keyword in ("const", "enum", "anyOf"):
        if keyword in schema:
            first = schema[keyword] if keyword == "const" else schema[keyword][0]
            return _sample(first) if keyword == "anyOf" else first
    kinds = schema.get("type", "string")
    match kinds if isinstance(kinds, str) else kinds[0]:
        case "object":
            members = schema.get("properties", {})
            return {name: _sample(members.get(name, {})) for name in schema.get("required", ())}
        case "string" if "format" in schema:
            return _DATE_TIME
        case "string" if "pattern" in schema:
            return pattern_prefix(schema)
        case kind:
            return {"array": [], "boolean": True, "null": None, "string": "text"}.get(kind, 1)


MUTATORS: dict[str, Callable[[AppliedSchema], Iterator[Mutation]]] = {
    "required": _drop_required,
    "absent": _add_forbidden,
    "dependentRequired": _drop_dependent,
    "type": _change_type,
    "const": _near_misses,
    "enum": _near_misses,
    "format": _spoil_time,
    "pattern": _spoil_prefix,
    "anyOf": _leave_forms,
}
