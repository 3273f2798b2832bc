"""Signals by which a user or the system ends a command that takes its time."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

_Item = TypeVar("_Item")

_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Calls `stop` at SIGINT, SIGTERM and SIGHUP, also when several come."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        for number in _SIGNALS:
            if before[number] is not signal.SIG_IGN:  # as nohup wants it
                signal.signal(number, lambda *_: stop())
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Interruption:
    """KeyboardInterrupt at any of these signals, at once or, while it is held, in `check`.

    What a signal's handler raises can be lost in code that the interpreter calls by itself, such
    as Hypothesis's while it draws.
    """

    def __init__(self) -> None:
        self._has_come = self._is_held = False

    def come(self) -> None:
        self._has_come = True
        if not self._is_held:
            raise KeyboardInterrupt

    def check(self) -> None:
        if self._has_come:
            raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block that a signal does not break off. KeyboardInterrupt follows at its end."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
        self.check()

    def between(self, items: Iterator[_Item]) -> Iterator[_Item]:
        """The items; held while one is made."""
        while True:
            with self.held():
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item


@contextmanager
def interruption() -> Iterator[Interruption]:
    """SIGINT, SIGTERM and SIGHUP all raise KeyboardInterrupt, so that what is open is closed."""
    found = Interruption()
    with stopped_by_signals(found.come):
        yield found


def runs_to_its_end(run: Callable[[], object]) -> bool:
    """False when one of these signals has ended it."""
    try:
        with interruption():
            run()
    except KeyboardInterrupt:
        return False
    return True
