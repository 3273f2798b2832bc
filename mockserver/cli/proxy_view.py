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
    from mockserver.remote.proxy_traffic import CheckedExchange, ProxyTraffic

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

    def passed(self, checked: CheckedExchange) -> None:
        """A request has passed."""
        if self._quiet:
            return
        entry = checked.entry
        status = checked.observation.status
        is_fine = status is not None and status < 400 and not checked.findings
        shown = click.style(
            "---" if status is None else str(status), fg="green" if is_fine else "yellow"
        )
        path = visible(entry.path[:_SHOWN_PATH])
        now = time.strftime("%H:%M:%S")
        self._log.line(f"{now} {shown} {entry.method} {path}  {'  '.join(_words(checked))}")

    def full(self, most: int) -> None:
        """No more connections are served."""
        self._log.line(f"{time.strftime('%H:%M:%S')} {full_in_words(most)}")

    def stopped(self, traffic: ProxyTraffic) -> None:
        """It listens no more."""
        self._log.last_line(f"stopped after {counted(traffic.requests, 'request')}")


class InJson:
    """One JSON object a line, each with its `event`: listening, request, full or stopped."""

    def __init__(self, log: Log, quiet: bool) -> None:
        self._log, self._quiet = log, quiet

    def listening(self, url: str, server: str) -> None:
        """It listens."""
        self._log.line(_json("listening", {"url": url, "upstream": server}))

    def passed(self, checked: CheckedExchange) -> None:
        """A request has passed."""
        if self._quiet:
            return
        entry, failure = checked.entry, checked.observation.failure
        facts = {
            "number": entry.number,
            "method": entry.method,
            "target": checked.observation.target,
            "operation": entry.operation,
            "status": checked.observation.status,
            "took_s": round(checked.observation.took_s, 6),
            "trouble": None if failure is None else failure.message,
            "own": checked.own_error,
            "unchecked": checked.unchecked or None,
            "findings": [one.id for one in checked.findings],
        }
        self._log.line(_json("request", facts))

    def full(self, most: int) -> None:
        """No more connections are served."""
        self._log.line(_json("full", {"connections": most}))

    def stopped(self, traffic: ProxyTraffic) -> None:
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


def _words(checked: CheckedExchange) -> list[str]:
    """`downloading  911 MB of 2.28 GB`, `no reply from …`, `finding: required:/status`."""
    words = []
    states = checked.entry.states
    if len(states) == 1:
        state = states[0]
        words.append(clipped(plain(state.status), 20))
        words.append(f"{size(state.downloaded_bytes)} of {size(state.total_size_bytes)}")
    elif states:
        words.append(counted(len(states), "job"))
    if checked.own_error:
        words.append(f"answered by the proxy: {visible(checked.own_error)}")
    elif checked.observation.failure is not None:
        words.append(visible(checked.observation.failure.message))
    if checked.unchecked:
        words.append(f"(not checked: {checked.unchecked})")
    words += [f"{one.rule.severity}: {visible(one.id)}" for one in checked.findings[:3]]
    if len(checked.findings) > 3:
        words.append(f"and {len(checked.findings) - 3} more")
    return words


def _json(event: str, facts: dict[str, Any]) -> str:
    return json.dumps({"event": event, "time": round(time.time(), 3), **facts})
