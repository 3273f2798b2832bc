"""Clocks: the one that runs, and the one that is moved."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.timeline.clock import Clock, ManualClock, WallClock
from mockserver.timeline.model import FLOATING_EPOCH_MS, LAST_INSTANT_MS


class Seconds:
    """A monotonic time that a test sets."""

    def __init__(self, value: float = 100.0) -> None:
        self.value = value

    def __call__(self) -> float:
        return self.value


@pytest.mark.parametrize(
    ("speed", "seconds", "expected"), [(1.0, 2.5, 3_500), (60.0, 2.0, 121_000), (0.5, 3.0, 2_500)]
)
def test_a_wall_clock_runs_at_its_speed(speed: float, seconds: float, expected: int) -> None:
    monotonic = Seconds()
    clock = WallClock(1_000, speed, monotonic)
    assert clock.now() == 1_000
    monotonic.value += seconds
    assert clock.now() == expected


@given(st.lists(st.floats(min_value=-10, max_value=1e12), min_size=1))
def test_a_wall_clock_never_goes_back(readings: list[float]) -> None:
    monotonic = Seconds(0.0)
    clock = WallClock(5_000, 3.0, monotonic)
    shown = [clock.now()]
    for reading in readings:
        monotonic.value = reading
        shown.append(clock.now())
    assert shown == sorted(shown)
    assert shown[-1] <= LAST_INSTANT_MS


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_speed_is_a_positive_number(speed: float) -> None:
    with pytest.raises(ValueError, match="positive number"):
        WallClock(0, speed)


@pytest.mark.parametrize("start_ms", [-1, LAST_INSTANT_MS + 1])
@pytest.mark.parametrize("kind", [WallClock, ManualClock])
def test_a_clock_starts_where_it_can_be_shown(
    kind: type[WallClock] | type[ManualClock], start_ms: int
) -> None:
    with pytest.raises(ValueError, match="1970 to 9999"):
        kind(start_ms)


def test_a_manual_clock_moves_only_by_hand() -> None:
    clock = ManualClock(1_000)
    assert clock.now() == clock.now() == 1_000
    assert clock.advance("10s") == 11_000
    assert clock.advance(500) == 11_500
    assert clock.advance_to(12_000) == 12_000
    assert clock.advance_to("1970-01-01T00:01:00.250Z") == 60_250
    assert clock.now() == 60_250


def test_a_manual_clock_starts_at_the_documented_instant() -> None:
    clock: Clock = ManualClock()
    assert clock.now() == FLOATING_EPOCH_MS


def test_a_manual_clock_refuses_to_go_back() -> None:
    clock = ManualClock(1_000)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(-1)
    with pytest.raises(ValueError, match=r"1970-01-01T00:00:01\.000Z"):
        clock.advance_to(999)
    with pytest.raises(ValueError, match="no unit"):
        clock.advance("10")
    with pytest.raises(ValueError, match="date-time"):
        clock.advance_to("soon")
    assert clock.now() == 1_000


def test_threads_lose_no_advance() -> None:
    clock = ManualClock(0)

    def advance() -> None:
        for _ in range(1_000):
            clock.advance(1)

    threads = [threading.Thread(target=advance) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert clock.now() == 8_000
