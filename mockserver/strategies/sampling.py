"""Examples without end, for who wants many and no test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

__all__ = ["samples"]

_T = TypeVar("_T")

_EXAMPLES = 9
"""As many as a run draws afresh: from ten on it makes new examples by copying parts of old ones."""
_TOGETHER = 32
"""Payloads an example: what an example costs besides them is as much as one of them."""
_SEEDS = 2**64

_settings = settings(
    max_examples=_EXAMPLES,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=tuple(HealthCheck),
)


def samples(strategy: st.SearchStrategy[_T], seed: int) -> Iterator[list[_T]]:
    """Batches of a few hundred examples, for ever; the same seed gives the same ones.

    Each batch is a run of its own: a run remembers all that it has drawn, so one long one would
    fill the memory.
    """
    together = st.tuples(*[strategy] * _TOGETHER)
    number = 0
    while True:
        yield _batch(together, seed * _SEEDS + number)
        number += 1


def _batch(together: st.SearchStrategy[tuple[_T, ...]], seed: int) -> list[_T]:
    found: list[_T] = []

    @hypothesis.seed(seed)
    @_settings
    @given(together)
    def collect(drawn: tuple[_T, ...]) -> None:
        found.extend(drawn)

    collect()
    # A run begins with the simplest of all, the same in each; it may be that there is no other.
    return found[_TOGETHER:] or found
