"""Requests and replies as bytes, and an app that says what it was asked."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest

from mockserver.net.live_server import LiveServer
from mockserver.net.wsgi import BODY_TOO_LARGE

DEADLINE_S = 10.0
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked"
CLOSE = "Connection: close"


class HasPort(Protocol):
    """A server that listens on this port of 127.0.0.1."""

    @property
    def port(self) -> int: ...


def mirror(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answers with the environment and the body; 413 where the server has not read the body."""
    status = "413 Content Too Large" if environ.get(BODY_TOO_LARGE) else "200 OK"
    facts = {key: value for key, value in environ.items() if isinstance(value, str | int)}
    facts["body"] = environ["wsgi.input"].read().decode("latin-1")
    body = json.dumps(facts).encode()
    start_response(status, [("Content-Length", str(len(body)))])
    return [body]


@dataclass(frozen=True)
class Reply:
    """A reply as it came; `body` is what its length says, or all."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)


def post(body: bytes, *headers: str) -> bytes:
    """A request whose headers say how its body is framed."""
    lines = ["POST / HTTP/1.1", "Host: x", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def replies(received: bytes) -> list[Reply]:
    """All replies in what was received; those with status 100 have no body."""
    found = []
    while received:
        head, empty, received = received.partition(b"\r\n\r\n")
        assert empty, head
        first, *lines = head.decode("latin-1").split("\r\n")
        version, status, _ = first.split(" ", 2)
        assert version == "HTTP/1.1"
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        length = 0 if status == "100" else int(headers.get("content-length", len(received)))
        found.append(Reply(int(status), headers, received[:length]))
        received = received[length:]
    return found


@contextmanager
def connected(server: HasPort) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) as client:
        yield client


def refuses(server: HasPort) -> bool:
    try:
        with connected(server):
            return False
    except ConnectionRefusedError:
        return True


def until_closed(client: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    return b"".join(iter(partial(client.recv, 65536), b""))


def received_until(client: socket.socket, end: bytes) -> bytes:
    """All that comes until it ends so."""
    received = b""
    while not received.endswith(end):
        part = client.recv(65536)
        assert part, received
        received += part
    return received


def until_broken(client: socket.socket) -> tuple[bytes, str]:
    """All that comes, and whether the connection was closed or reset after it."""
    received = bytearray()
    try:
        while part := client.recv(65536):
            received += part
    except ConnectionResetError:
        return bytes(received), "reset"
    return bytes(received), "close"


def exchanged(server: HasPort, sent: bytes, *, ends: bool = False) -> list[Reply]:
    """The replies until the server closes; `ends` says that the client sends nothing more."""
    with connected(server) as client:
        client.sendall(sent)
        if ends:
            client.shutdown(socket.SHUT_WR)
        return replies(until_closed(client))


def refused(server: LiveServer, sent: bytes, kind: str = "invalid_request") -> int:
    """The status of the one reply, which the server gives by itself before it closes."""
    (reply,) = exchanged(server, sent)
    assert reply.headers["connection"] == "close"
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.data["error"]["type"] == kind
    assert 0 < len(reply.data["error"]["message"]) < 100
    return reply.status


@contextmanager
def unharmed(
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    app: WSGIApplication = mirror,
) -> Iterator[LiveServer]:
    """A server that lives on whatever is done to it, and says nothing of it."""
    with LiveServer(app) as server:
        yield server
        exchanged(server, post(b"", CLOSE))
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def is_well(server: LiveServer) -> bool:
    """Whether the next client is served."""
    (reply,) = exchanged(server, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    return reply.status == 200
