"""A command as a process that leaves nothing behind."""

from __future__ import annotations

import errno
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from mockserver.errors import MockServerError, visible

MARK = "MOCKSERVER_RUN"
"""The environment variable by which a process is known to come from one run."""

_GRACE_S = 0.5
_READERS_S = 2.0
_SWEEPS = 5


class CannotStart(MockServerError):
    """A command that the system does not run."""

    def __init__(self, program: str, reason: str, advice: str = "") -> None:
        super().__init__(f"cannot run {visible(program)}: {reason}{advice and f'; {advice}'}")


class OutputTail:
    """The last bytes of a stream; `size` counts all of it."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._last = b""
        self.size = 0

    def add(self, chunk: bytes) -> None:
        self._last = (self._last + chunk)[-self._kept :]
        self.size += len(chunk)

    def bytes(self) -> bytes:
        return self._last


class ChildProcess:
    """Starts the command in a session of its own, without standard input.

    What it prints is read as it comes, and the last `kept` bytes of both streams are kept. Raises
    CannotStart.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], kept: int) -> None:
        self._mark = secrets.token_hex(16)
        self._process = _started(command, {**environment, MARK: self._mark})
        self.stdout, self.stderr = OutputTail(kept), OutputTail(kept)
        self._has_exited = threading.Event()
        self._is_enough = threading.Event()
        self._readers = [
            _thread("out", _read, self._process.stdout, self.stdout),
            _thread("err", _read, self._process.stderr, self.stderr),
        ]
        self._watcher = _thread("exit", self._watch)

    def wait(self, timeout_s: float) -> int | None:
        """The exit code once it has ended; None when time is up, or it was told to `cancel`.

        However it ended, all that it started is ended as well.
        """
        self._is_enough.wait(timeout_s)
        ended_by_itself = self._has_exited.is_set()
        self._end()
        code = self._process.wait()
        return code if ended_by_itself else None

    def cancel(self) -> None:
        """Let `wait` end the command at once."""
        self._is_enough.set()

    def _watch(self) -> None:
        if sys.platform != "win32" and hasattr(os, "waitid"):
            # The process stays a zombie, so that its group's id cannot become somebody else's.
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        else:
            self._process.wait()
        self._has_exited.set()
        self._is_enough.set()

    def _end(self) -> None:
        if not self._has_exited.is_set():
            self._signal(signal.SIGTERM)
            self._has_exited.wait(_GRACE_S)
        self._kill()
        self._watcher.join()
        for reader in self._readers:
            reader.join(_READERS_S)

    def _signal(self, number: signal.Signals) -> None:
        # The leader may be a zombie already, which some systems do not allow to be signalled.
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.terminate()
            else:
                os.killpg(self._process.pid, number)

    def _kill(self) -> None:
        """Kill the group, and whatever left it but still bears the mark."""
        if sys.platform == "win32":
            self._process.kill()
            return
        self._signal(signal.SIGKILL)
        for _ in range(_SWEEPS):
            strays = [pid for pid in _marked(self._mark) if pid != self._process.pid]
            if not strays:
                return
            for pid in strays:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        is_script = error.errno == errno.ENOEXEC
        advice = "put its interpreter before it, or a line such as #!/bin/sh into it"
        reason = (error.strerror or str(error)).lower()
        raise CannotStart(command[0], reason, advice if is_script else "") from error
    except ValueError as error:  # a NUL in an argument
        raise CannotStart(ascii(command[0]), str(error)) from error


def _thread(name: str, target: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(None, target, f"exercise:{name}", arguments, daemon=True)
    thread.start()
    return thread


def _read(stream: IO[bytes] | None, tail: OutputTail) -> None:
    assert stream is not None
    with stream:
        while chunk := os.read(stream.fileno(), 65536):
            tail.add(chunk)


def _marked(mark: str) -> list[int]:
    """The processes that were started with this mark, where the system can tell."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found
