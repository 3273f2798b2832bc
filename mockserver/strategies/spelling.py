"""JSON texts: the same payload, written as any server may write it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import strategies as st

_SPACES = (("", ""), (" ", ""), (" ", " "), ("\t", ""), ("  ", "  "))
_LINES = (("\n", "\n"), ("\n    ", " "), ("\r\n", ""))


@dataclass(frozen=True, slots=True)
class _JsonStyle:
    """How one server writes. `gap` comes after commas and brackets, `colon_gap` before colons."""

    gap: str
    colon_gap: str
    number: Callable[[int | float], str]
    text: Callable[[str], str]

    def write(self, value: Any) -> str:
        if isinstance(value, dict):
            members = (
                f"{self.text(key)}{self.colon_gap}:{self.gap and ' '}{self.write(member)}"
                for key, member in value.items()
            )
            return self._bracketed("{", members, "}")
        if isinstance(value, list):
            return self._bracketed("[", map(self.write, value), "]")
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool):
            return json.dumps(value)
        return self.number(value)

    def _bracketed(self, left: str, parts: Iterable[str], right: str) -> str:
        return left + self.gap + f",{self.gap}".join(parts) + self.gap + right


def _escaped(text: str) -> str:
    """Every character as `\\u0041`; beyond the first 65,536, as two surrogates."""
    units = text.encode("utf-16-be").hex()
    return '"' + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + '"'


_raw = partial(json.dumps, ensure_ascii=False)


def _slashed(text: str) -> str:
    return _raw(text).replace("/", r"\/")


def _with_exponent(number: int | float) -> str:
    """`1000` as `1e3`, `5833333.5` as `58333335e-1`; as it is where a float would lose digits."""
    sign, digits, power = Decimal(repr(number)).as_tuple()
    kept = "".join(map(str, digits)).rstrip("0") or "0"
    text = f"{'-' * sign}{kept}e{int(power) + len(digits) - len(kept)}"
    return text if float(text) == number else json.dumps(number)


def _with_loud_exponent(number: int | float) -> str:
    return _with_exponent(number).replace("e", "E+").replace("+-", "-")


_numbers: tuple[Callable[[int | float], str], ...]
_numbers = (json.dumps, _with_exponent, _with_loud_exponent)
_texts: tuple[Callable[[str], str], ...] = (json.dumps, _raw, _slashed, _escaped)


def spelled(payloads: st.SearchStrategy[Any], *, one_line: bool = False) -> st.SearchStrategy[str]:
    """JSON texts of these payloads, each of which a strict parser reads as the payload it was.

    Numbers come with exponents (`1e3` is 1000, though a parser may call it a float), characters
    as escapes (`\\u0041`, `\\/`) or as they are, and white space anywhere; with `one_line`, none
    that breaks the line. A text shrinks to what `json.dumps` makes of the payload.
    """
    spaces = _SPACES if one_line else _SPACES + _LINES
    styles = st.builds(
        lambda space, number, text: _JsonStyle(space[0], space[1], number, text).write,
        st.sampled_from(spaces),
        st.sampled_from(_numbers),
        st.sampled_from(_texts),
    )
    usual: st.SearchStrategy[Callable[[Any], str]] = st.just(json.dumps)
    return st.builds(lambda payload, write: write(payload), payloads, usual | styles)
