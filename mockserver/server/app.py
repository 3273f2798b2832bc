"""The documented operations over HTTP, as a Flask app.

The letters D, O and G say how a behaviour is known: documented, observed on a real server, guessed.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, g, request
from werkzeug.exceptions import HTTPException

from mockserver import contract
from mockserver.errors import OwnReplyInvalid
from mockserver.server.exchange import Exchange, Exchanges, raw_path
from mockserver.server.faults import Refused, Severed
from mockserver.server.operations import OPERATIONS, Answer, Operate
from mockserver.server.session import Session
from mockserver.timeline.clock import Clock
from mockserver.timeline.model import Timeline

__all__ = ["Exchange", "create_app", "session_app"]

_log = logging.getLogger(__name__)


def create_app(
    timeline: Timeline | str | Path | None = None,
    *,
    edition: str | None = None,
    clock: Clock | None = None,
    on_request: Callable[[Exchange], None] | None = None,
) -> Flask:
    """The mock server as a WSGI app, playing a timeline (`healthy` unless given) from now on.

    A timeline may be given by its bundled name or its file's path. The edition is the timeline's
    own unless given, the clock a wall clock. `on_request` is called after each reply is made, from
    several threads. Raises MockServerError for a timeline or an edition that cannot be had.

    Where a fault refuses or breaks the connection, the app raises ConnectionRefusedError or
    ConnectionResetError; one that breaks it in mid-reply is raised when the body is read.
    """
    session = Session.begin(timeline, edition, "wall" if clock is None else clock)
    return session_app(session, on_request)


def session_app(session: Session, on_request: Callable[[Exchange], None] | None = None) -> Flask:
    """The WSGI app that plays a session; `create_app` says more."""
    app = _App("mockserver.server", static_folder=None)
    # Only leading slashes are merged, and one at the end is ignored, as Express does (G): paths
    # are answered where they are, never by a redirect.
    app.url_map.merge_slashes = False
    for id_, operation in contract.edition(session.edition).operations.items():
        app.add_url_rule(
            re.sub(r":(\w+)", r"<\1>", operation.path),
            endpoint=id_,
            view_func=_view(id_, OPERATIONS.get(id_, _missing), session),
            methods=[operation.method],  # HEAD comes with GET, as in Express (G)
            strict_slashes=False,
            provide_automatic_options=False,
        )
    app.register_error_handler(HTTPException, _unanswered)
    app.register_error_handler(OwnReplyInvalid, _own_reply_invalid)
    Exchanges(session, on_request).hook_into(app)
    return app


class _App(Flask):
    """Lets a broken connection out to the server, where Flask would answer with a 500."""

    def handle_exception(self, e: Exception) -> Response:
        if isinstance(e, Refused | Severed):
            raise e
        return super().handle_exception(e)


def _view(operation: str, operate: Operate, session: Session) -> Callable[..., Response]:
    def view(**parameters: str) -> Response:
        answer = operate(*session.moment(), parameters)
        _check(answer, operation, session.edition)
        g.states = answer.states
        return _response(answer.status, answer.payload)

    return view


def _missing(*_: object) -> Answer:
    """An operation that is documented, and not mocked."""
    abort(404)


def _check(answer: Answer, operation: str, edition: str) -> None:
    """Raise OwnReplyInvalid for a successful reply that breaks the contract.

    One that shows a state which is off contract may break it.
    """
    if answer.status == 200 and not any(state.report.off_contract for state in answer.states):
        violations = contract.validator(operation, edition).violations(answer.payload)
        if violations:
            raise OwnReplyInvalid(operation, edition, [str(violation) for violation in violations])


def _unanswered(error: HTTPException) -> Response:
    """The reply to a path or a method that is none of ours, and to a defect of our own."""
    if error.code == 500:
        return _mockserver_error("a defect in the mock server; its log says more")
    # 404 under /api/v1, but 200 anywhere else: both O. `error` is a string here (O).
    under_api = request.path == "/api/v1" or request.path.startswith("/api/v1/")
    message = f"Unexpected endpoint or method. ({request.method} {raw_path()})"
    return _response(404 if under_api else 200, {"error": message})


def _own_reply_invalid(error: OwnReplyInvalid) -> Response:
    _log.error("%s", error)
    return _mockserver_error(str(error))


def _mockserver_error(message: str) -> Response:
    # A type of our own, so that nobody takes it for the real server's.
    return _response(500, {"error": {"type": "mockserver_error", "message": message}})


def _response(status: int, payload: Mapping[str, Any]) -> Response:
    """Compact JSON, typed as Express does it (G)."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, content_type="application/json; charset=utf-8")
