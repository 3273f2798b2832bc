"""Values in a response, read with no trust in them, and the places where they stand."""

import re
from collections.abc import Iterable
from typing import Any, TypeAlias, TypeGuard

from mockserver.documents import pointer, rfc3339
from mockserver.http.message import Headers

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices, from the whole to a value."""

_MAX_SHOWN = 160
_MAX_TIME = 64
_DATE = re.compile(
    r"[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) GMT"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clipped(text: str) -> str:
    """Text of a server's, at most 160 characters of it."""
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a JSON number: true and false are none."""
    return type(value) is int or type(value) is float


def instant(value: object) -> int | None:
    """Milliseconds since 1970, or None for what is no date-time."""
    if not isinstance(value, str) or len(value) > _MAX_TIME:
        return None
    try:
        return rfc3339.to_milliseconds(value)
    except ValueError:
        return None


def date_ms(headers: Headers) -> int | None:
    """The server's own time, by its Date header: milliseconds since 1970, to the second."""
    match = _DATE.fullmatch((headers.get("Date") or "").strip())
    if match is None or match[2] not in _MONTHS:
        return None
    day, month, year, time = match.groups()
    return instant(f"{year}-{_MONTHS.index(month) + 1:02}-{day}T{time}Z")


def starred(path: Iterable[str | int]) -> str:
    """The pointer through these keys and indices, with `*` for each index."""
    return pointer.pointer("*" if isinstance(step, int) else clipped(step) for step in path)


def source_of(schema: dict[str, Any], place: str) -> tuple[str | None, int | None]:
    """The page and the line of the row that a place comes from; of its nearest parent's, else."""
    node: Any = schema
    source = schema.get("x-source")
    for token in pointer.parts(place):
        inside = node.get("items") if token == "*" else node.get("properties", {}).get(token)
        if not isinstance(inside, dict):
            break
        node = inside
        source = node.get("x-source", source)
    if not isinstance(source, str):
        return None, None
    page, _, line = source.rpartition(":")
    return page, int(line)
