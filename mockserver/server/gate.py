"""Who may connect: what a server asks before it listens, and the signal that it stops."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

__all__ = ["ALWAYS_OPEN", "STOP", "Gate", "Stop", "Verdict"]

Verdict: TypeAlias = Literal["open", "refuse", "reset"]
"""Connections are accepted; refused by the system; or accepted and reset at once."""

STOP = "mockserver.stop"
"""Where a request's WSGI environment has the server's `Stop`."""


class Gate(Protocol):
    """Says whether clients may connect. All methods may be called from any thread."""

    def verdict(self) -> Verdict:
        """What becomes of a connection now."""

    def changes_in_s(self) -> float | None:
        """Real seconds until the verdict may be another by itself; None if it never is."""

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        """Call it when the verdict may have changed at once; gives the way back."""

    def turned_away(self) -> None:
        """A connection has been accepted, and is about to be reset."""


class _AlwaysOpen:
    def verdict(self) -> Verdict:
        return "open"

    def changes_in_s(self) -> float | None:
        return None

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    def turned_away(self) -> None:
        pass


ALWAYS_OPEN: Gate = _AlwaysOpen()


class Stop:
    """That a server stops: set once, and told to whoever waits for something else."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._subscribers: dict[object, Callable[[], None]] = {}

    def is_set(self) -> bool:
        """Whether the server stops, or has stopped."""
        return self._is_set

    def set(self) -> None:
        """The server stops now."""
        with self._lock:
            self._is_set = True
            subscribers = list(self._subscribers.values())
        for subscriber in subscribers:
            subscriber()

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        """Call it when the server stops; gives the way back. Ask `is_set` after it, not before."""
        ticket = object()
        with self._lock:
            self._subscribers[ticket] = subscriber

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers.pop(ticket, None)

        return unsubscribe
