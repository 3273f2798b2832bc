"""When a server accepts connections, and the signal by which it shuts down."""

from __future__ import annotations

import threading
from collections.abc import Callable

from mockserver.subscribers import Subscribers


class AdmissionPolicy:
    """Says whether clients may connect, to any thread: always, unless a subclass says otherwise."""

    def is_open(self) -> bool:
        """Whether connections are accepted now; if not, the system refuses them."""
        return True

    def changes_in_s(self) -> float | None:
        """Real seconds until it may open or close by itself; None if it never does."""
        return None

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        """Call it when the policy may have changed at once; gives the function that undoes this."""
        return lambda: None


class ShutdownSignal(threading.Event):
    """That a server shuts down: set once, and told to whoever waits for something else."""

    def __init__(self) -> None:
        super().__init__()
        self._subscribers = Subscribers()

    def set(self) -> None:
        super().set()
        self._subscribers.tell()

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        """Call it at the shutdown; gives the function that undoes this. Ask `is_set` after it."""
        return self._subscribers.add(subscriber)
