"""A payload held to its schema: violations, and what the pages do not know.

A list may hold ten thousand broken jobs. The compiled engine finds them all; of each kind only the
first is explained, which is what takes time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from mockserver.contract import Validator, Violation
from mockserver.contract.json_data import shown
from mockserver.documents.pointer import parts, pointer
from mockserver.server_rules.remark import Remark, clipped, place_of, source_of, starred

__all__ = ["members", "surplus", "without_surplus"]

_MOST = 100
"""Kinds of remark on one reply; a reply with more of them is another API's."""
_KEPT = 20
"""Undocumented members that are named where there are more of them than `_MOST`."""
_MOST_ITEMS = 2000
"""Jobs of a list that are counted, once one of them is broken."""


def members(payload: object, check: Validator) -> list[Remark]:
    """What breaks the schema, and the members and values that it does not have."""
    remarks = [] if check.is_valid(payload) else _violations(payload, check)
    if not any(one.rule == "type" and not one.pointer for one in remarks):
        remarks += _unknown_fields(payload, check.schema)
    return remarks[:_MOST]


def without_surplus(payload: object, schema: dict[str, Any]) -> tuple[object, int]:
    """The payload with the first few of the members that its page does not list.

    The second is how many were cut: a reply may have as many of them as fit into its bytes.
    """
    known = schema.get("properties", {})
    if not isinstance(payload, dict) or len(payload) <= _MOST + len(known):
        return payload, 0
    unknown = (name for name in payload if name not in known)
    kept = {*known, *islice(unknown, _KEPT)}
    cut = {name: value for name, value in payload.items() if name in kept}
    return cut, len(payload) - len(cut)


def surplus(cut: int) -> Remark:
    """What is said of the members that were cut."""
    expected = "members that the page lists"
    return Remark("unknown-field", expected, f"{cut:,} more that it does not", count=cut)


def _violations(payload: Any, check: Validator) -> list[Remark]:
    counts: dict[tuple[str, str], int] = {}
    firsts: dict[tuple[str, str], str] = {}
    for rule, where in check.broken_rules(_beginning(payload, check)):
        kind = (rule, place_of(where, payload))
        counts[kind] = counts.get(kind, 0) + 1
        firsts.setdefault(kind, where)
    sample, indices = _sample(payload, list(firsts.values())[:_MOST], check.schema)
    remarks: dict[tuple[str, str], Remark] = {}
    for violation in check.violations(sample):
        kind = (violation.rule, place_of(violation.pointer, sample))
        if kind not in remarks:
            where = _restored(violation.pointer, indices)
            remarks[kind] = _remark(violation, where, kind[1], counts.get(kind, 1), check.schema)
    return list(remarks.values())


def _beginning(payload: Any, check: Validator) -> Any:
    """The first jobs of each list, where one of them is broken; else all of them.

    A list of a million broken jobs has millions of violations, and one is enough to see them.
    """
    if not isinstance(payload, dict):
        return payload
    cut = {
        name: value[:_MOST_ITEMS] if isinstance(value, list) else value
        for name, value in payload.items()
    }
    return payload if check.is_valid(cut) else cut


def _remark(
    violation: Violation, where: str, place: str, count: int, schema: dict[str, Any]
) -> Remark:
    rule = violation.rule
    if _is_new(violation, schema):
        rule = "unknown-value"
    return Remark(
        rule,
        violation.expected,
        violation.found,
        clipped(where),
        place,
        violation.page,
        violation.line,
        count=count,
    )


def _is_new(violation: Violation, schema: dict[str, Any]) -> bool:
    """Whether the pages do not have this word at all, in whatever case."""
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
    wanted: dict[str, list[str]] = {name: [] for name in lists}
    for where in places:
        name, *rest = parts(where)[:2] or ("",)
        if rest and name in lists and rest[0] not in wanted[name]:
            wanted[name].append(rest[0])
    sample = dict(payload)
    for name, value in lists.items():
        sample[name] = [value[int(index)] for index in wanted[name]]
    indices = {
        (name, str(place)): index
        for name, found in wanted.items()
        for place, index in enumerate(found)
    }
    return sample, indices


def _restored(where: str, indices: dict[tuple[str, str], str]) -> str:
    tokens = list(parts(where))
    if len(tokens) > 1:
        tokens[1] = indices.get((tokens[0], tokens[1]), tokens[1])
    return pointer(tokens)


def _unknown_fields(payload: object, schema: dict[str, Any]) -> list[Remark]:
    found: dict[str, tuple[tuple[str | int, ...], object, int]] = {}
    for where, value in _strangers(payload, schema, ()):
        place = starred(where)
        if place in found:
            first, shown_first, count = found[place]
            found[place] = (first, shown_first, count + 1)
        elif len(found) < _MOST:
            found[place] = (where, value, 1)
    remarks = []
    for place, (where, value, count) in found.items():
        page, line = source_of(schema, place)
        remarks.append(
            Remark(
                "unknown-field",
                "a member that the page lists",
                shown(value),
                clipped(pointer(where)),
                place,
                page,
                line,
                count=count,
            )
        )
    return remarks


def _strangers(
    value: Any, schema: dict[str, Any], where: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Members that the schema does not list, in every object for which it lists some."""
    known = schema.get("properties")
    if known and isinstance(value, dict):
        if not value.keys() <= known.keys():
            yield from (((*where, key), value[key]) for key in value if key not in known)
        for key, inner in known.items():
            if key in value and ("properties" in inner or "items" in inner):
                yield from _strangers(value[key], inner, (*where, key))
    items = schema.get("items")
    if isinstance(items, dict) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strangers(item, items, (*where, index))
