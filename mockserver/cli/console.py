"""What commands say, where it matters how: errors, and a log that holds nobody up."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_WAITING_LINES = 10_000
_LAST_LINES_S = 1.0


def say_error(sentence: str) -> None:
    """An error on standard error, in colour where that is wanted; the exit code says it, too."""
    color = _color()
    with suppress(OSError):
        click.secho("error: ", fg="red", bold=True, nl=False, err=True, color=color)
        click.echo(sentence, err=True, color=color)


def _color() -> bool | None:
    """False where colours are not wanted, None where the output decides."""
    return False if os.environ.get("NO_COLOR") else None


class Log:
    """Lines for standard output, written by a thread of their own.

    Whoever reports a line never waits for the reader of the output. Lines beyond 10,000 that wait
    are left out, which the log then says in a line that `left_out` gives. When the output is gone,
    so is the log, and leaving it raises the system's error.
    """

    def __init__(self, left_out: Callable[[int], str] = "({} lines left out)".format) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(_WAITING_LINES)
        self._say_left_out = left_out
        self._left_out = 0
        self._lost: OSError | None = None
        self._thread = threading.Thread(target=self._write, name="mockserver:log", daemon=True)

    @property
    def is_stuck(self) -> bool:
        """Whether, after its end, a line still waits for a reader of the output."""
        return self._thread.is_alive()

    def line(self, text: str) -> None:
        """Report a line, which may be left out."""
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self._left_out += 1

    def last_line(self, text: str) -> None:
        """Report the last line, for which a reader that still reads makes room."""
        with suppress(queue.Full):
            self._lines.put(text, timeout=_LAST_LINES_S)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(queue.Full):  # nobody reads; the thread is a daemon
            self._lines.put(None, timeout=_LAST_LINES_S if self._lost is None else 0)
            self._thread.join(_LAST_LINES_S)
        if self._lost is not None and error is None:
            raise self._lost

    def _write(self) -> None:
        # The command's context, which knows whether colours are wanted, is another thread's.
        color = _color()
        try:
            while (text := self._lines.get()) is not None:
                if self._left_out:
                    number, self._left_out = self._left_out, 0
                    click.echo(self._say_left_out(number), color=color)
                click.echo(text, color=color)
        except OSError as error:
            self._lost = error
