"""The one source of now: a clock that runs by itself, one moved by hand, one moved by polls.

All are safe to use from several threads, none ever goes back, and all can be moved on, stopped and
started. Who must know of such a change at once subscribes to it.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mockserver.documents import rfc3339
from mockserver.documents.units import corrected_duration, given_duration_ms
from mockserver.subscribers import Subscribers
from mockserver.timeline.model import FLOATING_EPOCH_MS, LAST_INSTANT_MS


class Clock:
    """A virtual clock: what it shows at first, and how fast it runs from there.

    `monotonic` gives real seconds. At speed 0 it stands still until it is moved. It stops at the
    end of the year 9999. Raises ValueError for a speed that is no number from 0 up, or a start
    beyond the years 1970 to 9999.
    """

    def __init__(
        self,
        start_ms: int = FLOATING_EPOCH_MS,
        speed: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._lock = threading.RLock()
        self._shown_ms = _checked(start_ms)
        self._since = monotonic()
        self._speed = _checked_speed(speed)
        self._is_paused = False
        self._subscribers = Subscribers()

    def now(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z, never less than an answer given before."""
        with self._lock:
            if not self._speed or self._is_paused:
                return self._shown_ms
            passed = max(0.0, (self._monotonic() - self._since) * 1000 * self._speed)
            return self._shown_ms + math.floor(min(passed, LAST_INSTANT_MS - self._shown_ms))

    @property
    def speed(self) -> float:
        """Virtual seconds for each real one; setting it takes effect at once."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._changing():
            self._speed = _checked_speed(speed)

    @property
    def is_paused(self) -> bool:
        return self._is_paused

    def pause(self) -> None:
        """Stand still until `resume`; moving it by hand still works."""
        with self._changing():
            self._is_paused = True

    def resume(self) -> None:
        """Run on from where it stands; nothing when it is not paused."""
        with self._changing():
            self._is_paused = False

    def advance(self, by: str | int) -> int:
        """Move on by milliseconds, or by a duration such as `"10s"`; gives the new now.

        Raises ValueError for a negative number, or text that is no duration.
        """
        step = given_duration_ms(by, "advance") if isinstance(by, str) else _whole(by)
        if step < 0:
            raise ValueError(f"a clock cannot go back, not by {-step} ms either")
        with self._changing():
            now = self._shown_ms = _checked(self._shown_ms + step)
        return now

    def advance_to(self, instant: str | int) -> int:
        """Move on to milliseconds since 1970, or to a date-time such as `"2025-10-06T18:58:07Z"`.

        Gives the new now. Raises ValueError for an instant that has passed, or is no date-time.
        """
        target = _instant(instant) if isinstance(instant, str) else _whole(instant)
        with self._changing():
            if target < self._shown_ms:
                shown = rfc3339.from_milliseconds(self._shown_ms)
                raise ValueError(f"a clock cannot go back: it shows {shown}")
            self._shown_ms = _checked(target)
        return target

    def reach(self, instant_ms: int) -> None:
        """Move on to this instant, unless it has passed; at most to the end of the year 9999."""
        if instant_ms > self.now():
            with self._changing():
                self._shown_ms = max(self._shown_ms, min(instant_ms, LAST_INSTANT_MS))

    def polled(self) -> None:
        """A status request has been answered. Only a clock that polls move does anything."""

    def real_seconds_until(self, instant_ms: int) -> float | None:
        """How long it takes by itself until it shows this instant; None if it never does."""
        with self._lock:
            rest = instant_ms - self.now()
            if rest <= 0:
                return 0.0
            if not self._speed or self._is_paused:
                return None
            return rest / 1000 / self._speed

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        """Call it after every change that is not the clock's own running; gives the way back."""
        return self._subscribers.add(subscriber)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """A change by hand, of which the subscribers hear when it has been made."""
        with self._lock:
            self._shown_ms, self._since = self.now(), self._monotonic()
            yield
        self._subscribers.tell()


class WallClock(Clock):
    """Runs by itself from `start_ms`, `speed` virtual seconds for each real one."""

    def __init__(
        self, start_ms: int, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        if speed == 0:
            raise ValueError("a clock that runs by itself has a speed above 0")
        super().__init__(start_ms, speed, monotonic)


class ManualClock(Clock):
    """Stands still until it is moved; begins at 2025-10-03T15:33:23.496Z unless told otherwise."""

    def __init__(self, start_ms: int = FLOATING_EPOCH_MS) -> None:
        super().__init__(start_ms)


class PollClock(Clock):
    """Moves on by a step after each status request: the n-th poll sees the same in every run.

    `step` is milliseconds, or a duration such as `"1s"`. Raises ValueError unless it is above 0.
    """

    def __init__(self, step: str | int = "1s", start_ms: int = FLOATING_EPOCH_MS) -> None:
        super().__init__(start_ms)
        self.step_ms = given_duration_ms(step, "step") if isinstance(step, str) else step
        if self.step_ms <= 0:
            raise ValueError(f"a step takes time, not {step!r}")

    def polled(self) -> None:
        if not self._is_paused:
            with self._changing():
                self._shown_ms = min(self._shown_ms + self.step_ms, LAST_INSTANT_MS)


def _whole(milliseconds: int) -> int:
    # A float or a Boolean is some other unit, or a slip: never guessed.
    if type(milliseconds) is not int:
        raise ValueError(f'not {milliseconds!r}: whole milliseconds, or a duration such as "8s"')
    return milliseconds


def _instant(text: str) -> int:
    try:
        return rfc3339.to_milliseconds(text)
    except ValueError:
        advice = f"; advance({text!r}) moves by a duration" if corrected_duration(text) else ""
        expected = 'expected one such as "2025-10-03T15:34:00Z"'
        raise ValueError(f"not an RFC 3339 date-time: {text!r}: {expected}{advice}") from None


def _checked(instant_ms: int) -> int:
    if not 0 <= instant_ms <= LAST_INSTANT_MS:
        raise ValueError("beyond the years 1970 to 9999, which are all that a clock shows")
    return instant_ms


def _checked_speed(speed: float) -> float:
    if not (speed >= 0 and math.isfinite(speed)):
        raise ValueError(f"a clock's speed is a number from 0 up, not {speed!r}")
    return speed
