"""What the members of one job must agree in, which no schema can say.

A member of a wrong type says nothing here: that is the schema's to tell.

>>> from mockserver.contract.consistency import inconsistencies
>>> [str(found) for found in inconsistencies({"downloaded_bytes": 2, "total_size_bytes": 1})]
['/downloaded_bytes: bytes-within-total: expected at most 1, found 2']
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from mockserver.contract.json_data import shown
from mockserver.contract.violation import Violation
from mockserver.documents import rfc3339

__all__ = ["beside_already_downloaded", "inconsistencies", "instant", "is_number"]

_COUNTS = ("downloaded_bytes", "total_size_bytes")
_NUMBERS = (*_COUNTS, "bytes_per_second")
_ENDS = ("completed_at", "estimated_completion")
_TIMES = ("started_at", *_ENDS)

# As every documented example writes a time. Two such texts sort as their instants do.
_AS_DOCUMENTED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z", re.ASCII)
_LONGEST_TIME = 64

_violation = Violation.of_member


def inconsistencies(job: Mapping[str, Any]) -> Iterator[Violation]:
    """What in a job's members does not go together, each rule at each member once."""
    yield from _numbers(job)
    yield from _bytes(job)
    yield from _times(job)


def beside_already_downloaded(reply: Mapping[str, Any]) -> Iterator[Violation]:
    """What stands beside `already_downloaded` in a reply to a request for a model."""
    if reply.get("status") == "already_downloaded":
        for member in reply:
            if member != "status":
                found = shown(reply[member])
                yield _violation("already-downloaded-alone", member, "`status` alone", found)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a JSON number: true and false are none."""
    return type(value) is int or type(value) is float


def instant(value: object) -> int | None:
    """Milliseconds since 1970, or None for what is no date-time."""
    if not isinstance(value, str) or len(value) > _LONGEST_TIME:
        return None
    try:
        return rfc3339.to_milliseconds(value)
    except ValueError:
        return None


def _numbers(job: Mapping[str, Any]) -> Iterator[Violation]:
    for member in _NUMBERS:
        value = job.get(member)
        if is_number(value) and value < 0:
            yield _violation("negative-number", member, "0 or more", shown(value))
    for member in _COUNTS:
        value = job.get(member)
        if type(value) is float:
            yield _violation("whole-bytes", member, "an integer", shown(value))


def _bytes(job: Mapping[str, Any]) -> Iterator[Violation]:
    done, total = (job.get(member) for member in _COUNTS)
    if not is_number(done) or not is_number(total) or done == total or total < 0:
        return
    if done > total:
        yield _violation(
            "bytes-within-total", "downloaded_bytes", f"at most {shown(total)}", shown(done)
        )
    elif done >= 0 and job.get("status") == "completed":
        yield _violation(
            "completed-is-whole", "downloaded_bytes", f"{shown(total)}, all of them", shown(done)
        )


def _times(job: Mapping[str, Any]) -> Iterator[Violation]:
    are_as_documented = True
    for member in _TIMES:
        value = job.get(member)
        if isinstance(value, str) and not _AS_DOCUMENTED.fullmatch(value):
            are_as_documented = False
            if instant(value) is not None:
                yield from _style(member, value)
    start = job.get("started_at")
    if not isinstance(start, str):
        return
    for member in _ENDS:
        end = job.get(member)
        if not isinstance(end, str) or (are_as_documented and start <= end):
            continue
        first, last = instant(start), instant(end)
        if first is not None and last is not None and last < first:
            expected = f"no earlier than `started_at`, {start}"
            yield _violation("times-in-order", member, expected, shown(end))


def _style(member: str, text: str) -> Iterator[Violation]:
    """A date-time that is not written as the documented ones are."""
    expected = "a time such as 2025-10-03T15:33:23.496Z"
    if text[-1] not in "Zz":
        yield _violation("time-in-utc", member, expected, shown(text))
    if "t" in text or "z" in text:
        yield _violation("time-style", member, expected, shown(text))
    fraction = re.search(r"\.([0-9]+)", text)
    if fraction is None or len(fraction[1]) != 3:
        yield _violation("time-fraction", member, expected, shown(text))
