"""The server's log holds nobody up: not a full pipe, not a reader that went away."""

from __future__ import annotations

import os
import signal
import subprocess
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from acceptance.process import DEADLINE_S, command, environment

LIST = "/api/v1/models/download/status"
# A pipe holds 64 KiB on Linux; a line is some 80 bytes.
ENOUGH_TO_FILL_A_PIPE = 3_000


def serve(stdout: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command("serve", "--port", "0"), stdout=stdout, stderr=subprocess.PIPE, env=environment()
    )


def connect(first_line: bytes) -> HTTPConnection:
    """A connection to the address that the server names first."""
    address = urlsplit(first_line.decode().split()[0])
    assert address.hostname is not None
    return HTTPConnection(address.hostname, address.port, timeout=DEADLINE_S)


def test_a_pipe_that_nobody_reads_stops_no_reply() -> None:
    process = serve(subprocess.PIPE)
    try:
        assert process.stdout is not None
        connection = connect(process.stdout.readline())  # no other line is read
        for _ in range(ENOUGH_TO_FILL_A_PIPE):
            connection.request("GET", LIST)
            assert connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGTERM)
    finally:
        rest, errors = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    assert errors == b""
    assert b"stopped after" in rest


def test_a_reader_that_goes_away_leaves_the_server_in_peace() -> None:
    reading, writing = os.pipe()
    process = serve(writing)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as output:
            first_line = output.readline()
            while not output.readline().startswith(b"try: "):
                pass
        for _ in range(3):
            connection = connect(first_line)
            connection.request("GET", LIST)
            assert connection.getresponse().status == 200
            connection.close()
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=DEADLINE_S)
    assert b"Traceback" not in errors
    assert process.returncode in (0, 141)


@pytest.mark.parametrize("burst", [("SIGINT", "SIGTERM"), ("SIGTERM",) * 3, ("SIGINT",) * 5])
def test_a_burst_of_signals_ends_it_once(burst: tuple[str, ...]) -> None:
    process = serve(subprocess.PIPE)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(b"try: "):
                break
        for name in burst:
            process.send_signal(getattr(signal, name))
    finally:
        rest, errors = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, errors) == (0, b"")
    assert rest == b"stopped after 0 requests\n"
