"""A WSGI app behind a connection: it is called for each request, and may break the connection."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any

from mockserver.faults.effect import At, By
from mockserver.http.message import Headers
from mockserver.net.connection import Connection, Handler, NextStep
from mockserver.net.framing import WITHOUT_BODY
from mockserver.net.reader import ClientDisconnected, RequestRefused
from mockserver.net.writer import error_response, response_head
from mockserver.net.wsgi_environ import environ_of

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

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


class WsgiHandler(Handler):
    """Answers by an app.

    One that raises ConnectionError breaks the connection: by a reset without a byte where it is
    called, by a close after what it has yielded where its body is read. `InjectedDisconnect` says
    how else.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def handle(self, head: bytes, connection: Connection) -> NextStep:
        request = connection.reader.request(head)
        try:
            environ = environ_of(request, connection)
        except ValueError as error:
            raise RequestRefused(400, "the target is no URL") from error
        connection.writer.has_sent = False
        step = self._respond(environ, request.is_last, connection)
        return "linger" if step == "close" and request.body is None else step

    def _respond(self, environ: WSGIEnvironment, is_last: bool, connection: Connection) -> NextStep:
        try:
            with closing(_AppResponse(self._app, environ)) as response:
                stays = response.send(connection, is_last or connection.shutdown.is_set())
                return "keep-alive" if stays else "close"
        except InjectedDisconnect as error:
            return error.by
        except ConnectionError:
            return "close" if connection.writer.has_sent else "reset"
        except ClientDisconnected:
            raise
        except Exception:
            _log.exception("the app failed")
            if not connection.writer.has_sent:
                message = "the app failed; the log says more"
                connection.writer.send(error_response(500, "mockserver_error", message))
            return "close"


class _AppResponse:
    """What an app responds. Raises what the app raises; RuntimeError for no response at all."""

    def __init__(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        self._status = ""
        self._headers = Headers()
        self._is_head = environ["REQUEST_METHOD"] == "HEAD"
        self._has_begun = False
        self._written: list[bytes] = []
        self._broken: ConnectionError | None = None
        self._result: Iterable[bytes] = app(environ, self._start)

    def close(self) -> None:
        """Tell the app that nothing more is asked of it."""
        close: Callable[[], object] | None = getattr(self._result, "close", None)
        if close is not None:
            close()

    def send(self, connection: Connection, is_last: bool) -> bool:
        """Whether another one can follow. Raises the error by which the app broke off."""
        parts = filter(None, self._parts())
        first = next(parts, b"")
        self._has_begun = bool(first)
        if not self._status:
            raise self._broken or RuntimeError("the app has begun no response")
        cut = self._broken  # before anything of the body
        has_body, length = self._has_body(), self._announced_length()
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
        connection.writer.send(head + first if has_body else head)
        sent = len(first)
        for part in parts if has_body else ():
            connection.writer.send(part)
            sent += len(part)
        if self._broken is not None:
            raise self._broken
        is_last |= self._code() < 200 or "close" in self._headers.tokens("connection")
        return not is_last and (sent == length or not has_body)

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        if exc_info is not None and self._has_begun:
            raise exc_info[1]  # too late for another response
        self._status, self._headers = status, Headers(headers)
        return self._written.append

    def _parts(self) -> Iterator[bytes]:
        """What is written and what is yielded, in that order.

        They end where the app breaks the connection.
        """
        try:
            for part in chain(self._result, (b"",)):
                while self._written:
                    yield self._written.pop(0)
                yield part
        except ConnectionError as error:
            self._broken = error

    def _code(self) -> int:
        """Raises ValueError for a status that is none."""
        return int(self._status.partition(" ")[0])

    def _has_body(self) -> bool:
        return not self._is_head and self._code() >= 200 and self._code() not in WITHOUT_BODY

    def _announced_length(self) -> int | None:
        """The length that the app gives, if it is one; it may be wrong."""
        values = self._headers.get_all("content-length")
        if len(values) != 1 or self._headers.get("transfer-encoding") is not None:
            return None
        text = values[0].strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
