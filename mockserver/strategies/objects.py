"""Forms as strategies: few draws a payload, and nothing is drawn to be thrown away."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from mockserver.contract.normal_form import (
    NEVER,
    Array,
    Form,
    Literal,
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
            # Examples shrink to the first case, which has the least to draw.
            found = st.one_of([_object(case, leaves) for case in form.cases])
            return _opened(found, form.known) if leaves.is_odd else found
        case _:
            return st.nothing()


def _array(form: Array, leaves: Leaves) -> st.SearchStrategy[list[Any]]:
    if form.item == NEVER:
        return st.builds(list)
    item = strategy_of(form.item, leaves)
    if form.last is not None:
        last, items = strategy_of(form.last, leaves), st.lists(item, max_size=_MOST_ITEMS)
        return st.builds(lambda found, end: [*found, end], items, last)
    items = st.lists(item, min_size=1, max_size=_MOST_ITEMS)
    if leaves.is_odd and not _holds_arrays(form.item):
        items = st.builds(_repeated, items, st.sampled_from((1, 1, 1, 1, 1, 50)))
    # An object may have many lists, and few of them shall be filled.
    return st.sampled_from([st.builds(list)] * 3 + [items]).flatmap(lambda chosen: chosen)


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


def _object(form: ObjectCase, leaves: Leaves) -> st.SearchStrategy[dict[str, Any]]:
    """Which optional members are there is one integer's bits: what costs is the number of draws."""
    strategies = {member.name: strategy_of(member.form, leaves) for member in form.members}
    required = {member.name for member in form.members if member.required}
    optional = [name for name in strategies if name not in required]
    bits = st.integers(0, (1 << len(optional)) - 1)

    @st.composite
    def members(draw: st.DrawFn) -> dict[str, Any]:
        chosen = draw(bits)
        there = required | {name for bit, name in enumerate(optional) if chosen >> bit & 1}
        for _ in form.together:
            there |= {other for name, other in form.together if name in there}
        return {name: draw(found) for name, found in strategies.items() if name in there}

    return members()


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
