"""The control API below `/_mock`: what a test tells a session over HTTP, in any language.

`api.json` says which requests there are, and what goes in and out; `routes` reads it, `views`
answer, `session_json` writes what is known, and `openapi` describes it all.
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from mockserver.api.replies import JSON_TYPE, written
from mockserver.errors import MockServerError, TooMany, UnknownName, nearest
from mockserver.server.control import views
from mockserver.server.control.request_body import body_of
from mockserver.server.control.routes import ROUTES, ControlError, ControlRequest, Route, query_of
from mockserver.server.refusals import control_refusal
from mockserver.server.request_target import parameter, sessions_of, target_of

_ENDPOINT = "control."
_MEMBERS = {"timeline": "/name", "event": "/name", "job": "/job_id"}
"""Where a body has names of such a kind."""


def mount(app: Flask) -> None:
    """Add the routes, and the guard before them."""

    def check() -> Response | None:
        is_ours = (request.endpoint or "").startswith(_ENDPOINT)
        if not (is_ours or target_of(request.environ).is_control):
            return None
        token = sessions_of(request.environ).control_token
        given = map(request.headers.get, ("Host", "Origin", "Authorization"))
        refusal = control_refusal(token, *given)
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
    """The reply to a path (as sent, inside the session) or method that the control API has not."""
    message = f"the control API has no {request.method} {path}"
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        response = _refused(ControlError(405, message, expected=allowed))
        response.headers["Allow"] = allowed
        return response
    if not isinstance(error, NotFound):
        return _refused(ControlError(error.code or 400, error.description or error.name))
    asked = "/" + path.strip("/").replace("//", "/")
    suggestion = nearest(asked, [route.url for route in ROUTES])
    expected = "one of those that GET /_mock lists"
    return _refused(ControlError(404, message, expected=expected, suggestion=suggestion))


def _view(route: Route) -> Callable[..., Response]:
    function = getattr(views, route.id)

    def view(**parameters: str) -> Response:
        opened = target_of(request.environ).opened
        assert opened is not None  # the middleware lets no other request through
        if route.at_root and opened.id:
            message = f"a session has no {route.url}: the server's own has them all"
            raise ControlError(404, message, expected=request.host_url.rstrip("/") + route.url)
        query, sessions = query_of(route.query), sessions_of(request.environ)
        asked = ControlRequest(sessions, opened, body_of(route), query)
        try:
            data = function(asked, **{name: parameter(value) for name, value in parameters.items()})
        except UnknownName as error:
            raise _unknown(error) from None
        except TooMany as error:
            raise ControlError(429, str(error)) from None
        except MockServerError as error:
            raise ControlError(422, str(error)) from None
        return _response(route.status, data)

    return view


def _unknown(error: UnknownName) -> ControlError:
    """The refusal of a name, with those that would have been right."""
    where = f" in {error.where}" if error.where else ""
    expected = ", ".join(error.known[:20]) + (" …" if error.known[20:] else "")
    return ControlError(
        404,
        f"unknown {error.kind} {error.name!r}{where}",
        pointer=_MEMBERS.get(error.kind),
        expected=f"one of {expected}" if expected else f"none: there is no {error.kind}",
        suggestion=error.suggestion,
    )


def _refused(error: ControlError) -> Response:
    response = _response(error.status, error.reply)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _response(status: int, data: Any) -> Response:
    # Over several lines: people read it in a terminal.
    return Response(written(data, pretty=True) + "\n", status, content_type=JSON_TYPE)
