"""The server's log holds nobody up: not a full pipe, not a reader that went away."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from mockserver.cli.views import log as log_module
from mockserver.cli.views.log import Log, left_out_in_json
from support.process import DEADLINE_S, command, environment

LIST = "/api/v1/models/download/status"
# A pipe holds 64 KiB on Linux; a line is some 80 bytes.
ENOUGH_TO_FILL_A_PIPE = 3_000


def serve(
    stdout: int, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command("serve", "--port", "0", *arguments),
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(**(env or {})),
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


def test_nobody_who_reads_keeps_it_from_ending() -> None:
    reading, writing = os.pipe()
    process = serve(writing)
    os.close(writing)
    try:
        first_line = b""
        while not first_line.endswith(b"\n"):
            first_line += os.read(reading, 1)
        connection = connect(first_line)
        for _ in range(ENOUGH_TO_FILL_A_PIPE):
            connection.request("GET", LIST)
            assert connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=DEADLINE_S)
        assert (process.returncode, errors) == (0, b"")
    finally:
        process.kill()
        process.wait(timeout=DEADLINE_S)
        os.close(reading)


def test_lines_left_out_are_told_in_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "_WAITING_LINES", 5)
    printed: list[str] = []
    is_printing, goes_on = threading.Event(), threading.Event()

    def echo(text: str, **_: object) -> None:
        is_printing.set()
        assert goes_on.wait(DEADLINE_S)
        printed.append(text)

    monkeypatch.setattr("click.echo", echo)
    with Log(left_out_in_json) as log:
        log.line("first")
        assert is_printing.wait(DEADLINE_S)
        for number in range(9):
            log.line(str(number))
        goes_on.set()
        log.last_line("last")
    told = json.loads(printed.pop(1))
    assert (told["event"], told["lines"]) == ("left_out", 4)
    assert printed == ["first", "0", "1", "2", "3", "4", "last"]
    assert not log.is_stuck


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colours_are_for_a_terminal_that_wants_them(no_color: str) -> None:
    ours, theirs = pty.openpty()
    process = serve(theirs, env={"TERM": "xterm-256color", "NO_COLOR": no_color})
    os.close(theirs)
    try:
        shown = b""
        while b"try: " not in shown or not shown.endswith(b"\n"):
            assert select.select([ours], [], [], DEADLINE_S)[0]
            shown += os.read(ours, 4096)
        connection = connect(shown)
        connection.request("GET", LIST)
        assert connection.getresponse().read()
        connection.close()
        while b" GET " not in shown:
            assert select.select([ours], [], [], DEADLINE_S)[0]
            shown += os.read(ours, 4096)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE_S)
        os.close(ours)
    assert (b"\x1b[32m200" in shown) == (not no_color)
    assert (b"\x1b[" in shown) == (not no_color)
