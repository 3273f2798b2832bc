"""Whoever wants to be told of a change, safely from several threads."""

import threading
from collections.abc import Callable


class Subscribers:
    """Functions that are called when `tell` is; one that is added twice is called twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._functions: dict[object, Callable[[], None]] = {}

    def add(self, function: Callable[[], None]) -> Callable[[], None]:
        """Call it from now on; gives the way back."""
        ticket = object()
        with self._lock:
            self._functions[ticket] = function

        def remove() -> None:
            with self._lock:
                self._functions.pop(ticket, None)

        return remove

    def __len__(self) -> int:
        return len(self._functions)

    def tell(self) -> None:
        """Call them all, in the order in which they were added."""
        with self._lock:
            functions = list(self._functions.values())
        for function in functions:
            function()
