"""A WSGI app behind a connection: it is called for each request, and may break the connection."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, ClassVar

from mockserver.faults.effect import At, By
from mockserver.http.message import Headers
from mockserver.net.reader import ClientDisconnected, Deadlines, RequestRefused
from mockserver.net.writer import error_response, response_head
from mockserver.net.wsgi_environ import environ_of

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from mockserver.net.connection import Connection, NextStep

__all__ = ["At", "By", "InjectedDisconnect", "WsgiHandler"]

_WITHOUT_BODY = (204, 304)

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


class WsgiHandler:
    """Answers by an app.

    One that raises ConnectionError breaks the connection: by a reset without a byte where it is
    called, by a close after what it has yielded where its body is read. `InjectedDisconnect` says
    how else.
    """

    deadlines: ClassVar = Deadlines()

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def handle(self, head: bytes, connection: Connection) -> NextStep:
        request = connection.reader.request(head)
        try:
            environ = environ_of(request, connection)
        except ValueError as error:
            raise RequestRefused(400, "the target is no URL") from error
        step = self._respond(environ, request.is_last, connection)
        return "linger" if step == "close" and request.body is None else step

    def refusal(self, error: RequestRefused) -> bytes:
        return error_response(error.status, error.kind, str(error))

    def _respond(self, environ: WSGIEnvironment, is_last: bool, connection: Connection) -> NextStep:
        connection.has_sent = False
        try:
            with closing(_AppResponse(self._app, environ)) as response:
                is_last = is_last or connection.shutdown.is_set()
                return "keep-alive" if _send(response, is_last, connection) else "close"
        except InjectedDisconnect as error:
            return error.by
        except ConnectionError:
            return "close" if connection.has_sent else "reset"
        except ClientDisconnected:
            raise
        except Exception:
            _log.exception("the app failed")
            if not connection.has_sent:
                message = "the app failed; the log says more"
                connection.send(error_response(500, "mockserver_error", message))
            return "close"


def _send(response: _AppResponse, is_last: bool, connection: Connection) -> bool:
    """Whether another one can follow. Raises the error by which the app broke off."""
    error = response.broken
    more: list[tuple[str, str]] = []
    length = response.announced
    if error is None and response.has_body and not response.is_framed:
        error = response.gather()
        length = len(response.first)
        if error is None:
            more.append(("Content-Length", str(length)))
    if is_last and response.headers.get("connection") is None:
        more.append(("Connection", "close"))
    head = response_head(response.status, response.headers, *more)
    if isinstance(response.broken, InjectedDisconnect) and response.broken.at == "in headers":
        head = head[: len(head) // 2]
    connection.send(head + response.first if response.has_body else head)
    if error is not None:
        raise error
    stays = not (is_last or response.is_last)
    if not response.has_body:
        return stays
    sent = len(response.first)
    for part in response.rest:
        connection.send(part)
        sent += len(part)
    return stays and sent == length


class _AppResponse:
    """What an app responds: its status and headers, and its body part by part.

    Raises what the app raises; an app that does not begin a response is a RuntimeError. `first` is
    the first part of the body that is not empty, and `rest` gives the others. `broken` is the error
    by which the app broke the connection before it had given any.
    """

    def __init__(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        self.status = ""
        self.headers = Headers()
        self.first = b""
        self.broken: ConnectionError | None = None
        self._is_head = environ["REQUEST_METHOD"] == "HEAD"
        self._written: list[bytes] = []
        self._result: Iterable[bytes] = app(environ, self._start)
        self.rest = self._parts()
        try:
            self._fetch_first()
        except BaseException:
            self.close()
            raise

    @property
    def code(self) -> int:
        """Raises ValueError for a status that is none."""
        return int(self.status.partition(" ")[0])

    @property
    def has_body(self) -> bool:
        """Whether HTTP lets this response have one."""
        return not (self._is_head or self.code < 200 or self.code in _WITHOUT_BODY)

    @property
    def is_framed(self) -> bool:
        """Whether the app says itself where the body ends."""
        named = {name.lower() for name, _ in self.headers}
        return not named.isdisjoint(("content-length", "transfer-encoding"))

    @property
    def is_last(self) -> bool:
        """Whether the app has the connection closed after it."""
        return self.code < 200 or "close" in self.headers.tokens("connection")

    @property
    def announced(self) -> int | None:
        """The length that the app gives, if it is one; it may be wrong."""
        values = self.headers.get_all("content-length")
        if len(values) != 1 or self.headers.get("transfer-encoding") is not None:
            return None
        text = values[0].strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None

    def gather(self) -> ConnectionError | None:
        """Fetch all parts into the first; gives the error that broke it off, if one did."""
        parts = [self.first]
        try:
            parts += self.rest
        except ConnectionError as error:
            return error
        finally:
            self.first = b"".join(parts)
        return None

    def close(self) -> None:
        """Tell the app that nothing more is asked of it."""
        close: Callable[[], object] | None = getattr(self._result, "close", None)
        if close is not None:
            close()

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        if exc_info is not None and self.first:
            raise exc_info[1]  # too late for another response
        self.status, self.headers = status, Headers(headers)
        return self._written.append

    def _fetch_first(self) -> None:
        try:
            self.first = next(self.rest, b"")
        except ConnectionError as error:
            if not self.status:
                raise
            self.broken = error
        if not self.status:
            raise RuntimeError("the app has begun no response")

    def _parts(self) -> Iterator[bytes]:
        """What is written and what is yielded, in that order, and nothing empty."""
        for part in self._result:
            yield from self._taken()
            if part:
                yield part
        yield from self._taken()

    def _taken(self) -> Iterator[bytes]:
        while self._written:
            if part := self._written.pop(0):
                yield part
