"""The command as users run it: a process of its own."""

import atexit
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from support.fork_server import Command, Finished, ForkServer, Started

DEADLINE_S = 60
FORK_SERVER = ForkServer()
atexit.register(FORK_SERVER.stop)


Run = Callable[..., Finished]


def command(*arguments: str) -> Sequence[str]:
    """The command line that runs this checkout's `mockserver` with this Python."""
    return (sys.executable, "-m", "mockserver", *arguments)


def environment(**more: str) -> dict[str, str]:
    """An environment in which this checkout is found, colours off, from whatever folder."""
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8", **more}


@dataclass(frozen=True)
class Running:
    """A command that runs, and what it prints."""

    process: Started | subprocess.Popen[bytes]
    out: IO[str]
    err: IO[str]

    def stop(self, *signals: signal.Signals) -> Finished:
        """End it by these signals, or wait for its own end: what it printed since."""
        for number in signals:
            self.process.send_signal(number)
        out, err = self.out.read(), self.err.read()
        return Finished(self.process.wait(DEADLINE_S), out, err)


@contextmanager
def started(
    *arguments: str,
    cwd: Path | None = None,
    out: int | None = None,
    err: int | None = None,
    env: dict[str, str] | None = None,
) -> Iterator[Running]:
    """`mockserver …` while it runs, which prints into pipes or, if given, into `out` and `err`."""
    reading, writing = os.pipe()
    reading_err, writing_err = os.pipe()
    null = os.open(os.devnull, os.O_RDONLY)
    asked = Command("mockserver", [*arguments], str(cwd or Path.cwd()), environment(**(env or {})))
    files = (null, writing if out is None else out, writing_err if err is None else err)
    process = FORK_SERVER.start(asked, files)
    for file in (null, writing, writing_err):
        os.close(file)
    deadline = threading.Timer(DEADLINE_S, process.kill)
    deadline.start()
    try:
        with (
            os.fdopen(reading, encoding="utf-8") as output,
            os.fdopen(reading_err, encoding="utf-8") as errors,
        ):
            yield Running(process, output, errors)
    finally:
        deadline.cancel()
        process.kill()
        process.wait(DEADLINE_S)


def on_a_terminal(*arguments: str, is_all: bool = True, **env: str) -> tuple[str, Finished]:
    """What `mockserver …` shows on a terminal of 100 columns, and how it ends.

    The terminal is its standard error and, where `is_all`, its standard output too.
    """
    ours, theirs = os.openpty()
    env = {"TERM": "xterm-256color", "COLUMNS": "100", **env}
    with started(*arguments, out=theirs if is_all else None, err=theirs, env=env) as running:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # as Linux says that nobody writes any more
            while part := os.read(ours, 65536):
                shown += part
        os.close(ours)
        return shown.decode(), running.stop()


def without_output(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What becomes of `mockserver …` whose standard output is closed from the beginning."""
    return subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command(*arguments)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=environment(),
        timeout=DEADLINE_S,
        check=False,
    )
