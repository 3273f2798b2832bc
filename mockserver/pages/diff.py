"""What two sets of schemas differ in, annotations aside."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from mockserver.documents.pointer import MISSING, pointer
from mockserver.pages.schema_node import Schema

_ANNOTATIONS = frozenset(("$schema", "$id", "title", "description", "x-source", "x-operation"))


class Difference(NamedTuple):
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
        if key == "properties":
            bare[key] = {name: structure(child) for name, child in value.items()}
        elif key in ("anyOf", "allOf"):
            bare[key] = [structure(child) for child in value]
        elif key not in _ANNOTATIONS:
            bare[key] = value if key == "dependentRequired" else structure(value)
    return bare


def differences(before: Mapping[str, Schema], after: Mapping[str, Schema]) -> list[Difference]:
    """What `after` adds (+), lacks (-) and changes (~), by name. Order of rows is no difference."""
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
            old, new = before.get(key, MISSING), after.get(key, MISSING)
            yield from _compare(name, place + pointer([key]), old, new)
    elif _are_schemas(before) and _are_schemas(after):
        # What has its equal on the other side is passed over, wherever it stands there.
        pairs = zip_longest(
            _without(before, after), _without(after, before), fillvalue=(None, MISSING)
        )
        for (index, old), (other_index, new) in pairs:
            yield from _compare(
                name, f"{place}/{other_index if index is None else index}", old, new
            )
    elif _canonical(before) != _canonical(after):
        yield Difference(name, place, _shown(before), _shown(after))


def _are_schemas(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _without(some: list[Schema], others: list[Schema]) -> Iterator[tuple[int, Schema]]:
    left = Counter(map(_canonical, others))
    for index, schema in enumerate(some):
        text = _canonical(schema)
        if left[text]:
            left[text] -= 1
        else:
            yield index, schema


def _canonical(value: Any) -> str:
    """The same text for the same demands: no list in our schemas means anything by its order."""
    if isinstance(value, list):
        return "[" + ",".join(sorted(_canonical(item) for item in value)) + "]"
    if isinstance(value, dict):
        members = (f"{json.dumps(key)}:{_canonical(item)}" for key, item in value.items())
        return "{" + ",".join(sorted(members)) + "}"
    return str(_shown(value))


def _shown(value: Any) -> str | None:
    return None if value is MISSING else json.dumps(value, ensure_ascii=False)
