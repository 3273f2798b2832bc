"""What a server says while it runs, in words or in JSON: where it is, each request, its summary."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

import click

from mockserver.cli.options import counted

if TYPE_CHECKING:
    from mockserver.cli.console import Log
    from mockserver.cli.opening import Opening
    from mockserver.client_rules.journal_entry import JournalEntry

__all__ = ["Announcer", "InJson", "InWords", "left_out_in_json"]


class Announcer(Protocol):
    """Told what happens, from whichever thread."""

    def listening(self, opening: Opening) -> None:
        """It listens."""

    def request(self, exchange: JournalEntry) -> None:
        """A request has ended."""

    def stopped(self) -> None:
        """It listens no more."""


class _Summary:
    """Counts what the exchanges came to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.operations: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.strikes = 0

    def add(self, exchange: JournalEntry) -> None:
        with self._lock:
            self.operations[exchange.operation or "unknown path"] += 1
            self.statuses["none" if exchange.status is None else str(exchange.status)] += 1
            self.strikes += exchange.fault is not None

    @property
    def requests(self) -> int:
        return sum(self.operations.values())


class InWords:
    """Lines for people."""

    def __init__(self, log: Log, quiet: bool) -> None:
        self._log = log
        self._quiet = quiet
        self._summary = _Summary()

    def listening(self, opening: Opening) -> None:
        self._log.line("\n".join(opening.lines()))  # one report, so that no request comes between

    def request(self, exchange: JournalEntry) -> None:
        from mockserver.cli.words import exchange_in_words
        from mockserver.errors import visible

        self._summary.add(exchange)
        if self._quiet:
            return
        status, is_fine = "---", False
        if exchange.status is not None:
            status = str(exchange.status)
            is_fine = exchange.operation is not None and exchange.status < 400
        coloured = click.style(status, fg="green" if is_fine else "yellow")
        path = visible(exchange.path[:200])
        session = f"{exchange.session_id} " if exchange.session_id else ""
        words = exchange_in_words(exchange)
        now = time.strftime("%H:%M:%S")
        self._log.line(f"{now} {session}{coloured} {exchange.method} {path}  {words}")

    def stopped(self) -> None:
        summary = self._summary
        line = f"stopped after {counted(summary.requests, 'request')}"
        if summary.requests:
            line += f": {_listed(summary.operations)}; replies: {_listed(summary.statuses)}"
        if summary.strikes:
            line += f"; a fault struck {counted(summary.strikes, 'time')}"
        self._log.last_line(line)


class InJson:
    """One JSON object a line, each with its `event`: listening, request or stopped."""

    def __init__(self, log: Log, quiet: bool) -> None:
        self._log = log
        self._quiet = quiet
        self._summary = _Summary()

    def listening(self, opening: Opening) -> None:
        self._log.line(_json("listening", opening.facts()))

    def request(self, exchange: JournalEntry) -> None:
        from mockserver.server.control.facts import exchange as facts_of

        self._summary.add(exchange)
        if not self._quiet:
            facts = {"session": exchange.session_id, **facts_of(exchange)}
            self._log.line(_json("request", facts))

    def stopped(self) -> None:
        summary = self._summary
        facts = {
            "requests": summary.requests,
            "operations": dict(summary.operations),
            "statuses": dict(summary.statuses),
            "faults_struck": summary.strikes,
        }
        self._log.last_line(_json("stopped", facts))


def left_out_in_json(number: int) -> str:
    """What stands where the log left lines out."""
    return _json("left_out", {"lines": number})


def _json(event: str, facts: dict[str, Any]) -> str:
    # In ASCII, which parses whatever encoding the output has.
    return json.dumps({"event": event, "time": round(time.time(), 3), **facts})


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} x {what}" for what, number in counts.most_common())
