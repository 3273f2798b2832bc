"""How strategies are looked at: the simplest example, what Hypothesis prints, and seeds."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import Phase, given, note, seed, settings
from hypothesis import strategies as st

_Drawn = TypeVar("_Drawn")


def replays(strategy: st.SearchStrategy[object]) -> None:
    """The same seed draws the same examples, other seeds others, and nothing is unhealthy."""
    is_long = settings().max_examples > 1_000  # --hypothesis-profile=long
    seeds, examples = (50, 200) if is_long else (2, 100)
    runs = [repr(examples_of(strategy, number, examples)) for number in range(seeds)]
    assert len(set(runs)) == seeds
    assert repr(examples_of(strategy, 0, examples)) == runs[0]


def examples_of(strategy: st.SearchStrategy[_Drawn], number: int, examples: int) -> list[_Drawn]:
    """What is drawn from this seed, under all of Hypothesis's health checks."""
    drawn: list[_Drawn] = []

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=(),
    )
    @given(strategy)
    def look(example: _Drawn) -> None:
        drawn.append(example)

    look()
    return drawn


def printed(
    strategy: st.SearchStrategy[_Drawn], fails: Callable[[_Drawn], bool] = lambda _: True
) -> tuple[_Drawn, str]:
    """The simplest example that fails, and how Hypothesis notes it."""
    last: list[_Drawn] = []

    @seed(0)
    @settings(
        max_examples=500, database=None, phases=[Phase.generate, Phase.shrink], print_blob=False
    )
    @given(strategy)
    def look(example: _Drawn) -> None:
        if fails(example):
            last[:] = [example]
            note(example)
            raise AssertionError

    with pytest.raises(AssertionError) as caught:
        look()
    return last[0], "\n".join(caught.value.__notes__)
