"""When a server of sessions lets clients connect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mockserver.server.sessions import Sessions
from mockserver.subscribers import Subscribers
from mockserver.timeline.clock import PollClock


class SessionAdmission:
    """Lets clients connect unless a fault of the server's own session refuses them.

    The system refuses where time moves on without clients: not on a poll clock, on which a window
    would never end if nobody could poll. There each request is reset instead, and is a poll. So it
    is while other sessions are open on the same port, and, if the server `must_reopen` because only
    its clients can steer it, in a window that does not end by itself.
    """

    def __init__(self, sessions: Sessions, *, must_reopen: bool = False) -> None:
        self._sessions = sessions
        self._must_reopen = must_reopen
        self._is_shut = False
        self._subscribers = Subscribers()
        sessions.subscribe(self._subscribers.tell)

    def is_open(self) -> bool:
        return not self._is_shut and not self._is_refusing()

    def changes_in_s(self) -> float | None:
        own = self._sessions.own
        instant_ms = own.faults.refusal_changes_ms()
        return None if instant_ms is None else own.clock.real_seconds_until(instant_ms)

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        return self._subscribers.add(subscriber)

    @contextmanager
    def shut(self, *, when: bool = True) -> Iterator[None]:
        """Let nobody connect while the block runs, when so; connections that are open end."""
        self._is_shut = when
        self._subscribers.tell()
        try:
            yield
        finally:
            self._is_shut = False
            self._subscribers.tell()

    def _is_refusing(self) -> bool:
        own = self._sessions.own
        if not own.faults.is_refusing() or isinstance(own.clock, PollClock):
            return False
        if self._must_reopen and self.changes_in_s() is None:
            return False
        return not self._sessions.are_open()
