"""A payload held to its schema: violations, and what the pages do not know.

A list may hold ten thousand broken jobs. The compiled engine finds them all; of each kind only the
first is explained, which is what takes time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mockserver.contract import Validator, Violation
from mockserver.contract.json_data import shown
from mockserver.documents.pointer import parts, pointer
from mockserver.server_rules.values import Path, place_of

MAX_KINDS = 100
"""Kinds of violation in one response; one with more of them is another API's."""
_MAX_SURPLUS = 20
"""Undocumented members that are looked at where there are more of them than `MAX_KINDS`."""
_MAX_ITEMS = 2000
"""Jobs of a list that are counted, once one of them is broken."""


@dataclass(frozen=True, slots=True)
class ViolationKind:
    """Violations of one rule at places alike: the first, where it is, and how many there are.

    `is_new`: it is a word that the pages do not have at all, in whatever case.
    """

    first: Violation
    pointer: str
    place: str
    count: int
    is_new: bool


def without_surplus(payload: Any, schema: dict[str, Any]) -> tuple[Any, int]:
    """The payload with the first few of the members that its page does not list.

    The second is how many were cut: a response may have as many of them as fit into its bytes.
    """
    known = schema.get("properties", {})
    if not isinstance(payload, dict) or len(payload) <= MAX_KINDS + len(known):
        return payload, 0
    unknown = (name for name in payload if name not in known)
    names = {*known, *islice(unknown, _MAX_SURPLUS)}
    kept = {name: value for name, value in payload.items() if name in names}
    return kept, len(payload) - len(kept)


def violation_kinds(payload: Any, check: Validator) -> tuple[ViolationKind, ...]:
    """What breaks the schema."""
    if check.is_valid(payload):
        return ()
    counts: Counter[tuple[str, str]] = Counter()
    firsts: dict[tuple[str, str], str] = {}
    for rule, where in check.broken_rules(_beginning(payload, check)):
        like = (rule, place_of(where, payload))
        counts[like] += 1
        firsts.setdefault(like, where)
    sample, indices = _sample(payload, list(firsts.values())[:MAX_KINDS], check.schema)
    kinds: dict[tuple[str, str], ViolationKind] = {}
    for violation in check.violations(sample):
        like = (violation.rule, place_of(violation.pointer, sample))
        if like not in kinds:
            where, is_new = _restored(violation.pointer, indices), _is_new(violation, check.schema)
            kinds[like] = ViolationKind(violation, where, like[1], counts.get(like, 1), is_new)
    return tuple(kinds.values())[:MAX_KINDS]


def _beginning(payload: Any, check: Validator) -> Any:
    """The first jobs of each list, where one of them is broken; else all of them.

    A list of a million broken jobs has millions of violations, and one is enough to see them.
    """
    if not isinstance(payload, dict):
        return payload
    cut = {
        name: value[:_MAX_ITEMS] if isinstance(value, list) else value
        for name, value in payload.items()
    }
    return payload if check.is_valid(cut) else cut


def _is_new(violation: Violation, schema: dict[str, Any]) -> bool:
    if violation.rule not in ("enum", "const") or not violation.found.startswith('"'):
        return False
    return violation.found.casefold() not in {word.casefold() for word in _words(schema)}


def _words(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {word for item in schema for word in _words(item)}
    if not isinstance(schema, dict):
        return set()
    words = [schema["const"]] if "const" in schema else schema.get("enum", [])
    inside = {word for value in schema.values() for word in _words(value)}
    return {shown(word) for word in words} | inside


def _sample(
    payload: Any, places: list[str], schema: dict[str, Any]
) -> tuple[Any, dict[tuple[str, str], str]]:
    """The payload with only those items of its documented lists that are pointed at.

    The second is list and index in the sample -> index in the payload.
    """
    if not isinstance(payload, dict):
        return payload, {}
    documented = schema.get("properties", {})
    lists = {
        name: value
        for name, value in payload.items()
        if isinstance(value, list) and "items" in documented.get(name, ())
    }
    kept: dict[str, list[str]] = {name: [] for name in lists}
    for where in places:
        name, *rest = parts(where)[:2] or ("",)
        if rest and name in lists and rest[0] not in kept[name]:
            kept[name].append(rest[0])
    sample = dict(payload)
    for name, value in lists.items():
        sample[name] = [value[int(index)] for index in kept[name]]
    indices = {
        (name, str(place)): index
        for name, found in kept.items()
        for place, index in enumerate(found)
    }
    return sample, indices


def _restored(where: str, indices: dict[tuple[str, str], str]) -> str:
    tokens = list(parts(where))
    if len(tokens) > 1:
        tokens[1] = indices.get((tokens[0], tokens[1]), tokens[1])
    return pointer(tokens)


def unknown_members(
    value: Any, schema: dict[str, Any], path: Path = ()
) -> Iterator[tuple[Path, object]]:
    """Members that the schema does not list, in every object for which it lists some."""
    known = schema.get("properties")
    if known and isinstance(value, dict):
        if not value.keys() <= known.keys():
            yield from (((*path, key), value[key]) for key in value if key not in known)
        for key, inner in known.items():
            if key in value and ("properties" in inner or "items" in inner):
                yield from unknown_members(value[key], inner, (*path, key))
    items = schema.get("items")
    if isinstance(items, dict) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from unknown_members(item, items, (*path, index))
