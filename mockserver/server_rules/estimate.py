"""The times of a job against the server's own time, and its estimate against its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.consistency import instant, is_number
from mockserver.contract.json_data import shown
from mockserver.contract.violation import Violation

__all__ = ["estimate", "times_ahead"]

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS
_OF_SERVER_MS = 3 * _HOUR_MS
"""So far a right Date, set by a proxy, may be from the clock of the server behind it: local time
taken for UTC, a summer time missed."""
_OF_OURS_MS = 2 * _DAY_MS
"""So far our clock may be from a server's that sends no Date."""
_ABSURD_FACTOR = 100
_LARGEST = 2**63


def estimate(
    job: Mapping[str, Any], server_ms: int | None, our_ms: int | None
) -> Iterator[Violation]:
    """What is wrong with `estimated_completion`, as of the server's time.

    A Date header tells that time, but for three hours; without one there is only our clock, which
    may be another machine's, and two days are allowed. Without either, nothing is said.
    """
    end_ms = instant(job.get("estimated_completion"))
    now_ms = server_ms if server_ms is not None else our_ms
    if end_ms is None or now_ms is None or job.get("status") != "downloading":
        return
    tolerance_ms = _OF_SERVER_MS if server_ms is not None else _OF_OURS_MS
    if end_ms < now_ms - tolerance_ms:
        found = f"{shown(job['estimated_completion'])}, {_in_words(now_ms - end_ms)} ago"
        yield Violation.of_member("eta-in-past", "estimated_completion", "a time ahead", found)
        return
    needed_ms = _needed_ms(job)
    if needed_ms is None:
        return
    told_ms = max(end_ms - now_ms, 0)
    more, less = max(told_ms, needed_ms), min(told_ms, needed_ms)
    if more - less > _HOUR_MS + tolerance_ms and more > _ABSURD_FACTOR * less:
        expected = f"in about {_in_words(needed_ms)}, by bytes and speed"
        found = f"{shown(job['estimated_completion'])}, in {_in_words(told_ms)}"
        yield Violation.of_member("eta-absurd", "estimated_completion", expected, found)


def times_ahead(job: Mapping[str, Any], server_ms: int | None) -> Iterator[Violation]:
    """What has happened, by the server's Date header, only in a day or later."""
    if server_ms is None:
        return
    for member in ("started_at", "completed_at"):
        at_ms = instant(job.get(member))
        if at_ms is not None and at_ms > server_ms + _DAY_MS:
            found = f"{shown(job[member])}, in {_in_words(at_ms - server_ms)}"
            yield Violation.of_member("time-in-future", member, "a time that has passed", found)


def _needed_ms(job: Mapping[str, Any]) -> float | None:
    """How long the rest takes at the reported speed, where there are sane numbers for it."""
    done, total, speed = (
        job.get(name) for name in ("downloaded_bytes", "total_size_bytes", "bytes_per_second")
    )
    if not (is_number(done) and is_number(total) and is_number(speed)):
        return None
    if not (0 <= done <= total < _LARGEST and 1 <= speed < _LARGEST):
        return None
    return (total - done) / speed * 1000


def _in_words(ms: float) -> str:
    for unit, size in (("days", 24 * _HOUR_MS), ("hours", _HOUR_MS), ("minutes", _MINUTE_MS)):
        if ms >= 2 * size:
            return f"{ms / size:,.0f} {unit}"
    return f"{ms / 1000:,.0f} seconds"
