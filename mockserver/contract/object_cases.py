"""The cases of an object: its conditions of presence, solved for each value that they ask about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import product
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


class _Absent(Enum):
    ABSENT = "absent"


_Choice: TypeAlias = "Form | _Absent"


@dataclass(frozen=True, slots=True)
class _PresenceRule:
    """Where `decider` is as `when` says, `name` must be there, or must not."""

    decider: str
    when: Schema
    holds_without: bool
    name: str
    must: bool

    def holds(self, choice: _Choice) -> bool:
        if isinstance(choice, _Absent):
            return self.holds_without
        if isinstance(choice, Literal):
            return _same(choice.value, self.when)
        # What is left when every value that a condition names is taken away.
        return bool(self.when.get("not"))


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
    deciders: dict[str, list[_Choice]] = {}
    for rule in rules:
        if rule.decider not in deciders:
            named = [
                value for other in rules if other.decider == rule.decider for value in _named(other)
            ]
            choices: list[_Choice] = [*_told_apart(forms[rule.decider], named)]
            absent = [] if rule.decider in required else [_Absent.ABSENT]
            deciders[rule.decider] = [*choices, *absent]
    number = 1
    for choices in deciders.values():
        number *= len(choices)
    if number > MAX_CASES:
        raise UnfitSchema(f"its conditions make {number:,} cases; at most {MAX_CASES:,} are built")
    solver = _Solver(node, forms, required, rules)
    found = (
        solver.case(dict(zip(deciders, choice, strict=True)))
        for choice in product(*deciders.values())
    )
    cases = (case for case in found if case is not None)
    return tuple(sorted(cases, key=lambda case: sum(member.required for member in case.members)))


@dataclass(frozen=True, slots=True)
class _Solver:
    node: Schema
    forms: Mapping[str, Form]
    required: tuple[str, ...]
    rules: list[_PresenceRule]

    def case(self, chosen: dict[str, _Choice]) -> ObjectCase | None:
        """The members that go with these choices; None when they contradict each other."""
        forms = dict(self.forms)
        must, must_not = set(self.required), {name for name in forms if forms[name] == NEVER}
        for name, choice in chosen.items():
            if isinstance(choice, _Absent):
                must_not.add(name)
            else:
                must.add(name)
                forms[name] = choice
        for rule in self.rules:
            if rule.holds(chosen[rule.decider]):
                (must if rule.must else must_not).add(rule.name)
        pairs = [
            (name, other)
            for name, others in self.node.get("dependentRequired", {}).items()
            for other in others
        ]
        for _ in range(len(pairs) + 1):
            must |= {other for name, other in pairs if name in must}
            must_not |= {name for name, other in pairs if other in must_not}
        if must & must_not:
            return None
        members = [
            Member(name, forms[name], name in must) for name in forms if name not in must_not
        ]
        free = {member.name for member in members if not member.required}
        together = tuple(pair for pair in pairs if pair[0] in free)
        label = ",".join(f"{name}={_word(choice)}" for name, choice in chosen.items())
        return ObjectCase(tuple(members), together, label)


def _word(choice: _Choice) -> str:
    if isinstance(choice, Literal):
        return choice.value if isinstance(choice.value, str) else json.dumps(choice.value)
    return choice.value if isinstance(choice, _Absent) else "other"


def _rules(condition: Schema) -> Iterator[_PresenceRule]:
    when, then = condition.get("if", {}), condition.get("then", {})
    about = when.get("properties", {})
    names = then.get("not", then).get("required", ())
    if len(about) != 1 or not names or "else" in condition:
        raise UnfitSchema("a condition in 'allOf' is of no form that pages compile to")
    (decider,) = about
    for name in names:
        yield _PresenceRule(
            decider, about[decider], "required" not in when, name, "not" not in then
        )


def _named(rule: _PresenceRule) -> list[Any]:
    """The values that a condition tells from others."""
    when = rule.when.get("not") or rule.when
    if when.get("type") == "null":
        return [None]
    return [when["const"]] if "const" in when else [*when.get("enum", ())]


def _same(value: Any, when: Schema) -> bool:
    if "not" in when:
        return bool(when["not"]) and not _same(value, when["not"])
    if "type" in when:
        return value is None
    values = [when["const"]] if "const" in when else when.get("enum", ())
    return any(type(other) is type(value) and other == value for other in values)


def _told_apart(form: Form, named: list[Any]) -> Iterator[Form]:
    """The form in parts: each of its literals, each value that is named, and the rest."""
    rest: list[Form] = []
    given: list[Any] = []
    for option in options(form):
        if isinstance(option, Literal):
            given.append((type(option.value), option.value))
            yield option
        elif isinstance(option, Text):
            texts = tuple(dict.fromkeys(value for value in named if isinstance(value, str)))
            yield from (
                Literal(text) for text in texts if _fits(text, option) and (str, text) not in given
            )
            rest.append(replace(option, but_not=texts))
        else:
            rest.append(option)
    if rest:
        yield Union(tuple(rest)) if len(rest) > 1 else rest[0]


def _fits(text: str, form: Text) -> bool:
    return text.startswith(form.prefix) and (is_date_time(text) or not form.is_time)
