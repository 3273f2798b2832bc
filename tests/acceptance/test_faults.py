"""Faults as a client meets them, on real sockets and without one."""

import http.client
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mockserver.client_rules.context import ClockKind
from mockserver.documents.source import Source
from mockserver.errors import AddressUnavailable
from mockserver.net.listener import AdmissionPolicy
from mockserver.net.live_server import LiveServer
from mockserver.server.app import create_app
from mockserver.server.mock_server import MockServer
from mockserver.subscribers import Subscribers
from mockserver.timeline.clock import Clock, ManualClock, WallClock
from mockserver.timeline.model import FLOATING_EPOCH_MS, Timeline
from mockserver.timeline.reader import load
from support.leaks import leaving_nothing
from support.process import DEADLINE_S, environment
from support.raw import HasPort, connected, refuses, until_broken, until_closed
from support.waiting import WatchedClock, in_thread

DEADLINE = 10
LIST = "/api/v1/models/download/status"
JOB = f"{LIST}/job_a"
BEFORE_HEADERS = "disconnect: {at: before headers, by: reset}"

CHUNKED_POST = "POST {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
WINDOW = "refuse: true, when: {after: 10s, for: 5s}"

SCRIPT = """\
jobs:
  - job_id: job_a
    total_size_bytes: 1000
    script: [{downloading: {for: 100s, to: 100%}}, completed]
"""


def timeline(*faults: str, text: str = SCRIPT) -> Timeline:
    block = "faults:\n" + "".join(f"  - {{{fault}}}\n" for fault in faults) if faults else ""
    return load(Source("some.yaml", text + block))


def playing(
    *faults: str, text: str = SCRIPT, clock: ClockKind | Clock = "manual", **options: Any
) -> MockServer:
    return MockServer(timeline(*faults, text=text), clock=clock, **options)


def connection_to(server: HasPort) -> closing[http.client.HTTPConnection]:
    return closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE))


def asked(connection: http.client.HTTPConnection, path: str = JOB, method: str = "GET") -> Any:
    """The status and the body's JSON data."""
    connection.request(method, path)
    reply = connection.getresponse()
    return reply.status, json.loads(reply.read() or "null")


def get(server: HasPort, path: str = JOB) -> Any:
    with connection_to(server) as connection:
        return asked(connection, path)


def wait_until_refused(server: MockServer) -> None:
    """Ask again and again until nobody can connect."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        try:
            get(server)
        except ConnectionRefusedError:
            return
        except ConnectionError:
            continue  # just then
    raise AssertionError("it never refused")


class TestReply:
    @pytest.mark.parametrize(
        ("status", "kind", "message"),
        [
            (400, "invalid_request", "Bad Request"),
            (429, "invalid_request", "Too Many Requests"),
            (500, "internal_error", "Internal Server Error"),
            (503, "internal_error", "Service Unavailable"),
            (599, "internal_error", "Unknown status"),
        ],
    )
    def test_an_error_without_a_body_gets_an_error_object(
        self, status: int, kind: str, message: str
    ) -> None:
        got = playing(f"reply: {{status: {status}}}").wsgi_client().get(JOB)
        assert got.status_code == status
        assert got.json == {"error": {"type": kind, "message": message}}

    def test_headers_are_sent_once_each(self) -> None:
        headers = {"Retry-After": "2", "Date": "then", "Server": "theirs", "X-A": "b"}
        server = playing(f"reply: {{status: 503, headers: {json.dumps(headers)}}}")
        with server, connection_to(server) as connection:
            connection.request("GET", JOB)
            sent = connection.getresponse().msg
        assert all(sent.get_all(name) == [value] for name, value in headers.items())

    @pytest.mark.parametrize(
        ("path", "method"),
        [("/nowhere", "GET"), ("/api/v1/models", "PUT"), ("/api/v1/models/download", "POST")],
    )
    def test_any_path_can_be_struck(self, path: str, method: str) -> None:
        client = playing(f"path: {path}, reply: {{status: 418, body: tea}}").wsgi_client()
        assert client.open(path, method=method).text == "tea"
        assert client.get(JOB).status_code == 200

    def test_head_gets_no_body(self) -> None:
        server = playing("reply: {status: 503}")
        with server, connection_to(server) as connection:
            assert asked(connection, JOB, "HEAD") == (503, None)
            assert asked(connection)[0] == 503


class TestDelay:
    @pytest.mark.parametrize("kind", ["manual", "wall"])
    def test_a_clock_that_stands_still_is_moved_instead(self, kind: str) -> None:
        clock = ManualClock() if kind == "manual" else WallClock(FLOATING_EPOCH_MS)
        clock.pause()
        now = clock.now()
        client = playing("delay: 1h, when: {request: 2}", clock=clock).wsgi_client()
        began = time.monotonic()
        assert client.get(JOB).get_json()["downloaded_bytes"] == 0
        assert clock.now() == now
        assert client.get(JOB).get_json()["status"] == "completed"
        assert clock.now() == now + 3_600_000
        assert time.monotonic() - began < DEADLINE

    def test_on_a_poll_clock_the_delay_comes_before_the_step(self) -> None:
        with playing("delay: 10s", clock="poll", step="1s") as server:
            assert get(server)[1]["downloaded_bytes"] == 100
            assert server.clock.now() == FLOATING_EPOCH_MS + 11_000
            assert get(server)[1]["downloaded_bytes"] == 210

    def test_a_running_clock_is_waited_for(self) -> None:
        # An hour of the clock is 36 ms.
        server = playing("delay: 1h", clock=WallClock(FLOATING_EPOCH_MS, speed=100_000))
        began = time.monotonic()
        assert server.wsgi_client().get(JOB).get_json()["status"] == "completed"
        assert 0.036 <= time.monotonic() - began < DEADLINE

    def test_the_wait_ends_when_the_clock_is_moved(self) -> None:
        clock = WatchedClock()
        with playing("delay: 1h", clock=clock) as server:
            assert clock.is_waited_for()  # by the server's admission
            thread, found = in_thread(lambda: get(server)[0])
            assert clock.is_waited_for()
            clock.advance("59m")
            clock.pause()
            assert found == []
            clock.resume()
            clock.speed = 1e6
            thread.join(DEADLINE)
        assert found == [200]

    def test_a_stop_ends_the_wait_without_a_reply(self) -> None:
        clock = WatchedClock()
        server = playing("delay: 1h", clock=clock)
        before = len(clock._subscribers)
        server.start()
        assert clock.is_waited_for()
        thread, found = in_thread(lambda: get(server))
        assert clock.is_waited_for()
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 1  # not the two seconds of a thread that is given up
        thread.join(DEADLINE)
        assert isinstance(found[0], ConnectionError)
        assert len(clock._subscribers) == before

    @pytest.mark.parametrize("kind", ["manual", "wall"])
    def test_a_window_of_refusal_ends_the_wait(self, kind: str) -> None:
        window = "refuse: true, when: {after: 30m, for: 5m}"
        clock = WatchedClock() if kind == "wall" else ManualClock()
        with playing(window, "delay: 1h", clock=clock) as server:
            assert not isinstance(clock, WatchedClock) or clock.is_waited_for()
            thread, found = in_thread(lambda: get(server))
            if isinstance(clock, WatchedClock):
                assert clock.is_waited_for()
                clock.advance("30m")
            thread.join(DEADLINE)
            assert isinstance(found[0], ConnectionError)
            assert refuses(server)
        assert 1_800_000 <= clock.now() - FLOATING_EPOCH_MS < 1_860_000

    def test_it_goes_with_a_reply(self) -> None:
        server = playing("delay: 2s, reply: {status: 503}")
        assert server.wsgi_client().get(JOB).status_code == 503
        assert server.clock.now() == FLOATING_EPOCH_MS + 2_000


class TestDisconnect:
    @pytest.mark.parametrize("head", ["GET {} HTTP/1.0\r\n\r\n", CHUNKED_POST])
    def test_however_it_was_asked(self, head: str) -> None:
        with playing(BEFORE_HEADERS) as server, connected(server) as client:
            client.sendall(head.format(JOB).encode())
            assert until_broken(client) == (b"", "reset")

    def test_also_on_a_connection_that_has_been_used(self) -> None:
        server = playing(BEFORE_HEADERS + ", when: {request: 3}")
        with server, connection_to(server) as connection:
            assert asked(connection)[0] == asked(connection)[0] == 200
            connection.request("GET", JOB)
            with pytest.raises(ConnectionResetError):
                connection.sock.recv(1)
            connection.close()
            assert asked(connection)[0] == 200

    @pytest.mark.parametrize(("body", "half"), [("abcdef", b"abc"), ("x", b"")])
    def test_half_a_reply_by_http_1_0(self, body: str, half: bytes) -> None:
        server = playing(f"disconnect: in body, reply: {{status: 500, body: {body}}}")
        with server, connected(server) as client:
            client.sendall(f"GET {JOB} HTTP/1.0\r\n\r\n".encode())
            received = until_closed(client)
        assert f"\r\nContent-Length: {len(body)}\r\n".encode() in received
        assert received.endswith(b"\r\n\r\n" + half)

    @pytest.mark.parametrize(
        ("method", "reply"),
        [("HEAD", "{body: abc}"), ("GET", "{status: 204}"), ("GET", "{body: ''}")],
    )
    def test_a_reply_without_a_body_breaks_before_it_begins(self, method: str, reply: str) -> None:
        server = playing(f"disconnect: in body, reply: {reply}")
        with pytest.raises(ConnectionResetError):
            server.wsgi_client().open(JOB, method=method)
        assert [entry.status for entry in server.requests] == [None]

    def test_without_a_socket_the_app_raises(self) -> None:
        server = playing(BEFORE_HEADERS + ", when: {request: 1}", "disconnect: in body")
        client = server.wsgi_client()
        with pytest.raises(ConnectionResetError):
            client.get(JOB)
        half = client.get(JOB)
        assert half.status_code == 200
        with pytest.raises(ConnectionResetError):
            half.get_data()
        assert [entry.status for entry in server.requests] == [None, 200]
        assert tuple(entry.fault for entry in server.requests) == server.timeline.faults


class TestRefusal:
    def test_a_window_refuses_and_the_same_port_accepts_again(self) -> None:
        with playing(WINDOW) as server:
            port = server.port
            assert get(server)[0] == 200
            server.clock.advance("10s")
            assert [refuses(server) for _ in range(3)] == [True] * 3
            server.clock.advance("5s")
            assert server.port == port
            assert get(server)[1]["downloaded_bytes"] == 150

    def test_every_change_is_there_when_the_clock_has_been_moved(self) -> None:
        windows = [f"refuse: true, when: {{after: {2 * n + 1}s, for: 1s}}" for n in range(40)]
        with playing(*windows) as server:
            for _ in range(40):
                assert not refuses(server)
                server.clock.advance("1s")
                assert refuses(server)
                server.clock.advance("1s")
            assert get(server)[1]["downloaded_bytes"] == 800

    def test_a_running_clock_opens_and_closes_it(self) -> None:
        # At this speed the window opens after 20 ms and lasts 400.
        window = "refuse: true, when: {after: 20s, for: 400s}"
        with playing(window, clock="wall", speed=1_000) as server:
            wait_until_refused(server)
            deadline = time.monotonic() + DEADLINE
            while refuses(server):
                assert time.monotonic() < deadline
            assert get(server)[1]["status"] == "completed"

    def test_a_change_of_speed_is_noticed(self) -> None:
        with playing("refuse: true, when: {after: 1h}", clock="wall") as server:
            assert get(server)[0] == 200
            server.clock.speed = 1e6
            wait_until_refused(server)

    def test_a_client_that_never_lets_up_cannot_keep_it_open(self) -> None:
        with playing("refuse: true, when: {after: 60s}", clock="wall", speed=1_000) as server:
            others = [in_thread(lambda: wait_until_refused(server)) for _ in range(4)]
            wait_until_refused(server)
            for thread, found in others:
                thread.join(DEADLINE)
                assert found == [None]

    def test_open_connections_are_closed_when_it_opens(self) -> None:
        with playing(WINDOW) as server, connection_to(server) as used, connected(server) as silent:
            assert asked(used)[0] == 200
            server.clock.advance("10s")
            assert silent.recv(1) == b""
            assert used.sock.recv(1) == b""

    def test_who_asks_on_an_open_connection_gets_no_reply(self) -> None:
        for _ in range(50):
            with playing(WINDOW) as server, connection_to(server) as used:
                assert asked(used)[0] == 200
                server.clock.advance("10s")
                used.auto_open = False
                with pytest.raises((ConnectionError, http.client.NotConnected)):
                    asked(used)

    def test_nobody_else_can_take_the_port_meanwhile(self) -> None:
        with playing("refuse: true, when: {for: 5s}") as server:
            assert refuses(server)
            other = MockServer(clock="manual", port=server.port)
            with pytest.raises(AddressUnavailable, match="in use"):
                other.start()
            server.clock.advance("5s")
            assert get(server)[0] == 200

    def test_it_may_be_stopped_and_started_while_it_refuses(self) -> None:
        with playing("refuse: true, when: {for: 5s}") as server:
            port = server.port
            server.stop()
            server.clock.advance("2s")
            server.start()
            assert refuses(server)
            server.clock.advance("3s")
            assert get(server)[0] == 200
            server.stop()
            with MockServer(clock="manual", port=port) as fixed:
                assert get(fixed, LIST)[0] == 200

    def test_a_poll_clock_resets_instead_and_counts(self) -> None:
        with playing("refuse: true, when: {after: 2s, for: 3s}", clock="poll") as server:
            seen: list[object] = []
            for _ in range(7):
                try:
                    seen.append(get(server)[1]["downloaded_bytes"])
                except ConnectionError:
                    seen.append(None)
                seen.append(server.clock.now() - FLOATING_EPOCH_MS)
        assert seen == [0, 1000, 10, 2000, None, 3000, None, 4000, None, 5000, 50, 6000, 60, 7000]

    def test_on_a_poll_clock_the_reply_before_the_window_arrives_and_says_so(self) -> None:
        with (
            playing("refuse: true, when: {after: 2s, for: 1s}", clock="poll") as server,
            connection_to(server) as connection,
        ):
            for expected in (None, "close"):
                connection.request("GET", JOB)
                reply = connection.getresponse()
                assert reply.headers["Connection"] == expected
                assert reply.read()
            with pytest.raises(ConnectionError):
                asked(connection)
            connection.close()
            assert asked(connection)[0] == 200

    @pytest.mark.parametrize("kind", ["manual", "poll"])
    def test_without_a_socket_the_app_raises(self, kind: ClockKind) -> None:
        server = playing("refuse: true, when: {for: 2s}", clock=kind)
        client = server.wsgi_client()
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                client.get(JOB)
            if kind == "manual":
                server.clock.advance("1s")
        assert client.get(JOB).status_code == 200

    def test_a_gate_of_ones_own(self) -> None:
        gate = Switch()
        with LiveServer(create_app(timeline(), clock=ManualClock()), admission=gate) as server:
            assert get(server)[0] == 200
            gate.turn(False)
            assert refuses(server)
            gate.turn(True)
            assert get(server)[0] == 200
        assert len(gate.subscribers) == 0

    def test_a_port_that_is_lost_is_taken_again(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        gate = Switch()
        with LiveServer(create_app(timeline(), clock=ManualClock()), admission=gate) as server:
            with monkeypatch.context() as patch:
                patch.setattr(socket.socket, "bind", fail)
                gate.turn(False)
                assert refuses(server)
                gate.turn(True)
                assert refuses(server)
            assert "cannot listen" in caplog.text
            gate.turn(True)
            assert get(server)[0] == 200


class Switch(AdmissionPolicy):
    """A gate that a test turns."""

    def __init__(self) -> None:
        self.now = True
        self.subscribers = Subscribers()

    def turn(self, is_open: bool) -> None:
        self.now = is_open
        self.subscribers.tell()

    def is_open(self) -> bool:
        return self.now

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        return self.subscribers.add(subscriber)


def fail(*_: object) -> None:
    raise OSError("taken by somebody else")


class TestPollClock:
    @pytest.mark.parametrize(
        ("faults", "path", "moves"),
        [
            ((), JOB, True),
            ((), LIST, True),
            ((), f"{LIST}/unknown", True),
            ((), "/api/v1/models", False),
            (("reply: {status: 500}",), JOB, True),
            (("reply: {status: 200}",), "/api/v1/models", False),
            ((BEFORE_HEADERS,), LIST, True),
            (("disconnect: in body",), JOB, True),
        ],
    )
    def test_every_status_request_moves_it_once(
        self, faults: tuple[str, ...], path: str, moves: bool
    ) -> None:
        with playing(*faults, clock="poll", step="2s") as server:
            for _ in range(3):
                try:
                    get(server, path)
                except (ConnectionError, http.client.IncompleteRead):
                    assert faults
            assert server.clock.now() == FLOATING_EPOCH_MS + 6_000 * moves

    def test_a_defect_of_our_own_moves_it_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mockserver.server.app.HANDLERS", None)
        with playing(clock="poll") as server:
            assert get(server)[0] == 500
            assert server.clock.now() == FLOATING_EPOCH_MS + 1_000

    def test_of_many_clients_at_once_none_is_lost(self) -> None:
        with playing(clock="poll", step="10ms") as server:
            seen: list[int] = []

            def poll() -> None:
                with connection_to(server) as connection:
                    for _ in range(25):
                        seen.append(asked(connection)[1]["downloaded_bytes"])

            threads = [in_thread(poll) for _ in range(8)]
            for thread, _ in threads:
                thread.join(DEADLINE)
            assert server.clock.now() == FLOATING_EPOCH_MS + 200 * 10
        assert len(seen) == 200
        assert max(seen) <= 20


OFF_CONTRACT = """\
jobs:
  - job_id: job_a
    total_size_bytes: 1000
    script: [paused: {for: 5s, report: {status: queued}, off_contract: true}, paused]
"""


def test_a_step_that_is_off_contract_is_shown_as_it_is() -> None:
    server = playing(text=OFF_CONTRACT)
    client = server.wsgi_client()
    assert client.get(JOB).get_json()["status"] == "queued"
    assert client.get(LIST).status_code == 200
    server.clock.advance("5s")
    assert client.get(JOB).get_json()["status"] == "paused"


RUN = """\
import socket, sys
from mockserver.server.mock_server import MockServer

HEAD = b" HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"

def received(server, path):
    reply = b""
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        try:
            connection.sendall(b"GET /api/v1/models/download/status" + path + HEAD)
            while part := connection.recv(65536):
                reply += part
        except ConnectionError:
            reply += b"reset"
    return reply

for clock in ("manual", "poll"):
    with MockServer("faults.yaml", clock=clock, with_download=True) as server:
        for number in range(12):
            sys.stdout.buffer.write(received(server, b"/job_a" * (number % 3 > 0)))
            if clock == "manual":
                server.clock.advance("1s")
            if number == 6:
                server.fire("go")
        sys.stdout.buffer.write(b"MADE")
        for more in ({}, {"quantization": "Q8_0"}):
            body = {"model": "qwen/qwen3-4b", **more}
            reply = server.wsgi_client().post("/api/v1/models/download", json=body)
            sys.stdout.buffer.write(reply.data)
    sys.stdout.buffer.write(b"END")
"""


def test_every_byte_is_the_same_in_another_process() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", RUN],
            cwd=Path(__file__).parent,
            env=environment(PYTHONHASHSEED=seed, TZ=zone),
            capture_output=True,
            timeout=DEADLINE_S,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert outputs[0] == outputs[1]
    of_manual, of_poll, rest = outputs[0].split(b"END")
    assert rest == b""
    for output in (of_manual, of_poll):
        assert output.count(b"HTTP/1.1 ") == 11
        assert output.count(b"reset") == 1
        assert b"HTTP/1.1 503 " in output
        assert b'"failed":[{' in output
        assert len(set(re.findall(rb"job_[0-9a-f]{10}", output.partition(b"MADE")[2]))) == 2


def test_nothing_is_left_after_many_windows_and_faults() -> None:
    faults = (
        WINDOW,
        BEFORE_HEADERS + ", when: {request: 2}",
        "disconnect: in body, when: {request: 3}",
        "delay: 1s, when: {request: 4}",
    )

    def cycle(starts_refusing: bool) -> None:
        with playing(*faults) as server, connection_to(server) as kept:
            assert asked(kept)[0] == 200
            with pytest.raises(ConnectionResetError):
                asked(kept)
            kept.close()
            with pytest.raises(http.client.IncompleteRead):
                asked(kept)
            kept.close()
            assert asked(kept)[0] == 200
            server.clock.advance("9s")
            assert refuses(server)
            if starts_refusing:
                return
            server.clock.advance("5s")
            assert get(server)[0] == 200

    cycle(False)
    with leaving_nothing():
        for number in range(50):
            cycle(starts_refusing=number % 2 == 0)
