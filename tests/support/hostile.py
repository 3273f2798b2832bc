"""Servers that do to each connection whatever a test says, and stop when it is over."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias
from urllib.parse import quote

from support.raw import DEADLINE_S

Handle: TypeAlias = Callable[[socket.socket, threading.Event, bytes], None]
"""Given a connection, what says that the test is over, and the request that has been read."""


TLS = b"\x16"
"""How a TLS handshake begins."""


class Hostile:
    """`url` is where it is, `requests` are the requests' bytes, `context` makes it speak TLS."""

    def __init__(self, handle: Handle, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._handle, self._context = handle, context
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(DEADLINE_S)
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        threads = []
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                break
            self._connections.append(connection)
            threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join(DEADLINE_S)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(DEADLINE_S)
        with contextlib.suppress(OSError), connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            received = b""
            while b"\r\n\r\n" not in received and received[:1] != TLS:
                received += connection.recv(65536) or b"\r\n\r\n"
            self.requests.append(received)
            self._handle(connection, self._over, received)
            connection.close()


@contextmanager
def hostile(handle: Handle, context: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    server = Hostile(handle, context)
    try:
        yield server
    finally:
        server.close()


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
