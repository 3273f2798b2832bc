"""Durations and percentages."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.documents.units import corrected_duration, duration_ms, percentage


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("250ms", 250),
        ("8s", 8_000),
        ("1.5m", 90_000),
        ("2h", 7_200_000),
        ("1m30s", 90_000),
        ("2h40m", 9_600_000),
        ("14m59.272s", 899_272),
        ("1h1m1s1ms", 3_661_001),
        ("0.001s", 1),
        ("0.5s500ms", 1_000),
        ("0s", 0),
    ],
)
def test_a_duration_is_whole_milliseconds(text: str, milliseconds: int) -> None:
    assert duration_ms(text) == milliseconds


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("8", "has no unit"),
        ("1.5", "has no unit"),
        ("", "is not a duration"),
        ("s", "is not a duration"),
        ("8 s", "is not a duration"),
        ("-8s", "is not a duration"),
        ("30s1m", "is not a duration"),
        ("1s1s", "is not a duration"),
        ("1e3s", "is not a duration"),
        ("٣s", "is not a duration"),
        ("8s\n", "is not a duration"),
        ("0.5ms", "finer than a millisecond"),
        ("0.0001s", "finer than a millisecond"),
        ("9" * 17 + "s", "is not a duration"),
    ],
)
def test_anything_else_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        duration_ms(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("8", "8s"),
        ("8 s", "8s"),
        ("8 sec", "8s"),
        ("8 Seconds", "8s"),
        ("1 min 30 sec", "1m30s"),
        ("2 hours", "2h"),
        ("250 milliseconds", "250ms"),
        ("soon", None),
        ("5 parsecs", None),
    ],
)
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
