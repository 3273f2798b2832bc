"""The server's log holds nobody up: not a full pipe, not a reader that went away."""

import fcntl
import json
import os
import pty
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mockserver.cli.views import log as log_module
from mockserver.cli.views.log import Log, left_out_in_json
from support.process import DEADLINE_S, Running, started
from support.serving import STATUS, ask, serving

TERM, INT = signal.SIGTERM, signal.SIGINT


@contextmanager
def serving_into(out: int, env: dict[str, str] | None = None) -> Iterator[Running]:
    """A server that prints into this file, which is closed here."""
    with started("serve", "--port", "0", out=out, env=env or {}) as running:
        os.close(out)
        yield running


def until(end: bytes, fd: int) -> bytes:
    """What comes up to and with the line that has this in it."""
    shown = b""
    while end not in shown or not shown.endswith(b"\n"):
        assert select.select([fd], [], [], DEADLINE_S)[0]
        shown += os.read(fd, 1)
    return shown


def url_in(shown: bytes) -> str:
    return shown.split()[0].decode()


@pytest.mark.parametrize("is_read_in_the_end", [True, False])
def test_a_pipe_that_nobody_reads_stops_no_reply_and_no_end(is_read_in_the_end: bool) -> None:
    reading, writing = os.pipe()
    size = fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    with os.fdopen(reading, "rb") as output, serving_into(writing) as running:
        url = url_in(until(b"\n", reading))
        for _ in range(size // 40):  # a line has some 80 bytes
            assert ask(url + STATUS)[0] == 200
        if is_read_in_the_end:
            running.process.send_signal(TERM)
            assert b"stopped after" in output.read()
            done = running.stop()
        else:
            done = running.stop(TERM)
    assert (done.code, done.err) == (0, "")


def test_a_reader_that_goes_away_leaves_the_server_in_peace() -> None:
    reading, writing = os.pipe()
    with serving_into(writing) as running:
        url = url_in(until(b"try: ", reading))
        os.close(reading)
        for _ in range(3):
            assert ask(url + STATUS)[0] == 200
        done = running.stop(TERM)
    assert "Traceback" not in done.err
    assert done.code in (0, 141)


@pytest.mark.parametrize("burst", [(INT, TERM), (TERM,) * 3, (INT,) * 5])
def test_a_burst_of_signals_ends_it_once(burst: tuple[signal.Signals, ...]) -> None:
    with serving() as server:
        done = server.running.stop(*burst)
    assert (done.code, done.out, done.err) == (0, "stopped after 0 requests\n", "")


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
    with serving_into(theirs, {"TERM": "xterm-256color", "NO_COLOR": no_color}) as running:
        shown = until(b"try: ", ours)
        assert ask(url_in(shown) + STATUS)[0] == 200
        shown += until(b" GET ", ours)
        running.stop(TERM)
    os.close(ours)
    assert (b"\x1b[32m200" in shown) == (not no_color)
    assert (b"\x1b[" in shown) == (not no_color)
