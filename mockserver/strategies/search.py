"""Hypothesis's engine run from outside a test: examples, and the smallest one that fails.

What is seeded alike gives the same examples in the same order. No database is kept, nothing is
printed, and no folder is left where there was none.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from random import Random
from tempfile import TemporaryDirectory
from typing import Generic, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, configuration, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample, Unsatisfiable
from hypothesis.strategies import SearchStrategy as SearchStrategy

_Example = TypeVar("_Example", bound=Hashable)
_Failure = TypeVar("_Failure")
_Sample = TypeVar("_Sample")

_TOGETHER = 32
"""Samples an example: what an example costs besides them is as much as one of them."""
_SEEDS = 2**64
_quiet = settings(database=None, deadline=None, derandomize=False, verbosity=Verbosity.quiet)


@dataclass(frozen=True, slots=True)
class Found(Generic[_Example, _Failure]):
    """The smallest example that was found to fail, and how it does.

    `number` is that of the first one that failed, counted from 1; `steps` is how many more were
    examined to make it smaller.
    """

    example: _Example
    failure: _Failure
    number: int
    steps: int


def search(
    examples: SearchStrategy[_Example],
    examine: Callable[[_Example], _Failure | None],
    *,
    number: int,
    seed: int,
    alike: Callable[[_Failure], object],
    most_steps: int = 500,
) -> Found[_Example, _Failure] | None:
    """Examine that many examples, and make the first that fails smaller.

    `examine` says how an example fails, None when it does not; each is examined once. What is
    smaller must fail `alike` the first: the two have equal values of it. After `most_steps` the
    smallest so far is taken. What `examine` raises ends the search. It cannot run within a test
    that Hypothesis runs.
    """
    examined = _Examined(examine, alike, most_steps)
    try:
        smallest = _find(examples, examined.fails, number, seed)
    except KeyboardInterrupt:
        if examined.error is not None:
            raise examined.error from None
        raise
    if smallest is None:
        return None
    failure = examined.known[smallest]
    assert failure is not None
    return Found(smallest, failure, examined.number, examined.steps)


def drawn(
    examples: SearchStrategy[_Example],
    *,
    number: int,
    seed: int,
    check: Callable[[], None] = lambda: None,
) -> tuple[_Example, ...]:
    """The examples that `search` examines as long as none fails, in its order, each once.

    `check` is called for each, and ends it by raising KeyboardInterrupt.
    """
    found: dict[_Example, None] = {}

    def note(example: _Example) -> bool:
        check()
        found.setdefault(example)
        return False

    _find(examples, note, number, seed)
    return tuple(found)


def is_derandomized() -> bool:
    """Whether the settings of the tests that run want the same examples each time."""
    return bool(settings().derandomize)


def is_within_test() -> bool:
    """No search can run within a test that Hypothesis runs."""
    return hypothesis.currently_in_test_context()


@dataclass(slots=True)
class _Examined(Generic[_Example, _Failure]):
    """The examples so far, each with how it fails."""

    examine: Callable[[_Example], _Failure | None]
    alike: Callable[[_Failure], object]
    most_steps: int
    known: dict[_Example, _Failure | None] = field(default_factory=dict)
    number: int = 0
    steps: int = 0
    first: _Failure | None = None
    error: Exception | None = None

    def fails(self, example: _Example) -> bool:
        """Whether it fails, and alike. One that is known is not examined again."""
        if self.first is None:
            self.number += 1
        elif example not in self.known:
            if self.steps >= self.most_steps:
                return False
            self.steps += 1
        if example not in self.known:
            try:
                self.known[example] = self.examine(example)
            except Exception as error:  # Hypothesis would look for a smaller one
                self.error = error
                raise KeyboardInterrupt from error
        failure = self.known[example]
        if failure is None:
            return False
        self.first = failure if self.first is None else self.first
        return self.alike(failure) == self.alike(self.first)


def _find(
    examples: SearchStrategy[_Example], fails: Callable[[_Example], bool], number: int, seed: int
) -> _Example | None:
    phases = (Phase.generate, Phase.shrink)
    how = settings(_quiet, max_examples=number, print_blob=False, phases=phases)
    try:
        with _no_new_folder():
            return hypothesis.find(examples, fails, settings=how, random=Random(seed))
    except (NoSuchExample, Unsatisfiable):
        return None


@contextmanager
def _no_new_folder() -> Iterator[None]:
    """Hypothesis keeps caches in `.hypothesis` where a test runs; make none for it."""
    home = configuration.storage_directory(intent_to_write=False).home_directory
    if home.exists():
        yield
        return
    with TemporaryDirectory(prefix="mockserver-") as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(home)


def evenly(*strategies: SearchStrategy[_Sample]) -> SearchStrategy[_Sample]:
    """One of these, each as often as the others; the simplest is one of the first."""
    return st.integers(0, len(strategies) - 1).flatmap(strategies.__getitem__)


def samples(strategy: SearchStrategy[_Sample], seed: int) -> Iterator[list[_Sample]]:
    """Batches of a few hundred examples, for ever; the same seed gives the same ones.

    Each batch is a run of its own: a run remembers all that it has drawn, so one long one would
    fill the memory.
    """
    together = st.tuples(*[strategy] * _TOGETHER)
    return (_batch(together, seed * _SEEDS + number) for number in count())


def _batch(together: SearchStrategy[tuple[_Sample, ...]], seed: int) -> list[_Sample]:
    found: list[_Sample] = []

    @hypothesis.seed(seed)
    # As many as a run draws afresh: from ten on it makes new ones by copying parts of old ones.
    @settings(
        _quiet, max_examples=9, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(together)
    def collect(drawn: tuple[_Sample, ...]) -> None:
        found.extend(drawn)

    collect()
    # A run begins with the simplest of all, the same in each; it may be that there is no other.
    return found[_TOGETHER:] or found
