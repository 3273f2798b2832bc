"""Changes to a payload that may break a rule, proposed by a walk through its schema.

Whether they do is not asked here.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias

__all__ = [
    "CHANGES",
    "KEYWORDS",
    "MISSING",
    "Change",
    "Place",
    "Schema",
    "Site",
    "beginning",
    "changes",
    "same_place",
]

Schema: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str | int, ...]

KEYWORDS = {"absent": "not"}
"""The keyword of a schema that states a rule, where it is not the rule's own name."""

_DATE_TIME = "2025-10-03T15:33:23.496Z"
_ZONE = re.compile(r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$")


class _Missing(Enum):
    """A singleton that copying and pickling leave the same."""

    MISSING = "nothing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
"""Where a member is not there: what JSON has no value for."""


@dataclass(frozen=True, slots=True)
class Site:
    """A schema and the value that it holds for. `members` are the schemas of the value's members.

    What a condition demands is a site whether or not the condition is met.
    """

    schema: Schema
    value: Any
    place: Place
    members: dict[str, Schema]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the value at a place; `note` tells several changes there apart."""

    place: Place
    became: Any
    note: str = ""


def changes(payload: Any, schema: Schema, rule: str) -> Iterator[tuple[Site, Change]]:
    """What may break the rule; that another whole takes the place of this one comes last."""
    keyword = KEYWORDS.get(rule, rule)
    for is_whole in (False, True):
        for site in _sites(payload, schema):
            if keyword in site.schema:
                found = CHANGES[rule](site)
                yield from ((site, one) for one in found if is_whole is not bool(one.place))


def _sites(payload: Any, schema: Schema) -> Iterator[Site]:
    """All pairs of a schema and the value it is for, the whole first, then level by level."""
    todo = deque([Site(schema, payload, (), schema.get("properties", {}))])
    while todo:
        site = todo.popleft()
        yield site
        node, value = site.schema, site.value
        for one in reversed([*same_place(node)]):
            members = site.members | one.get("properties", {})
            todo.appendleft(Site(one, value, site.place, members))
        below: list[tuple[str | int, Any, Schema]] = []
        if isinstance(value, dict):
            inside = node.get("properties", {}).items()
            below += [(name, value[name], one) for name, one in inside if name in value]
        elif isinstance(value, list) and "items" in node:
            below += [(index, item, node["items"]) for index, item in enumerate(value)]
        for step, inner, one in below:
            todo.append(Site(one, inner, (*site.place, step), one.get("properties", {})))


def same_place(node: Schema) -> Iterator[Schema]:
    """The schemas within this one that are for the same value; a condition itself is none."""
    yield from node.get("allOf", ())
    yield from node.get("anyOf", ())
    for keyword in ("then", "else"):
        if keyword in node:
            yield node[keyword]


# The changes for each rule, the plainest first.


def _taken_away(site: Site) -> Iterator[Change]:
    for name in site.schema["required"]:
        if isinstance(site.value, dict) and name in site.value:
            yield Change((*site.place, name), MISSING)


def _parted(site: Site) -> Iterator[Change]:
    for name, others in site.schema["dependentRequired"].items():
        for other in others:
            if isinstance(site.value, dict) and name in site.value and other in site.value:
                yield Change((*site.place, other), MISSING)


def _added(site: Site) -> Iterator[Change]:
    for name in site.schema["not"].get("required", ()):
        if isinstance(site.value, dict) and name not in site.value:
            yield Change((*site.place, name), _sample(site.members.get(name, {})))


def _no_times(site: Site) -> Iterator[Change]:
    text = site.value if isinstance(site.value, str) else _DATE_TIME
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
        yield Change(site.place, became, note)


def _other_beginnings(site: Site) -> Iterator[Change]:
    text = site.value if isinstance(site.value, str) else beginning(site.schema)
    for note, became in (("prefixed", f"x{text}"), ("cut-off", text[1:]), ("empty", "")):
        yield Change(site.place, became, note)


def _of_no_form(site: Site) -> Iterator[Change]:
    yield from _typed(site)
    if isinstance(site.value, str):
        yield from _near(site)


def _typed(site: Site) -> Iterator[Change]:
    """A value of every JSON type, with the same content where there is a way."""
    value = site.value
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
        yield Change(site.place, became, note)


def _near(site: Site) -> Iterator[Change]:
    """Values that are nearly this one, or nothing like it."""
    value = site.value
    if isinstance(value, str):
        yield Change(site.place, value.upper(), "upper-case")
        yield Change(site.place, f"{value} ", "trailing-space")
        yield Change(site.place, value[:-1], "cut-short")
    yield Change(site.place, "unknown", "unknown-word")
    yield Change(site.place, None, "null")
    if isinstance(value, bool):
        yield Change(site.place, not value, "negated")


def beginning(schema: Schema) -> str:
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
            return beginning(schema)
        case kind:
            return {"array": [], "boolean": True, "null": None, "string": "text"}.get(kind, 1)


CHANGES: dict[str, Callable[[Site], Iterator[Change]]] = {
    "required": _taken_away,
    "absent": _added,
    "dependentRequired": _parted,
    "type": _typed,
    "const": _near,
    "enum": _near,
    "format": _no_times,
    "pattern": _other_beginnings,
    "anyOf": _of_no_form,
}
