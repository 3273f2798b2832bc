"""What a server said of a job at an instant, read with no trust in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.documents import rfc3339
from mockserver.documents.node import MAX_INTEGER as MAX_BYTES
from mockserver.timeline.model import LATEST_START_MS

__all__ = ["Point", "bytes_in", "instant_in", "total_of"]


@dataclass(frozen=True, slots=True)
class Point:
    """What the server said of a job at an instant; `payload` None is that it knows none."""

    at_ms: int
    payload: Mapping[str, Any] | None


def total_of(points: Sequence[Point]) -> int:
    """The size that the job has most of the time; else the most bytes that there were."""
    totals = [total for one in points if (total := bytes_in(one, "total_size_bytes")) is not None]
    if totals:
        return max(dict.fromkeys(totals), key=totals.count)
    return max((bytes_in(one, "downloaded_bytes") or 0 for one in points), default=0)


def bytes_in(point: Point, name: str) -> int | None:
    value = None if point.payload is None else point.payload.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MAX_BYTES else None


def instant_in(point: Point, name: str) -> int | None:
    """Milliseconds since 1970, where they are written as the mock writes them."""
    value = None if point.payload is None else point.payload.get(name)
    if not isinstance(value, str):
        return None
    try:
        found = rfc3339.to_milliseconds(value)
    except ValueError:
        return None
    is_exact = 0 <= found <= LATEST_START_MS and rfc3339.from_milliseconds(found) == value
    return found if is_exact else None
