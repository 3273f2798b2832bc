"""The one source of now: a clock that runs by itself, and one that is moved by hand.

Both are safe to read from several threads, and neither ever goes back.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Protocol

from mockserver import rfc3339
from mockserver.timeline.model import FLOATING_EPOCH_MS, LAST_INSTANT_MS
from mockserver.timeline.units import duration_ms

__all__ = ["Clock", "ManualClock", "WallClock"]


class Clock(Protocol):
    """Anything that can say what now is."""

    def now(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z, never less than an answer given before."""


class WallClock:
    """Runs by itself from `start_ms`, `speed` virtual seconds for each real one.

    `monotonic` gives real seconds. The clock stops at the end of the year 9999. Raises ValueError
    for a speed that is not a positive number, or a start beyond the years 1970 to 9999.
    """

    def __init__(
        self,
        start_ms: int,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not (speed > 0 and math.isfinite(speed)):
            raise ValueError(f"a clock's speed is a positive number, not {speed!r}")
        self._start_ms = _checked(start_ms)
        self._speed = speed
        self._monotonic = monotonic
        self._begun = monotonic()
        self._latest = start_ms
        self._lock = threading.Lock()

    def now(self) -> int:
        with self._lock:
            passed = (self._monotonic() - self._begun) * 1000 * self._speed
            now = self._start_ms + math.floor(min(passed, LAST_INSTANT_MS - self._start_ms))
            self._latest = max(self._latest, now)
            return self._latest


class ManualClock:
    """Stands still until it is moved.

    `start_ms` is 2025-10-03T15:33:23.496Z unless given, so that replies are the same in every run.
    Raises ValueError for a start beyond the years 1970 to 9999.
    """

    def __init__(self, start_ms: int = FLOATING_EPOCH_MS) -> None:
        self._now = _checked(start_ms)
        self._lock = threading.Lock()

    def now(self) -> int:
        with self._lock:
            return self._now

    def advance(self, by: str | int) -> int:
        """Move on by milliseconds, or by a duration such as `"10s"`; gives the new now.

        Raises ValueError for a negative number, or text that is no duration.
        """
        step = duration_ms(by) if isinstance(by, str) else by
        if step < 0:
            raise ValueError(f"a clock cannot go back, not by {-step} ms either")
        with self._lock:
            self._now = _checked(self._now + step)
            return self._now

    def advance_to(self, instant: str | int) -> int:
        """Move on to milliseconds since 1970, or to a date-time such as `"2025-10-06T18:58:07Z"`.

        Gives the new now. Raises ValueError for an instant that has passed, or is no date-time.
        """
        target = rfc3339.to_milliseconds(instant) if isinstance(instant, str) else instant
        with self._lock:
            if target < self._now:
                raise ValueError(
                    f"a clock cannot go back: it shows {rfc3339.from_milliseconds(self._now)}"
                )
            self._now = _checked(target)
            return self._now


def _checked(instant_ms: int) -> int:
    if not 0 <= instant_ms <= LAST_INSTANT_MS:
        raise ValueError("beyond the years 1970 to 9999, which are all that a clock shows")
    return instant_ms
