"""Clients that send too much, too slowly, too often, or stop half-way."""

from __future__ import annotations

import errno
import itertools
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.net.live_server import LiveServer
from mockserver.net.raw_head import MAX_HEAD
from mockserver.net.reader import MAX_BODY, Deadlines
from mockserver.net.wsgi import WsgiHandler
from support.leaks import leaving_nothing
from support.raw import (
    CHUNKED,
    DEADLINE_S,
    GET,
    connected,
    exchanged,
    is_well,
    mirror,
    post,
    received_until,
    refused,
    replies,
    unharmed,
    until_broken,
)


def is_served(server: LiveServer) -> bool:
    """As `is_well`, but a server that has no room may also break the connection."""
    try:
        return is_well(server)
    except ConnectionError:
        return False


@pytest.fixture
def live(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[LiveServer]:
    with unharmed(caplog, capfd) as server:
        yield server


class TestHead:
    @pytest.mark.parametrize(
        "sent",
        [
            b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * (1 << 20) + b"\r\n\r\n",
            b"GET /" + b"y" * (1 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Abc: y\r\n" * 10_000 + b"\r\n",
            b"x" * (1 << 20),
            b"GET / HTTP/1.1\r\n" * 100_000,
        ],
    )
    def test_a_large_head_is_refused_readably(self, live: LiveServer, sent: bytes) -> None:
        assert refused(live, sent) == 431

    def test_the_largest_head_is_read(self, live: LiveServer) -> None:
        before, after = GET[:-2] + b"Connection: close\r\nX: ", b"\r\n\r\n"
        largest = before + b"y" * (MAX_HEAD - len(before) - len(after)) + after
        (reply,) = exchanged(live, largest)
        assert reply.status == 200
        assert refused(live, before + b"y" + largest[len(before) :]) == 431

    def test_many_headers_are_read(self, live: LiveServer) -> None:
        (reply,) = exchanged(live, GET[:-2] + b"X:y\r\n" * 10_000 + b"Connection: close\r\n\r\n")
        assert len(reply.data["HTTP_X"]) == 19_999

    @pytest.mark.parametrize(
        "sent",
        [
            GET[:-2] + b"X:" + b" " * 60_000 + b"\0\r\n\r\n",
            GET[:-2] + b"X:" + b"\t" * 60_000 + b"\v\r\n\r\n",
            GET[:-2] + b"X:" + b" " * 60_000 + b"\r\r\n\r\n",
            post(b"1;" + b" " * 60_000 + b"\n\r\n", CHUNKED),
            post(b"0\r\nX:" + b" " * 60_000 + b"\0\r\n\r\n", CHUNKED),
        ],
    )
    def test_no_line_takes_long_to_refuse(self, live: LiveServer, sent: bytes) -> None:
        began = time.perf_counter()
        assert refused(live, sent) in (400, 431)
        assert time.perf_counter() - began < 1  # h11 alone takes up to ten seconds


class TestCutOff:
    @pytest.mark.parametrize("length", range(1, len(GET)))
    def test_half_a_head_gets_no_answer(self, live: LiveServer, length: int) -> None:
        assert exchanged(live, GET[:length], ends=True) == []

    @pytest.mark.parametrize(
        "sent",
        [
            post(b"", "Content-Length: 1"),
            post(b"abc", "Content-Length: 4"),
            post(b"", CHUNKED),
            post(b"3", CHUNKED),
            post(b"3\r\nab", CHUNKED),
            post(b"3\r\nabc", CHUNKED),
            post(b"3\r\nabc\r\n", CHUNKED),
            post(b"3\r\nabc\r\n0\r\n", CHUNKED),
            post(b"3\r\nabc\r\n0\r\nX: y\r\n", CHUNKED),
        ],
    )
    def test_half_a_body_gets_no_answer(self, live: LiveServer, sent: bytes) -> None:
        assert exchanged(live, sent, ends=True) == []

    def test_a_client_that_is_reset_is_forgotten(self, live: LiveServer) -> None:
        for sent in (b"", GET[:9], GET, post(b"x", "Content-Length: 5")):
            with connected(live) as client:
                client.sendall(sent)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class TestDeadlines:
    @pytest.mark.parametrize(
        ("deadline", "sent", "statuses"),
        [
            ("idle_s", b"", []),
            ("idle_s", b"\r\n", []),
            ("idle_s", GET, [200]),
            ("head_s", GET[:9], [408]),
            ("head_s", GET + GET[:-1], [200, 408]),
            ("body_s", post(b"x", "Content-Length: 2"), [408]),
            ("body_s", post(b"1\r\nx", CHUNKED), [408]),
        ],
    )
    def test_a_silent_client_is_given_up(
        self,
        live: LiveServer,
        monkeypatch: pytest.MonkeyPatch,
        deadline: str,
        sent: bytes,
        statuses: list[int],
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(WsgiHandler, "deadlines", Deadlines(**{deadline: 0.05}))
            assert [reply.status for reply in exchanged(live, sent)] == statuses

    @pytest.mark.parametrize(
        ("deadline", "before", "drop"),
        [
            ("idle_s", b"", b"\r\n"),
            ("head_s", b"GET / HTTP/1.1\r\nX: ", b"y"),
            ("body_s", post(b"", "Content-Length: 100000"), b"y"),
            ("body_s", post(b"", CHUNKED), b"1\r\ny\r\n"),
        ],
    )
    def test_a_slow_client_cannot_hold_on(
        self,
        live: LiveServer,
        monkeypatch: pytest.MonkeyPatch,
        deadline: str,
        before: bytes,
        drop: bytes,
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(WsgiHandler, "deadlines", Deadlines(**{deadline: 0.1}))
            with connected(live) as client:
                give_up = time.monotonic() + DEADLINE_S
                client.sendall(before)
                while not select.select([client], [], [], 0.01)[0]:
                    assert time.monotonic() < give_up
                    client.sendall(drop)
                received, _ = until_broken(client)
        assert received.startswith(b"HTTP/1.1 408 ") if deadline != "idle_s" else received == b""

    def test_a_client_that_reads_nothing_is_given_up(
        self, live: LiveServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        request = post(b"x" * MAX_BODY, f"Content-Length: {MAX_BODY}")
        monkeypatch.setattr(WsgiHandler, "deadlines", Deadlines(send_s=0.05))
        with connected(live) as client, pytest.raises(ConnectionError):
            client.sendall(request * 100)


class TestMany:
    def test_requests_sent_ahead_are_answered_in_order(self, live: LiveServer) -> None:
        sent = b"".join(GET.replace(b"/ ", b"/%d " % number) for number in range(2000))
        with connected(live) as client:
            sender = threading.Thread(target=client.sendall, args=(sent,))
            sender.start()
            received = b""
            while received.count(b"HTTP/1.1 200 OK\r\n") < 2000:
                received += received_until(client, b"}")
            sender.join(DEADLINE_S)
        paths = [reply.data["PATH_INFO"] for reply in replies(received)]
        assert paths == [f"/{number}" for number in range(2000)]

    def test_too_many_connections_are_told_so(
        self, live: LiveServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(WsgiHandler, "max_connections", 2)
            with connected(live) as first, connected(live) as second:
                for client in (first, second):
                    client.sendall(GET)
                    assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
                assert refused(live, GET, "mockserver_error") == 503
                first.sendall(GET)
                assert first.recv(65536).startswith(b"HTTP/1.1 200 ")
            give_up = time.monotonic() + DEADLINE_S
            while not is_served(live):  # until the server has seen that the two are gone
                assert time.monotonic() < give_up

    def test_far_too_many_are_reset(
        self, live: LiveServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch, connected(live) as client:
            client.sendall(GET)
            assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
            patch.setattr(WsgiHandler, "max_connections", 0)
            with pytest.raises(ConnectionResetError), connected(live) as other:
                other.recv(1)  # where connecting has not failed already

    def test_who_finds_no_room_in_the_system_waits(
        self, live: LiveServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, tries = socket.socket.accept, itertools.count()

        def accept(self: socket.socket) -> tuple[socket.socket, Any]:
            if next(tries) < 2:
                raise OSError(errno.EMFILE, "no descriptor is left")
            return real(self)

        with monkeypatch.context() as patch:
            patch.setattr(socket.socket, "accept", accept)
            began = time.monotonic()
            assert is_well(live)
            assert time.monotonic() - began >= 0.1  # two pauses: it does not spin
        assert next(tries) < 10

    def test_nothing_is_left_of_them(self) -> None:
        abuses = [
            (GET[:9], True),
            (b"nonsense\r\n\r\n", False),
            (post(b"x", "Content-Length: 2"), True),
            (post(b"x" * 2000, "Content-Length: 2000000"), False),
            (post(b"x\r\n", CHUNKED), False),
        ]
        with leaving_nothing(), LiveServer(mirror) as server:
            for sent, ends in abuses * 40:
                exchanged(server, sent, ends=ends)

    def test_a_stop_is_quick_whatever_clients_do(self) -> None:
        times = []
        for _ in range(10):
            server = LiveServer(mirror)
            server.start()
            with connected(server) as silent, connected(server) as half, connected(server) as bad:
                half.sendall(post(b"1\r\n", CHUNKED))
                bad.sendall(b"nonsense\r\n\r\n")  # and then does not close
                assert bad.recv(1) == b"H"
                assert is_well(server)
                began = time.perf_counter()
                server.stop()
                times.append(time.perf_counter() - began)
                assert until_broken(silent)[0] == until_broken(half)[0] == b""
        assert sorted(times)[len(times) // 2] < 0.05
