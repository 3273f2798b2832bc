"""Who may connect: what a server asks before it listens, and the signal that it stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mockserver.subscribers import Subscribers

__all__ = ["ALWAYS_OPEN", "BODY_TOO_LARGE", "CONNECTION", "IS_GONE", "STOP", "Gate", "Stop"]

STOP = "mockserver.stop"
"""Where a request's WSGI environment has the server's `Stop`."""

IS_GONE = "mockserver.is_gone"
"""Where a request's WSGI environment has a function that says whether its client has gone."""

CONNECTION = "mockserver.connection"
"""Where a request's WSGI environment has its connection's number, from 1 in a process."""

BODY_TOO_LARGE = "mockserver.body_too_large"
"""Is true in the WSGI environment of a request whose body was too large to be read."""


class Gate(Protocol):
    """Says whether clients may connect. All methods may be called from any thread."""

    def is_open(self) -> bool:
        """Whether connections are accepted now; if not, the system refuses them."""

    def changes_in_s(self) -> float | None:
        """Real seconds until it may open or close by itself; None if it never does."""

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        """Call it when the gate may have opened or closed at once; gives the way back."""


class _AlwaysOpen:
    def is_open(self) -> bool:
        return True

    def changes_in_s(self) -> float | None:
        return None

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        return lambda: None


ALWAYS_OPEN: Gate = _AlwaysOpen()


class Stop:
    """That a server stops: set once, and told to whoever waits for something else."""

    def __init__(self) -> None:
        self._is_set = False
        self._subscribers = Subscribers()

    def is_set(self) -> bool:
        """Whether the server stops, or has stopped."""
        return self._is_set

    def set(self) -> None:
        """The server stops now."""
        self._is_set = True
        self._subscribers.tell()

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        """Call it when the server stops; gives the way back. Ask `is_set` after it, not before."""
        return self._subscribers.add(subscriber)
