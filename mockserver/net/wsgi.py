"""A WSGI app (PEP 3333) behind a connection: called for each request, it may break it off."""

import io
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.types import WSGIApplication, WSGIEnvironment

from mockserver.faults.effect import At, By
from mockserver.http.message import Headers
from mockserver.net.connection import Connection, Handler, NextStep
from mockserver.net.framing import WITHOUT_BODY
from mockserver.net.raw_head import SOFTWARE, RequestRefused, error_response, response_head
from mockserver.net.reader import ClientDisconnected, IncomingRequest

SHUTDOWN = "mockserver.shutdown"
"""Where the environment has the server's `ShutdownSignal`."""
IS_CLIENT_GONE = "mockserver.is_client_gone"
"""Where the environment has a function that says whether the client has gone."""
CONNECTION_NUMBER = "mockserver.connection_number"
"""Where the environment has the connection's number, from 1 in a process."""
BODY_TOO_LARGE = "mockserver.body_too_large"
"""Is true in the environment of a request whose body was too large to be read."""

_FRAMING = ("content-length", "transfer-encoding")

_log = logging.getLogger(__name__)


class InjectedDisconnect(ConnectionResetError):
    """The connection breaks on purpose: where, and whether it is closed or reset.

    Where the app is called, nothing is sent, whatever `at` says. Where its body is read, all that
    it has yielded is sent; if that is nothing, the head is, or half of it at `in headers`.
    """

    def __init__(self, message: str, at: At = "before headers", by: By = "close") -> None:
        super().__init__(message)
        self.at: At = at
        self.by: By = by


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
    for name, value in request.headers:
        if "_" not in name:  # in CGI's names, `_` and `-` would be the same
            key = name.upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    if url.scheme and url.netloc:
        environ["HTTP_HOST"] = url.netloc  # it goes before the header (RFC 9112, 3.2.2)
    if request.body is None:
        environ[BODY_TOO_LARGE] = True
    return environ


class WsgiHandler(Handler):
    """An app that raises ConnectionError breaks the connection; `InjectedDisconnect` says how.

    Any other is a reset where the app is called, a close where its body is read.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def handle(self, head: bytes, connection: Connection) -> NextStep:
        request = connection.reader.request(head)
        try:
            environ = environ_of(request, connection)
        except ValueError as error:
            raise RequestRefused(400, "the target is no URL") from error
        step: NextStep = "close"
        try:
            with closing(_AppResponse(self._app, environ)) as response:
                if response.send(connection, request.is_last or connection.shutdown.is_set()):
                    step = "keep-alive"
        except InjectedDisconnect as error:
            step = error.by
        except ConnectionError:
            step = "close" if connection.has_sent else "reset"
        except ClientDisconnected:
            raise
        except Exception:
            _log.exception("the app failed")
            if not connection.has_sent:
                message = "the app failed; the log says more"
                connection.send(error_response(500, "mockserver_error", message))
        return "linger" if step == "close" and request.body is None else step


class _AppResponse:
    """What an app responds. Raises what the app raises; RuntimeError for no response at all."""

    def __init__(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        self._status, self._headers = "", Headers()
        self._is_head = environ["REQUEST_METHOD"] == "HEAD"
        self._has_begun = False
        self._written: list[bytes] = []
        self._broken: ConnectionError | None = None
        self._result: Iterable[bytes] = app(environ, self._start)

    def close(self) -> None:
        """Tell the app that nothing more is asked of it."""
        getattr(self._result, "close", lambda: None)()

    def send(self, connection: Connection, is_last: bool) -> bool:
        """Whether another one can follow. Raises the error by which the app broke off."""
        parts = filter(None, self._parts())
        first = next(parts, b"")
        self._has_begun = bool(first)
        if not self._status:
            raise self._broken or RuntimeError("the app has begun no response")
        cut = self._broken  # before anything of the body
        code = int(self._status.partition(" ")[0])
        has_body = not self._is_head and code >= 200 and code not in WITHOUT_BODY
        length = self._announced_length()
        more: list[tuple[str, str]] = []
        if has_body and cut is None and not any(map(self._headers.get_all, _FRAMING)):
            first += b"".join(parts)
            length = len(first)
            if self._broken is None:
                more.append(("Content-Length", str(length)))
        if is_last and self._headers.get("connection") is None:
            more.append(("Connection", "close"))
        head = response_head(self._status, self._headers, *more)
        if isinstance(cut, InjectedDisconnect) and cut.at == "in headers":
            head = head[: len(head) // 2]
        connection.send(head + first if has_body else head)
        sent = len(first)
        for part in parts if has_body else ():
            connection.send(part)
            sent += len(part)
        if self._broken is not None:
            raise self._broken
        is_last |= code < 200 or "close" in self._headers.tokens("connection")
        return not is_last and (sent == length or not has_body)

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        if exc_info is not None and self._has_begun:
            raise exc_info[1]  # too late for another response
        self._status, self._headers = status, Headers(headers)
        return self._written.append

    def _parts(self) -> Iterator[bytes]:
        """What is written and what is yielded, in that order, up to where the app breaks off."""
        try:
            for part in chain(self._result, (b"",)):
                while self._written:
                    yield self._written.pop(0)
                yield part
        except ConnectionError as error:
            self._broken = error

    def _announced_length(self) -> int | None:
        """The length that the app gives, if it is one; it may be wrong."""
        values = self._headers.get_all("content-length")
        if len(values) != 1 or self._headers.get("transfer-encoding") is not None:
            return None
        text = values[0].strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
