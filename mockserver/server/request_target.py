"""What a request is aimed at: a session, and a path inside it, percent signs and all."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes
from wsgiref.types import WSGIEnvironment

from mockserver.http.message import split_target
from mockserver.server.session import Session
from mockserver.server.sessions import SESSION_PREFIX, OpenSession, Sessions

CONTROL = "/_mock"
"""Below it lies each session's control API."""

SESSIONS = "mockserver.sessions"
"""Where a request's environment has the sessions of the server that it came to."""

_TARGET = "mockserver.target"
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class MalformedPath(ValueError):
    """A percent sign that begins no escape, or escapes that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """`path` and `query` are as they were sent, without the session's prefix.

    `canonical` has each segment escaped in one way; None when the path is malformed. `opened` is
    None when the prefix names no session that is open, and `missing` says why there is none.
    """

    path: str
    query: str
    canonical: str | None
    opened: OpenSession | None
    missing: str = ""

    @property
    def session(self) -> Session:
        assert self.opened is not None  # the middleware answers a request that has none
        return self.opened.session

    @property
    def is_control(self) -> bool:
        """Whether it is for the control API, which has malformed paths of its own, too."""
        return _first(self.path) == CONTROL.removeprefix("/")


def sessions_of(environ: WSGIEnvironment) -> Sessions:
    sessions: Sessions = environ[SESSIONS]
    return sessions


def target_of(environ: WSGIEnvironment) -> RequestTarget:
    """The request's target, found once."""
    known: RequestTarget | None = environ.get(_TARGET)
    if known is not None:
        return known
    whole, query = split_target(_as_sent(environ))
    id_, path = within(whole)
    try:
        routed = canonical(path)
    except MalformedPath:
        routed = None
    sessions = sessions_of(environ)
    opened = OpenSession("", sessions.own) if id_ is None else sessions.find(id_)
    missing = "" if opened or id_ is None else sessions.why_none(id_)
    target = environ[_TARGET] = RequestTarget(path, query, routed, opened, missing)
    return target


def _as_sent(environ: WSGIEnvironment) -> str:
    """The request's target. PEP 3333 lets an environment have only what it says, decoded."""
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if raw is None:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1", "replace"), safe="/")
        query = environ.get("QUERY_STRING", "")
        raw = f"{path}?{query}" if query else path
    return str(raw).encode("latin-1", "replace").decode("utf-8", "replace")


def canonical(path: str) -> str:
    """The path with each segment escaped in one way, so that `%61pi` is `api` and `%2F` no slash.

    Leading slashes count as one, and a single one at the end is ignored, as in Express (G). Raises
    MalformedPath, which Express answers with 400.
    """
    merged = "/" + path.lstrip("/")
    if not merged.endswith("//"):
        merged = merged.removesuffix("/")
    return "/".join(_escaped(segment) for segment in merged.split("/")) or "/"


def parameter(segment: str) -> str:
    """What a segment of a canonical path says."""
    return unquote_to_bytes(segment).decode()


def _first(path: str) -> str:
    return _readable(path.lstrip("/").partition("/")[0])


def within(path: str) -> tuple[str | None, str]:
    """The session's id, if any, empty where it is left out, and the rest of the path as sent."""
    if _first(path) != SESSION_PREFIX.removeprefix("/"):
        return None, path
    _, _, inside = path.lstrip("/").partition("/")
    id_, _, rest = inside.partition("/")
    return _readable(id_), f"/{rest}"


def _readable(segment: str) -> str:
    try:
        return parameter(_escaped(segment))
    except MalformedPath:
        return segment


def _escaped(segment: str) -> str:
    if "%" not in segment and segment.isalnum() and segment.isascii():
        return segment
    if _BAD_ESCAPE.search(segment):
        raise MalformedPath(segment)
    try:
        return quote(parameter(segment), safe="")
    except UnicodeDecodeError:
        raise MalformedPath(segment) from None
