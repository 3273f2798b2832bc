"""Durations such as `1m30s` and percentages such as `40%`, read exactly."""

import re
from fractions import Fraction
from typing import Any

from mockserver.documents.kinds import Kind
from mockserver.documents.node import Node, shown

DURATIONS = "a duration such as 250ms, 8s, 1.5m, 2h or 1m30s"
PERCENTAGES = "a percentage such as 40% or 99.5%"

_UNITS_MS = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_NUMBER = r"[0-9]{1,16}(?:\.[0-9]{1,16})?"
_DURATION = re.compile("".join(f"(?:({_NUMBER}){unit})?" for unit in _UNITS_MS))
_PERCENTAGE = re.compile(f"({_NUMBER})%")

_SPELT_OUT = {"ms": "millisecond msec", "s": "second sec", "m": "minute min", "h": "hour hr"}
_UNIT_WORDS = {
    word + plural: unit
    for unit, words in _SPELT_OUT.items()
    for word in words.split()
    for plural in ("s", "")
}
_UNIT_WORD = re.compile(r"(?<=[0-9])(?:" + "|".join(_UNIT_WORDS) + r")(?![a-z])")


def duration_ms(text: str) -> int:
    """The duration in whole milliseconds; ValueError says what is wrong with any other text.

    Larger units come first, each at most once: hours `h`, minutes `m`, seconds `s`,
    milliseconds `ms`. Fractions are fine as long as whole milliseconds come out.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        if re.fullmatch(_NUMBER, text):
            raise ValueError(f"the duration {text!r} has no unit")
        raise ValueError(f"{shown(text)} is not a duration")
    amounts = zip(match.groups(), _UNITS_MS.values(), strict=True)
    exact = sum((Fraction(amount) * unit for amount, unit in amounts if amount), Fraction(0))
    if exact.denominator != 1:
        raise ValueError(f"the duration {text!r} is finer than a millisecond")
    return exact.numerator


def duration_text(duration_ms: int) -> str:
    """A duration as a file has it: `250ms`, `12.5s`."""
    if duration_ms < 1000:
        return f"{duration_ms}ms"
    return f"{duration_ms / 1000:.3f}".rstrip("0").rstrip(".") + "s"


def given_duration_ms(text: str, what: str) -> int:
    """The same for an argument in Python; ValueError says what was expected and meant, too."""
    try:
        return duration_ms(text)
    except ValueError as error:
        guess = corrected_duration(text)
        meant = f"; did you mean {guess}?" if guess else ""
        raise ValueError(f"{what}: {error}: expected {DURATIONS}{meant}") from None


def corrected_duration(text: str) -> str | None:
    """The duration that `text` was most likely meant to be (`8 sec` is `8s`, `8` is `8s`)."""
    guess = _UNIT_WORD.sub(lambda word: _UNIT_WORDS[word[0]], "".join(text.lower().split()))
    if re.fullmatch(_NUMBER, guess):
        guess += "s"
    try:
        duration_ms(guess)
    except ValueError:
        return None
    return guess


def percentage(text: str) -> Fraction:
    """The share of the whole, 0 to 1, that a percentage means; ValueError says what is wrong."""
    match = _PERCENTAGE.fullmatch(text)
    if match is None:
        raise ValueError(f"{shown(text)} is not a percentage")
    share = Fraction(match[1]) / 100
    if share > 1:
        raise ValueError(f"{text} is more than the whole")
    return share


def read_duration(node: Node) -> int:
    """Milliseconds, more than 0."""
    if not isinstance(node.value, str):
        raise node.wrong(DURATIONS, corrected_duration(str(node.value)))
    try:
        duration = duration_ms(node.value)
    except ValueError as error:
        raise node.error(str(error), DURATIONS, corrected_duration(node.value)) from None
    if not duration:
        raise node.error(f"{node.name} is no time at all", "a duration of at least 1ms")
    return duration


def read_share(node: Node, expected: str = PERCENTAGES) -> Fraction:
    """A percentage, as a number from 0 to 1."""
    if not isinstance(node.value, str):
        raise node.wrong(expected, _corrected_percentage(node.value))
    try:
        return percentage(node.value)
    except ValueError as error:
        raise node.error(str(error), expected, _corrected_percentage(node.value)) from None


def _corrected_percentage(value: Any) -> str | None:
    """The percentage that was most likely meant: `30`, `0.3` and `30 percent` are `30%`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    guess = f"{100 * value:.6g}" if isinstance(value, float) and 0 < value < 1 else f"{value}"
    guess = "".join(guess.split()).removesuffix("percent").removesuffix("%") + "%"
    try:
        percentage(guess)
    except ValueError:
        return None
    return guess


DURATION = Kind(
    DURATIONS,
    read_duration,
    {
        "description": "At least a millisecond, whole milliseconds: hours `h`, minutes `m`, "
        "seconds `s` and milliseconds `ms`, in this order.",
        "type": "string",
        "pattern": "^(?=.*[1-9])" + "".join(f"(?:{_NUMBER}{unit})?" for unit in _UNITS_MS) + "$",
        "examples": ["250ms", "8s", "1.5m", "2h", "1m30s"],
    },
    "duration",
)
PERCENTAGE = Kind(
    PERCENTAGES,
    read_share,
    {
        "description": "A share of the whole, 0 to 100.",
        "type": "string",
        "pattern": r"^0*(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]{1,16})?)%$",
        "examples": ["40%", "99.5%", "100%"],
    },
    "percentage",
)
