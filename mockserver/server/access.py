"""Who may ask: the API's own token, pages of other origins, and the control API's guard."""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Request, Response

from mockserver.http.redaction import credential
from mockserver.server.replies import error_object

__all__ = ["Guard", "allow_pages", "is_loopback", "new_token", "preflight", "refused_token"]

_SHOWN = 10
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")

_HOST = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9.-]+))(?::[0-9]*)?")

_CORS_METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE"


def refused_token(given: str | None, token: str) -> Mapping[str, Any] | None:
    """The body of the 401 for an Authorization header's value; None when it bears the token.

    A missing token: code `invalid_api_key`. A wrong one: the same with type `invalid_request`, and
    the token masked after ten characters (both O).
    """
    if given is None or not given.strip():
        message = "An API token is required: send it as 'Authorization: Bearer <token>'"
    else:
        scheme, _, rest = given.strip().partition(" ")
        is_bearer = scheme.lower() == "bearer"
        if is_bearer and hmac.compare_digest(rest.strip().encode(), token.encode()):
            return None
        shown = credential(given)[:_SHOWN]
        message = f"Malformed or unknown API token: {shown}***"
    return error_object("invalid_request", message, code="invalid_api_key")


def allow_pages(response: Response) -> None:
    """Let pages from anywhere read the reply."""
    response.headers["Access-Control-Allow-Origin"] = "*"


def preflight(request: Request) -> Response | None:
    """The reply to a browser's question before a request; None when it is none.

    As Express's cors package answers (G).
    """
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    response = Response(status=204)
    del response.headers["Content-Type"]
    response.headers["Access-Control-Allow-Methods"] = _CORS_METHODS
    wanted = request.headers.get("Access-Control-Request-Headers")
    if wanted is not None:
        response.headers["Access-Control-Allow-Headers"] = wanted
        response.headers["Vary"] = "Access-Control-Request-Headers"
    return response


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    if host.lower() in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new_token() -> str:
    """A control token that nobody guesses."""
    return secrets.token_urlsafe(16)


class Guard:
    """Keeps the control API from whoever is not the test's author.

    Without a token, only requests that name a loopback host pass, which a page that has its own
    name rebound to 127.0.0.1 cannot send. With one, each request must bear it. A request that a
    page of another origin sends never passes, be the page on this machine or not.
    """

    def __init__(self, token: str | None = None) -> None:
        self._token = token

    def refusal(
        self, host: str | None, origin: str | None, authorization: str | None
    ) -> tuple[int, str] | None:
        """Status and sentence for a request with these headers; None when it may pass."""
        if origin is not None and not _same_origin(origin, host):
            return 403, f"the control API is not for web pages: Origin {origin!r} is refused"
        if self._token is None:
            name = _host_name(host)
            if name is None or not is_loopback(name):
                return 403, (
                    f"the control API answers only to loopback names: Host {host!r} is refused; "
                    "use 127.0.0.1 or localhost, or start the server with a control token"
                )
            return None
        given = authorization or ""
        scheme, _, rest = given.strip().partition(" ")
        right = hmac.compare_digest(rest.strip().encode(), self._token.encode())
        if scheme.lower() == "bearer" and right:
            return None
        problem = "the Authorization is not" if given else "there is no Authorization header with"
        return 401, (
            f"{problem} the control token: send 'Authorization: Bearer <control token>', "
            "which the server was started with, or printed when it started"
        )


def _host_name(host: str | None) -> str | None:
    """The name in a Host header, which is that and a port (RFC 9110, 7.2), and nothing else."""
    found = _HOST.fullmatch(host or "")
    return None if found is None else found["address"] or found["name"]


def _same_origin(origin: str, host: str | None) -> bool:
    return host is not None and origin.lower() == f"http://{host.lower()}"
