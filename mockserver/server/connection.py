"""HTTP over one connection: persistent where that is safe, without Werkzeug's own log lines."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from mockserver.server import listener

__all__ = ["MAX_KEPT_BODY", "Connection"]

MAX_KEPT_BODY = 1 << 20
"""Bytes of a request's body up to which its connection stays open."""

_log = logging.getLogger(__name__)


class Connection(WSGIRequestHandler):
    """Keeps a connection open when the request's whole body has been read before the reply.

    Werkzeug closes every connection after one reply, and first waits up to 10 ms for the client to
    close it. All else (chunked and large bodies, HTTP/1.0) is left to it. An app that raises
    ConnectionError breaks the connection.
    """

    protocol_version = "HTTP/1.1"
    timeout = 60.0
    """Seconds without a byte after which a connection is given up."""
    disable_nagle_algorithm = True
    _has_replied = False
    _still_to_send: dict[str, str] | None = None

    def run_wsgi(self) -> None:
        self._has_replied = False
        try:
            urlsplit(self.path)
        except ValueError:  # which make_environ would not survive
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        length = self._body_length()
        if length is None or self.request_version != "HTTP/1.1":
            super().run_wsgi()
            return
        self.environ = environ = self.make_environ()
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            app_iter, status, headers = run_wsgi_app(self.server.app, environ)
        except ConnectionError as error:
            self.connection_dropped(error)
            return
        body, is_whole = _gathered(app_iter)
        self._reply(status, list(headers), body, is_whole)

    def connection_dropped(self, error: BaseException, environ: object = None) -> None:
        """The app has broken the connection, or the client has.

        Without a byte of a reply it is reset; a reply that has begun ends where it is.
        """
        self.close_connection = True
        if not self._has_replied:
            listener.reset(self.connection)

    def send_response(self, code: int, message: str | None = None) -> None:
        """As in the base class, but `Server` and `Date` are the app's own where it gives them."""
        self._has_replied = True
        self.send_response_only(code, message)
        self._still_to_send = {"server": self.version_string(), "date": self.date_time_string()}

    def send_header(self, keyword: str, value: str) -> None:
        if self._still_to_send:
            self._still_to_send.pop(keyword.lower(), None)
        super().send_header(keyword, value)

    def end_headers(self) -> None:
        rest, self._still_to_send = self._still_to_send, None
        for name, value in (rest or {}).items():
            self.send_header(name.title(), value)
        super().end_headers()

    def _body_length(self) -> int | None:
        """The bytes to read before the next request begins; None when that is not sure."""
        lengths = self.headers.get_all("Content-Length", ["0"])
        if "Transfer-Encoding" in self.headers or len(lengths) != 1:
            return None
        text = lengths[0].strip()
        if not (text.isascii() and text.isdigit() and len(text) < 8):
            return None
        return int(text) if int(text) <= MAX_KEPT_BODY else None

    def _reply(
        self, status: str, headers: list[tuple[str, str]], body: bytes, is_whole: bool
    ) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        named = {name.lower() for name, _ in headers}
        without_body = self.command == "HEAD" or int(code) in (
            HTTPStatus.NO_CONTENT,
            HTTPStatus.NOT_MODIFIED,
        )
        if "content-length" not in named and is_whole and not without_body:
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection and "connection" not in named:
            self.send_header("Connection", "close")
        self.end_headers()
        if body and not without_body:
            self.wfile.write(body)
        if not is_whole:
            self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: whoever started the server reports requests."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's name
        _log.debug(message, *args)


def _gathered(parts: Iterable[bytes]) -> tuple[bytes, bool]:
    """The body, and whether it is the whole: the app may break the connection in mid-reply."""
    body = bytearray()
    try:
        for part in parts:
            body += part
    except ConnectionError:
        return bytes(body), False
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return bytes(body), True
