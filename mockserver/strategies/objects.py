"""Forms as strategies: few draws a payload, and every fact a draw of its own.

Which optional members are there, which arrays have items and which numbers are floats, is one
integer's bits together: what costs is the number of draws, and an integer shrinks bit by bit.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mockserver.contract.normal_form import (
    NEVER,
    Array,
    Form,
    Literal,
    Member,
    Number,
    Object,
    ObjectCase,
    Text,
    options,
)
from mockserver.strategies.leaves import Leaves

_MOST_ITEMS = 3
_UNKNOWN = (
    *("progress", "error", "size", "total_bytes", "Status", "", "__proto__", "constructor"),
    *("a b", "a.b", "$ref", "0", "😀"),
)
_unknown_values: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({})
).map(copy.copy)
_orders: tuple[Callable[[Any], list[Any]], ...] = (
    list,
    lambda members: [*members][::-1],
    sorted,
    lambda members: [*members][1:] + [*members][:1],
)


@dataclass(frozen=True, slots=True)
class _Slot:
    """A member to be drawn. Each mask says which bits must all be set for what it is about."""

    name: str
    strategy: st.SearchStrategy[Any] | None
    value: Any = None
    there: int = 0
    filled: int = 0
    as_float: int = 0

    def drawn(self, draw: st.DrawFn, missing: int) -> Any:
        if self.strategy is None:
            return self.value
        if self.filled & missing:
            return []
        value = draw(self.strategy)
        return value / 8 if self.as_float and not self.as_float & missing else value


@dataclass(frozen=True, slots=True)
class _ObjectPlan:
    slots: tuple[_Slot, ...]
    bits: st.SearchStrategy[int] | None
    together: tuple[tuple[int, int], ...]


def strategy_of(form: Form, leaves: Leaves) -> st.SearchStrategy[Any]:
    """Payloads of this form; of a form without values, a strategy without any."""
    found = [*options(form)]
    literals = [option.value for option in found if isinstance(option, Literal)]
    if 1 < len(found) == len(literals):
        return st.sampled_from(literals)
    return st.one_of([_of_option(option, leaves) for option in found])


def _of_option(form: Form, leaves: Leaves) -> st.SearchStrategy[Any]:
    match form:
        case Literal(value):
            return st.just(value)
        case Text():
            return leaves.text(form)
        case Number():
            return leaves.number(form)
        case Array():
            return _array(form, leaves)
        case Object():
            found = _object(form, leaves)
            return _opened(found, form.known) if leaves.is_odd else found
        case _:
            return st.nothing()


def _array(form: Array, leaves: Leaves, least: int = 0) -> st.SearchStrategy[list[Any]]:
    if form.item == NEVER:
        return st.builds(list)
    items = st.lists(strategy_of(form.item, leaves), min_size=least, max_size=_MOST_ITEMS)
    if form.last is not None:
        last = strategy_of(form.last, leaves)
        return st.builds(lambda found, end: [*found, end], items, last)
    if leaves.is_odd and not _holds_arrays(form.item):
        return st.builds(_repeated, items, st.sampled_from((1, 1, 1, 1, 1, 50)))
    return items


def _repeated(items: list[Any], times: int) -> list[Any]:
    return items if times == 1 else [copy.deepcopy(item) for item in items * times]


def _holds_arrays(form: Form) -> bool:
    return any(
        isinstance(option, Array)
        or (
            isinstance(option, Object)
            and any(_holds_arrays(member.form) for case in option.cases for member in case.members)
        )
        for option in options(form)
    )


def _object(form: Object, leaves: Leaves) -> st.SearchStrategy[dict[str, Any]]:
    # Examples shrink to the first case, which has the least to draw.
    plans = [_plan(case, leaves) for case in form.cases]
    which = st.sampled_from(plans) if len(plans) > 1 else None

    @st.composite
    def members(draw: st.DrawFn) -> dict[str, Any]:
        plan = plans[0] if which is None else draw(which)
        missing = ~_bits(plan, draw)
        there = [slot for slot in plan.slots if not slot.there & missing]
        return {slot.name: slot.drawn(draw, missing) for slot in there}

    return members()


def _bits(plan: _ObjectPlan, draw: st.DrawFn) -> int:
    bits = 0 if plan.bits is None else draw(plan.bits)
    for _ in plan.together:
        for bit, companion in plan.together:
            if bits & bit:
                bits |= companion
    return bits


def _plan(case: ObjectCase, leaves: Leaves) -> _ObjectPlan:
    used = 0

    def mask(width: int) -> int:
        nonlocal used
        used += width
        return (1 << used) - (1 << (used - width))

    slots = [_slot(member, leaves, mask) for member in case.members]
    there = {slot.name: slot.there for slot in slots}
    together = tuple((there[name], there[other]) for name, other in case.together if there[other])
    bits = st.integers(0, (1 << used) - 1) if used else None
    return _ObjectPlan(tuple(slots), bits, together)


def _slot(member: Member, leaves: Leaves, mask: Callable[[int], int]) -> _Slot:
    name, form = member.name, member.form
    there = 0 if member.required else mask(1)
    if isinstance(form, Literal):
        return _Slot(name, None, form.value, there)
    if isinstance(form, Array) and form.item != NEVER and form.last is None:
        return _Slot(name, _array(form, leaves, least=1), there=there, filled=mask(2))
    if isinstance(form, Number) and not (form.is_whole or form.is_rate or leaves.is_odd):
        return _Slot(name, leaves.number(form), there=there, as_float=mask(2))
    return _Slot(name, strategy_of(form, leaves), there=there)


def _opened(
    strategy: st.SearchStrategy[dict[str, Any]], known: frozenset[str]
) -> st.SearchStrategy[dict[str, Any]]:
    """The same objects with members that no page names, in any order."""
    names = (st.sampled_from(_UNKNOWN) | st.text(max_size=5)).map(lambda name: _new(name, known))
    unknown = st.lists(st.tuples(names, _unknown_values), max_size=2)
    orders = st.sampled_from(_orders)

    @st.composite
    def opened(draw: st.DrawFn) -> dict[str, Any]:
        found = draw(strategy) | dict(draw(unknown))
        return {name: found[name] for name in draw(orders)(found)}

    return opened()


def _new(name: str, known: frozenset[str]) -> str:
    while name in known:
        name += "_"
    return name
