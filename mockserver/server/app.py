"""The API over HTTP, as a Flask app.

The letters D, O and G say how a behaviour is known: documented, observed on a real server, guessed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Request, Response, abort, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter

from mockserver import contract, resources
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.errors import OwnReplyInvalid, TooMany
from mockserver.net.wsgi import InjectedDisconnect
from mockserver.server import control, download, exchanges
from mockserver.server.exchanges import in_hand
from mockserver.server.faults import Refused
from mockserver.server.operations import (
    LISTS_OF_MODELS,
    OPERATIONS,
    Answer,
    Operate,
    downloaded,
)
from mockserver.server.paths import parameter
from mockserver.server.replies import error_object, json_response, mock_error, unexpected
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.server.settings import Settings
from mockserver.server.site import KEY, Site
from mockserver.server.target import target_of
from mockserver.timeline.clock import Clock
from mockserver.timeline.model import Timeline

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

__all__ = ["JournalEntry", "create_app", "shared_app", "site_app"]

_log = logging.getLogger(__name__)

_WITH_PARAMETER = "api/v1/models/download/status/"


def create_app(
    timeline: Timeline | str | Path | None = None,
    *,
    edition: str | None = None,
    clock: Clock | None = None,
    on_request: Callable[[JournalEntry], None] | None = None,
    token: str | None = None,
    cors: bool = False,
    with_download: bool = False,
    control_token: str | None = None,
) -> Flask:
    """The mock server as a WSGI app, playing a timeline (`healthy` unless given) from now on.

    A timeline may be given by its bundled name or its file's path. The edition is the timeline's
    own unless given, the clock a wall clock. `on_request` is called after each reply is made, from
    several threads. With a `token`, requests must bear it; `cors` lets web pages read the replies;
    `with_download` answers POST also in an edition that does not document it. The control API
    below `/_mock` answers requests to loopback names, or those that bear the `control_token`.
    Raises MockServerError for a timeline or an edition that cannot be had.

    Where a fault refuses or breaks the connection, the app raises ConnectionRefusedError or
    ConnectionResetError; one that breaks it in mid-reply is raised when the body is read.
    """
    settings = Settings.of(
        timeline,
        edition,
        "wall" if clock is None else clock,
        token=token,
        cors=cors,
        with_download=with_download,
    )
    return site_app(Site(Sessions(Session(settings)), on_request, control_token))


def site_app(site: Site) -> Flask:
    """An app for this site alone, which plays its sessions, each below its prefix."""
    return _made(site)


@cache
def shared_app() -> Flask:
    """The app for sites that come with each request, as `site.KEY` of its environment.

    To make an app takes longer than to answer with it, and leaves thousands of objects behind.
    """
    return _made(None)


def _made(site: Site | None) -> Flask:
    app = _App(site)
    for id_, method, path, view in _routes():
        app.add_url_rule(
            re.sub(r":(\w+)", r"<\1>", path),
            endpoint=id_,
            view_func=view,
            methods=[method],  # HEAD comes with GET, as in Express (G)
            provide_automatic_options=False,
        )
    control.mount(app)
    app.register_error_handler(HTTPException, app.unanswered)
    app.register_error_handler(OwnReplyInvalid, _own_reply_invalid)
    exchanges.hook_into(app)
    return app


class _App(Flask):
    """Routes by the path as it was sent, below its session's prefix; lets broken connections out.

    Flask would take `%2F` for a slash, answer some paths by a redirect, and a broken connection
    with a 500.
    """

    def __init__(self, site: Site | None) -> None:
        super().__init__("mockserver.server", static_folder=None)
        self._site = site
        self.url_map.merge_slashes = False

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._site is not None:
            environ[KEY] = self._site
        return super().wsgi_app(environ, start_response)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return super().create_url_adapter(request)
        target = target_of(request.environ)
        return self.url_map.bind(
            "mockserver",
            path_info=target.canonical or "/",
            default_method=request.method,
            query_args="",
        )

    def handle_exception(self, e: Exception) -> Response:
        if isinstance(e, Refused | InjectedDisconnect):
            raise e
        return super().handle_exception(e)

    def unanswered(self, error: HTTPException) -> Response:
        """The reply to a path or a method that is none of ours, and to a defect of our own."""
        if error.code == 500:
            return json_response(500, mock_error("a defect in the mock server; its log says more"))
        target = target_of(request.environ)
        if target.is_control:
            return control.unanswered(error, target.path)
        if target.canonical is None and target.path.lstrip("/").startswith(_WITH_PARAMETER):
            # As Express does with a parameter that it cannot decode (G).
            message = f"Failed to decode the path {target.path!r}"
            return json_response(400, error_object("invalid_request", message))
        if isinstance(error, MethodNotAllowed) and self._is_status_path():
            # O: the status. G: the body.
            message = f"Unsupported media type in a {request.method} to a path that takes GET"
            return json_response(415, error_object("invalid_request", message))
        return json_response(*unexpected(request.method, target.path))

    def _is_status_path(self) -> bool:
        adapter = self.create_url_adapter(request)
        if request.method != "POST" or adapter is None:
            return False
        endpoint, _ = adapter.match(method="GET")
        session = target_of(request.environ).session
        return session is not None and endpoint in session.settings.operations


def _routes() -> Iterator[tuple[str, str, str, Callable[..., Response]]]:
    """Id, method, path and view of each operation of any edition, and of the lists of models."""
    seen = set[str]()
    for edition in reversed(resources.edition_names()):
        for id_, operation in contract.edition(edition).operations.items():
            if id_ not in seen:
                seen.add(id_)
                view = _download if id_ == "download" else _view(OPERATIONS.get(id_, _missing))
                yield id_, operation.method, operation.path, view
    for id_, (path, operate) in LISTS_OF_MODELS.items():
        yield id_, "GET", path, _view(operate)


def _view(operate: Operate) -> Callable[..., Response]:
    def view(**parameters: str) -> Response:
        one = in_hand()
        if one.operation is None:  # this session's edition does not have it
            abort(404)
        read = {name: parameter(value) for name, value in parameters.items()}
        one.job_id = read.get("job_id")
        return _answered(operate(one.playback, one.now_ms, read))

    return view


def _download() -> Response:
    """POST: a job for a model, or that it is there already."""
    one = in_hand()
    if one.operation is None:
        abort(404)
    kind, timeline = request.content_type or "", one.playback.timeline
    wanted = download.read(request.get_data(), kind, one.edition, timeline)
    if isinstance(wanted, download.Objection):
        return json_response(wanted.status, wanted.payload)
    try:
        state = one.session.download(wanted.model, wanted.quantization)
    except TooMany as error:
        return json_response(503, mock_error(str(error)))
    one.job_id = None if state is None else state.job_id
    return _answered(downloaded(state))


def _missing(*_: object) -> Answer:
    """An operation that is documented, and not mocked."""
    abort(404)


def _answered(answer: Answer) -> Response:
    """The reply, checked; OwnReplyInvalid for a successful one that breaks the contract.

    One that shows a state which is off contract may break it.
    """
    one = in_hand()
    one.states = answer.states
    operation = one.operation
    if (
        answer.status == 200
        and operation is not None
        and operation in one.session.settings.operations
        and not any(state.overrides.off_contract for state in answer.states)
    ):
        violations = contract.validator(operation, one.edition).violations(answer.payload)
        if violations:
            raise OwnReplyInvalid(
                operation, one.edition, [str(violation) for violation in violations]
            )
    return json_response(answer.status, answer.payload, pretty=answer.pretty)


def _own_reply_invalid(error: OwnReplyInvalid) -> Response:
    _log.error("%s", error)
    return json_response(500, mock_error(str(error)))
