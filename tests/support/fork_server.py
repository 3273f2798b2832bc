"""Commands as processes that are there at once: one process has imported everything, and forks.

A forked command is as real as one that is started: it has its own arguments, environment, folder,
file descriptors, signals and exit code. It only spares the imports, which are most of the time that
a test of a command takes. Where the system cannot fork, and for what is fixed when Python starts,
such as PYTHONHASHSEED, a command is started.

    >>> ForkServer().run(Command("mockserver", ["--version"], ".", dict(os.environ))).code
    0
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

_CAN_FORK = hasattr(os, "fork") and hasattr(socket, "send_fds")
_PRELOADED = ("flask", "httpx", "hypothesis.strategies", "jinja2", "jsonschema", "pytest", "rich")


@dataclass(frozen=True)
class Command:
    """`python -m MODULE ARGUMENTS`, in a folder and an environment."""

    module: str
    arguments: list[str]
    cwd: str
    env: dict[str, str]


@dataclass(frozen=True)
class Finished:
    """A finished command: its exit code, negative for a signal, and what it printed."""

    code: int
    out: str
    err: str


class Started:
    """A command that has been forked and may still run, handled like a `subprocess.Popen`."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server, self.pid = server, pid
        self.returncode: int | None = None

    def send_signal(self, number: int) -> None:
        if self.returncode is None:  # and so its id is nobody else's yet
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired, and then has ended the fork server."""
        if self.returncode is None:
            self.returncode = self._server.ask({"wait": self.pid}, timeout_s=timeout)
        return self.returncode


class ForkServer:
    """Runs `python -m MODULE ARGUMENTS`; what it started ends with the process that made it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._own = _of_python({**os.environ, "PYTHONIOENCODING": "utf-8"})

    def run(self, command: Command, stdin: bytes = b"", timeout_s: float = 60) -> Finished:
        """What became of the command. Raises subprocess.TimeoutExpired, and then has ended it."""
        with ExitStack() as stack:
            given, out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
            given.write(stdin)
            given.seek(0)
            files = (given.fileno(), out.fileno(), err.fileno())
            process = self.start(command, files)
            stack.callback(process.kill)
            code = process.wait(timeout_s)
            out.seek(0)
            err.seek(0)
            return Finished(
                code, *(file.read().decode().replace("\r\n", "\n") for file in (out, err))
            )

    def start(
        self, command: Command, files: tuple[int, int, int]
    ) -> Started | subprocess.Popen[bytes]:
        """The command as it runs, with these as its standard input, output and error."""
        if not _CAN_FORK or _of_python(command.env) != self._own:
            line = [sys.executable, "-m", command.module, *command.arguments]
            stdin, out, err = files
            return subprocess.Popen(
                line, stdin=stdin, stdout=out, stderr=err, cwd=command.cwd, env=command.env
            )
        return Started(self, self.ask(asdict(command), files))

    def stop(self) -> None:
        """End it, and a command that still runs."""
        if self._process is not None and self._socket is not None:
            self._socket.close()
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = self._socket = None

    def ask(self, task: dict[str, Any], files: tuple[int, ...] = (), timeout_s: float = 60) -> int:
        """What the fork server answers: the id of a process, or the exit code of one."""
        if self._process is None or self._socket is None:
            self._socket, theirs = socket.socketpair()
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            theirs.close()
        data = json.dumps(task).encode()
        self._socket.settimeout(timeout_s)
        socket.send_fds(self._socket, [len(data).to_bytes(8, "big")], list(files))
        self._socket.sendall(data)
        try:
            answer = _received(self._socket, 8)
        except TimeoutError:
            self.stop()
            raise subprocess.TimeoutExpired(str(task), timeout_s) from None
        return int.from_bytes(answer, "big", signed=True)


def _of_python(env: dict[str, str]) -> dict[str, str]:
    """What Python reads from its environment when it starts, but for where modules are found."""
    return {
        name: value
        for name, value in env.items()
        if name.startswith("PYTHON") and name != "PYTHONPATH"
    }


def _received(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError("the fork server has ended")
        data += more
    return data


def _serve(connection: socket.socket) -> Command:
    """Fork for each command, or wait for one; gives it, in the process that is to do it."""
    while True:
        size, fds, _, _ = socket.recv_fds(connection, 8, 3)
        if len(size) < 8:
            os._exit(0)  # whoever made this process has gone
        task: dict[str, Any] = json.loads(_received(connection, int.from_bytes(size, "big")))
        if "wait" in task:
            _, status = os.waitpid(task["wait"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if answer == 0:
                connection.close()
                for target, fd in enumerate(fds):
                    os.dup2(fd, target)
                    os.close(fd)
                return Command(**task)
            for fd in fds:
                os.close(fd)
        connection.sendall(answer.to_bytes(8, "big", signed=True))


def _do(command: Command) -> None:
    """Be the command: as Python does with `-m`, up to its own end of the process."""
    os.chdir(command.cwd)
    os.environ.clear()
    os.environ.update(command.env)
    tempfile.tempdir = None  # where that is, it is to find out by its own environment
    # Tests that run in the background ignore it, which a command would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(time, "tzset"):
        time.tzset()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(  # noqa: SIM115
        2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    # `-m` finds modules in the current folder, and this script's own folder is nobody's business.
    sys.path[0] = str(Path.cwd())
    sys.argv = [command.module, *command.arguments]
    importlib.invalidate_caches()
    if command.module != "pytest":
        # Hypothesis's plugin, which is loaded, waits for a session of pytest that never begins.
        vars(importlib.import_module("_hypothesis_globals"))["in_initialization"] = 0
    runpy.run_module(command.module, run_name="__main__", alter_sys=True)


def _preload() -> None:
    import mockserver

    for name in _PRELOADED:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(mockserver.__path__, "mockserver."):
        # The plugin is for pytest to import, which rewrites its assertions.
        if not module.name.startswith(("mockserver.pytest_plugin", "mockserver.__main__")):
            importlib.import_module(module.name)
    for plugin in entry_points(group="pytest11"):
        if not plugin.value.startswith("mockserver"):
            plugin.load()
    from _pytest.assertion.rewrite import AssertionRewritingHook

    # It warns of modules that were imported before it could rewrite their assertions; here all are.
    AssertionRewritingHook._warn_already_imported = lambda *_: None  # type: ignore[method-assign]


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as server:
        _preload()
        gc.freeze()  # spares each command a search through all that was imported
        received = _serve(server)
    _do(received)
