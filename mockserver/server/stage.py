"""One server on which one session is played after another."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from mockserver.server.access import is_loopback, new_token
from mockserver.server.app import sessions_app
from mockserver.server.live import LiveServer
from mockserver.server.session import Session
from mockserver.server.session_gate import SessionGate
from mockserver.server.sessions import Sessions
from mockserver.server.settings import Settings

__all__ = ["Stage"]


class Stage:
    """An app and its socket, made once, and the session that it plays now.

    `control_token` is what the control API asks for; on any host but a loopback address one is
    made unless it is given.
    """

    def __init__(
        self,
        session: Session,
        host: str = "127.0.0.1",
        port: int = 0,
        control_token: str | None = None,
    ) -> None:
        if control_token is None and not is_loopback(host):
            control_token = new_token()
        self.control_token = control_token
        self.sessions = Sessions(session)
        self.app: Flask = sessions_app(self.sessions, control_token=control_token)
        self.live = LiveServer(self.app, host, port, gate=self)
        self._followers: list[Callable[[], None]] = []
        self._gate = self._follow(session)

    def play(self, settings: Settings) -> Session:
        """End what was played, and play this from the beginning, with an empty journal."""
        session = Session(settings)
        self._leave()
        self.sessions.renew(session)
        self._gate = self._follow(session)
        self._tell()
        return session

    def is_open(self) -> bool:
        """Whether clients may connect, as the session says."""
        return self._gate.is_open()

    def changes_in_s(self) -> float | None:
        return self._gate.changes_in_s()

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        self._followers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._followers:
                self._followers.remove(subscriber)

        return unsubscribe

    def _follow(self, session: Session) -> SessionGate:
        gate = SessionGate(session, lambda: not self.sessions.are_open())
        self._leave = gate.subscribe(self._tell)
        return gate

    def _tell(self) -> None:
        for follower in tuple(self._followers):
            follower()
