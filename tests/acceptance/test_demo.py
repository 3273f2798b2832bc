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
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, IncompleteRead
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

    def test_what_is_no_reply_is_shown_and_not_checked(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(
            "jobs:\n  - total_size_bytes: 9\n"
            "    script: [downloading: {for: 60s, to: 100%}, completed]\n"
            "faults:\n"
            "  - {when: {after: 10s, for: 10s}, reply: {status: 503}}\n"
            "  - {when: {after: 20s, for: 10s}, disconnect: in body}\n"
            "  - {when: {after: 30s, for: 10s}, disconnect: {at: before headers, by: reset}}\n"
            "  - {when: {after: 40s, for: 10s}, refuse: true}\n"
        )
        done = run("demo", "own.yaml")
        seen = "503 -> half a reply -> no reply -> connection refused -> downloading -> completed"
        assert f"The client saw: downloading -> {seen}\n" in done.out
        assert "0 violations" in done.out
        assert done.code == 0

    def test_a_violation_is_an_exit_code_of_1(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(
            "jobs:\n  - total_size_bytes: 9\n"
            "    script: [failed: {report: {status: broken}, off_contract: true}]\n"
        )
        done = run("demo", "own.yaml")
        assert "The client saw: violation\n" in done.out
        assert "/status" in done.out
        assert done.code == 1

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

    def test_on_a_poll_clock_every_run_is_the_same(self) -> None:
        arguments = ("healthy", "--port", "0", "--clock", "poll", "--step", "2500ms", "--quiet")
        runs = []
        for _ in range(2):
            with _serving(*arguments) as (_, _, opening):
                assert "2.5 s further with each poll" in opening
                tried = opening.split()[-1]
                runs.append([urlopen(tried, timeout=DEADLINE_S).read() for _ in range(10)])
        assert runs[0] == runs[1]
        statuses = [json.loads(body)["status"] for body in runs[0]]
        assert statuses == ["downloading"] * 8 + ["completed"] * 2

    def test_speed_is_said(self) -> None:
        with _serving("healthy", "--port", "0", "--speed", "60") as (_, _, opening):
            assert "at 60 times real time" in opening
        with _serving("healthy", "--port", "0") as (_, _, opening):
            assert "in real time" in opening

    def test_faults_are_named_where_they_strike(self, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(
            "jobs: [{job_id: job_a, total_size_bytes: 9, script: [paused: {until: go}, failed]}]\n"
            "faults:\n"
            "  - {when: {request: 1}, reply: {status: 503}}\n"
            "  - {when: {request: 2}, disconnect: {at: before headers, by: reset}}\n"
            "  - {when: {request: 3}, disconnect: in body}\n"
            "  - {when: {request: 4}, delay: 2s}\n"
            "  - {path: /x, reply: {status: 204}}\n"
            "  - {when: {after: 4h}, refuse: true}\n"
        )
        own = str(tmp_path / "own.yaml")
        with _serving(own, "--port", "0", "--clock", "poll") as (process, url, opening):
            assert "waits for go" in opening
            assert opening.count("  fault: ") == 5
            assert "and 1 fault more" in opening
            port = int(url.rpartition(":")[2])
            status_path = "/api/v1/models/download/status/job_a"
            for path in [status_path] * 4 + ["/x"]:
                connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
                with suppress(ConnectionError, IncompleteRead):
                    connection.request("GET", path)
                    connection.getresponse().read()
                connection.close()
            process.send_signal(signal.SIGTERM)
            rest, _ = process.communicate(timeout=DEADLINE_S)
        lines = [line.partition(" ")[2] for line in rest.splitlines()]
        paused = "paused        0 %  0 B of 9 B"
        assert lines[:5] == [
            f"503 GET {status_path}  fault: 503",
            f"--- GET {status_path}  fault: disconnect",
            f"200 GET {status_path}  {paused}  fault: disconnect",
            f"200 GET {status_path}  {paused}  fault: delay 2 s",
            "204 GET /x  fault: 204",
        ]

    def test_a_window_of_refusal_is_real(self, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(
            "jobs: [{total_size_bytes: 9, script: [paused]}]\nfaults: [{refuse: true}]\n"
        )
        with _serving(str(tmp_path / "own.yaml"), "--port", "0") as (_, url, opening):
            assert "connections are refused" in opening
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), DEADLINE_S)

    def test_timelines_of_ones_own_folder_have_names(self, tmp_path: Path) -> None:
        (tmp_path / "mine.yaml").write_text("jobs: [{total_size_bytes: 9, script: [failed]}]\n")
        with _serving("mine", "--folder", str(tmp_path), "--port", "0") as (_, _, opening):
            assert " plays mine (" in opening

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
            (["--speed", "2", "--clock", "poll"], ["--speed does nothing with --clock poll"]),
            (["--step", "2s"], ["--step does nothing without --clock poll"]),
            (["--clock", "poll", "--step", "2 sec"], ["did you mean 2s?"]),
            (["--clock", "poll", "--step", "soon"], ["expected a duration such as"]),
            (["--clock", "poll", "--step", "0s"], ["a step takes time"]),
            (["--clock", "manual"], ["'manual' is not one of 'wall', 'poll'"]),
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
        if process.stdout is not None:
            process.stdout.close()


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
