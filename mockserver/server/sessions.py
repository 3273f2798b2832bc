"""The sessions of one server: its own, and those that tests open beside it for a while."""

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, count
from urllib.parse import quote

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.errors import TooMany
from mockserver.server.config import ServerConfig
from mockserver.server.session import Session
from mockserver.subscribers import Subscribers

SESSION_PREFIX = "/_session"
"""Below it lies each session but the server's own: `/_session/<id>` is a base URL's path."""

MAX_SESSIONS = 1_000
DEFAULT_EXPIRY_S = 15 * 60.0


@dataclass(slots=True)
class OpenSession:
    """A session with a URL; the server's own has no id. It expires by its last use, or never."""

    id: str
    session: Session
    expires_after_s: float | None = None
    used_s: float = 0.0

    @property
    def prefix(self) -> str:
        return f"{SESSION_PREFIX}/{quote(self.id, safe='')}" if self.id else ""


class Sessions:
    """`own` is the server's own session, at its root. Safe to share by threads.

    Their control APIs ask for the `control_token` of the first `own` session, if it has one.
    `on_request` is called after each reply is made, from several threads; `subscribers` are told
    what the own session's are. Of the sessions that ended, the last `limit` ids are kept with why.
    """

    def __init__(
        self,
        own: Session,
        *,
        on_request: Callable[[JournalEntry], None] | None = None,
        limit: int = MAX_SESSIONS,
        monotonic: Callable[[], float] = time.monotonic,
        make_id: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self.own = own
        self.control_token = own.config.control_token
        self.on_request = on_request
        self.subscribers = Subscribers()
        self._limit = limit
        self._monotonic = monotonic
        self._make_id = make_id
        self._began_s = monotonic()
        self._open: dict[str, OpenSession] = {}
        self._ended: dict[str, str] = {}
        self._lock = threading.RLock()
        self._unsubscribe = own.subscribers.add(self.subscribers.tell)

    def uptime_s(self) -> float:
        return self._monotonic() - self._began_s

    def renew(self, own: Session) -> None:
        """Put another session in place of the server's own, and end all others."""
        with self._lock:
            self._unsubscribe()
            self.own = own
            self._unsubscribe = own.subscribers.add(self.subscribers.tell)
            for id_ in tuple(self._open):
                self._end(id_, "ended with the server's own session")

    def open(
        self,
        config: ServerConfig,
        *,
        id_: str | None = None,
        expires_after_s: float | None = DEFAULT_EXPIRY_S,
    ) -> OpenSession:
        """Begin a session. Raises TooMany; a name that is taken gets a number."""
        session = Session(config)
        with self._lock:
            self._sweep(self._open)
            if len(self._open) >= self._limit:
                raise TooMany("sessions", self._limit, "close one, or let one expire")
            id_ = self._free_id(id_)
            opened = OpenSession(id_, session, expires_after_s, self._monotonic())
            self._open[id_] = opened
            self._ended.pop(id_, None)
        return opened

    def find(self, id_: str, *, use: bool = True) -> OpenSession | None:
        """The open session with this id, None when there is none; it is used thereby, or not."""
        with self._lock:
            self._sweep([id_])
            found = self._open.get(id_)
            if found is not None and use:
                found.used_s = self._monotonic()
            return found

    def why_none(self, id_: str) -> str:
        if not id_:
            return f"no session is named: the path goes on as in {SESSION_PREFIX}/<id>"
        return f"no such session: {id_!r} {self._ended.get(id_, 'was never opened here')}"

    def close(self, id_: str) -> bool:
        """End a session; whether there was one."""
        with self._lock:
            self._sweep([id_])
            if id_ not in self._open:
                return False
            self._end(id_, "was closed")
            return True

    def all(self) -> tuple[OpenSession, ...]:
        """The open sessions besides the server's own, oldest first."""
        with self._lock:
            self._sweep(self._open)
            return tuple(self._open.values())

    def left_s(self, opened: OpenSession) -> float | None:
        """Real seconds until it expires if nobody asks it anything; None when it never does."""
        if opened.expires_after_s is None:
            return None
        return max(0.0, opened.used_s + opened.expires_after_s - self._monotonic())

    def _sweep(self, ids: Iterable[str]) -> None:
        """End those of them that have expired."""
        for id_ in tuple(ids):
            opened = self._open.get(id_)
            if opened is not None and self.left_s(opened) == 0:
                why = f"has expired, after {opened.expires_after_s:g} s without a request"
                self._end(id_, why)

    def _end(self, id_: str, why: str) -> None:
        self._open.pop(id_).session.end()
        self._ended.pop(id_, None)
        self._ended[id_] = why
        while len(self._ended) > self._limit:
            del self._ended[next(iter(self._ended))]

    def _free_id(self, name: str | None) -> str:
        ids = iter(self._make_id, None)
        if name is not None:
            ids = chain([name], (f"{name}-{number}" for number in count(2)))
        return next(id_ for id_ in ids if id_ not in self._open)
