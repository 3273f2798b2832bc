"""What two sets of schemas differ in, annotations aside."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from mockserver.documents.pointer import escape
from mockserver.pages.schema_node import Schema

_ANNOTATIONS = frozenset(("$schema", "$id", "title", "description", "x-source", "x-operation"))
_MAPS = {"properties": None, "dependentRequired": "required"}
"""Keywords that map members' names: to schemas (None), or to values of another keyword."""
_LISTS = frozenset(("anyOf", "allOf"))
_NODES = frozenset(("items", "if", "then", "not"))
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """`name` is the schema's (`job_status.response`), `pointer` a JSON pointer into it.

    `before` and `after` are JSON text; None where there is nothing on that side.
    """

    name: str
    pointer: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        where = f"{self.name} {self.pointer}".rstrip()
        if self.before is None:
            return f"+ {where}: {self.after}"
        if self.after is None:
            return f"- {where}: {self.before}"
        return f"~ {where}: {self.before} -> {self.after}"


def structure(node: Any) -> Any:
    """A schema without its annotations: what it demands, and nothing else."""
    if not isinstance(node, dict):
        return node
    bare: Schema = {}
    for key, value in node.items():
        if key in _ANNOTATIONS:
            continue
        if key == "properties":
            bare[key] = {name: structure(child) for name, child in value.items()}
        elif key in _LISTS:
            bare[key] = [structure(child) for child in value]
        else:
            bare[key] = structure(value) if key in _NODES else value
    return bare


def differences(before: Mapping[str, Schema], after: Mapping[str, Schema]) -> list[Difference]:
    """What `after` adds (+), lacks (-) and changes (~), schema by schema, in the order of names.

    The order of rows and of enumerated values is no difference.
    """
    found: list[Difference] = []
    for name in sorted({*before, *after}):
        if name not in after:
            found.append(Difference(name, "", "documented", None))
        elif name not in before:
            found.append(Difference(name, "", None, "documented"))
        else:
            found += _compare(name, "", structure(before[name]), structure(after[name]))
    return found


def _compare(
    name: str, place: str, before: Any, after: Any, keyword: str | None = None
) -> Iterator[Difference]:
    """Two values of `keyword`, or two schemas when there is none."""
    if before is _MISSING or after is _MISSING:
        yield Difference(name, place, _shown(before), _shown(after))
    elif keyword is None:
        for key, inner, old, new in _pairs(place, before, after):
            yield from _compare(name, inner, old, new, key)
    elif keyword in _NODES:
        yield from _compare(name, place, before, after)
    elif keyword in _LISTS:
        yield from _compare_lists(name, place, before, after)
    elif keyword in _MAPS:
        for _, inner, old, new in _pairs(place, before, after):
            yield from _compare(name, inner, old, new, _MAPS[keyword])
    elif _canonical(before) != _canonical(after):
        yield Difference(name, place, _shown(before), _shown(after))


def _pairs(place: str, before: Schema, after: Schema) -> Iterator[tuple[str, str, Any, Any]]:
    for key in dict.fromkeys([*before, *after]):
        inner = f"{place}/{escape(key)}"
        yield key, inner, before.get(key, _MISSING), after.get(key, _MISSING)


def _compare_lists(
    name: str, place: str, before: list[Schema], after: list[Schema]
) -> Iterator[Difference]:
    """What has its equal on the other side is passed over, wherever it stands there."""
    lacking, added = _without(before, after), _without(after, before)
    for index, other_index in zip_longest(lacking, added):
        if index is None:
            yield Difference(name, f"{place}/{other_index}", None, _shown(after[other_index]))
        elif other_index is None:
            yield Difference(name, f"{place}/{index}", _shown(before[index]), None)
        else:
            yield from _compare(name, f"{place}/{index}", before[index], after[other_index])


def _without(some: list[Schema], others: list[Schema]) -> list[int]:
    left = Counter(_canonical(schema) for schema in others)
    left.subtract(_canonical(schema) for schema in some)
    found: list[int] = []
    for index in reversed(range(len(some))):
        text = _canonical(some[index])
        if left[text] < 0:
            left[text] += 1
            found.append(index)
    return found[::-1]


def _canonical(value: Any) -> str:
    """The same text for the same demands: no list in our schemas means anything by its order."""
    if isinstance(value, list):
        return "[" + ",".join(sorted(_canonical(item) for item in value)) + "]"
    if isinstance(value, dict):
        members = (f"{json.dumps(key)}:{_canonical(item)}" for key, item in value.items())
        return "{" + ",".join(sorted(members)) + "}"
    return json.dumps(value)


def _shown(value: Any) -> str | None:
    return None if value is _MISSING else json.dumps(value, ensure_ascii=False)
