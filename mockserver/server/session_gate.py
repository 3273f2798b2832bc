"""When a session lets nobody connect."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.server.session import Session
from mockserver.timeline.clock import PollClock

__all__ = ["SessionGate"]


class SessionGate:
    """The windows in which a session refuses connections, as a live server's gate.

    The system refuses where time moves on without clients: not on a poll clock, on which a window
    would never end if nobody could poll. There each request is reset instead, and is a poll. So it
    is while `may_refuse` says no.
    """

    def __init__(self, session: Session, may_refuse: Callable[[], bool] = lambda: True) -> None:
        self._session = session
        self._may_refuse = may_refuse

    def is_open(self) -> bool:
        session = self._session
        if not session.is_refusing() or isinstance(session.clock, PollClock):
            return True
        return not self._may_refuse()

    def changes_in_s(self) -> float | None:
        instant_ms = self._session.refusal_changes_ms()
        return None if instant_ms is None else self._session.clock.real_seconds_until(instant_ms)

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        return self._session.subscribe(subscriber)
