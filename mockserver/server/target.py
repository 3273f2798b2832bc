"""What a request is aimed at: a session, and a path inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from mockserver.server import paths
from mockserver.server.session import Session
from mockserver.server.sessions import OpenSession, Sessions
from mockserver.server.site import site_of

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
    None when the prefix names no session that is open, and `missing` says why there is none;
    `opened` is None for the server's own.
    """

    path: str
    query: str
    canonical: str | None
    session: Session | None
    opened: OpenSession | None = None
    missing: str = ""

    @property
    def is_control(self) -> bool:
        """Whether it is for the control API, which has malformed paths of its own, too."""
        return paths.first(self.path) == CONTROL.removeprefix("/")

    @property
    def prefix(self) -> str:
        """What the path of the session's base URL begins with; empty for the server's own."""
        return "" if self.opened is None else self.opened.prefix


def target_of(environ: WSGIEnvironment) -> Target:
    """The request's target, found once."""
    known: Target | None = environ.get(_KEY)
    if known is None:
        known = environ[_KEY] = _found(environ, site_of(environ).sessions)
    return known


def _found(environ: WSGIEnvironment, sessions: Sessions) -> Target:
    whole, query = paths.split_target(_as_sent(environ))
    session_id, path = paths.within(whole)
    try:
        canonical = paths.canonical(path)
    except paths.Malformed:
        canonical = None
    if session_id is None:
        return Target(path, query, canonical, sessions.own)
    opened = sessions.find(session_id)
    if opened is None:
        return Target(path, query, canonical, None, missing=sessions.why_none(session_id))
    return Target(path, query, canonical, opened.session, opened)


def _as_sent(environ: WSGIEnvironment) -> str:
    """The request's target. PEP 3333 lets an environment have only what it says, decoded."""
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if raw is None:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1", "replace"), safe="/")
        query = environ.get("QUERY_STRING", "")
        raw = f"{path}?{query}" if query else path
    return str(raw).encode("latin-1", "replace").decode("utf-8", "replace")
