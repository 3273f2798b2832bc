"""An interruption is neither lost nor late, whatever it comes in."""

import signal
import sys
from collections.abc import Iterator

import pytest
from hypothesis import strategies as st

from mockserver.cli.signals import Interruption, interruption
from mockserver.strategies.search import drawn

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")

SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"]


class Raises:
    """Raises a signal where what its handler raises is lost, as in a callback of the collector."""

    def __init__(self, name: str) -> None:
        self._number = getattr(signal, name)

    def __del__(self) -> None:
        signal.raise_signal(self._number)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_that_comes_while_examples_are_drawn_ends_that(name: str) -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        if len(made) == 5:
            Raises(name)
        return number

    with interruption() as stop, pytest.raises(KeyboardInterrupt), stop.held():
        drawn(st.integers().map(make), number=100, seed=1, check=stop.check)
    assert len(made) == 5


@pytest.mark.parametrize("name", SIGNALS)
def test_it_comes_at_once_where_nothing_is_held(name: str) -> None:
    with interruption(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(getattr(signal, name))


def test_what_is_held_ends_first() -> None:
    done: list[str] = []

    def perform(stop: Interruption) -> None:
        with stop.held():
            Raises("SIGINT")
            done.append("held")
        done.append("after it")

    with interruption() as stop, pytest.raises(KeyboardInterrupt):
        perform(stop)
    assert done == ["held"]


def test_an_item_is_made_to_its_end() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(9):
            if number == 2:
                signal.raise_signal(signal.SIGTERM)
            made.append(number)
            yield number

    with interruption() as stop:
        got = stop.between(items())
        assert [next(got), next(got)] == [0, 1]
        with pytest.raises(KeyboardInterrupt):
            next(got)
    assert made == [0, 1, 2]


def test_the_handlers_are_as_before() -> None:
    before = [signal.getsignal(getattr(signal, name)) for name in SIGNALS]
    with interruption() as stop:
        assert list(stop.between(iter([1, 2]))) == [1, 2]
    assert [signal.getsignal(getattr(signal, name)) for name in SIGNALS] == before
