"""What two sets of schemas differ in, annotations aside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.pointer import escape
from mockserver.spec.schema import Schema

_ANNOTATIONS = frozenset(("$schema", "$id", "title", "description", "x-source", "x-operation"))
_MAPS = frozenset(("properties",))
_LISTS = frozenset(("anyOf", "allOf"))
_NODES = frozenset(("items", "if", "then", "not"))
_SETS = frozenset(("required", "enum", "type"))


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
        if key in _MAPS:
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


def _compare(name: str, place: str, before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            inner = f"{place}/{escape(key)}"
            if key not in after:
                yield Difference(name, inner, _shown(before[key]), None)
            elif key not in before:
                yield Difference(name, inner, None, _shown(after[key]))
            elif key in _SETS and not place.endswith("/properties"):
                yield from _compare_sets(name, inner, before[key], after[key])
            else:
                yield from _compare(name, inner, before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _compare(name, f"{place}/{index}", one, other)
    elif before != after or type(before) is not type(after):
        yield Difference(name, place, _shown(before), _shown(after))


def _compare_sets(name: str, place: str, before: Any, after: Any) -> Iterator[Difference]:
    one, other = ([value] if isinstance(value, str) else value for value in (before, after))
    if {_shown(value) for value in one} != {_shown(value) for value in other}:
        yield Difference(name, place, _shown(before), _shown(after))


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
