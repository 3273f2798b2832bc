"""HTTP over one connection: persistent where that is safe, without Werkzeug's own log lines."""

from __future__ import annotations

import io
import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler
from werkzeug.test import run_wsgi_app

__all__ = ["MAX_KEPT_BODY", "Connection"]

MAX_KEPT_BODY = 1 << 20
"""Bytes of a request's body up to which its connection stays open."""

_log = logging.getLogger(__name__)


class Connection(WSGIRequestHandler):
    """Keeps a connection open when the request's whole body has been read before the reply.

    Werkzeug closes every connection after one reply, and first waits up to 10 ms for the client to
    close it. All else (chunked and large bodies, HTTP/1.0) is left to it.
    """

    protocol_version = "HTTP/1.1"
    timeout = 60.0
    """Seconds without a byte after which a connection is given up."""
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
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
        app_iter, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        self._reply(status, list(headers), b"".join(app_iter))

    def _body_length(self) -> int | None:
        """The bytes to read before the next request begins; None when that is not sure."""
        lengths = self.headers.get_all("Content-Length", ["0"])
        if "Transfer-Encoding" in self.headers or len(lengths) != 1:
            return None
        text = lengths[0].strip()
        if not (text.isascii() and text.isdigit() and len(text) < 8):
            return None
        return int(text) if int(text) <= MAX_KEPT_BODY else None

    def _reply(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        named = {name.lower() for name, _ in headers}
        without_body = self.command == "HEAD" or int(code) in (
            HTTPStatus.NO_CONTENT,
            HTTPStatus.NOT_MODIFIED,
        )
        if "content-length" not in named and not without_body:
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection and "connection" not in named:
            self.send_header("Connection", "close")
        self.end_headers()
        if body and not without_body:
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: whoever started the server reports requests."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's name
        _log.debug(message, *args)
