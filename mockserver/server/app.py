"""The documented operations over HTTP, as a Flask app.

The letters D, O and G say how a behaviour is known: documented, observed on a real server, guessed.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from mockserver import contract
from mockserver.errors import OwnReplyInvalid
from mockserver.server.operations import OPERATIONS, Answer, Operate
from mockserver.server.session import Session
from mockserver.timeline.clock import Clock
from mockserver.timeline.model import JobState, Timeline

__all__ = ["Exchange", "create_app"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply.

    `path` is the request's as it was sent, without the query. `operation` is None when no
    operation was meant. `states` are the job states that the reply shows.
    """

    method: str
    path: str
    status: int
    operation: str | None = None
    states: tuple[JobState, ...] = ()


def create_app(
    timeline: Timeline | str | Path | None = None,
    *,
    edition: str | None = None,
    clock: Clock | None = None,
    on_request: Callable[[Exchange], None] | None = None,
) -> Flask:
    """The mock server as a WSGI app, playing a timeline (`healthy` unless given) from now on.

    A timeline may be given by its bundled name or its file's path. The edition is the timeline's
    own unless given. `on_request` is called after each reply is made, from several threads.
    Raises MockServerError for a timeline or an edition that cannot be had.
    """
    session = Session.begin(timeline, edition, clock)
    app = Flask("mockserver.server", static_folder=None)
    # Only leading slashes are merged, and one at the end is ignored, as Express does (G): paths
    # are answered where they are, never by a redirect.
    app.url_map.merge_slashes = False
    for id_, operation in contract.edition(session.edition).operations.items():
        if id_ in OPERATIONS:
            app.add_url_rule(
                re.sub(r":(\w+)", r"<\1>", operation.path),
                endpoint=id_,
                view_func=_view(id_, OPERATIONS[id_], session),
                methods=[operation.method],  # HEAD comes with GET, as in Express (G)
                strict_slashes=False,
                provide_automatic_options=False,
            )
    app.register_error_handler(HTTPException, _unanswered)
    app.register_error_handler(OwnReplyInvalid, _own_reply_invalid)
    if on_request is not None:
        app.after_request(_reporter(on_request))
    return app


def _view(operation: str, operate: Operate, session: Session) -> Callable[..., Response]:
    def view(**parameters: str) -> Response:
        answer = operate(session.timeline, session.clock.now(), parameters)
        _check(answer, operation, session.edition)
        g.states = answer.states
        return _response(answer.status, answer.payload)

    return view


def _check(answer: Answer, operation: str, edition: str) -> None:
    """Raise OwnReplyInvalid for a successful reply that breaks the contract."""
    if answer.status == 200:
        violations = contract.validator(operation, edition).violations(answer.payload)
        if violations:
            raise OwnReplyInvalid(operation, edition, [str(violation) for violation in violations])


def _unanswered(error: HTTPException) -> Response:
    """The reply to a path or a method that is none of ours, and to a defect of our own."""
    if error.code == 500:
        return _mockserver_error("a defect in the mock server; its log says more")
    # 404 under /api/v1, but 200 anywhere else: both O. `error` is a string here (O).
    under_api = request.path == "/api/v1" or request.path.startswith("/api/v1/")
    message = f"Unexpected endpoint or method. ({request.method} {_raw_path()})"
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


def _raw_path() -> str:
    """The path as the client wrote it, percent signs and all, without the query."""
    raw: str = request.environ.get("REQUEST_URI") or request.path
    target = raw.encode("latin-1", "replace").decode("utf-8", "replace")
    return re.sub(r"^https?://[^/?#]*", "", target).partition("?")[0].partition("#")[0]


def _reporter(on_request: Callable[[Exchange], None]) -> Callable[[Response], Response]:
    def report(response: Response) -> Response:
        states: tuple[JobState, ...] = g.get("states", ())
        exchange = Exchange(
            request.method, _raw_path(), response.status_code, request.endpoint, states
        )
        try:
            on_request(exchange)
        except Exception:
            # The client gets its reply, whatever becomes of the report.
            _log.exception("on_request failed")
        return response

    return report
