"""Time as whoever talks to a server needs it: what it is, how long things take, and to wait."""

from __future__ import annotations

import time
from typing import Protocol


class TimeSource(Protocol):
    """The system's, or in a test one whose waits take no time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970."""

    def monotonic_s(self) -> float:
        """Seconds from some instant on, which never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class _System:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


SYSTEM_TIME: TimeSource = _System()
