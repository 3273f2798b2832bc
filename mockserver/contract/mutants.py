"""Payloads that break one rule each, made from one that breaks none.

`changes` proposes what to change; the validator decides which of them is a mutant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.changes import (
    CHANGES,
    KEYWORDS,
    MISSING,
    Change,
    Place,
    Schema,
    Site,
    changes,
    same_place,
)
from mockserver.contract.validator import Validator
from mockserver.contract.violation import RULES
from mockserver.documents.pointer import pointer as pointer_of

__all__ = ["Mutant", "changed", "mutant_of", "mutants_of", "proved", "rules_of"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A payload that breaks `rule` at `pointer` and nothing else.

    There, what `was` in the original `became` something else; either may be `MISSING`. `note` says
    in a word what was done, where a rule can be broken in several ways.
    """

    payload: Any = field(hash=False)
    rule: str
    pointer: str
    was: Any = field(hash=False)
    became: Any = field(hash=False)
    note: str = ""

    @property
    def id(self) -> str:
        """`required:/job_id`, `format:/started_at~no-zone`: of each mutant of a payload its own."""
        return f"{self.rule}:{self.pointer}" + (f"~{self.note}" if self.note else "")


def mutants_of(payload: Any, check: Validator) -> Iterator[Mutant]:
    """Every single violation that a change at its own place can give to this valid payload.

    They come in the order of RULES; for each rule those that are less deep first, in the order of
    the schema, and the payload as a whole last. Each is proved: the validator finds exactly this
    violation. An invalid payload has none.
    """
    if check.is_valid(payload):
        for rule in CHANGES:
            yield from _mutants(payload, check, rule, None)


def mutant_of(
    payload: Any, check: Validator, rule: str, pointer: str | None = None
) -> Mutant | None:
    """The first of them for this rule (at this pointer); None when there is none."""
    if rule not in CHANGES or not check.is_valid(payload):
        return None
    return next(_mutants(payload, check, rule, pointer), None)


def rules_of(schema: Schema) -> tuple[str, ...]:
    """The rules that a payload of this schema can break, in the order of RULES."""
    found: set[str] = set()
    todo = [schema]
    while todo:
        node = todo.pop()
        found |= {rule for rule in CHANGES if KEYWORDS.get(rule, rule) in node}
        todo += [*same_place(node), *node.get("properties", {}).values()]
        if "items" in node:
            todo.append(node["items"])
    return tuple(rule for rule in RULES if rule in found)


def _mutants(payload: Any, check: Validator, rule: str, pointer: str | None) -> Iterator[Mutant]:
    return (mutant for mutant, _, _ in proved(payload, check, rule, pointer))


def proved(
    payload: Any, check: Validator, rule: str, pointer: str | None = None
) -> Iterator[tuple[Mutant, Site, Change]]:
    """The mutants of a valid payload for this rule, each with its change and the change's site."""
    tried, given = set[tuple[str, str]](), set[tuple[str, str]]()
    for site, change in changes(payload, check.schema, rule):
        place = pointer_of(change.place)
        value = "" if change.became is MISSING else json.dumps(change.became)
        is_known = (place, value) in tried or (place, change.note) in given
        if is_known or pointer not in (None, place):
            continue
        tried.add((place, value))
        mutant = changed(payload, rule, change)
        if check.breaches(mutant.payload) == [(rule, place)]:
            given.add((place, change.note))
            yield mutant, site, change


def changed(payload: Any, rule: str, change: Change) -> Mutant:
    """The payload with this change, as the mutant that it is if it breaks this rule alone."""
    mutated, was = _changed(payload, change.place, change.became)
    return Mutant(mutated, rule, pointer_of(change.place), was, change.became, change.note)


def _changed(payload: Any, place: Place, became: Any) -> tuple[Any, Any]:
    """The payload with another value at a place, and what was there; the rest is shared."""
    if not place:
        return became, payload
    step, *rest = place
    copy = payload.copy()
    if rest:
        copy[step], was = _changed(payload[step], tuple(rest), became)
        return copy, was
    was = MISSING if isinstance(copy, dict) and step not in copy else copy[step]
    if became is MISSING:
        del copy[step]
    else:
        copy[step] = became
    return copy, was
