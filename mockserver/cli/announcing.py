"""What a server says while it runs, in words or in JSON: where it is, each request, its summary."""

from __future__ import annotations

import json
import shlex
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import click

from mockserver.cli.options import counted

if TYPE_CHECKING:
    from mockserver.cli.console import Log
    from mockserver.conduct.exchange import Exchange
    from mockserver.server.session import Session
    from mockserver.server.sessions import Sessions

__all__ = ["Announcer", "InJson", "InWords"]

_STATUS_PATH = "/api/v1/models/download/status"
_SHOWN = 5
"""How many jobs, and how many faults, the introduction names."""


class Announcer(Protocol):
    """Told what happens, from whichever thread."""

    def listening(self, sessions: Sessions, url: str, made_token: str | None) -> None:
        """It listens; `made_token` is the control token that was made because none was given."""

    def request(self, exchange: Exchange) -> None:
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

    def add(self, exchange: Exchange) -> None:
        with self._lock:
            self.operations[exchange.operation or "unknown path"] += 1
            self.statuses["no reply" if exchange.status is None else str(exchange.status)] += 1
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

    def listening(self, sessions: Sessions, url: str, made_token: str | None) -> None:
        _introduce(sessions.own, url)
        for opened in sessions.all():
            _introduce(opened.session, url + opened.prefix)
        control = f"steer it: curl {url}/_mock"
        if made_token is not None:
            control += f" -H 'Authorization: Bearer {made_token}'"
        click.echo(control)
        click.echo(f"try: {_try(sessions.own, url)}")

    def request(self, exchange: Exchange) -> None:
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
            line += f": {_listed(summary.operations)}; answered {_listed(summary.statuses)}"
        if summary.strikes:
            line += f"; a fault struck {counted(summary.strikes, 'time')}"
        click.echo(line)


class InJson:
    """One JSON object a line, each with its `event`: listening, request or stopped."""

    def __init__(self, log: Log, quiet: bool) -> None:
        self._log = log
        self._quiet = quiet
        self._summary = _Summary()

    def listening(self, sessions: Sessions, url: str, made_token: str | None) -> None:
        played: list[tuple[str | None, str, Session]] = [(None, url, sessions.own)]
        played += [(one.id, url + one.prefix, one.session) for one in sessions.all()]
        self._say(
            "listening",
            url=url,
            control=f"{url}/_mock",
            **({} if made_token is None else {"control_token": made_token}),
            sessions=[
                {
                    "id": id_,
                    "url": base,
                    "timeline": session.timeline.name,
                    "edition": session.edition,
                    "jobs": [job.job_id for job in session.timeline.jobs],
                }
                for id_, base, session in played
            ],
        )

    def request(self, exchange: Exchange) -> None:
        from mockserver.server.control.facts import exchange as facts_of

        self._summary.add(exchange)
        if not self._quiet:
            self._say("request", session=exchange.session_id, **facts_of(exchange))

    def stopped(self) -> None:
        summary = self._summary
        facts = {
            "requests": summary.requests,
            "operations": dict(summary.operations),
            "statuses": dict(summary.statuses),
            "faults_struck": summary.strikes,
        }
        click.echo(_json("stopped", facts))

    def _say(self, event: str, **facts: Any) -> None:
        self._log.line(_json(event, facts))


def _json(event: str, facts: dict[str, Any]) -> str:
    return json.dumps({"event": event, "time": round(time.time(), 3), **facts}, ensure_ascii=False)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} x {what}" for what, number in counts.most_common())


def _introduce(session: Session, url: str) -> None:
    from mockserver.cli.words import clock_in_words
    from mockserver.timeline import words

    timeline = session.timeline
    length, clock = words.length(session.playback), clock_in_words(session.clock)
    click.echo(f"{url} plays ", nl=False)
    click.secho(timeline.name, bold=True, nl=False)
    click.echo(f" (edition {session.edition}; {length}; {clock})")
    if timeline.description:
        click.echo(f"  {words.plain(timeline.description)}")
    for job in timeline.jobs[:_SHOWN]:
        model = f"  {words.plain(job.model)}" if job.model else ""
        click.echo(f"  {job.job_id}  {words.size(job.total_size_bytes)}{model}")
    if len(timeline.jobs) > _SHOWN:
        click.echo(f"  and {counted(len(timeline.jobs) - _SHOWN, 'job')} more")
    for event in session.playback.event_names:
        click.echo(f"  waits for {event}: {_post(url, '/_mock/events', {'name': event})}")
    for fault in timeline.faults[:_SHOWN]:
        click.echo(f"  fault: {words.fault_in_words(fault)}")
    if len(timeline.faults) > _SHOWN:
        click.echo(f"  and {counted(len(timeline.faults) - _SHOWN, 'fault')} more")


def _try(session: Session, url: str) -> str:
    """The first thing to ask: a job's status, or a model where no job has begun."""
    from mockserver.cli.words import first_job

    bears = " -H 'Authorization: Bearer TOKEN'" if session.settings.token else ""
    waiting = [job for job in session.timeline.jobs if job.begin.on_request and job.model]
    if len(waiting) == len(session.timeline.jobs) and "download" in session.settings.operations:
        path = "/api/v1/models/download"
        return _post(url, path, {"model": waiting[0].model}) + bears
    job_id = quote(first_job(session.timeline), safe="")
    return f"curl {url}{_STATUS_PATH}/{job_id}{bears}"


def _post(url: str, path: str, data: Any) -> str:
    body = shlex.quote(json.dumps(data, ensure_ascii=False))
    return f"curl {url}{path} -H 'Content-Type: application/json' -d {body}"
