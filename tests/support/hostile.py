"""Servers that do to each connection whatever a test says, and stop when it is over."""

import contextlib
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import quote

from support.raw import DEADLINE_S

Handle: TypeAlias = Callable[[socket.socket, threading.Event, bytes], None]
"""Given a connection, what says that the test is over, and the request that has been read."""


TLS = b"\x16"
"""How a TLS handshake begins."""


class Hostile(socketserver.ThreadingTCPServer):
    """`url` is where it is, `requests` are the requests' bytes, `context` makes it speak TLS."""

    request_queue_size = 128

    def __init__(self, handle: Handle, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)
        self.requests: list[bytes] = []
        self._handle, self._context = handle, context
        self._over = threading.Event()
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.005,), daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self.shutdown()
        self.server_close()

    def finish_request(self, request: Any, client_address: object) -> None:
        request.settimeout(DEADLINE_S)
        with contextlib.suppress(OSError), request as connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            received = b""
            while b"\r\n\r\n" not in received and received[:1] != TLS:
                received += connection.recv(65536) or b"\r\n\r\n"
            self.requests.append(received)
            self._handle(connection, self._over, received)
            connection.close()


def hostile(handle: Handle, context: ssl.SSLContext | None = None) -> contextlib.closing[Hostile]:
    return contextlib.closing(Hostile(handle, context))


def sending(*parts: bytes) -> Handle:
    """Sends this, and closes."""

    def handle(connection: socket.socket, over: threading.Event, request: bytes) -> None:
        for part in parts:
            connection.sendall(part)

    return handle


def replying(payload: object) -> Handle:
    """Answers everything with 200 and this."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    return sending(head + json.dumps(payload).encode())


def sending_then_silent(*parts: bytes) -> Handle:
    """Sends this, and keeps the connection open."""

    def handle(connection: socket.socket, over: threading.Event, request: bytes) -> None:
        sending(*parts)(connection, over, request)
        over.wait(DEADLINE_S)

    return handle


def for_ever(head: bytes, part: bytes, sent: list[int] | None = None) -> Handle:
    """Sends the head, and then the part until nobody takes it; `sent` gets how many bytes went."""

    def handle(connection: socket.socket, over: threading.Event, request: bytes) -> None:
        connection.sendall(head)
        while not over.is_set():
            count = connection.send(part)
            if sent is not None:
                sent.append(count)

    return handle


def dripping(head: bytes, drop: bytes, pause_s: float = 0.02) -> Handle:
    """Sends the head, and then a drop at a time."""

    def handle(connection: socket.socket, over: threading.Event, request: bytes) -> None:
        connection.sendall(head)
        while not over.wait(pause_s):
            connection.sendall(drop)

    return handle


def resetting(*parts: bytes) -> Handle:
    """Sends this, and resets the connection."""

    def handle(connection: socket.socket, over: threading.Event, request: bytes) -> None:
        sending(*parts)(connection, over, request)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    return handle


def echoing(connection: socket.socket, over: threading.Event, request: bytes) -> None:
    """Says all that it was told once more: in its head, its body, and both once more escaped."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    said = (head + body).decode("latin-1")
    escaped = "".join(f"\\u{ord(ch):04x}" for ch in said)
    error = f'{{"type": {json.dumps(said)}, "message": "{escaped}"}}'
    reply = f'{{"error": {error}, {json.dumps(str(first))}: 1}}'
    lines = [b"HTTP/1.1 404 Not Found", b"Content-Type: application/json"]
    lines += [b"X-Again: " + header for header in headers]
    lines.append(b"Location: /?again=" + quote(said).encode())
    connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + reply.encode())
