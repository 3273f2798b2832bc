"""One value of a timeline file and its place: typed access that refuses with line and column."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from mockserver.documents import rfc3339
from mockserver.documents.pointer import parts, pointer
from mockserver.documents.yaml_text import Document, Path, YamlValue
from mockserver.errors import TimelineError, nearest
from mockserver.timeline.model import LATEST_START_MS
from mockserver.timeline.units import DURATIONS, corrected_duration, duration_ms, percentage

__all__ = ["MAX_BYTES", "Node", "either"]

_Word = TypeVar("_Word", bound=str)

MAX_BYTES = 2**53 - 1
"""The largest integer that every JSON reader takes exactly (RFC 8259 §6)."""

_DATE_TIMES = "a date-time such as 2025-10-03T15:33:23.496Z"
_TOO_FINE = re.compile(r"\.[0-9]{3}[0-9]*[1-9]")


@dataclass(frozen=True, slots=True)
class Node:
    """A value, the path to it, and what to call it in a sentence.

    What a method does not want to find, it refuses with a TimelineError.
    """

    document: Document
    path: Path
    value: YamlValue
    name: str

    def error(
        self,
        problem: str,
        expected: str | None = None,
        suggestion: str | None = None,
        *,
        key: bool = False,
    ) -> TimelineError:
        """An error at the value, or at its key when that is wrong or the value is left empty."""
        at_key = key or self.value is None
        error = self.document.error(
            TimelineError, self.path, problem, key=at_key, expected=expected, suggestion=suggestion
        )
        error.pointer = pointer(self.path)
        return error

    def wrong(self, expected: str, suggestion: str | None = None) -> TimelineError:
        """The error for a value of the wrong type."""
        return self.error(f"{self.name} is {_shown(self.value)}", expected, suggestion)

    def child(self, step: str | int, value: YamlValue, name: str | None = None) -> Node:
        """The value that lies at a key or an index."""
        return Node(self.document, (*self.path, step), value, name or f"`{step}`")

    def fields(self, required: Collection[str], optional: Collection[str]) -> dict[str, Node]:
        """The members of a mapping with these keys and no others."""
        known = (*required, *optional)
        if not isinstance(self.value, dict):
            wanted = _listed(required) if required else _listed(optional, "or")
            raise self.wrong(f"a mapping with {wanted}")
        members = {key: self.child(key, value) for key, value in self.value.items()}
        for key, member in members.items():
            if key not in known:
                problem = f"unknown key {key!r} in {self.name}"
                raise member.error(problem, _listed(known, "or"), nearest(key, known), key=True)
        for key in required:
            if key not in members:
                raise self.error(f"{self.name} has no `{key}`", f"`{key}: …`")
        return members

    def items(self, each: str) -> list[Node]:
        """The items of a list that is not empty; `each` is what one of them is called."""
        if not isinstance(self.value, list):
            raise self.wrong(f"a list, one `- …` for each {each}")
        if not self.value:
            raise self.error(f"{self.name} is an empty list", f"at least one {each}")
        return [
            self.child(index, value, f"{each} {index + 1}")
            for index, value in enumerate(self.value)
        ]

    def text(self, expected: str = "text") -> str:
        if isinstance(self.value, str):
            return self.value
        suggestion = None
        if isinstance(self.value, int | float):
            suggestion = f'"{str(self.value).lower()}", in quotes'
        raise self.wrong(expected, suggestion)

    def word(self, known: Sequence[_Word], old: Mapping[str, _Word] | None = None) -> _Word:
        """One of the known words. Each of the old ones, which are refused, is now another one."""
        for one in known:
            if self.value == one:
                return one
        renamed: Mapping[str, _Word] = old or {}
        close = nearest(str(self.value), (*known, *renamed))
        raise self.wrong(either(known), renamed.get(close, close) if close else None)

    def json(self) -> Any:
        """Any value that JSON can write, which infinity and what is no number are not."""
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise self.wrong("a value that JSON can write")
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                self.child(key, value).json()
        elif isinstance(self.value, list):
            for index, value in enumerate(self.value):
                self.child(index, value, f"item {index + 1}").json()
        return self.value

    def json_pointer(self) -> str:
        """A pointer into a reply."""
        expected = 'a JSON pointer such as /job_id, or "" for the whole'
        text = self.text(expected)
        try:
            parts(text)
        except ValueError:
            suggestion = None if text.startswith("/") else f"/{text}"
            raise self.wrong(expected, suggestion) from None
        return text

    def flag(self) -> bool:
        if isinstance(self.value, bool):
            return self.value
        word = str(self.value).lower()
        suggestion = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(word)
        raise self.wrong("true or false", suggestion or nearest(word, ("true", "false")))

    def byte_count(self) -> int:
        return self.whole_number("a whole number of bytes")

    def whole_number(self, what: str = "a whole number") -> int:
        """From 0 to `MAX_BYTES`; `what` is what was expected."""
        value = self.value
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_BYTES:
            return value
        suggestion = None
        if isinstance(value, float) and value.is_integer() and 0 <= value <= MAX_BYTES:
            suggestion = str(int(value))
        elif isinstance(value, str):
            digits = re.sub(r"[_, ]", "", value)
            suggestion = digits if re.fullmatch("[0-9]{1,15}", digits) else None
        raise self.wrong(f"{what}, 0 to {MAX_BYTES}", suggestion)

    def share(self, expected: str) -> Fraction:
        """A percentage, as a number from 0 to 1."""
        if not isinstance(self.value, str):
            raise self.wrong(expected, _corrected_percentage(self.value))
        try:
            return percentage(self.value)
        except ValueError as error:
            suggestion = _corrected_percentage(self.value)
            raise self.error(str(error), expected, suggestion) from None

    def duration(self) -> int:
        """Milliseconds, more than 0."""
        if not isinstance(self.value, str):
            raise self.wrong(DURATIONS, corrected_duration(str(self.value)))
        try:
            duration = duration_ms(self.value)
        except ValueError as error:
            raise self.error(str(error), DURATIONS, corrected_duration(self.value)) from None
        if not duration:
            raise self.error(f"{self.name} is no time at all", "a duration of at least 1ms")
        return duration

    def instant(self) -> int:
        """Milliseconds since 1970."""
        text = self.value
        if not isinstance(text, str):
            raise self.wrong(_DATE_TIMES)
        try:
            instant = rfc3339.to_milliseconds(text)
        except ValueError:
            raise self.wrong(_DATE_TIMES, _corrected_date_time(text)) from None
        if _TOO_FINE.search(text):
            raise self.error(f"{self.name} is finer than a millisecond", _DATE_TIMES)
        if not 0 <= instant <= LATEST_START_MS:
            raise self.error(f"{self.name} is too far away", "a year from 1970 to 9899")
        return instant


def _corrected_date_time(text: str) -> str | None:
    joined = text.strip().replace(" ", "T", 1)
    guesses = (joined, joined + "Z", joined + ":00Z", joined + "T00:00:00Z")
    return next((guess for guess in guesses if rfc3339.is_date_time(guess)), None)


def _corrected_percentage(value: YamlValue) -> str | None:
    """The percentage that was most likely meant: `30`, `0.3` and `30 percent` are `30%`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    guess = f"{100 * value:.6g}%" if isinstance(value, float) and 0 < value < 1 else f"{value}"
    guess = "".join(guess.split()).removesuffix("percent").removesuffix("%") + "%"
    try:
        percentage(guess)
    except ValueError:
        return None
    return guess


def either(names: Sequence[str]) -> str:
    """`a, b or c`."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _listed(names: Collection[str], word: str = "and") -> str:
    quoted = [f"`{name}`" for name in names]
    return f" {word} ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[1:] else quoted)


def _shown(value: YamlValue) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case int() if value.bit_length() > 128:
            return "an enormous number"
        case int() | float():
            return str(value)
        case str():
            return repr(value if len(value) <= 40 else value[:40] + "…")
        case list():
            return "a list"
        case _:
            return "a mapping"
