"""A request as a WSGI app gets it (PEP 3333)."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from mockserver.net.writer import SOFTWARE

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from mockserver.net.connection import Connection
    from mockserver.net.reader import IncomingRequest

SHUTDOWN = "mockserver.shutdown"
"""Where the environment has the server's `ShutdownSignal`."""
IS_CLIENT_GONE = "mockserver.is_client_gone"
"""Where the environment has a function that says whether the client has gone."""
CONNECTION_NUMBER = "mockserver.connection_number"
"""Where the environment has the connection's number, from 1 in a process."""
BODY_TOO_LARGE = "mockserver.body_too_large"
"""Is true in the environment of a request whose body was too large to be read."""

_WITHOUT_PREFIX = ("CONTENT_TYPE", "CONTENT_LENGTH")


def environ_of(request: IncomingRequest, connection: Connection) -> WSGIEnvironment:
    """The environment of a request. Raises ValueError for a target that is no URL."""
    target = request.target
    if target.startswith("//"):  # or its first part would be taken for a host
        target = "/" + target.lstrip("/")
    url = urlsplit(target)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
        "QUERY_STRING": url.query,
        "REQUEST_URI": target,
        "SERVER_NAME": connection.server[0],
        "SERVER_PORT": str(connection.server[1]),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "SERVER_SOFTWARE": SOFTWARE,
        "REMOTE_ADDR": connection.client[0],
        "REMOTE_PORT": connection.client[1],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body or b""),
        # The length is not to be trusted: a chunked body has none, and one too large is not there.
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        SHUTDOWN: connection.shutdown,
        CONNECTION_NUMBER: connection.number,
        IS_CLIENT_GONE: connection.is_client_gone,
    }
    for key, values in _variables(request).items():
        environ[key] = ",".join(values)
    if url.scheme and url.netloc:
        environ["HTTP_HOST"] = url.netloc  # it goes before the header (RFC 9112, 3.2.2)
    if request.body is None:
        environ[BODY_TOO_LARGE] = True
    return environ


def _variables(request: IncomingRequest) -> dict[str, list[str]]:
    """The headers by their names in CGI, where `_` and `-` would be the same."""
    variables: dict[str, list[str]] = {}
    for name, value in request.headers:
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        key = key if key in _WITHOUT_PREFIX else f"HTTP_{key}"
        variables.setdefault(key, []).append(value)
    return variables
