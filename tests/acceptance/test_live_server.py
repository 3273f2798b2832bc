"""The server on a real socket: starting, stopping, and clients that misbehave."""

import errno
import http.client
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from mockserver.errors import AddressUnavailable
from mockserver.net import accept_loop
from mockserver.net.live_server import LiveServer
from mockserver.net.reader import MAX_BODY
from mockserver.server.app import create_app
from mockserver.server.mock_server import MockServer
from mockserver.timeline.clock import ManualClock
from support.raw import GET, HasPort, connected, refuses, until_closed
from support.serving import ask
from support.waiting import together

LIST = "/api/v1/models/download/status"
DEADLINE = 10


@pytest.fixture
def live() -> Iterator[LiveServer]:
    with LiveServer(create_app(clock=ManualClock())) as server:
        yield server


def get(server: HasPort, path: str = LIST) -> int:
    return ask(f"http://127.0.0.1:{server.port}{path}")[0]


def raw_exchange(server: LiveServer, sent: bytes) -> bytes:
    """All that comes back until the server closes the connection."""
    with connected(server) as connection:
        connection.sendall(sent)
        return until_closed(connection)


def test_it_answers_beside_another(live: LiveServer) -> None:
    assert (live.url, live.is_running) == (f"http://127.0.0.1:{live.port}", True)
    with LiveServer(create_app()) as other:
        assert other.port != live.port
        assert get(other) == get(live) == 200
    assert get(live, "/api/v1/x") == 404


def test_after_a_stop_connections_are_refused() -> None:
    server = LiveServer(create_app())
    server.start()
    server.start()
    assert get(server) == 200
    server.stop()
    server.stop()
    assert not server.is_running
    assert refuses(server)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a child")
def test_a_child_that_was_forked_does_not_keep_the_port() -> None:
    """Nor does it stop its parent's server."""
    server = MockServer("server-restart", clock="manual")
    with server:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            server.stop()
            os.close(writing)
            os.read(reading, 1)  # until its parent ends it, or has ended
            os._exit(0)
        try:
            os.close(reading)
            assert get(server) == 200
            server.stop()
            assert refuses(server)
            server.start()
            assert get(server) == 200
        finally:
            os.close(writing)
            os.waitpid(child, 0)


@pytest.mark.parametrize("is_given", [True, False])
def test_it_starts_again_on_the_port_that_was_given_or_found(is_given: bool) -> None:
    with LiveServer(create_app()) as first:
        port = first.port
        assert get(first) == 200
    server = LiveServer(create_app(), port=port if is_given else 0)
    ports = set()
    for _ in range(4):
        with server:
            ports.add(server.port)
            assert get(server) == 200
            # The server closes first, so the port is in TIME_WAIT when it starts again.
            with connected(server) as connection:
                connection.sendall(GET)
                assert connection.recv(1) == b"H"
                server.stop()
                until_closed(connection)
    assert len(ports) == 1
    assert ports == {port} or not is_given


def test_before_the_first_start_there_is_no_address() -> None:
    server = LiveServer(create_app())
    for name in ("url", "port"):
        with pytest.raises(RuntimeError, match="not been started"):
            getattr(server, name)
    server.stop()


class Held:
    """An app that says when it begins, and answers when it may."""

    def __init__(self) -> None:
        self.begun, self.proceed = threading.Event(), threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        self.begun.set()
        self.proceed.wait(DEADLINE)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]


@contextmanager
def held() -> Iterator[tuple[Held, LiveServer, socket.socket]]:
    """A server that makes a reply, and who waits for it."""
    app = Held()
    server = LiveServer(app)
    server.start()
    with connected(server) as connection:
        connection.sendall(GET)
        assert app.begun.wait(DEADLINE)
        yield app, server, connection


def test_a_reply_that_is_being_made_is_finished() -> None:
    with held() as (app, server, connection):
        threading.Timer(0.02, app.proceed.set).start()
        server.stop()
        reply = until_closed(connection)
    assert reply.startswith(b"HTTP/1.1 200 OK")
    assert reply.endswith(b"ok")


def test_a_handler_that_hangs_does_not_hang_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept_loop, "_DEADLINE_S", 0.05)
    monkeypatch.setattr(accept_loop, "_GRACE_S", 0.05)
    with held() as (app, server, _):
        begin = time.perf_counter()
        server.stop()
        assert time.perf_counter() - begin < 1
        app.proceed.set()


def test_a_server_may_be_stopped_from_a_request() -> None:
    server: LiveServer

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        server.stop()
        start_response("204 No Content", [])
        return []

    server = LiveServer(app)
    server.start()
    received = raw_exchange(server, GET * 2)
    assert received.startswith(b"HTTP/1.1 204")
    assert received.count(b"HTTP/1.1") == received.count(b"Connection: close\r\n") == 1
    assert not server.is_running


def test_a_connection_serves_many_requests(live: LiveServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=DEADLINE)
    with closing(connection):
        connection.connect()
        first = connection.sock
        for method, path, body in [
            ("GET", LIST, None),
            ("HEAD", LIST, None),
            ("POST", LIST, b'{"model": "x"}'),
            ("GET", "/api/v1/x", None),
            ("POST", LIST, b"x" * MAX_BODY),
            ("GET", LIST, None),
        ]:
            connection.request(method, path, body)
            reply = connection.getresponse()
            reply.read()
            assert (reply.status == 200) == (method != "POST" and path == LIST)
            assert reply.status < 500
            assert connection.sock is first


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: x, Close\r\n\r\n",
    ],
)
def test_a_connection_is_closed_where_the_client_does_not_go_on(
    live: LiveServer, request_text: bytes
) -> None:
    received = raw_exchange(live, request_text)
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.count(b"HTTP/1.1") == 1
    assert b"Unexpected endpoint or method." in received
    assert b"Connection: close\r\n" in received


def test_an_absolute_target_is_answered_by_its_path(live: LiveServer) -> None:
    head = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert b'"downloading":[{' in raw_exchange(live, b"GET http://x" + LIST.encode() + head)
    assert b"(GET /api/v1/x)" in raw_exchange(live, b"GET http://x/api/v1/x?y" + head)
    # Leading slashes are one: `//x` is not taken for a host.
    assert b'"downloading":[{' in raw_exchange(live, b"GET /" + LIST.encode() + head)
    assert b"(OPTIONS *)" in raw_exchange(live, b"OPTIONS *" + head)


def test_many_clients_at_once_are_answered(live: LiveServer) -> None:
    assert together(16, lambda _: [get(live) for _ in range(5)]) == [[200] * 5] * 16


def refusal(host: str, port: int) -> AddressUnavailable:
    server = LiveServer(create_app(), host, port)
    with pytest.raises(AddressUnavailable) as caught:
        server.start()
    assert not server.is_running
    server.stop()
    assert (caught.value.host, caught.value.port) == (host, port)
    return caught.value


def test_a_port_in_use_is_refused_with_advice(live: LiveServer) -> None:
    error = refusal("127.0.0.1", live.port)
    assert str(error) == (
        f"cannot listen on 127.0.0.1:{live.port}: the port is in use; "
        "take port 0 for a free one, or stop what listens there"
    )
    assert get(live) == 200


NO_HOSTS = ("", "no such host", "a..b", "x" * 300, "unix:///tmp/x", "a\0b")


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("127.0.0.1", -1, ["1 to 65535"]),
        ("127.0.0.1", 65536, ["1 to 65535"]),
        ("192.0.2.1", 0, ["not one of this machine's"]),
        *((host, 0, ["no such host", "127.0.0.1"]) for host in NO_HOSTS),
    ],
)
def test_what_does_not_exist_is_refused(host: str, port: int, words: list[str]) -> None:
    error = refusal(host, port)
    assert all(word in error.reason + error.advice for word in words)


@pytest.mark.parametrize(
    ("port", "number", "words"),
    [
        (80, errno.EACCES, ["below 1024", "use a higher one, or port 0"]),
        (8080, errno.EACCES, ["forbids", "port 0"]),
        (8080, errno.ENOBUFS, ["port 0"]),
    ],
)
def test_what_the_system_forbids_is_refused_with_advice(
    monkeypatch: pytest.MonkeyPatch, port: int, number: int, words: list[str]
) -> None:
    def bind(self: socket.socket, address: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(socket.socket, "bind", bind)
    error = refusal("127.0.0.1", port)
    assert all(word in str(error) for word in words)


def test_all_interfaces_are_named_by_the_loopback_address() -> None:
    with LiveServer(create_app(), "0.0.0.0") as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert get(server) == 200


def test_localhost_is_ipv4_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo("127.0.0.1", 0, type=socket.SOCK_STREAM)
    both = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 0, 0, 0)), *real]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **options: both)
    with LiveServer(create_app(), "localhost") as server:
        assert server.url == f"http://127.0.0.1:{server.port}"


def test_ipv6_is_written_in_brackets() -> None:
    server = LiveServer(create_app(), "::1")
    try:
        server.start()
    except AddressUnavailable:
        pytest.skip("no IPv6 here")
    with server:
        assert server.url == f"http://[::1]:{server.port}"
        assert ask(server.url + LIST)[0] == 200


def test_a_handle_gives_urls_and_goes_down_and_up_again() -> None:
    server = MockServer("spec-example")
    with server:
        assert server.job_url("job_1").endswith(f":{server.port}{LIST}/job_1")
        assert server.job_url("a/é?") == f"{server.url}{LIST}/a%2F%C3%A9%3F"
        assert get(server, f"{LIST}/job_493c7c9ded") == 200
        server.stop()
        assert refuses(server)
        server.start()
        assert get(server) == 200
