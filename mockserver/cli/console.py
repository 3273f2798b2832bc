"""What commands say, where it matters how: errors, and a log that holds nobody up."""

from __future__ import annotations

import os
import queue
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_WAITING_LINES = 10_000
_LAST_LINES_S = 1.0


def say_error(sentence: str) -> None:
    """An error on standard error, in colour where that is wanted."""
    color = False if os.environ.get("NO_COLOR") else None
    click.secho("error: ", fg="red", bold=True, nl=False, err=True, color=color)
    click.echo(sentence, err=True, color=color)


class Log:
    """Lines for standard output, written by a thread of their own.

    Whoever reports a line never waits for the reader of the output. Lines beyond 10,000 that wait
    are left out, which the log then says; when the output is gone, so is the log.
    """

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(_WAITING_LINES)
        self._left_out = 0
        self._thread = threading.Thread(target=self._write, name="mockserver:log", daemon=True)

    def line(self, text: str) -> None:
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self._left_out += 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._lines.put_nowait(None)
        except queue.Full:
            return  # nobody reads; the thread is a daemon
        self._thread.join(_LAST_LINES_S)

    def _write(self) -> None:
        try:
            while (text := self._lines.get()) is not None:
                if self._left_out:
                    text, self._left_out = f"({self._left_out} lines left out)\n{text}", 0
                click.echo(text)
        except OSError:
            return
