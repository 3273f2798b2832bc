"""Responses as bytes: their heads, those that a server gives by itself, and how they are sent."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

from mockserver.net.reader import ClientDisconnected, Deadlines

SOFTWARE = "mockserver"
"""What the server calls itself."""


class ResponseWriter:
    """Sends on a connection; `has_sent` says whether a byte of the response has gone out."""

    def __init__(self, connection: socket.socket, deadlines: Deadlines) -> None:
        self.has_sent = False
        self._connection = connection
        self._deadlines = deadlines

    def send(self, data: bytes) -> None:
        """Send a part of a response. Raises ClientDisconnected."""
        self.has_sent = True
        try:
            self._connection.settimeout(self._deadlines.send_s)
            self._connection.sendall(data)
        except OSError as error:
            raise ClientDisconnected from error


def encode_head(*lines: bytes) -> bytes:
    """A head of these lines, the first of which is no header."""
    return b"\r\n".join((*lines, b"", b""))


def response_head(status: str, headers: Iterable[tuple[str, str]], *more: tuple[str, str]) -> bytes:
    """The status line and the headers; `Server` is ours where the others have none."""
    given = [*headers, *more]
    if not any(name.lower() == "server" for name, _ in given):
        given.append(("Server", SOFTWARE))
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in given)]
    return encode_head(*(line.encode("latin-1") for line in lines))


def error_response(status: int, kind: str, message: str) -> bytes:
    """An error object as LM Studio's, after which the connection ends."""
    body = json.dumps({"error": {"type": kind, "message": message}}).encode()
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Date", formatdate(usegmt=True)),
        ("Connection", "close"),
    ]
    return response_head(f"{status} {HTTPStatus(status).phrase}", headers) + body
