"""Forms as strategies: few draws a payload, and nothing is drawn to be thrown away."""

import copy
import string
from collections.abc import Callable, Container
from typing import Any

from hypothesis import strategies as st

from mockserver.contract import normal_form as forms
from mockserver.contract.normal_form import Form
from mockserver.contract.samples import JOB_IDS, job_id
from mockserver.documents.rfc3339 import from_milliseconds
from mockserver.strategies.search import evenly

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

_2025 = 1_735_689_600_000
_TWO_YEARS_MS = 2 * 365 * 86_400_000
_LARGEST = 2**53 - 1
_OFFSETS = ("Z", "z", "+00:00", "-00:00", "+05:30", "-03:30", "+14:00", "-12:00", "+23:59")
_ODD_TIMES = (
    "0000-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999Z",
    "2016-12-31T23:59:60Z",
    "2024-02-29T12:00:00.000000Z",
    "9999-12-31T23:59:59.999999999Z",
)
_ODD_NUMBERS = (
    *(0.0, -0.0, 1.0, 1e3, 1.5e9, 0.1, 1e-7, 5e-324, 1e21, 1.7976931348623157e308),
    *(-1, _LARGEST, float(_LARGEST), 2**31, 2**32, 2**63, 2**64),
)
_ODD_TEXTS = ("", " ", "\x00", "\\", '"', "/", "\u2028", "é", "é", "😀", "null", "0", "</script>")


def strategy_of(form: Form, is_odd: bool) -> st.SearchStrategy[Any]:
    """Payloads of this form, as they usually are or as no one expects them.

    Each strategy's simplest value is the smallest one; of a form without values it has none.
    """
    found = [*forms.options(form)]
    literals = [option.value for option in found if isinstance(option, forms.Literal)]
    if 1 < len(found) == len(literals):
        return st.sampled_from(literals)
    return st.one_of([_of_option(option, is_odd) for option in found])


def _of_option(form: Form, is_odd: bool) -> st.SearchStrategy[Any]:
    match form:
        case forms.Literal(value):
            return st.just(value)
        case forms.Text():
            return _text(form, is_odd)
        case forms.Number():
            return _odd_number(form) if is_odd else _usual_number(form)
        case forms.Array():
            return _array(form, is_odd)
        case forms.Object():
            # Examples shrink to the first case, which has the least to draw.
            found = st.one_of([_object(case, is_odd) for case in form.cases])
            return _opened(found, form.known) if is_odd else found
        case _:
            return st.nothing()


def _array(form: forms.Array, is_odd: bool) -> st.SearchStrategy[list[Any]]:
    if form.item == forms.NEVER:
        return st.builds(list)
    item = strategy_of(form.item, is_odd)
    if form.last is not None:
        last, items = strategy_of(form.last, is_odd), st.lists(item, max_size=_MOST_ITEMS)
        return st.builds(lambda found, end: [*found, end], items, last)
    items = st.lists(item, min_size=1, max_size=_MOST_ITEMS)
    if is_odd and not _holds_arrays(form.item):
        items = st.builds(_repeated, items, st.sampled_from((1, 1, 1, 1, 1, 50)))
    # An object may have many lists, and few of them shall be filled.
    empty: st.SearchStrategy[list[Any]] = st.builds(list)
    return evenly(empty, empty, empty, items)


def _repeated(items: list[Any], times: int) -> list[Any]:
    return items if times == 1 else [copy.deepcopy(item) for item in items * times]


def _holds_arrays(form: Form) -> bool:
    return any(
        isinstance(option, forms.Array)
        or (
            isinstance(option, forms.Object)
            and any(_holds_arrays(member.form) for case in option.cases for member in case.members)
        )
        for option in forms.options(form)
    )


def _object(form: forms.ObjectCase, is_odd: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Which optional members are there is one integer's bits: what costs is the number of draws."""
    strategies = {member.name: strategy_of(member.form, is_odd) for member in form.members}
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
    names = (st.sampled_from(_UNKNOWN) | st.text(max_size=5)).map(
        lambda name: _new(name, known, "_")
    )
    unknown = st.lists(st.tuples(names, _unknown_values), max_size=2)
    orders = st.sampled_from(_orders)

    @st.composite
    def opened(draw: st.DrawFn) -> dict[str, Any]:
        found = draw(strategy) | dict(draw(unknown))
        return {name: found[name] for name in draw(orders)(found)}

    return opened()


def _new(name: str, known: Container[str], ending: str) -> str:
    while name in known:
        name += ending
    return name


def _text(form: forms.Text, is_odd: bool) -> st.SearchStrategy[str]:
    found = _odd_text(form) if is_odd else _usual_text(form)
    if form.is_time:
        # One time in 63 thousand million, or the one that a search has found.
        return found.filter(lambda time: time not in form.but_not) if form.but_not else found
    return found.map(lambda rest: _new(form.prefix + rest, form.but_not, "0"))


_eighths = st.integers(0, 2**33).map(lambda number: number / 8)


def _usual_text(form: forms.Text) -> st.SearchStrategy[str]:
    if form.is_time:
        return st.integers(_2025, _2025 + _TWO_YEARS_MS).map(from_milliseconds)
    if form.is_id and not form.prefix:
        return st.integers(0, JOB_IDS - 1).map(job_id)
    return st.text(string.ascii_letters + string.digits + "-_./ ", max_size=20)


def _usual_number(form: forms.Number) -> st.SearchStrategy[int | float]:
    if form.is_rate and not form.is_whole:
        return _eighths
    whole = st.integers(0, 2**33 if form.is_rate else 2**40)
    return whole if form.is_whole or form.is_rate else st.one_of(whole, whole, whole, _eighths)


def _odd_text(form: forms.Text) -> st.SearchStrategy[str]:
    if form.is_time:
        shifted = st.builds(
            lambda ms, fraction, offset: from_milliseconds(ms)[:19] + fraction + offset,
            st.integers(_2025, _2025 + _TWO_YEARS_MS),
            st.sampled_from(("", ".5", ".000000", ".123456", ".123456789")),
            st.sampled_from(_OFFSETS),
        )
        return shifted | st.sampled_from(_ODD_TIMES)
    return st.sampled_from(_ODD_TEXTS) | st.text(max_size=40)


def _odd_number(form: forms.Number) -> st.SearchStrategy[int | float]:
    integers = st.integers(-_LARGEST, _LARGEST)
    if form.is_whole:
        return integers | integers.map(float)
    finite = st.floats(allow_nan=False, allow_infinity=False)
    return st.sampled_from(_ODD_NUMBERS) | integers | finite
