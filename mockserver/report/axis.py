"""A time axis: round places on it, in a unit that suits them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Axis", "axis"]

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_UNITS = ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes"), (_SECOND, "seconds"))


@dataclass(frozen=True, slots=True)
class Axis:
    """`ticks` are times in milliseconds with what to write there: a number of `unit`."""

    unit: str
    ticks: tuple[tuple[int, str], ...]


def axis(ends_ms: int, at_most: int) -> Axis:
    """The axis from 0 to `ends_ms` with a tick at 0 and at most so many in all."""
    step = next(step for step in _steps() if ends_ms // step < max(1, at_most))
    factor, unit = next((one for one in _UNITS if step % one[0] == 0), (1, "milliseconds"))
    return Axis(unit, tuple((at, f"{at // factor:,}") for at in range(0, ends_ms + 1, step)))


def _steps() -> Iterator[int]:
    """Round steps, from a millisecond up without an end."""
    for power in (1, 10, 100):
        yield from (power, 2 * power, 5 * power)
    for unit in (_SECOND, _MINUTE):
        yield from (unit, 2 * unit, 5 * unit, 10 * unit, 15 * unit, 30 * unit)
    yield from (_HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR)
    power = _DAY
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10
