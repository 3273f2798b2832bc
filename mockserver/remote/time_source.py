"""Time as whoever talks to a server needs it: what it is, how long things take, and to wait."""

import time


class TimeSource:
    """The system's; in a test, one whose waits take no time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Seconds from some instant on, which never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


SYSTEM_TIME = TimeSource()
