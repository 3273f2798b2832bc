"""Clocks: the one that runs, the one that is moved by hand, the one that polls move."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.timeline.clock import Clock, ManualClock, PollClock, WallClock
from mockserver.timeline.model import FLOATING_EPOCH_MS, LAST_INSTANT_MS
from support.waiting import run_together

KINDS: dict[str, Callable[[], Clock]] = {
    "wall": lambda: WallClock(1_000, 1.0, Seconds()),
    "manual": lambda: ManualClock(1_000),
    "poll": lambda: PollClock("1s", 1_000),
}


class Seconds:
    """A monotonic time that a test sets."""

    def __init__(self, value: float = 100.0) -> None:
        self.value = value

    def __call__(self) -> float:
        return self.value


class Running(WallClock):
    """A wall clock whose seconds go by when a test says so."""

    def __init__(self, start_ms: int = 0, speed: float = 1.0) -> None:
        self.seconds = Seconds()
        super().__init__(start_ms, speed, self.seconds)

    def after(self, seconds: float) -> int:
        self.seconds.value += seconds
        return self.now()


class Counter:
    """A subscriber that counts how often it is told."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self) -> None:
        self.told += 1


@pytest.fixture(params=KINDS)
def clock(request: pytest.FixtureRequest) -> Clock:
    return KINDS[request.param]()


@pytest.mark.parametrize(
    ("speed", "seconds", "expected"), [(1.0, 2.5, 3_500), (60.0, 2.0, 121_000), (0.5, 3.0, 2_500)]
)
def test_a_wall_clock_runs_at_its_speed(speed: float, seconds: float, expected: int) -> None:
    clock = Running(1_000, speed)
    assert (clock.now(), clock.speed) == (1_000, speed)
    assert clock.after(seconds) == expected
    clock.polled()
    assert clock.now() == expected


@given(st.lists(st.floats(min_value=0, max_value=1e12), min_size=1).map(sorted), st.data())
def test_a_clock_never_goes_back_whatever_is_done_to_it(
    readings: list[float], data: st.DataObject
) -> None:
    monotonic = Seconds(0.0)
    clock = WallClock(5_000, 3.0, monotonic)
    shown = [clock.now()]
    for reading in readings:
        monotonic.value = reading
        match data.draw(st.sampled_from(["", "pause", "resume", "speed", "reach", "poll"])):
            case "pause":
                clock.pause()
            case "resume":
                clock.resume()
            case "speed":
                clock.speed = data.draw(st.sampled_from([0.0, 0.001, 1.0, 1e300]))
            case "reach":
                clock.reach(data.draw(st.integers(0, LAST_INSTANT_MS + 1_000)))
            case "poll":
                clock.polled()
        shown.append(clock.now())
    assert shown == sorted(shown)
    assert shown[-1] <= LAST_INSTANT_MS


def test_a_clock_whose_seconds_go_back_waits_for_them() -> None:
    assert Running(1_000).after(-50.0) == 1_000


@pytest.mark.parametrize("speed", [-1, float("inf"), float("nan")])
def test_a_speed_is_a_number_from_zero_up(speed: float) -> None:
    with pytest.raises(ValueError, match="a number from 0 up"):
        WallClock(0, speed)
    clock = WallClock(0, 2.0, Seconds())
    with pytest.raises(ValueError, match="a number from 0 up"):
        clock.speed = speed
    assert clock.speed == 2.0


def test_a_wall_clock_does_not_begin_at_a_stand() -> None:
    with pytest.raises(ValueError, match="above 0"):
        WallClock(0, 0)


@pytest.mark.parametrize("start_ms", [-1, LAST_INSTANT_MS + 1])
@pytest.mark.parametrize("kind", [Clock, WallClock, ManualClock])
def test_a_clock_starts_where_it_can_be_shown(kind: Callable[[int], Clock], start_ms: int) -> None:
    with pytest.raises(ValueError, match="1970 to 9999"):
        kind(start_ms)
    with pytest.raises(ValueError, match="1970 to 9999"):
        PollClock("1s", start_ms)


def test_a_paused_clock_stands_still_and_runs_on_from_there() -> None:
    clock = Running(speed=2.0)
    assert clock.after(1.0) == 2_000
    assert not clock.is_paused
    clock.pause()
    assert clock.is_paused
    assert clock.after(10.0) == 2_000
    clock.pause()
    assert clock.after(10.0) == 2_000
    clock.resume()
    assert not clock.is_paused
    assert clock.now() == 2_000
    assert clock.after(1.0) == 4_000
    clock.resume()
    assert clock.after(1.0) == 6_000


def test_a_new_speed_counts_from_now_on() -> None:
    clock = Running()
    assert clock.after(1.0) == 1_000
    for speed, after in ((10.0, 11_000), (0.0, 11_000), (1.0, 12_000)):
        before = clock.now()
        clock.speed = speed
        assert clock.now() == before
        assert clock.after(1.0) == after


def test_a_speed_set_in_a_pause_counts_from_its_end_on() -> None:
    clock = Running()
    clock.pause()
    clock.speed = 5.0
    assert clock.after(1.0) == 0
    clock.resume()
    assert clock.after(1.0) == 5_000


def test_every_clock_can_be_moved_on_and_paused_ones_too(clock: Clock) -> None:
    assert clock.now() == clock.now() == 1_000
    assert clock.advance("10s") == 11_000
    assert clock.advance(500) == 11_500
    assert clock.advance_to(12_000) == 12_000
    assert clock.advance_to("1970-01-01T00:01:00.250Z") == 60_250
    assert clock.advance(0) == clock.advance_to(60_250) == 60_250
    clock.pause()
    assert clock.advance("1s") == clock.now() == 61_250
    clock.reach(70_000)
    assert clock.now() == 70_000
    clock.reach(1_000)
    assert clock.now() == 70_000


def test_what_runs_runs_on_from_where_it_was_moved_to() -> None:
    clock = Running()
    assert clock.after(1.0) == 1_000
    assert clock.advance(5_000) == 6_000
    assert clock.after(1.0) == 7_000


def test_a_manual_clock_starts_at_the_documented_instant() -> None:
    assert ManualClock().now() == PollClock().now() == FLOATING_EPOCH_MS


def test_no_clock_goes_back_or_beyond_the_last_instant(clock: Clock) -> None:
    refused: list[tuple[Callable[..., object], int | str, str]] = [
        (clock.advance, -1, "cannot go back"),
        (clock.advance_to, 999, r"1970-01-01T00:00:01\.000Z"),
        (clock.advance, "10", "no unit"),
        (clock.advance_to, "soon", "date-time"),
        (clock.advance, LAST_INSTANT_MS, "1970 to 9999"),
        (clock.advance_to, LAST_INSTANT_MS + 1, "1970 to 9999"),
    ]
    for move, to, words in refused:
        with pytest.raises(ValueError, match=words):
            move(to)
    assert clock.now() == 1_000
    clock.reach(LAST_INSTANT_MS + 1)
    assert clock.now() == LAST_INSTANT_MS


def test_a_poll_clock_moves_on_by_its_step_after_each_poll() -> None:
    clock = PollClock("1.5s", 0)
    assert clock.now() == 0
    clock.polled()
    assert clock.now() == 1_500
    clock.pause()
    clock.polled()
    assert clock.now() == 1_500
    clock.resume()
    clock.polled()
    assert clock.now() == 3_000
    clock.reach(LAST_INSTANT_MS - 5)
    clock.polled()
    clock.polled()
    assert clock.now() == LAST_INSTANT_MS


@pytest.mark.parametrize("step", [0, -1, "0s"])
def test_a_poll_takes_time(step: str | int) -> None:
    with pytest.raises(ValueError, match="a step takes time"):
        PollClock(step)


def test_who_waits_can_reckon_how_long_it_takes() -> None:
    clock = Running(1_000, 4.0)
    assert clock.real_seconds_until(5_000) == 1.0
    assert clock.real_seconds_until(1_000) == clock.real_seconds_until(0) == 0.0
    clock.after(0.5)
    assert clock.real_seconds_until(5_000) == 0.5
    clock.pause()
    assert clock.real_seconds_until(5_000) is None
    assert clock.real_seconds_until(3_000) == 0.0
    clock.resume()
    clock.speed = 0.0
    assert clock.real_seconds_until(5_000) is None
    assert ManualClock(0).real_seconds_until(1) is None


def test_subscribers_are_told_of_each_change_once(clock: Clock) -> None:
    counter = Counter()
    unsubscribe = clock.subscribe(counter)
    changes: list[Callable[[], object]] = [
        clock.pause,
        clock.resume,
        lambda: clock.advance(5),
        lambda: clock.advance_to(2_000),
        lambda: clock.reach(3_000),
        lambda: setattr(clock, "speed", 3.0),
    ]
    for number, change in enumerate(changes, 1):
        change()
        assert counter.told == number
    clock.now()
    clock.reach(5)
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)
    assert counter.told == len(changes)
    clock.polled()
    assert counter.told == len(changes) + isinstance(clock, PollClock)
    unsubscribe()
    clock.advance(5)
    assert counter.told == len(changes) + isinstance(clock, PollClock)


def test_a_subscriber_hears_what_the_clock_shows_after_the_change() -> None:
    clock = PollClock("1s", 0)
    heard: list[int] = []
    clock.subscribe(lambda: heard.append(clock.now()))
    clock.polled()
    clock.advance("5s")
    assert heard == [1_000, 6_000]


def test_each_subscription_ends_by_itself() -> None:
    clock = ManualClock(0)
    counter = Counter()
    first, second = clock.subscribe(counter), clock.subscribe(counter)
    first()
    first()
    clock.advance(1)
    assert counter.told == 1
    second()
    clock.advance(1)
    assert counter.told == 1


def test_a_subscriber_may_end_its_own_subscription() -> None:
    clock = ManualClock(0)
    told: list[str] = []

    def once() -> None:
        told.append("once")
        unsubscribe()

    unsubscribe = clock.subscribe(once)
    clock.subscribe(lambda: told.append("always"))
    clock.advance(1)
    clock.advance(1)
    assert told == ["once", "always", "always"]


def test_subscribers_are_told_when_nobody_holds_the_clock(clock: Clock) -> None:
    """Or else one that waits for a lock, whose holder asks the clock, would wait for ever."""
    seen: list[int] = []

    def ask_elsewhere() -> None:
        asker = threading.Thread(target=lambda: seen.append(clock.now()), daemon=True)
        asker.start()
        asker.join(10)

    clock.subscribe(ask_elsewhere)
    clock.advance(1)
    clock.reach(2_000)
    clock.polled()
    assert len(seen) == 2 + isinstance(clock, PollClock)


def in_threads(work: Callable[[], object], times: int = 1_000) -> None:
    def repeat(_: int) -> None:
        for _ in range(times):
            work()

    run_together(8, repeat)


def test_threads_lose_neither_advance_nor_poll() -> None:
    manual, polled = ManualClock(0), PollClock(1, 0)
    in_threads(lambda: manual.advance(1))
    in_threads(polled.polled)
    assert manual.now() == polled.now() == 8_000


def test_threads_lose_no_subscription() -> None:
    clock = ManualClock(0)
    counter = Counter()
    in_threads(lambda: clock.subscribe(counter)(), times=200)
    clock.advance(1)
    assert counter.told == 0


@pytest.mark.parametrize("by", [8.0, True, 0.5])
def test_a_clock_moves_by_whole_milliseconds_or_a_duration(by: float) -> None:
    clock = ManualClock()
    before = clock.now()
    with pytest.raises(ValueError, match="whole milliseconds, or a duration"):
        clock.advance(by)  # type: ignore[arg-type]  # what a caller without types may do
    assert clock.now() == before


def test_a_duration_is_no_instant() -> None:
    with pytest.raises(ValueError, match=r"advance\('20s'\) moves by a duration"):
        ManualClock().advance_to("20s")
