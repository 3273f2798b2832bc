"""Signals by which a user or the system ends a command that runs others."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_STOPPING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


@contextmanager
def signals(stop: Callable[[], None]) -> Iterator[None]:
    """Calls `stop` at SIGINT, SIGTERM and SIGHUP, also when several come."""
    before = {one: signal.getsignal(one) for one in _STOPPING}
    try:
        for one in _STOPPING:
            if before[one] is not signal.SIG_IGN:  # as nohup wants it
                signal.signal(one, lambda *_: stop())
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
