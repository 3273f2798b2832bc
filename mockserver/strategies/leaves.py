"""Leaves: texts, times and numbers, as they usually are and as no one expects them."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from mockserver.contract.normal_form import Number, Text
from mockserver.contract.samples import JOB_IDS, job_id
from mockserver.documents.rfc3339 import from_milliseconds

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


@dataclass(frozen=True, slots=True)
class Leaves:
    """How to draw the leaves of a form. Each strategy's simplest value is the smallest one."""

    text: Callable[[Text], st.SearchStrategy[str]]
    number: Callable[[Number], st.SearchStrategy[int | float]]
    is_odd: bool


_eighths = st.integers(0, 2**33).map(lambda number: number / 8)


def _usual_text(form: Text) -> st.SearchStrategy[str]:
    if form.is_time:
        return st.integers(_2025, _2025 + _TWO_YEARS_MS).map(from_milliseconds)
    if form.is_id and not form.prefix:
        return st.integers(0, JOB_IDS - 1).map(job_id)
    return st.text(string.ascii_letters + string.digits + "-_./ ", max_size=20)


def _usual_number(form: Number) -> st.SearchStrategy[int | float]:
    if form.is_rate and not form.is_whole:
        return _eighths
    whole = st.integers(0, 2**33 if form.is_rate else 2**40)
    return whole if form.is_whole or form.is_rate else st.one_of(whole, whole, whole, _eighths)


def _odd_text(form: Text) -> st.SearchStrategy[str]:
    if form.is_time:
        shifted = st.builds(
            lambda ms, fraction, offset: from_milliseconds(ms)[:19] + fraction + offset,
            st.integers(_2025, _2025 + _TWO_YEARS_MS),
            st.sampled_from(("", ".5", ".000000", ".123456", ".123456789")),
            st.sampled_from(_OFFSETS),
        )
        return shifted | st.sampled_from(_ODD_TIMES)
    return st.sampled_from(_ODD_TEXTS) | st.text(max_size=40)


def _odd_number(form: Number) -> st.SearchStrategy[int | float]:
    integers = st.integers(-_LARGEST, _LARGEST)
    if form.is_whole:
        return integers | integers.map(float)
    finite = st.floats(allow_nan=False, allow_infinity=False)
    return st.sampled_from(_ODD_NUMBERS) | integers | finite


def _within(
    text: Callable[[Text], st.SearchStrategy[str]],
) -> Callable[[Text], st.SearchStrategy[str]]:
    """The same texts as far as the form allows them."""

    def strategy(form: Text) -> st.SearchStrategy[str]:
        found = text(form)
        if form.is_time:
            # One time in 63 thousand million, or the one that a search has found.
            return found.filter(lambda time: time not in form.but_not) if form.but_not else found
        if form.prefix or form.but_not:
            return found.map(lambda rest: _other_than(form.but_not, form.prefix + rest))
        return found

    return strategy


def _other_than(taken: tuple[str, ...], text: str) -> str:
    while text in taken:
        text += "0"
    return text


USUAL = Leaves(_within(_usual_text), _usual_number, is_odd=False)
ODD = Leaves(_within(_odd_text), _odd_number, is_odd=True)
