"""A command as a process that leaves nothing behind."""

import errno
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
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


class OutputTail(threading.Thread):
    """Reads a stream to its end, and keeps the last `most` bytes; `size` counts all of it."""

    def __init__(self, stream: IO[bytes] | None, most: int) -> None:
        super().__init__(name="exercise:output", daemon=True)
        assert stream is not None
        self._stream, self._most = stream, most
        self.kept, self.size = b"", 0
        self.start()

    def run(self) -> None:
        with self._stream:
            while chunk := os.read(self._stream.fileno(), 65536):
                self.kept = (self.kept + chunk)[-self._most :]
                self.size += len(chunk)


class ChildProcess:
    """Starts the command in a session of its own, without standard input.

    What it prints is read as it comes, and the last `kept` bytes of both streams are kept. Raises
    CannotStart.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], kept: int) -> None:
        self._mark = secrets.token_hex(16)
        self._process = _started(command, {**environment, MARK: self._mark})
        self.stdout = OutputTail(self._process.stdout, kept)
        self.stderr = OutputTail(self._process.stderr, kept)
        self._has_exited, self._is_enough = threading.Event(), threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="exercise:exit", daemon=True)
        self._watcher.start()

    def wait(self, timeout_s: float) -> int | None:
        """The exit code; None when time is up, or after `cancel`. All that it started is ended."""
        self._is_enough.wait(timeout_s)
        ended_by_itself = self._has_exited.is_set()
        if not ended_by_itself:
            self._signal(signal.SIGTERM)
            self._has_exited.wait(_GRACE_S)
        self._kill()
        self._watcher.join()
        for reader in (self.stdout, self.stderr):
            reader.join(_READERS_S)
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
        advice = ""
        if error.errno == errno.ENOEXEC:
            advice = "put its interpreter before it, or a line such as #!/bin/sh into it"
        raise CannotStart(command[0], (error.strerror or str(error)).lower(), advice) from error
    except ValueError as error:  # a NUL in an argument
        raise CannotStart(ascii(command[0]), str(error)) from error


def _marked(mark: str) -> list[int]:
    """The processes that were started with this mark, where the system can tell."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found
