"""One value of a document and its place: typed access that refuses with line and column."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

from mockserver.documents.pointer import parts, pointer
from mockserver.documents.source import JsonValue, Path, PlacedData
from mockserver.errors import FormatError, nearest

_Word = TypeVar("_Word", bound=str)

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader takes exactly (RFC 8259 §6)."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value, the path to it, and what to call it in a sentence.

    What a method does not want to find, it refuses with an error of `error_type`.
    """

    document: PlacedData
    path: Path
    value: JsonValue
    name: str
    error_type: type[FormatError] = FormatError

    @classmethod
    def root(cls, document: PlacedData, name: str, error_type: type[FormatError]) -> Self:
        """The whole of a document, and what to call it."""
        return cls(document, (), document.data, name, error_type)

    def error(
        self,
        problem: str,
        expected: str | None = None,
        suggestion: str | None = None,
        *,
        key: bool = False,
    ) -> FormatError:
        """An error at the value, or at its key when that is wrong or the value is left empty."""
        return self.document.error(
            self.error_type,
            self.path,
            problem,
            key=key or self.value is None,
            expected=expected,
            suggestion=suggestion,
            pointer=pointer(self.path),
        )

    def wrong(self, expected: str, suggestion: str | None = None) -> FormatError:
        """The error for a value of the wrong type."""
        return self.error(f"{self.name} is {shown(self.value)}", expected, suggestion)

    def child(self, step: str | int, value: JsonValue, name: str | None = None) -> Self:
        """The value that lies at a key or an index."""
        return replace(self, path=(*self.path, step), value=value, name=name or f"`{step}`")

    @property
    def children(self) -> dict[str, Self]:
        """The members of a mapping; none of anything else."""
        members = self.value.items() if isinstance(self.value, dict) else ()
        return {key: self.child(key, value) for key, value in members}

    def members(self, required: Collection[str], optional: Collection[str]) -> dict[str, Self]:
        """The members of a mapping with these keys and no others."""
        known = (*required, *optional)
        if not isinstance(self.value, dict):
            keys = _listed(required, "and") if required else _listed(optional)
            raise self.wrong(f"a mapping with {keys}")
        members = self.children
        for key, member in members.items():
            if key not in known:
                problem = f"unknown key {key!r} in {self.name}"
                raise member.error(problem, _listed(known), nearest(key, known), key=True)
        for key in required:
            if key not in members:
                raise self.error(f"{self.name} has no `{key}`", f"`{key}: …`")
        return members

    def items(self, each: str) -> list[Self]:
        """The items of a list that is not empty; `each` is what an item is called."""
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
        is_number = isinstance(self.value, int | float)
        quoted = f'"{str(self.value).lower()}", in quotes'
        raise self.wrong(expected, quoted if is_number else None)

    def word(self, known: Sequence[_Word], old: Mapping[str, _Word] | None = None) -> _Word:
        """One of the known words. Each of the old ones, which are refused, is now another one."""
        for word in known:
            if self.value == word:
                return word
        renamed: Mapping[str, str] = old or {}
        close = nearest(str(self.value), (*known, *renamed))
        raise self.wrong(either(known), renamed.get(close or "", close))

    def json(self) -> Any:
        """Any value that JSON can write, which infinity and what is no number are not."""
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise self.wrong("a value that JSON can write")
        for member in self.children.values():
            member.json()
        for index, value in enumerate(self.value if isinstance(self.value, list) else ()):
            self.child(index, value, f"item {index + 1}").json()
        return self.value

    def json_pointer(self) -> str:
        expected = 'a JSON pointer such as /job_id, or "" for the whole'
        text = self.text(expected)
        try:
            parts(text)
        except ValueError:
            raise self.wrong(expected, None if text.startswith("/") else f"/{text}") from None
        return text

    def name_of(self, known: Sequence[str], problem: str) -> str:
        """One of the known names; `{}` in `problem` stands for any other."""
        name = self.text(either(known))
        if name not in known:
            raise self.error(problem.format(repr(name)), either(known), nearest(name, known))
        return name

    def flag(self) -> bool:
        if isinstance(self.value, bool):
            return self.value
        word = str(self.value).lower()
        suggestion = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(word)
        raise self.wrong("true or false", suggestion or nearest(word, ("true", "false")))

    def whole_number(self, what: str = "a whole number") -> int:
        """From 0 to `MAX_INTEGER`; `what` is what was expected."""
        value = self.value
        if type(value) is int and 0 <= value <= MAX_INTEGER:
            return value
        suggestion = None
        if isinstance(value, float) and value.is_integer() and 0 <= value <= MAX_INTEGER:
            suggestion = str(int(value))
        elif isinstance(value, str):
            digits = re.sub(r"[_, ]", "", value)
            suggestion = digits if re.fullmatch("[0-9]{1,15}", digits) else None
        raise self.wrong(f"{what}, 0 to {MAX_INTEGER}", suggestion)


def either(names: Sequence[str], word: str = "or") -> str:
    """`a, b or c`."""
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _listed(names: Collection[str], word: str = "or") -> str:
    return either([f"`{name}`" for name in names], word)


def shown(value: JsonValue) -> str:
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
