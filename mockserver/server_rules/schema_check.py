"""A payload held to its schema: violations, and what the pages do not know.

A list may hold ten thousand broken jobs. The compiled engine finds them all; of each kind only the
first is explained, which is what takes time.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mockserver.contract import Validator, Violation
from mockserver.contract.explanation import BrokenRule
from mockserver.contract.json_data import shown
from mockserver.server_rules.values import Path, starred

MAX_KINDS = 100
"""Kinds of violation in one response; one with more of them is another API's."""
_MAX_SURPLUS = 20
"""Undocumented members that are looked at where there are more of them than `MAX_KINDS`."""
_MAX_ITEMS = 2000
"""Jobs of a list that are counted, once one of them is broken."""


UNKNOWN_VALUE = "unknown-value"
"""The rule that is broken by a word that the pages do not have at all, in whatever case."""


@dataclass(frozen=True, slots=True)
class ViolationKind:
    """Violations of one rule at places alike: the first, and how many there are."""

    rule: str
    first: Violation
    place: str
    count: int


def without_surplus(payload: Any, schema: dict[str, Any]) -> Any:
    """The payload with the first few of the members that its page does not list.

    A response may have as many of them as fit into its bytes.
    """
    known = schema.get("properties", {})
    if not isinstance(payload, dict) or len(payload) <= MAX_KINDS + len(known):
        return payload
    unknown = (name for name in payload if name not in known)
    names = {*known, *islice(unknown, _MAX_SURPLUS)}
    return {name: value for name, value in payload.items() if name in names}


def violation_kinds(payload: Any, check: Validator) -> tuple[ViolationKind, ...]:
    """What breaks the schema."""
    if check.is_valid(payload):
        return ()
    words = _words(check.schema)
    alike: defaultdict[tuple[str, str], dict[str, BrokenRule]] = defaultdict(dict)
    for broken in check.broken(_beginning(payload, check)):
        alike[broken.rule, starred(broken.path)].setdefault(broken.pointer, broken)
    kinds = []
    for (rule, place), found in islice(alike.items(), MAX_KINDS):
        first = next(iter(found.values())).violation()
        is_word = rule in ("enum", "const") and first.found.startswith('"')
        if is_word and first.found.casefold() not in words:
            rule = UNKNOWN_VALUE
        kinds.append(ViolationKind(rule, first, place, len(found)))
    return tuple(kinds)


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


def _words(schema: Any) -> set[str]:
    """The words that a schema knows, as JSON in small letters."""
    if isinstance(schema, list):
        return {word for item in schema for word in _words(item)}
    if not isinstance(schema, dict):
        return set()
    words = [schema["const"]] if "const" in schema else schema.get("enum", [])
    inside = {word for value in schema.values() for word in _words(value)}
    return {shown(word).casefold() for word in words} | inside


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
