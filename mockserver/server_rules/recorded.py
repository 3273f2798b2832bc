"""Recordings of traffic, read strictly: plain data in which each part knows where it stands.

An error names a place and what was expected there, never what was found: it may be a secret.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from mockserver.documents import rfc3339
from mockserver.documents.pointer import pointer
from mockserver.errors import TrafficError
from mockserver.http.message import Request
from mockserver.server_rules.observation import Observation

EntryResult: TypeAlias = Observation | str
"""What came, or why nothing can be said of it, as in "2 requests still without a reply"."""

_KINDS = {dict: "an object", list: "an array", str: "text", bool: "true or false"}
_KINDS |= {int: "a number", float: "a number", type(None): "null"}
_NOTHING = object()
_Kind = TypeVar("_Kind")
_MAX_MS = 10_000_000_000
"""Some four months."""


@dataclass(frozen=True, slots=True)
class RecordedValue:
    """A part of a recording. Whatever is asked of it raises TrafficError when it is not so."""

    data: Any
    file: str
    place: tuple[str | int, ...] = ()

    def wrong(self, expected: str, found: str | None = None) -> TrafficError:
        """The error for this part; the caller raises it."""
        kind = _KINDS.get(type(self.data), "nothing")
        return TrafficError(self.file, pointer(self.place), expected, found or kind)

    def member(self, name: str) -> RecordedValue:
        """A member of an object; asked for anything, one that is not there is wrong."""
        members = self.of(dict)
        return RecordedValue(members.get(name, _NOTHING), self.file, (*self.place, name))

    def items(self) -> Iterator[RecordedValue]:
        """The items of an array."""
        for index, data in enumerate(self.of(list)):
            yield RecordedValue(data, self.file, (*self.place, index))

    @property
    def is_given(self) -> bool:
        """Whether it is there, and not null."""
        return self.data is not _NOTHING and self.data is not None

    def text(self) -> str:
        return self.of(str)

    def of(self, kind: type[_Kind]) -> _Kind:
        """What it is, if it is that kind of thing."""
        if not isinstance(self.data, kind):
            raise self.wrong(_KINDS[kind])
        return self.data

    def octets(self) -> bytes:
        """What is written in base64, which white space may break up."""
        try:
            return base64.b64decode("".join(self.text().split()), validate=True)
        except ValueError:
            raise self.wrong("base64", "text that is none") from None

    def integer(self, least: int, most: int) -> int:
        """A whole number within these limits."""
        expected = f"a whole number from {least} to {most}"
        if type(self.data) is not int:
            raise self.wrong(expected)
        if not least <= self.data <= most:
            raise self.wrong(expected, "another")
        return self.data

    def milliseconds(self) -> int:
        """A duration; one below 0 says that it is not known, and counts as 0."""
        if isinstance(self.data, bool) or not isinstance(self.data, int | float):
            raise self.wrong("milliseconds")
        if self.data > _MAX_MS:
            raise self.wrong(f"at most {_MAX_MS:,} milliseconds", "more")
        return max(0, round(self.data))

    def instant_ms(self) -> int:
        """An RFC 3339 date-time, as milliseconds since 1970."""
        try:
            found = rfc3339.to_milliseconds(self.text())
            rfc3339.from_milliseconds(found)  # an offset can lead out of the years that there are
        except ValueError:
            expected = "a date-time such as 2025-10-03T15:33:23.496Z"
            raise self.wrong(expected, "text that is none") from None
        return found


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """What a recorded request asked, as far as it takes to know whether it is one of the API's.

    `number` counts from 1 in the recording. `origin` is scheme, host and port; "" where the
    recording does not tell. `request` is as it was sent, `entry` all that was recorded.
    """

    number: int
    origin: str
    request: Request
    entry: RecordedValue
