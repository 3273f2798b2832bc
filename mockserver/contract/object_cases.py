"""The cases of an object: its conditions of presence, solved for each value that they ask about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from mockserver.contract.normal_form import (
    ANYTHING,
    NEVER,
    Literal,
    Member,
    ObjectCase,
    Text,
    Union,
    options,
)
from mockserver.documents.rfc3339 import is_date_time
from mockserver.errors import UnfitSchema

if TYPE_CHECKING:
    from mockserver.contract.mutations import Schema
    from mockserver.contract.normal_form import Form

MAX_CASES = 10_000

_Choice: TypeAlias = "Form | None"
"""What a member that decides over others is; None where it is absent."""


@dataclass(frozen=True, slots=True)
class _PresenceRule:
    """Where `decider` has one of the `values`, or another one, `name` must be there, or must not.

    `holds_without`: so it is where `decider` is absent, too.
    """

    decider: str
    values: tuple[Any, ...]
    is_of_others: bool
    holds_without: bool
    name: str
    must: bool

    def holds(self, choice: _Choice) -> bool:
        if choice is None:
            return self.holds_without
        # What is no literal is left when every value that a condition names is taken away.
        return self.is_of_others != (isinstance(choice, Literal) and choice.value in self.values)


def cases_of(node: Schema, forms: Mapping[str, Form]) -> tuple[ObjectCase, ...]:
    """Every way in which an object of this schema can have its members; none if it cannot be.

    `forms` are those of its properties. Each value that decides over others makes cases of its
    own, and so does its absence. Those that need the fewest members come first. UnfitSchema for
    conditions that no page compiles to, and for more than 10,000 cases.
    """
    rules = [rule for condition in node.get("allOf", ()) for rule in _rules(condition)]
    required = tuple(node.get("required", ()))
    names = (*required, *(name for rule in rules for name in (rule.decider, rule.name)))
    forms = {**forms, **{name: ANYTHING for name in names if name not in forms}}
    dependent = node.get("dependentRequired", {}).items()
    pairs = [(name, other) for name, others in dependent for other in others]
    solver = _Solver(forms, required, rules, pairs)
    choices = solver.choices()
    number = prod(map(len, choices.values()))
    if number > MAX_CASES:
        raise UnfitSchema(f"its conditions make {number:,} cases; at most {MAX_CASES:,} are built")
    chosen = (dict(zip(choices, parts, strict=True)) for parts in product(*choices.values()))
    cases = (case for case in map(solver.case, chosen) if case is not None)
    return tuple(sorted(cases, key=lambda case: sum(member.required for member in case.members)))


@dataclass(frozen=True, slots=True)
class _Solver:
    """`together`: where the first of a pair is, the second is too."""

    forms: Mapping[str, Form]
    required: tuple[str, ...]
    rules: list[_PresenceRule]
    together: list[tuple[str, str]]

    def choices(self) -> dict[str, list[_Choice]]:
        """What each member that decides over others can be."""
        named: dict[str, list[Any]] = {}
        for rule in self.rules:
            named.setdefault(rule.decider, []).extend(rule.values)
        return {
            name: [*_told_apart(self.forms[name], values), *([None] * (name not in self.required))]
            for name, values in named.items()
        }

    def case(self, chosen: dict[str, _Choice]) -> ObjectCase | None:
        """The members that go with these choices; None when they contradict each other."""
        forms = {**self.forms, **{name: form for name, form in chosen.items() if form is not None}}
        must = {*self.required, *(name for name in chosen if chosen[name] is not None)}
        must_not = {name for name in forms if self.forms[name] == NEVER}
        must_not |= {name for name in chosen if chosen[name] is None}
        for rule in self.rules:
            if rule.holds(chosen[rule.decider]):
                (must if rule.must else must_not).add(rule.name)
        for _ in range(len(self.together) + 1):
            must |= {other for name, other in self.together if name in must}
            must_not |= {name for name, other in self.together if other in must_not}
        if must & must_not:
            return None
        members = [
            Member(name, forms[name], name in must) for name in forms if name not in must_not
        ]
        free = {member.name for member in members if not member.required}
        together = tuple(pair for pair in self.together if pair[0] in free)
        label = ",".join(f"{name}={_word(choice)}" for name, choice in chosen.items())
        return ObjectCase(tuple(members), together, label)


def _word(choice: _Choice) -> str:
    if isinstance(choice, Literal):
        return choice.value if isinstance(choice.value, str) else json.dumps(choice.value)
    return "absent" if choice is None else "other"


def _rules(condition: Schema) -> Iterator[_PresenceRule]:
    when, then = condition.get("if", {}), condition.get("then", {})
    about = when.get("properties", {})
    names = then.get("not", then).get("required", ())
    if len(about) != 1 or not names or "else" in condition:
        raise UnfitSchema("a condition in 'allOf' is of no form that pages compile to")
    ((decider, value),) = about.items()
    excluded = value.get("not")
    values = _values(excluded or value)
    without, must = "required" not in when, "not" not in then
    for name in names:
        yield _PresenceRule(decider, values, bool(excluded), without, name=name, must=must)


def _values(node: Schema) -> tuple[Any, ...]:
    if node.get("type") == "null":
        return (None,)
    return (node["const"],) if "const" in node else tuple(node.get("enum", ()))


def _told_apart(form: Form, named: list[Any]) -> Iterator[Form]:
    """The form in parts: each of its literals, each value that is named, and the rest."""
    rest: list[Form] = []
    given: list[Any] = []
    for option in options(form):
        if isinstance(option, Literal):
            given.append(option.value)
            yield option
        elif isinstance(option, Text):
            texts = tuple(dict.fromkeys(value for value in named if isinstance(value, str)))
            yield from (
                Literal(text) for text in texts if _fits(text, option) and text not in given
            )
            rest.append(replace(option, but_not=texts))
        else:
            rest.append(option)
    if rest:
        yield Union(tuple(rest)) if len(rest) > 1 else rest[0]


def _fits(text: str, form: Text) -> bool:
    return text.startswith(form.prefix) and (is_date_time(text) or not form.is_time)
