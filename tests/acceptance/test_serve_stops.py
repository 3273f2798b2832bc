"""`serve` ends at once when it is told to, whatever its clients are doing."""

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.process import DEADLINE_S
from support.serving import JOB, Serving, ask, serving

GET = f"GET {JOB} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
# It takes some 20 ms; tests/bench/server.py prints how long.
SOON_S = 2.0

Client = Callable[[Serving, socket.socket], None]


def idle(server: Serving, client: socket.socket) -> None:
    client.sendall(GET)
    assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


def silent(server: Serving, client: socket.socket) -> None:
    assert ask(server.url + JOB)[0] == 200  # and so the client before it is accepted


def half_sent(server: Serving, client: socket.socket) -> None:
    client.sendall(GET[:20])
    assert ask(server.url + JOB)[0] == 200


def delayed(server: Serving, client: socket.socket) -> None:
    server.control("/faults", {"operation": "job_status", "delay": "1h"})
    client.sendall(GET)
    while not server.control("/journal")["entries"]:
        pass  # the server's own deadline ends it


def dripping(server: Serving, client: socket.socket) -> None:
    server.control("/faults", {"operation": "job_status", "drip": "1m"})
    client.sendall(GET)
    assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


CLIENTS = [idle, silent, half_sent, delayed, dripping]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_a_signal_ends_it_at_once(client: Client, name: str) -> None:
    with (
        serving("healthy", "--quiet") as server,
        socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) as connection,
    ):
        client(server, connection)
        began = time.monotonic()
        done = server.stop(signal.Signals[name])
        assert time.monotonic() - began < SOON_S
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("stopped after ")
        assert done.out.count("\n") == 1
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)


def test_all_of_them_together() -> None:
    with serving("healthy", "flapping", "--quiet") as server:
        connections = [
            socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) for _ in range(100)
        ]
        for number, connection in enumerate(connections):
            connection.sendall(GET[: number % len(GET)])
        delayed(server, connections[0])
        began = time.monotonic()
        done = server.stop()
        assert time.monotonic() - began < SOON_S
        for connection in connections:
            connection.close()
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_with_no_client_at_all(name: str) -> None:
    with serving("--quiet") as server:
        done = server.stop(signal.Signals[name])
    assert (done.code, done.out, done.err) == (0, "stopped after 0 requests\n", "")


def test_while_its_port_is_closed(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "jobs: [{total_size_bytes: 9, script: [paused]}]\n"
        "faults: [{when: {for: 1h}, refuse: true}]\n"
    )
    with serving(str(tmp_path / "own.yaml")) as server:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)
        done = server.stop()
    assert (done.code, done.out, done.err) == (0, "stopped after 0 requests\n", "")
