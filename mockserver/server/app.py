"""The API over HTTP, as a Flask app.

The letters D, O and G say how a behaviour is known: documented, observed on a real server, guessed.
"""

import logging
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Unpack
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Request, Response, abort, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter

from mockserver import contract, resources
from mockserver.api.operations import JOB_STATUS, OPERATIONS, is_below_prefix
from mockserver.api.replies import error_object
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.errors import OwnReplyInvalid
from mockserver.net.wsgi import InjectedDisconnect
from mockserver.server import control, middleware
from mockserver.server.config import AppSettings, ServerConfig, takes_settings
from mockserver.server.faults import ConnectionsRefused
from mockserver.server.handlers import HANDLERS
from mockserver.server.middleware import RequestContext
from mockserver.server.refusals import json_response, mock_error
from mockserver.server.request_target import SESSIONS, parameter, target_of
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.timeline.model import Timeline

_log = logging.getLogger(__name__)


@takes_settings(AppSettings)
def create_app(
    timeline: Timeline | str | Path | None = None,
    *,
    on_request: Callable[[JournalEntry], None] | None = None,
    **settings: Unpack[AppSettings],
) -> Flask:
    """The mock server as a WSGI app, playing a timeline (`healthy` unless given) from now on.

    The settings are those of `ServerConfig`. `on_request` is called after each reply is made, from
    several threads. The control API below `/_mock` answers requests to loopback names, or those
    that bear the `control_token`. Raises MockServerError for a timeline or a setting that cannot
    be had.

    Where a fault refuses or breaks the connection, the app raises ConnectionRefusedError or
    ConnectionResetError; one that breaks it in mid-reply is raised when the body is read.
    """
    session = Session(ServerConfig(timeline, **settings))
    return MockApp(Sessions(session, on_request=on_request))


@cache
def shared_app() -> Flask:
    """Made once: it takes longer than to answer, and leaves thousands of objects behind."""
    return MockApp()


class MockApp(Flask):
    """Plays these sessions, or those that come with a request as `SESSIONS` of its environment.

    Routes by the path as it was sent, below its session's prefix, and lets broken connections out:
    Flask would take `%2F` for a slash, redirect some paths, and answer a broken connection.
    """

    def __init__(self, sessions: Sessions | None = None) -> None:
        super().__init__("mockserver.server", static_folder=None)
        self._sessions = sessions
        self.url_map.merge_slashes = False
        # Those that no page documents, and those of all editions, as the newest has them.
        found = {id_: operation for id_, operation in OPERATIONS.items() if not operation.editions}
        for edition in resources.edition_names():
            found.update(contract.edition(edition).operations)
        for operation in found.values():
            self.add_url_rule(
                re.sub(r":(\w+)", r"<\1>", operation.path),
                endpoint=operation.id,
                view_func=_answer,
                methods=[operation.method],  # HEAD comes with GET, as in Express (G)
                provide_automatic_options=False,
            )
        control.mount(self)
        self.register_error_handler(HTTPException, self._unanswered)
        self.before_request(middleware.before)
        self.after_request(middleware.after)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._sessions is not None:
            environ[SESSIONS] = self._sessions
        return super().wsgi_app(environ, start_response)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return super().create_url_adapter(request)
        path = target_of(request.environ).canonical or "/"
        return self.url_map.bind(
            "mockserver", path_info=path, default_method=request.method, query_args=""
        )

    def handle_exception(self, e: Exception) -> Response:
        if isinstance(e, ConnectionsRefused | InjectedDisconnect):
            raise e
        return super().handle_exception(e)

    def _unanswered(self, error: HTTPException) -> Response:
        """The reply to a path or a method that is none of ours, and to a defect of our own."""
        if error.code == 500:
            return json_response(500, mock_error("a defect in the mock server; its log says more"))
        target = target_of(request.environ)
        if target.is_control:
            return control.unanswered(error, target.path)
        below = "/" + target.path.lstrip("/")
        if target.canonical is None and below.startswith(f"{JOB_STATUS.stem}/"):
            # As Express does with a parameter that it cannot decode (G).
            message = f"Failed to decode the path {target.path!r}"
            return json_response(400, error_object("invalid_request", message))
        if isinstance(error, MethodNotAllowed) and self._is_status_path():
            # O: the status. G: the body.
            message = f"Unsupported media type in a {request.method} to a path that takes GET"
            return json_response(415, error_object("invalid_request", message))
        status = 404 if is_below_prefix(target.path) else 200  # O
        message = f"Unexpected endpoint or method. ({request.method} {target.path})"
        return json_response(status, {"error": message})

    def _is_status_path(self) -> bool:
        adapter = self.create_url_adapter(request)
        if request.method != "POST" or adapter is None:
            return False
        return adapter.match(method="GET")[0] in target_of(request.environ).session.operations


def _answer(**parameters: str) -> Response:
    """The operation's reply, checked; 404 where this session's edition does not have it."""
    context: RequestContext = g.request_context
    operation = context.operation
    handler = None if operation is None else HANDLERS.get(operation.id)
    if operation is None or handler is None:  # documented, and not mocked
        abort(404)
    context.parameters = {name: parameter(value) for name, value in parameters.items()}
    context.job_id = context.parameters.get("job_id")
    reply = handler(context)
    context.job_id = reply.job_id or context.job_id
    context.states = reply.states
    if reply.status != 200:
        return json_response(reply.status, reply.payload)
    # A reply that shows a state off contract may break it.
    if operation.editions and not any(state.overrides.off_contract for state in reply.states):
        check = contract.validator(operation.id, context.edition)
        if violations := check.violations(reply.payload):
            error = OwnReplyInvalid(operation.id, context.edition, [*map(str, violations)])
            _log.error("%s", error)
            return json_response(500, mock_error(str(error)))
    return json_response(200, reply.payload, pretty=operation.layout == "pretty")
