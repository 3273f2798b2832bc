"""The control API as part of the Flask app."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from mockserver.api.replies import JSON_TYPE, written
from mockserver.errors import MockServerError, TooMany, nearest
from mockserver.server.access import control_refusal
from mockserver.server.control import views_server, views_session, views_sessions
from mockserver.server.control.problem import Problem
from mockserver.server.control.routes import ROUTES, Asked, Route, body_of
from mockserver.server.request_target import parameter, sessions_of, target_of

__all__ = ["mount", "unanswered"]

_ENDPOINT = "control."
_VIEWS = (views_server, views_session, views_sessions)
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
        return None if refusal is None else _refused(Problem(*refusal))

    app.before_request(check)
    app.register_error_handler(Problem, _refused)
    for one in ROUTES:
        app.add_url_rule(
            re.sub(r"{(\w+)}", r"<\1>", one.url),
            endpoint=_ENDPOINT + one.id,
            view_func=_view(one),
            methods=[one.method],
            provide_automatic_options=False,
        )


def unanswered(error: HTTPException, path: str) -> Response:
    """The reply to a path or a method that the control API does not have.

    `path` is the one inside the session, as it was sent.
    """
    asked = f"{request.method} {path}"
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        response = _refused(Problem(405, f"the control API has no {asked}", expected=allowed))
        response.headers["Allow"] = allowed
        return response
    if not isinstance(error, NotFound):
        return _refused(Problem(error.code or 400, error.description or error.name))
    known = [one.url for one in ROUTES]
    return _refused(
        Problem(
            404,
            f"the control API has no {asked}",
            expected="one of those that GET /_mock lists",
            suggestion=nearest("/" + path.strip("/").replace("//", "/"), known),
        )
    )


def _view(one: Route) -> Callable[..., Response]:
    def view(**parameters: str) -> Response:
        target = target_of(request.environ)
        session = target.session
        if session is None:
            raise Problem(404, target.missing)
        if one.at_root and target.opened is not None:
            message = f"a session has no {one.url}: the server's own has them all"
            raise Problem(404, message, expected=request.host_url.rstrip("/") + one.url)
        query = _query(one)
        asked = Asked(sessions_of(request.environ), target, session, body_of(one), query)
        read = {name: parameter(value) for name, value in parameters.items()}
        try:
            data = one.view(asked, **read)
        except TooMany as error:
            raise Problem(429, str(error)) from None
        except MockServerError as error:
            raise Problem(422, str(error)) from None
        return _response(one.status, data)

    return view


def _query(one: Route) -> dict[str, int]:
    """The query's parameters, each an integer. Raises Problem."""
    found = {name: schema["default"] for name, schema in one.query.items()}
    for name, text in request.args.items(multi=True):
        if len(request.args.getlist(name)) > 1:
            raise Problem(400, f"the query parameter {name!r} is given twice", expected="once")
        if name not in one.query:
            known = ", ".join(one.query) or "none"
            raise Problem(
                400,
                f"unknown query parameter {name!r}",
                expected=known,
                suggestion=nearest(name, one.query),
            )
        schema = one.query[name]
        low, high = schema["minimum"], schema["maximum"]
        if not (re.fullmatch("[0-9]{1,16}", text) and low <= int(text) <= high):
            raise Problem(
                400,
                f"the query parameter {name} is {text[:40]!r}",
                expected=f"a whole number from {low} to {high}",
            )
        found[name] = int(text)
    return found


def _refused(problem: Problem) -> Response:
    response = _response(problem.status, problem.as_dict())
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _response(status: int, data: Any) -> Response:
    # Over several lines: people read it in a terminal.
    return Response(written(data, pretty=True) + "\n", status, content_type=JSON_TYPE)
