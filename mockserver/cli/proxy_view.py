"""What a proxy says: where it is, each request, and at its end what both sides did wrong."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli.options import counted
from mockserver.documents.text import clipped, plain, size
from mockserver.errors import visible

if TYPE_CHECKING:
    from mockserver.cli.console import Log
    from mockserver.remote.traffic import Passed, Traffic

__all__ = ["InJson", "InWords", "full_in_words"]

_SHOWN_PATH = 200


class InWords:
    """Lines for people."""

    def __init__(self, log: Log, quiet: bool) -> None:
        self._log, self._quiet = log, quiet

    def listening(self, url: str, server: str) -> None:
        """It listens."""
        self._log.line(
            f"{url} passes everything on to {server}, and looks at it\n"
            f"point your client at {url}; Ctrl-C ends it and says what was found"
        )

    def passed(self, passed: Passed) -> None:
        """A request has passed."""
        if self._quiet:
            return
        exchange = passed.exchange
        status = passed.seen.status
        is_fine = status is not None and status < 400 and not passed.findings
        shown = click.style(
            "---" if status is None else str(status), fg="green" if is_fine else "yellow"
        )
        path = visible(exchange.path[:_SHOWN_PATH])
        now = time.strftime("%H:%M:%S")
        self._log.line(f"{now} {shown} {exchange.method} {path}  {'  '.join(_words(passed))}")

    def full(self, most: int) -> None:
        """No more connections are served."""
        self._log.line(f"{time.strftime('%H:%M:%S')} {full_in_words(most)}")

    def stopped(self, traffic: Traffic) -> None:
        """It listens no more."""
        self._log.last_line(f"stopped after {counted(traffic.requests, 'request')}")


class InJson:
    """One JSON object a line, each with its `event`: listening, request, full or stopped."""

    def __init__(self, log: Log, quiet: bool) -> None:
        self._log, self._quiet = log, quiet

    def listening(self, url: str, server: str) -> None:
        """It listens."""
        self._log.line(_json("listening", {"url": url, "upstream": server}))

    def passed(self, passed: Passed) -> None:
        """A request has passed."""
        if self._quiet:
            return
        exchange = passed.exchange
        facts = {
            "number": exchange.number,
            "method": exchange.method,
            "target": passed.seen.target,
            "operation": exchange.operation,
            "status": passed.seen.status,
            "took_s": round(passed.seen.took_s, 6),
            "trouble": None if passed.seen.failure is None else passed.seen.failure.message,
            "own": passed.own,
            "unchecked": passed.unchecked or None,
            "findings": [one.id for one in passed.findings],
        }
        self._log.line(_json("request", facts))

    def full(self, most: int) -> None:
        """No more connections are served."""
        self._log.line(_json("full", {"connections": most}))

    def stopped(self, traffic: Traffic) -> None:
        """It listens no more."""
        facts = {
            "requests": traffic.requests,
            "findings": [one.id for one in traffic.report().findings],
            "verdict": traffic.verdict().as_dict(),
        }
        self._log.last_line(_json("stopped", facts))


def full_in_words(most: int) -> str:
    """Why a client gets a 503 that no server sent."""
    return f"{counted(most, 'connection')} at once: more are answered 503 by the proxy"


def _words(passed: Passed) -> list[str]:
    """`downloading  911 MB of 2.28 GB`, `no reply from …`, `finding: required:/status`."""
    words = []
    states = passed.exchange.states
    if len(states) == 1:
        state = states[0]
        words.append(clipped(plain(state.status), 20))
        words.append(f"{size(state.downloaded_bytes)} of {size(state.total_size_bytes)}")
    elif states:
        words.append(counted(len(states), "job"))
    if passed.own:
        words.append(f"answered by the proxy: {visible(passed.own)}")
    elif passed.seen.failure is not None:
        words.append(visible(passed.seen.failure.message))
    if passed.unchecked:
        words.append(f"(not checked: {passed.unchecked})")
    words += [f"{one.rule.severity}: {visible(one.id)}" for one in passed.findings[:3]]
    if len(passed.findings) > 3:
        words.append(f"and {len(passed.findings) - 3} more")
    return words


def _json(event: str, facts: dict[str, Any]) -> str:
    return json.dumps({"event": event, "time": round(time.time(), 3), **facts})
