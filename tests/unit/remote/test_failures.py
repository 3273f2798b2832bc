"""Errors in the words of what was seen."""

import ssl

import httpx
import pytest

from mockserver.http.message import FailureKind
from mockserver.remote.failures import failure_of


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ssl.SSLError(1, "[SSL: ALERT] alert (_ssl.c:1)"), "tls", "TLS failed"),
        (ConnectionResetError(104, "Connection reset by peer"), "broken-off", "reset by peer"),
        (httpx.ReadError(""), "broken-off", "the connection broke"),
        (httpx.WriteTimeout(""), "timeout", "for too long"),
        (httpx.ProxyError("407 No\x1b[31m"), "refused", "407 No\\x1b[31m"),
        (httpx.RemoteProtocolError("x" * 9_999), "bad-http", "x…"),
        (httpx.InvalidURL("URL too long"), "bad-http", "URL too long"),
    ],
)
def test_each_error_has_its_kind(error: Exception, kind: FailureKind, words: str) -> None:
    found = failure_of(error)
    assert found.kind == kind
    assert words in found.message
    assert len(found.message) < 200


def test_causes_are_found_in_groups_and_circles() -> None:
    group = ExceptionGroup("all failed", [OSError(113, "No route to host")])
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__, group.__context__ = group, error
    assert failure_of(error).message == "no connection: no route to host"
