"""Durations and percentages."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.documents.units import corrected_duration, duration_ms, percentage
from support.cases import table


@table(__file__, "durations")
def test_a_duration_is_whole_milliseconds(text: str, milliseconds: int) -> None:
    assert duration_ms(text) == milliseconds


@table(__file__, "no-durations")
def test_anything_else_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        duration_ms(text)


@table(__file__, "near-durations")
def test_the_nearest_duration_is_suggested(text: str, meant: str | None) -> None:
    assert corrected_duration(text) == meant


@given(st.text(alphabet="0123456789. hmsec-", max_size=12))
def test_every_correction_is_a_duration(text: str) -> None:
    corrected = corrected_duration(text)
    if corrected is not None:
        assert duration_ms(corrected) >= 0


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("0%", Fraction(0)),
        ("40%", Fraction(2, 5)),
        ("33.3%", Fraction(333, 1000)),
        ("100%", Fraction(1)),
        ("100.00%", Fraction(1)),
    ],
)
def test_a_percentage_is_exact(text: str, share: Fraction) -> None:
    assert percentage(text) == share


@pytest.mark.parametrize("text", ["", "%", "40", "40 %", "-1%", "4e1%", "100.1%", "101%", "40%%"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a percentage|more than the whole"):
        percentage(text)
