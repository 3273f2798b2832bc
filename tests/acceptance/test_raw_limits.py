"""Clients that send too much, too slowly, too often, or stop half-way."""

import errno
import itertools
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from mockserver.net.live_server import LiveServer
from mockserver.net.reader import MAX_BODY, MAX_REQUEST_HEAD, Deadlines
from mockserver.net.wsgi import WsgiHandler
from support import raw
from support.leaks import leaving_nothing


def is_served(server: LiveServer) -> bool:
    """As `raw.is_well`, but a server that has no room may also break the connection."""
    try:
        return raw.is_well(server)
    except ConnectionError:
        return False


@pytest.fixture
def live(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[LiveServer]:
    with raw.unharmed(caplog, capfd) as server:
        yield server


def handles(**settings: Any) -> Any:
    """Handles connections by these settings meanwhile."""
    return patch.multiple(WsgiHandler, **settings)


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
        assert raw.refused(live, sent) == 431

    def test_the_largest_head_is_read(self, live: LiveServer) -> None:
        before, after = raw.GET[:-2] + b"Connection: close\r\nX: ", b"\r\n\r\n"
        largest = before + b"y" * (MAX_REQUEST_HEAD - len(before) - len(after)) + after
        (reply,) = raw.exchanged(live, largest)
        assert reply.status == 200
        assert raw.refused(live, before + b"y" + largest[len(before) :]) == 431

    def test_many_headers_are_read(self, live: LiveServer) -> None:
        (reply,) = raw.exchanged(
            live, raw.GET[:-2] + b"X:y\r\n" * 10_000 + b"Connection: close\r\n\r\n"
        )
        assert len(reply.data["HTTP_X"]) == 19_999

    @pytest.mark.parametrize(
        "sent",
        [
            raw.GET[:-2] + b"X:" + b" " * 60_000 + b"\0\r\n\r\n",
            raw.GET[:-2] + b"X:" + b"\t" * 60_000 + b"\v\r\n\r\n",
            raw.GET[:-2] + b"X:" + b" " * 60_000 + b"\r\r\n\r\n",
            raw.post(b"1;" + b" " * 60_000 + b"\n\r\n", raw.CHUNKED),
            raw.post(b"0\r\nX:" + b" " * 60_000 + b"\0\r\n\r\n", raw.CHUNKED),
        ],
    )
    def test_no_line_takes_long_to_refuse(self, live: LiveServer, sent: bytes) -> None:
        began = time.perf_counter()
        assert raw.refused(live, sent) in (400, 431)
        assert time.perf_counter() - began < 1  # h11 alone takes up to ten seconds


class TestCutOff:
    @pytest.mark.parametrize("length", range(1, len(raw.GET)))
    def test_half_a_head_gets_no_answer(self, live: LiveServer, length: int) -> None:
        assert raw.exchanged(live, raw.GET[:length], ends=True) == []

    @pytest.mark.parametrize(
        "sent",
        [
            raw.post(b"", "Content-Length: 1"),
            raw.post(b"abc", "Content-Length: 4"),
            raw.post(b"", raw.CHUNKED),
            raw.post(b"3", raw.CHUNKED),
            raw.post(b"3\r\nab", raw.CHUNKED),
            raw.post(b"3\r\nabc", raw.CHUNKED),
            raw.post(b"3\r\nabc\r\n", raw.CHUNKED),
            raw.post(b"3\r\nabc\r\n0\r\n", raw.CHUNKED),
            raw.post(b"3\r\nabc\r\n0\r\nX: y\r\n", raw.CHUNKED),
        ],
    )
    def test_half_a_body_gets_no_answer(self, live: LiveServer, sent: bytes) -> None:
        assert raw.exchanged(live, sent, ends=True) == []

    def test_a_client_that_is_reset_is_forgotten(self, live: LiveServer) -> None:
        for sent in (b"", raw.GET[:9], raw.GET, raw.post(b"x", "Content-Length: 5")):
            with raw.connected(live) as client:
                client.sendall(sent)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class TestDeadlines:
    @pytest.mark.parametrize(
        ("deadline", "sent", "statuses"),
        [
            ("idle_s", b"", []),
            ("idle_s", b"\r\n", []),
            ("idle_s", raw.GET, [200]),
            ("head_s", raw.GET[:9], [408]),
            ("head_s", raw.GET + raw.GET[:-1], [200, 408]),
            ("body_s", raw.post(b"x", "Content-Length: 2"), [408]),
            ("body_s", raw.post(b"1\r\nx", raw.CHUNKED), [408]),
        ],
    )
    def test_a_silent_client_is_given_up(
        self, live: LiveServer, deadline: str, sent: bytes, statuses: list[int]
    ) -> None:
        with handles(deadlines=Deadlines(**{deadline: 0.05})):
            assert [reply.status for reply in raw.exchanged(live, sent)] == statuses

    @pytest.mark.parametrize(
        ("deadline", "before", "drop"),
        [
            ("idle_s", b"", b"\r\n"),
            ("head_s", b"GET / HTTP/1.1\r\nX: ", b"y"),
            ("body_s", raw.post(b"", "Content-Length: 100000"), b"y"),
            ("body_s", raw.post(b"", raw.CHUNKED), b"1\r\ny\r\n"),
        ],
    )
    def test_a_slow_client_cannot_hold_on(
        self, live: LiveServer, deadline: str, before: bytes, drop: bytes
    ) -> None:
        with handles(deadlines=Deadlines(**{deadline: 0.1})), raw.connected(live) as client:
            give_up = time.monotonic() + raw.DEADLINE_S
            client.sendall(before)
            while not select.select([client], [], [], 0.01)[0]:
                assert time.monotonic() < give_up
                client.sendall(drop)
            received, _ = raw.until_broken(client)
        assert received.startswith(b"HTTP/1.1 408 ") if deadline != "idle_s" else received == b""

    def test_a_client_that_reads_nothing_is_given_up(self, live: LiveServer) -> None:
        request = raw.post(b"x" * MAX_BODY, f"Content-Length: {MAX_BODY}")
        with (
            handles(deadlines=Deadlines(send_s=0.05)),
            raw.connected(live) as client,
            pytest.raises(ConnectionError),
        ):
            client.sendall(request * 100)


class TestMany:
    def test_requests_sent_ahead_are_answered_in_order(self, live: LiveServer) -> None:
        sent = b"".join(raw.GET.replace(b"/ ", b"/%d " % number) for number in range(2000))
        with raw.connected(live) as client:
            sender = threading.Thread(target=client.sendall, args=(sent,))
            sender.start()
            received = b""
            while received.count(b"HTTP/1.1 200 OK\r\n") < 2000:
                received += raw.received_until(client, b"}")
            sender.join(raw.DEADLINE_S)
        paths = [reply.data["PATH_INFO"] for reply in raw.replies(received)]
        assert paths == [f"/{number}" for number in range(2000)]

    def test_too_many_connections_are_told_so(self, live: LiveServer) -> None:
        with handles(max_connections=2):
            with raw.connected(live) as first, raw.connected(live) as second:
                for client in (first, second):
                    client.sendall(raw.GET)
                    assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
                assert raw.refused(live, raw.GET, "mockserver_error") == 503
                first.sendall(raw.GET)
                assert first.recv(65536).startswith(b"HTTP/1.1 200 ")
            give_up = time.monotonic() + raw.DEADLINE_S
            while not is_served(live):  # until the server has seen that the two are gone
                assert time.monotonic() < give_up

    def test_far_too_many_are_reset(self, live: LiveServer) -> None:
        with raw.connected(live) as client:
            client.sendall(raw.GET)
            assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
            with (
                handles(max_connections=0),
                pytest.raises(ConnectionResetError),
                raw.connected(live) as other,
            ):
                other.recv(1)  # where connecting has not failed already

    def test_who_finds_no_room_in_the_system_waits(self, live: LiveServer) -> None:
        real, tries = socket.socket.accept, itertools.count()

        def accept(self: socket.socket) -> tuple[socket.socket, Any]:
            if next(tries) < 2:
                raise OSError(errno.EMFILE, "no descriptor is left")
            return real(self)

        with patch.object(socket.socket, "accept", accept):
            began = time.monotonic()
            assert raw.is_well(live)
            assert time.monotonic() - began >= 0.1  # two pauses: it does not spin
        assert next(tries) < 10

    def test_nothing_is_left_of_them(self) -> None:
        abuses = [
            (raw.GET[:9], True),
            (b"nonsense\r\n\r\n", False),
            (raw.post(b"x", "Content-Length: 2"), True),
            (raw.post(b"x" * 2000, "Content-Length: 2000000"), False),
            (raw.post(b"x\r\n", raw.CHUNKED), False),
        ]
        with leaving_nothing(), LiveServer(raw.mirror) as server:
            for sent, ends in abuses * 40:
                raw.exchanged(server, sent, ends=ends)

    def test_a_stop_is_quick_whatever_clients_do(self) -> None:
        times = []
        for _ in range(10):
            server = LiveServer(raw.mirror)
            server.start()
            with (
                raw.connected(server) as silent,
                raw.connected(server) as half,
                raw.connected(server) as bad,
            ):
                half.sendall(raw.post(b"1\r\n", raw.CHUNKED))
                bad.sendall(b"nonsense\r\n\r\n")  # and then does not close
                assert bad.recv(1) == b"H"
                assert raw.is_well(server)
                began = time.perf_counter()
                server.stop()
                times.append(time.perf_counter() - began)
                assert raw.until_broken(silent)[0] == raw.until_broken(half)[0] == b""
        assert sorted(times)[len(times) // 2] < 0.05
