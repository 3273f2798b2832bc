"""Commands as processes that are there at once: one process has imported everything, and forks.

A forked command is as real as one that is started: it has its own arguments, environment, folder,
file descriptors, signals and exit code. It only spares the imports, which are most of the time that
a test of a command takes. Where the system cannot fork, and for what is fixed when Python starts,
such as PYTHONHASHSEED, a command is started.

    >>> ForkServer().run("mockserver", ["--version"], cwd=Path("."), env=dict(os.environ)).code
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
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, Any

__all__ = ["ForkServer", "Output"]

_CAN_FORK = hasattr(os, "fork") and hasattr(socket, "send_fds")
_PRELOADED = ("flask", "httpx", "hypothesis.strategies", "jinja2", "jsonschema", "pytest", "rich")


@dataclass(frozen=True)
class Output:
    """A finished command: its exit code, negative for a signal, and the bytes that it printed."""

    code: int
    out: bytes
    err: bytes


class ForkServer:
    """Runs `python -m MODULE ARGUMENTS`, one at a time; ends with the process that made it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._own = _of_python({**os.environ, "PYTHONIOENCODING": "utf-8"})

    def run(
        self,
        module: str,
        arguments: list[str],
        *,
        cwd: Path,
        env: dict[str, str],
        stdin: bytes = b"",
        timeout_s: float = 60,
    ) -> Output:
        """What became of the command. Raises subprocess.TimeoutExpired, and then has ended it."""
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            given.write(stdin)
            given.seek(0)
            if _CAN_FORK and _of_python(env) == self._own:
                task = {"module": module, "arguments": arguments, "cwd": str(cwd), "env": env}
                code = self._forked(task, (given, out, err), timeout_s)
            else:
                line = [sys.executable, "-m", module, *arguments]
                code = subprocess.run(
                    line, stdin=given, stdout=out, stderr=err, cwd=cwd, env=env, check=False,
                    timeout=timeout_s,
                ).returncode  # fmt: skip
            out.seek(0)
            err.seek(0)
            return Output(code, out.read(), err.read())

    def stop(self) -> None:
        """End it, and a command that still runs."""
        if self._process is not None and self._socket is not None:
            self._socket.close()
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = self._socket = None

    def _forked(self, task: dict[str, Any], files: tuple[IO[bytes], ...], timeout_s: float) -> int:
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
        socket.send_fds(
            self._socket, [len(data).to_bytes(8, "big")], [file.fileno() for file in files]
        )
        self._socket.sendall(data)
        try:
            answer = _received(self._socket, 8)
        except TimeoutError:
            self.stop()
            raise subprocess.TimeoutExpired(task["arguments"], timeout_s) from None
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


def _serve(connection: socket.socket) -> dict[str, Any]:
    """Fork for each task; gives the task, in the process that is to do it."""
    while True:
        size, fds, _, _ = socket.recv_fds(connection, 8, 3)
        if len(size) < 8:
            os._exit(0)  # whoever made this process has gone
        task: dict[str, Any] = json.loads(_received(connection, int.from_bytes(size, "big")))
        pid = os.fork()
        if pid == 0:
            connection.close()
            for target, fd in enumerate(fds):
                os.dup2(fd, target)
                os.close(fd)
            return task
        for fd in fds:
            os.close(fd)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        connection.sendall(code.to_bytes(8, "big", signed=True))


def _do(task: dict[str, Any]) -> None:
    """Be the command: as Python does with `-m`, up to its own end of the process."""
    os.chdir(task["cwd"])
    os.environ.clear()
    os.environ.update(task["env"])
    if hasattr(time, "tzset"):
        time.tzset()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(  # noqa: SIM115
        2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    # `-m` finds modules in the current folder, and this script's own folder is nobody's business.
    sys.path[0] = str(Path.cwd())
    sys.argv = [task["module"], *task["arguments"]]
    importlib.invalidate_caches()
    if task["module"] != "pytest":
        # Hypothesis's plugin, which is loaded, waits for a session of pytest that never begins.
        vars(importlib.import_module("_hypothesis_globals"))["in_initialization"] = 0
    runpy.run_module(task["module"], run_name="__main__", alter_sys=True)


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
