"""The journal tells by which connection a request came, and whether its token was another."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection

from mockserver import MockServer

LIST = "/api/v1/models/download/status"


def ask(connection: HTTPConnection, token: str) -> None:
    connection.request("GET", LIST, headers={"Authorization": f"Bearer {token}"})
    connection.getresponse().read()


def test_requests_by_two_connections() -> None:
    with MockServer("healthy", clock="manual") as server:
        with (
            closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as kept,
            closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as other,
        ):
            for connection, token in ((kept, "sesame"), (other, "sesame"), (kept, "open")):
                ask(connection, token)
        first, second, third = server.requests
    assert first.connection is not None
    assert first.connection == third.connection != second.connection
    assert first.credential == second.credential != third.credential
    assert "sesame" not in repr(first)
    assert str(first.credential) not in repr(first)
