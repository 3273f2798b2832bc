"""The control API below `/_mock`: what a test tells a session over HTTP, in any language.

`routes` says which requests there are, the views answer them; `request_body` reads what is sent by
`request_schemas`, `session_json` writes what is known, and `openapi` describes it all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from mockserver.api.replies import JSON_TYPE, written
from mockserver.errors import MockServerError, TooMany, nearest
from mockserver.server.control import server_views, session_views
from mockserver.server.control.request_body import body_of
from mockserver.server.control.routes import ROUTES, ControlError, ControlRequest, Route
from mockserver.server.refusals import control_refusal
from mockserver.server.request_target import parameter, sessions_of, target_of

_ENDPOINT = "control."
_VIEWS = (server_views, session_views)
"""Importing them makes the routes."""


def mount(app: Flask) -> None:
    """Add the routes, and the guard before them."""

    def check() -> Response | None:
        is_ours = (request.endpoint or "").startswith(_ENDPOINT)
        if not (is_ours or target_of(request.environ).is_control):
            return None
        headers = request.headers
        refusal = control_refusal(
            sessions_of(request.environ).control_token,
            headers.get("Host"),
            headers.get("Origin"),
            headers.get("Authorization"),
        )
        return None if refusal is None else _refused(ControlError(*refusal))

    app.before_request(check)
    app.register_error_handler(ControlError, _refused)
    for route in ROUTES:
        app.add_url_rule(
            re.sub(r"{(\w+)}", r"<\1>", route.url),
            endpoint=_ENDPOINT + route.id,
            view_func=_view(route),
            methods=[route.method],
            provide_automatic_options=False,
        )


def unanswered(error: HTTPException, path: str) -> Response:
    """The reply to a path or a method that the control API does not have.

    `path` is the one inside the session, as it was sent.
    """
    asked = f"{request.method} {path}"
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        response = _refused(ControlError(405, f"the control API has no {asked}", expected=allowed))
        response.headers["Allow"] = allowed
        return response
    if not isinstance(error, NotFound):
        return _refused(ControlError(error.code or 400, error.description or error.name))
    known = [route.url for route in ROUTES]
    return _refused(
        ControlError(
            404,
            f"the control API has no {asked}",
            expected="one of those that GET /_mock lists",
            suggestion=nearest("/" + path.strip("/").replace("//", "/"), known),
        )
    )


def _view(route: Route) -> Callable[..., Response]:
    def view(**parameters: str) -> Response:
        target = target_of(request.environ)
        session = target.session
        if session is None:
            raise ControlError(404, target.missing)
        if route.at_root and target.opened is not None:
            message = f"a session has no {route.url}: the server's own has them all"
            raise ControlError(404, message, expected=request.host_url.rstrip("/") + route.url)
        query = _query(route)
        sessions = sessions_of(request.environ)
        asked = ControlRequest(sessions, target, session, body_of(route), query)
        read = {name: parameter(value) for name, value in parameters.items()}
        try:
            data = route.view(asked, **read)
        except TooMany as error:
            raise ControlError(429, str(error)) from None
        except MockServerError as error:
            raise ControlError(422, str(error)) from None
        return _response(route.status, data)

    return view


def _query(route: Route) -> dict[str, int]:
    """The query's parameters, each an integer. Raises ControlError."""
    found = {name: schema["default"] for name, schema in route.query.items()}
    for name, text in request.args.items(multi=True):
        if len(request.args.getlist(name)) > 1:
            raise ControlError(400, f"the query parameter {name!r} is given twice", expected="once")
        if name not in route.query:
            known = ", ".join(route.query) or "none"
            raise ControlError(
                400,
                f"unknown query parameter {name!r}",
                expected=known,
                suggestion=nearest(name, route.query),
            )
        schema = route.query[name]
        low, high = schema["minimum"], schema["maximum"]
        if not (re.fullmatch("[0-9]{1,16}", text) and low <= int(text) <= high):
            raise ControlError(
                400,
                f"the query parameter {name} is {text[:40]!r}",
                expected=f"a whole number from {low} to {high}",
            )
        found[name] = int(text)
    return found


def _refused(error: ControlError) -> Response:
    response = _response(error.status, error.reply)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _response(status: int, data: Any) -> Response:
    # Over several lines: people read it in a terminal.
    return Response(written(data, pretty=True) + "\n", status, content_type=JSON_TYPE)
