"""Which requests the control API takes: method, path, what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import request

from mockserver.server.refusals import mock_error
from mockserver.server.request_target import CONTROL, RequestTarget
from mockserver.server.session import Session
from mockserver.server.sessions import OpenSession, Sessions


class ControlError(Exception):
    """An HTTP status and the facts behind it.

    `pointer` is the JSON pointer into the request's body, `expected` what would have been right,
    `suggestion` the nearest right word; each None where there is none. `reply` has those there are.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        pointer: str | None = None,
        expected: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message)
        facts = {"pointer": pointer, "expected": expected, "suggestion": suggestion}
        self.status = status
        self.reply = mock_error(
            message, **{k: fact for k, fact in facts.items() if fact is not None}
        )


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """The server's sessions, the one that a request is for, and what was sent with it."""

    sessions: Sessions
    target: RequestTarget
    session: Session
    body: Mapping[str, Any]
    query: Mapping[str, int]

    @property
    def base(self) -> str:
        """The session's base URL, as the client called the server."""
        return _base(self.target.opened)

    def about(self, opened: OpenSession | None) -> dict[str, Any]:
        """What a session is called, and where it is; the server's own is None."""
        base, session = _base(opened), self.sessions.own if opened is None else opened.session
        left_s = None if opened is None else self.sessions.left_s(opened)
        return {
            "id": None if opened is None else opened.id,
            "url": base,
            "control": f"{base}/_mock",
            "timeline": session.timeline.name,
            "edition": session.edition,
            "expires_in_s": None if left_s is None else round(left_s, 3),
        }


def _base(opened: OpenSession | None) -> str:
    return request.host_url.rstrip("/") + ("" if opened is None else opened.prefix)


_V = TypeVar("_V", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Route:
    """A view and its description.

    `path` writes parameters as `{name}`. `body` and `reply` name components of `shapes`; `query`
    holds the JSON Schemas of integers. `refusals` are the statuses of its own refusals.
    `at_root`: not for the sessions below the server's own.
    """

    method: str
    path: str
    id: str
    summary: str
    view: Callable[..., Any]
    body: str | None = None
    body_is_optional: bool = False
    reply: str = "Document"
    status: int = 200
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    refusals: tuple[int, ...] = ()
    at_root: bool = False

    @property
    def url(self) -> str:
        return CONTROL + self.path


ROUTES: list[Route] = []
"""In the order in which they are described."""


def route(method: str, path: str, summary: str, **more: Any) -> Callable[[_V], _V]:
    """Make a route of the function below, which gets the request and the path's parameters."""

    def register(view: _V) -> _V:
        ROUTES.append(Route(method, path, view.__name__, summary, view, **more))
        return view

    return register
