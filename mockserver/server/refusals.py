"""Replies that are no operation's: who may not ask, paths that are none, errors of our own."""

import hmac
import re
from collections.abc import Mapping
from typing import Any

from flask import Request, Response

from mockserver.api.replies import JSON_TYPE, error_object, written
from mockserver.http.redaction import credential
from mockserver.server.config import is_loopback

_HOST = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9.-]+))(?::[0-9]*)?")


def json_response(status: int, data: Any, *, pretty: bool = False) -> Response:
    return Response(written(data, pretty=pretty), status, content_type=JSON_TYPE)


def mock_error(message: str, **facts: Any) -> dict[str, Any]:
    """An error of the mock's own: a type that nobody takes for the real server's."""
    return {"error": {"type": "mockserver_error", "message": message, **facts}}


def refused_token(given: str | None, token: str) -> Mapping[str, Any] | None:
    """The body of the 401 for an Authorization header's value; None when it bears the token.

    A missing token: code `invalid_api_key`. A wrong one: the same with type `invalid_request`, and
    the token masked after ten characters (both O).
    """
    message = "An API token is required: send it as 'Authorization: Bearer <token>'"
    if given is not None and given.strip():
        if _bears(given, token):
            return None
        message = f"Malformed or unknown API token: {credential(given)[:10]}***"
    return error_object("invalid_request", message, code="invalid_api_key")


def preflight(request: Request) -> Response | None:
    """The reply to a browser's preflight, as Express's cors package has it (G); None for others."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    response = Response(status=204)
    del response.headers["Content-Type"]
    response.headers["Access-Control-Allow-Methods"] = "GET,HEAD,PUT,PATCH,POST,DELETE"
    asked_for = request.headers.get("Access-Control-Request-Headers")
    if asked_for is not None:
        response.headers["Access-Control-Allow-Headers"] = asked_for
        response.headers["Vary"] = "Access-Control-Request-Headers"
    return response


def control_refusal(
    token: str | None, host: str | None, origin: str | None, authorization: str | None
) -> tuple[int, str] | None:
    """Why the control API is not for a request, as status and sentence; None when it may pass.

    Without a token, only requests that name a loopback host pass, which a page that has its own
    name rebound to 127.0.0.1 cannot send. Those of a page of another origin never pass.
    """
    if origin is not None and (host is None or origin.lower() != f"http://{host.lower()}"):
        return 403, f"the control API is not for web pages: Origin {origin!r} is refused"
    if token is None:
        # A Host header is a name and a port (RFC 9110, 7.2), and nothing else.
        named = _HOST.fullmatch(host or "")
        if named is None or not is_loopback(named["address"] or named["name"]):
            return 403, (
                f"the control API answers only to loopback names: Host {host!r} is refused; "
                "use 127.0.0.1 or localhost, or start the server with a control token"
            )
        return None
    if _bears(authorization or "", token):
        return None
    found = "the Authorization is not" if authorization else "there is no Authorization header with"
    return 401, (
        f"{found} the control token: send 'Authorization: Bearer <control token>', "
        "which the server was started with, or printed when it started"
    )


def _bears(authorization: str, token: str) -> bool:
    scheme, _, rest = authorization.strip().partition(" ")
    is_right = hmac.compare_digest(rest.strip().encode(), token.encode())
    return scheme.lower() == "bearer" and is_right
