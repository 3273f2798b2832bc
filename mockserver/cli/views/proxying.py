"""What `mockserver proxy` says: where it is, each request, and how it ended."""

from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.views.log import Announcer, clock_time, request_line
from mockserver.documents.text import clipped, counted, plain, size
from mockserver.errors import visible
from mockserver.remote.forwarded import CheckedExchange
from mockserver.remote.proxy_traffic import ProxyTraffic

_SHOWN_FINDINGS = 3


class ProxyView(Announcer):
    """Announces what passes. With `only_result` standard output is the result's, and what cannot
    wait for it is said on standard error.
    """

    def __init__(self, *, log_json: bool, quiet: bool, only_result: bool) -> None:
        super().__init__(as_json=log_json, quiet=quiet or only_result)
        self._only_result = only_result

    def listening(self, url: str, upstream: str) -> None:
        words = f"{url} passes everything on to {upstream}"
        if self._only_result:
            click.echo(words, err=True)
            return
        advice = f"point your client at {url}; Ctrl-C ends it and says what was found"
        text = f"{words}, and looks at it\n{advice}"
        self.announce("listening", lambda: text, lambda: {"url": url, "upstream": upstream})

    def request(self, checked: CheckedExchange) -> None:
        self.announce("request", lambda: _line(checked), lambda: _facts(checked))

    def full(self, most: int) -> None:
        """No more connections are served: why a client gets a 503 that no server sent."""
        words = f"{counted(most, 'connection')} at once: more are answered 503 by the proxy"
        if self._only_result:
            click.echo(words, err=True)
            return
        self.announce("full", lambda: f"{clock_time()} {words}", lambda: {"connections": most})

    def stopped(self, traffic: ProxyTraffic) -> None:
        if self._only_result:
            return
        words = f"stopped after {counted(traffic.requests, 'request')}"
        self.announce(
            "stopped",
            lambda: words,
            lambda: {
                "requests": traffic.requests,
                "findings": [finding.id for finding in traffic.report().findings],
                "verdict": traffic.verdict().as_dict(),
            },
        )


def _line(checked: CheckedExchange) -> str:
    outcome, is_fine = "  ".join(_outcome(checked)), not checked.findings
    return request_line(checked.entry, checked.observation.status, outcome, is_fine=is_fine)


def _outcome(checked: CheckedExchange) -> Iterator[str]:
    """`downloading  911 MB of 2.28 GB`, `no reply from …`, `error: required:/status`."""
    states = checked.entry.states
    if len(states) == 1:
        state = states[0]
        yield clipped(plain(state.status), 20)
        yield f"{size(state.downloaded_bytes)} of {size(state.total_size_bytes)}"
    elif states:
        yield counted(len(states), "job")
    if checked.own_error:
        yield f"answered by the proxy: {visible(checked.own_error)}"
    elif checked.observation.failure is not None:
        yield visible(checked.observation.failure.message)
    if checked.unchecked:
        yield f"(not checked: {checked.unchecked})"
    for finding in checked.findings[:_SHOWN_FINDINGS]:
        yield f"{finding.severity}: {visible(finding.id)}"
    if len(checked.findings) > _SHOWN_FINDINGS:
        yield f"and {len(checked.findings) - _SHOWN_FINDINGS} more"


def _facts(checked: CheckedExchange) -> dict[str, Any]:
    seen = checked.observation
    return {
        "number": checked.entry.number,
        "method": checked.entry.method,
        "target": seen.exchange.request.target,
        "operation": checked.entry.operation,
        "status": seen.status,
        "took_s": round(seen.took_s, 6),
        "trouble": None if seen.failure is None else seen.failure.message,
        "own": checked.own_error,
        "unchecked": checked.unchecked or None,
        "findings": [finding.id for finding in checked.findings],
    }
