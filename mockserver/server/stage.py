"""One server on which one session is played after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask.testing import FlaskClient

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.net.live_server import LiveServer
from mockserver.server.access import is_loopback, new_token
from mockserver.server.app import shared_app
from mockserver.server.faults import Refused
from mockserver.server.session import Session
from mockserver.server.session_gate import SessionGate
from mockserver.server.sessions import Sessions
from mockserver.server.settings import Settings
from mockserver.server.site import KEY, Site
from mockserver.subscribers import Subscribers

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

__all__ = ["Stage"]


class Stage:
    """A site and its socket, made once, and the session that it plays now.

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
        self._site = Site(self.sessions, self._told, control_token)
        self._has_enough: Callable[[JournalEntry], bool] | None = None
        self.has_broken_off = False
        self.live = LiveServer(self._serve, host, port, admission=self)
        self._was_asked = False
        self._is_between = False
        self._followers = Subscribers()
        self._gate = self._follow(session)

    def play(
        self, settings: Settings, has_enough: Callable[[JournalEntry], bool] | None = None
    ) -> Session:
        """End what was played, and play this from the beginning, with an empty journal.

        All connections end, and so do the sessions that clients have opened. A reply that waited
        for the clock waits no longer. The port is kept all the while. Once an exchange `has_enough`
        of its client, all later requests find their connection reset.
        """
        session = Session(settings)
        self._leave()
        ended = self.sessions.own
        self._is_between, self._was_asked = self._was_asked, False
        self._followers.tell()
        self.sessions.renew(session)
        self._gate = self._follow(session)
        self._has_enough, self.has_broken_off = has_enough, False
        self._is_between = False
        self._followers.tell()
        ended.end()
        return session

    def replay(self, settings: Settings) -> None:
        """Begin the session anew with these settings, and end those that clients have opened."""
        session = self.sessions.own
        session.settings = settings
        session.begin_anew()
        self.sessions.renew(session)
        self.has_broken_off = False

    def wsgi_client(self) -> FlaskClient:
        """A client that asks without a socket."""
        client = shared_app().test_client()
        bound: dict[str, Any] = client.environ_base  # Flask says that all values are text
        bound[KEY] = self._site
        return client

    def is_open(self) -> bool:
        """Whether clients may connect, as the session says; nobody can between two of them."""
        return not self._is_between and self._gate.is_open()

    def changes_in_s(self) -> float | None:
        return self._gate.changes_in_s()

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        return self._followers.add(subscriber)

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._was_asked = True
        if self.has_broken_off:
            raise Refused("nothing is answered any more: this client does not stop")
        environ[KEY] = self._site
        return shared_app()(environ, start_response)

    def _told(self, exchange: JournalEntry) -> None:
        if self._has_enough is not None and self._has_enough(exchange):
            self.has_broken_off = True

    def _follow(self, session: Session) -> SessionGate:
        gate = SessionGate(session, lambda: not self.sessions.are_open())
        self._leave = gate.subscribe(self._followers.tell)
        return gate
