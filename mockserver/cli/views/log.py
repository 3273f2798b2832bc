"""What a server says while it runs: a log that holds nobody up, and who announces events on it."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import click

from mockserver.cli.views.output import colours_wanted
from mockserver.errors import visible

if TYPE_CHECKING:
    from mockserver.client_rules.journal_entry import JournalEntry

_WAITING_LINES = 10_000
_LAST_LINES_S = 1.0
_SHOWN_PATH = 200


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
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self._left_out += 1

    def last_line(self, text: str) -> None:
        """A line for which a reader that still reads makes room."""
        with suppress(queue.Full):
            self._lines.put(text, timeout=_LAST_LINES_S)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with suppress(queue.Full):  # nobody reads; the thread is a daemon
            self._lines.put(None, timeout=_LAST_LINES_S if self._lost is None else 0)
            self._thread.join(_LAST_LINES_S)
        if self._lost is not None and error is None:
            raise self._lost

    def _write(self) -> None:
        # The command's context, which knows whether colours are wanted, is another thread's.
        color = colours_wanted()
        try:
            while (text := self._lines.get()) is not None:
                if self._left_out:
                    number, self._left_out = self._left_out, 0
                    click.echo(self._say_left_out(number), color=color)
                click.echo(text, color=color)
        except OSError as error:
            self._lost = error


class Announcer:
    """Announces events on a log: as lines for people, or as JSON objects with their `event`.

    It is told of events from whichever thread, and asks for what it prints and no more.
    """

    def __init__(self, *, as_json: bool, quiet: bool = False) -> None:
        self._as_json, self._is_quiet = as_json, quiet
        self.log = Log(left_out_in_json) if as_json else Log()

    def announce(self, event: str, words: Callable[[], str], facts: Callable[[], Any]) -> None:
        """A line, which may be left out where nobody reads, unless it is the last: `stopped`."""
        if event == "request" and self._is_quiet:
            return
        report = self.log.last_line if event == "stopped" else self.log.line
        report(_json_line(event, facts()) if self._as_json else words())


def request_line(
    entry: JournalEntry, status: int | None, outcome: str, *, is_fine: bool = True
) -> str:
    """`15:33:23 200 GET /api/…  what it came to`; `---` where no reply began."""
    is_fine = is_fine and status is not None and status < 400
    coloured = click.style(str(status or "---"), fg="green" if is_fine else "yellow")
    session = f"{entry.session_id} " if entry.session_id else ""
    path = visible(entry.path[:_SHOWN_PATH])
    return f"{clock_time()} {session}{coloured} {entry.method} {path}  {outcome}"


def clock_time() -> str:
    return time.strftime("%H:%M:%S")


def left_out_in_json(number: int) -> str:
    return _json_line("left_out", {"lines": number})


def _json_line(event: str, facts: dict[str, Any]) -> str:
    # In ASCII, which parses whatever encoding the output has.
    return json.dumps({"event": event, "time": round(time.time(), 3), **facts})
