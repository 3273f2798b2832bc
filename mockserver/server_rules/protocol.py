"""A reply as HTTP: whether it came, its status, its type, and the shape of an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mockserver.contract.json_data import shown
from mockserver.documents import rfc3339
from mockserver.http.exchange import FailureKind
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.remark import Remark, clipped

__all__ = ["content_type", "error_shape", "expected_statuses", "server_time_ms", "trouble"]

_RULE_OF: dict[FailureKind, str] = {
    "refused": "no-reply",
    "dns": "no-reply",
    "tls": "no-reply",
    "timeout": "timeout",
    "too-large": "too-large",
    "broken-off": "broken-off",
    "bad-http": "bad-http",
    "bad-encoding": "bad-encoding",
}
_STATUSES = {"job_status": (200, 404), "download": (200, 404)}
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)
_DATE = re.compile(
    r"[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2}) GMT"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def trouble(seen: Observation) -> Remark | None:
    """Why there is no whole reply."""
    if seen.failure is not None:
        return Remark(_RULE_OF[seen.failure.kind], "a whole reply", clipped(seen.failure.message))
    if seen.status is None:
        return Remark("no-reply", "a reply", "nothing")
    return None


def expected_statuses(operation: str | None) -> tuple[int, ...]:
    """What a request that is right may be answered with."""
    return _STATUSES.get(operation or "", (200,))


def content_type(seen: Observation) -> Remark | None:
    """Whether the body is declared as JSON in UTF-8; an empty one need not be."""
    value = seen.headers.get("Content-Type")
    if not seen.body:
        return None
    expected = "application/json"
    if value is None:
        return Remark("content-type", expected, "no Content-Type")
    if value.partition(";")[0].strip().lower() != expected:
        return Remark("content-type", expected, shown(value))
    charset = _CHARSET.search(value)
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        return Remark("content-type", "UTF-8", shown(value))
    return None


def error_shape(payload: Any) -> Iterator[Remark]:
    """Whether an error is one of the two forms that clients know."""
    error = payload.get("error") if isinstance(payload, dict) else None
    if isinstance(error, str) and error:
        return
    if not isinstance(error, dict):
        found = "nothing" if isinstance(payload, dict) and "error" not in payload else shown(error)
        if not isinstance(payload, dict):
            found = shown(payload)
        yield Remark("error-shape", "an object, or text", found, "/error", "/error")
        return
    for member, is_needed in (("type", True), ("message", True), ("code", False), ("param", False)):
        value = error.get(member)
        if isinstance(value, str) or (value is None and not is_needed):
            continue
        found = shown(value) if member in error else "nothing"
        place = f"/error/{member}"
        yield Remark("error-shape", f"`{member}` as text", found, place, place)


def server_time_ms(seen: Observation) -> int | None:
    """The server's own time, by its Date header: milliseconds since 1970, to the second."""
    match = _DATE.fullmatch((seen.headers.get("Date") or "").strip())
    if match is None or match[2] not in _MONTHS:
        return None
    day, month, year, time = match.groups()
    try:
        month_number = _MONTHS.index(month) + 1
        return rfc3339.to_milliseconds(f"{year}-{month_number:02}-{day}T{time}Z")
    except ValueError:
        return None
