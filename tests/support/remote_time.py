"""Time for whoever talks to a server, in which waits take none."""

from mockserver.remote.time_source import TimeSource


class VirtualTime(TimeSource):
    """Moves by its waits alone; `waits` are those there were, in seconds."""

    def __init__(self, at_ms: int = 1_759_505_603_496) -> None:
        self._at_ms = at_ms
        self.waits: list[float] = []

    def now_ms(self) -> int:
        return self._at_ms + round(sum(self.waits) * 1000)

    def monotonic_s(self) -> float:
        return sum(self.waits)

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.waits.append(seconds)
