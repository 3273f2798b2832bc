"""One server, on one port, on which one session is played after another, and who may connect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from wsgiref.types import StartResponse, WSGIEnvironment

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.net.listener import AdmissionPolicy
from mockserver.net.live_server import LiveServer
from mockserver.server.app import shared_app
from mockserver.server.config import ServerConfig
from mockserver.server.faults import ConnectionsRefused
from mockserver.server.request_target import SESSIONS
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.timeline.clock import PollClock

if TYPE_CHECKING:
    from flask.testing import FlaskClient


class SessionAdmission(AdmissionPolicy):
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

    def is_open(self) -> bool:
        own = self._sessions.own
        if self._is_shut or not own.faults.is_refusing() or isinstance(own.clock, PollClock):
            return not self._is_shut
        stays = self._must_reopen and self.changes_in_s() is None
        return stays or bool(self._sessions.all())

    def changes_in_s(self) -> float | None:
        own = self._sessions.own
        instant_ms = own.faults.refusal_changes_ms()
        return None if instant_ms is None else own.clock.real_seconds_until(instant_ms)

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        return self._sessions.subscribers.add(subscriber)

    @contextmanager
    def shut(self, *, when: bool = True) -> Iterator[None]:
        """Let nobody connect while the block runs, when so; connections that are open end."""
        self._is_shut = when
        self._sessions.subscribers.tell()
        try:
            yield
        finally:
            self._is_shut = False
            self._sessions.subscribers.tell()


class SessionServer(LiveServer):
    """A session and its socket, where its config says; usable as a context manager."""

    def __init__(self, session: Session) -> None:
        self._session = session
        config = self._config = session.config
        self._sessions = Sessions(session, on_request=self._watch)
        self._connecting = SessionAdmission(self._sessions)
        super().__init__(self._serve, config.host, config.port, admission=self._connecting)
        self._was_asked = self._has_broken_off = False

    @property
    def control_token(self) -> str | None:
        """What the control API below `/_mock` asks for, if anything."""
        return self._sessions.control_token

    def wsgi_client(self) -> FlaskClient:
        """A client that asks without a socket, for tests that need none."""
        client = shared_app().test_client()
        bound: dict[str, Any] = client.environ_base  # Flask says that all values are text
        bound[SESSIONS] = self._sessions
        return client

    def _replace(self, config: ServerConfig) -> None:
        """End what was played, and all connections and sessions; the port is kept meanwhile."""
        session, ended = Session(config), self._session
        # Where nobody has asked there are no connections, and to end them takes time.
        was_asked, self._was_asked = self._was_asked, False
        with self._connecting.shut(when=was_asked):
            self._config, self._session = session.config, session
            self._renew()
        ended.end()

    def _renew(self) -> None:
        """Play what the session plays now; connections go on."""
        self._sessions.renew(self._session)
        self._has_broken_off = False

    def _watch(self, entry: JournalEntry) -> None:
        """An exchange has ended; where `_has_broken_off` is set, later connections are reset."""

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._was_asked = True
        if self._has_broken_off:
            raise ConnectionsRefused("nothing is answered any more: this client does not stop")
        environ[SESSIONS] = self._sessions
        return shared_app()(environ, start_response)
