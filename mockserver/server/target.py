"""What a request is aimed at: a session, and a path inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.server import paths
from mockserver.server.session import Session
from mockserver.server.sessions import OpenSession, Sessions

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

__all__ = ["CONTROL", "Target", "target_of"]

CONTROL = "/_mock"
"""Below it lies each session's control API."""

_KEY = "mockserver.target"


@dataclass(frozen=True, slots=True)
class Target:
    """`path` and `query` are as they were sent, without the session's prefix.

    `canonical` has each segment escaped in one way; None when the path is malformed. `session` is
    None when the prefix names no session that is open; `opened` is None for the server's own.
    """

    path: str
    query: str
    canonical: str | None
    session: Session | None
    opened: OpenSession | None = None

    @property
    def is_control(self) -> bool:
        """Whether it is for the control API."""
        path = self.canonical
        return path is not None and (path == CONTROL or path.startswith(f"{CONTROL}/"))

    @property
    def prefix(self) -> str:
        """What the path of the session's base URL begins with; empty for the server's own."""
        return "" if self.opened is None else self.opened.prefix


def target_of(environ: WSGIEnvironment, sessions: Sessions) -> Target:
    """The request's target, found once."""
    known: Target | None = environ.get(_KEY)
    if known is None:
        known = environ[_KEY] = _found(environ, sessions)
    return known


def _found(environ: WSGIEnvironment, sessions: Sessions) -> Target:
    # A test client's environment may lack the target as it was sent.
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI") or environ.get("PATH_INFO") or "/"
    path, query = paths.split_target(raw.encode("latin-1", "replace").decode("utf-8", "replace"))
    try:
        canonical = paths.canonical(path)
    except paths.Malformed:
        return Target(path, query, None, sessions.own)
    session_id, inside = paths.within(canonical)
    if session_id is None:
        return Target(path, query, canonical, sessions.own)
    opened = sessions.find(session_id)
    shown = "/" + "/".join(path.lstrip("/").split("/")[2:])
    return Target(shown, query, inside, opened.session if opened else None, opened)
