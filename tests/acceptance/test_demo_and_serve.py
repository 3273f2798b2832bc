"""`demo` and `serve` as real processes on real sockets."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from acceptance.process import DEADLINE_S, Run, command, environment


class TestDemo:
    def test_without_a_terminal_it_prints_plain_lines(self, run: Run) -> None:
        began = time.monotonic()
        done = run("demo")
        assert time.monotonic() - began < DEADLINE_S / 2
        assert (done.code, done.err) == (0, "")
        assert "\x1b" not in done.out
        assert "\r" not in done.out
        assert "downloading -> paused -> downloading -> completed" in done.out
        found = re.search(r"(\d+) replies checked against .* 2025-10: 0 violations", done.out)
        assert found is not None
        assert int(found[1]) > 10
        assert "mockserver serve paused-then-resumed" in done.out

    def test_on_a_terminal_it_draws_a_bar(self) -> None:
        shown = _on_a_terminal("demo")
        assert "━" in shown
        assert "\x1b[" in shown
        assert "0 violations" in shown

    def test_another_timeline(self, run: Run) -> None:
        done = run("demo", "failed-midway")
        assert done.code == 0
        assert "-> failed\n" in done.out

    def test_a_timeline_that_is_not_there(self, run: Run) -> None:
        done = run("demo", "pause-then-resumed")
        assert (done.code, done.out) == (2, "")
        assert "did you mean paused-then-resumed?" in done.err


class TestServe:
    def test_says_where_it_is_and_what_to_try(self, tmp_path: Path) -> None:
        with _serving("spec-example", "--port", "0") as (process, url, opening):
            tried = re.search(r"try: curl (\S+)", opening)
            assert tried is not None
            with urlopen(tried[1], timeout=DEADLINE_S) as reply:
                assert json.load(reply)["status"] == "downloading"
            with pytest.raises(OSError, match="404"):
                urlopen(f"{url}/api/v1/nonsense", timeout=DEADLINE_S)
            process.send_signal(signal.SIGTERM)
            rest, _ = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == 0
        assert "200 GET /api/v1/models/download/status/job_c0b7159ee6  downloading" in rest
        assert "404 GET /api/v1/nonsense  no such endpoint" in rest
        assert "stopped after 2 requests" in rest

    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
    def test_signals_end_it_cleanly(self, name: str) -> None:
        with _serving("--port", "0", "--quiet") as (process, _, _):
            process.send_signal(getattr(signal, name))
            rest, _ = process.communicate(timeout=DEADLINE_S)
        assert (process.returncode, rest) == (0, "stopped after 0 requests\n")

    def test_a_port_in_use(self, run: Run) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            done = run("serve", "--port", port)
        assert (done.code, done.out) == (2, "")
        assert f"cannot listen on 127.0.0.1:{port}: the port is in use" in done.err
        assert "--port 0" in done.err

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["helthy"], ["unknown timeline 'helthy'", "did you mean healthy?"]),
            (["nope.yaml"], ["nope.yaml", "no such file"]),
            (["broken.yaml"], ["broken.yaml:4", "did you mean script?"]),
            (["--edition", "2025-01"], ["unknown edition", "2025-10"]),
            (["--speed", "nan"], ["--speed"]),
            (["--speed", "-1"], ["--speed"]),
            (["--port", "70000"], ["--port"]),
            (["--host", "no.such.host.invalid", "--port", "0"], ["cannot listen on"]),
        ],
    )
    def test_what_cannot_be_served(
        self, run: Run, tmp_path: Path, arguments: list[str], words: list[str]
    ) -> None:
        (tmp_path / "broken.yaml").write_text(
            "description: x\njobs:\n  - total_size_bytes: 1\n    scirpt: [completed]\n"
        )
        done = run("serve", *arguments)
        assert (done.code, done.out) == (2, "")
        assert all(word in done.err for word in words), done.err


@contextmanager
def _serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """A running `mockserver serve`: the process, its URL and the opening lines."""
    process = subprocess.Popen(
        command("serve", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(),
    )
    deadline = threading.Timer(DEADLINE_S, process.kill)
    deadline.start()
    try:
        assert process.stdout is not None
        opening = ""
        while "try: " not in opening:
            line = process.stdout.readline()
            assert line, f"ended after {opening!r}"
            opening += line
        yield process, opening.split()[0], opening
    finally:
        deadline.cancel()
        process.kill()
        process.wait(timeout=DEADLINE_S)


def _on_a_terminal(*arguments: str) -> str:
    """All that the command shows on a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command(*arguments),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(TERM="xterm-256color", COLUMNS="100"),
    ) as process:
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], DEADLINE_S)[0]:
            try:
                chunk = os.read(ours, 4096)
            except OSError:  # the other end has closed
                break
            shown += chunk
        os.close(ours)
        assert process.wait(timeout=DEADLINE_S) == 0
    return shown.decode()
