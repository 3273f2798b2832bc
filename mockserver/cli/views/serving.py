"""What `mockserver serve` says while it runs: each request, and a summary."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from mockserver.api.operations import DOWNLOAD, about
from mockserver.cli.views.jobs import state_in_words
from mockserver.cli.views.log import Announcer, request_line
from mockserver.cli.views.startup import Startup
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.documents.text import counted
from mockserver.server.control.session_json import journal_entry as facts_of


class ServeView(Announcer):
    """Announces what a server does, and counts what the requests came to."""

    def __init__(self, *, as_json: bool, quiet: bool) -> None:
        super().__init__(as_json=as_json, quiet=quiet)
        self._lock = threading.Lock()
        self._operations: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._faults_struck = 0

    def listening(self, startup: Startup) -> None:
        """It listens. One report, so that no request comes between."""
        self.announce("listening", lambda: "\n".join(startup.lines()), startup.facts)

    def request(self, entry: JournalEntry) -> None:
        """A request has ended, in whichever thread."""
        with self._lock:
            self._operations[entry.operation or "unknown path"] += 1
            self._statuses["none" if entry.status is None else str(entry.status)] += 1
            self._faults_struck += entry.fault is not None
        self.announce("request", lambda: _request_line(entry), lambda: _request_facts(entry))

    def stopped(self) -> None:
        self.announce("stopped", self._summary, self._counts)

    def _summary(self) -> str:
        number = self._operations.total()
        line = f"stopped after {counted(number, 'request')}"
        if number:
            line += f": {_listed(self._operations)}; replies: {_listed(self._statuses)}"
        if self._faults_struck:
            line += f"; a fault struck {counted(self._faults_struck, 'time')}"
        return line

    def _counts(self) -> dict[str, Any]:
        return {
            "requests": self._operations.total(),
            "operations": dict(self._operations),
            "statuses": dict(self._statuses),
            "faults_struck": self._faults_struck,
        }


def _request_line(entry: JournalEntry) -> str:
    is_known = entry.operation is not None
    return request_line(entry, entry.status, _outcome(entry), is_fine=is_known)


def _request_facts(entry: JournalEntry) -> dict[str, Any]:
    return {"session": entry.session_id, **facts_of(entry)}


def _outcome(entry: JournalEntry) -> str:
    """What a request came to: `2 jobs`, `no such job`, `already downloaded`, `fault: 503`."""
    fault, parts = entry.fault, []
    if len(entry.states) == 1:
        parts.append(state_in_words(entry.states[0]))
    elif entry.states:
        parts.append(f"{len(entry.states)} jobs")
    elif fault is None or (fault.reply is None and fault.disconnect is None):
        parts.append(_without_states(entry))
    if fault is not None:
        parts.append(f"fault: {fault.effects_in_words()}")
    return "  ".join(parts)


def _without_states(entry: JournalEntry) -> str:
    status, asked = entry.status, about(entry.operation)
    if status is None:
        return "no reply"
    if status == 401:
        return "no token" if entry.request.headers.get("Authorization") is None else "not the token"
    if asked == "models":
        return "models"
    if asked == "model" and status == 200:
        return "already downloaded"
    if asked == "jobs" and status == 200:
        return "no jobs"
    if asked == "job" and status == 404:
        return "no such job"
    if entry.operation is not None and status >= 400:
        return "refused"
    if entry.method == DOWNLOAD.method and DOWNLOAD.match(entry.path) is not None:
        return "not in this edition; --with-download answers it"
    return "no such endpoint"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} x {what}" for what, number in counts.most_common())
