"""RFC 3339 date-times, such as `2025-10-03T15:33:23.496Z`, as text and as milliseconds since 1970.

`datetime` knows neither the year 0 nor leap seconds, so that it is asked about days alone.
"""

import re
from datetime import date

# The pattern holds every range that needs no calendar.
_DATE_TIME = re.compile(
    r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))"
)
_CYCLE = 400
"""Years after which the calendar repeats itself."""
_DAYS_IN_CYCLE = 146_097
_DAYS_BEFORE_1970 = date(1970, 1, 1).toordinal()
_MS_IN_DAY = 86_400_000
_LEAST = -62_167_219_200_000
"""0000-01-01T00:00:00.000Z"""
LAST_INSTANT_MS = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z: the last instant that an RFC 3339 date-time can write."""


def is_date_time(text: str) -> bool:
    """Whether the whole of `text` is an RFC 3339 `date-time`.

    The offset is required, the day must exist, and second 60 is accepted only where a leap second
    can be: 23:59:60 UTC on the last day of a month (RFC 3339 §5.7).
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return False
    return (match[3] <= "28" and match[6] != "60") or _instant(match) is not None


def to_milliseconds(text: str) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z; digits beyond the third of a fraction are cut off.

    A leap second counts as the second after it. Raises ValueError for anything but a date-time.
    """
    match = _DATE_TIME.fullmatch(text)
    instant_ms = None if match is None else _instant(match)
    if instant_ms is None:
        shown = ascii(text[:40]) + ("…" if len(text) > 40 else "")
        raise ValueError(f"not an RFC 3339 date-time: {shown}")
    return instant_ms


def _instant(match: re.Match[str]) -> int | None:
    """Milliseconds since 1970; None where there is no such day or leap second."""
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        days = _days(int(year), int(month), int(day))
    except ValueError:
        return None
    minutes = days * 1440 + int(hour) * 60 + int(minute)
    if offset is not None:
        east = int(offset[1:3]) * 60 + int(offset[4:6])
        minutes += east if offset[0] == "-" else -east
    next_day, rest = divmod(minutes + 1, 1440)
    if second == "60" and (rest or _date(next_day)[2] != 1):
        return None
    return (minutes * 60 + int(second)) * 1000 + int((fraction or "")[:3].ljust(3, "0"))


def from_milliseconds(ms: int) -> str:
    """The date-time in UTC, with three fraction digits and `Z`. ValueError beyond 0000 to 9999."""
    if not _LEAST <= ms <= LAST_INSTANT_MS:
        raise ValueError("beyond the years 0000 to 9999, which are all that RFC 3339 can write")
    days, rest = divmod(ms, _MS_IN_DAY)
    year, month, day = _date(days)
    seconds, fraction = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z"


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01. ValueError for a day that does not exist."""
    ordinal = date(year % _CYCLE + _CYCLE, month, day).toordinal()
    return ordinal + (year // _CYCLE - 1) * _DAYS_IN_CYCLE - _DAYS_BEFORE_1970


def _date(days: int) -> tuple[int, int, int]:
    """Year, month and day of a count of days since 1970-01-01."""
    cycles, rest = divmod(days + _DAYS_BEFORE_1970 - 1, _DAYS_IN_CYCLE)
    found = date.fromordinal(rest + 1)
    return found.year + cycles * _CYCLE, found.month, found.day
