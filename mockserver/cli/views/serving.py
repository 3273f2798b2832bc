"""What `mockserver serve` says: first where it is and what to try, then each request, a summary."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from mockserver.api.operations import DOWNLOAD, JOB_STATUS
from mockserver.cli.views.jobs import clock_in_words, first_job, outcome_in_words
from mockserver.cli.views.log import Announcer, request_line
from mockserver.cli.views.output import curl
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.documents.text import counted, plain, size
from mockserver.faults.fault import Fault
from mockserver.server.control.session_json import journal_entry as facts_of
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.timeline.model import REQUEST
from mockserver.timeline.playback import length

_SHOWN = 5  # jobs, and faults, that are named of each timeline


@dataclass(frozen=True, slots=True)
class Startup:
    """What there is to say of a server that begins to listen.

    `host` is what it was told to listen on, `url` where it is. `made_token` is the control token
    that was made because none was given; `is_guarded` says whether one is asked for at all. Tokens
    that were given are never shown: commands name them by the variables that can hold them.
    """

    sessions: Sessions
    host: str
    url: str
    is_guarded: bool = False
    made_token: str | None = None

    def played(self) -> list[tuple[str | None, str, Session]]:
        others = self.sessions.all()
        opened = [(other.id, self.url + other.prefix, other.session) for other in others]
        return [(None, self.url, self.sessions.own), *opened]

    def facts(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "control": f"{self.url}/_mock",
            **({} if self.made_token is None else {"control_token": self.made_token}),
            "sessions": [
                {
                    "id": id_,
                    "url": base,
                    "timeline": session.timeline.name,
                    "edition": session.edition,
                    "jobs": [job.job_id for job in session.timeline.jobs],
                    "events": list(session.event_names),
                }
                for id_, base, session in self.played()
            ],
        }

    def lines(self) -> Iterator[str]:
        """For people. The last one is what to try."""
        for _, base, session in self.played():
            yield from self._introduction(session, base)
        if self.host in ("0.0.0.0", "::"):
            port = self.url.rpartition(":")[2]
            yield f"{self.host} is every address of this machine: others reach it at port {port}"
        if self.made_token is not None:
            yield "whoever steers it needs the token that was made for this run:"
            yield f"  export MOCKSERVER_CONTROL_TOKEN={self.made_token}"
        elif self.is_guarded:
            yield "whoever steers it needs the control token, below $MOCKSERVER_CONTROL_TOKEN"
        if self.sessions.own.config.token is not None:
            yield "every request of the API needs the token, below $MOCKSERVER_TOKEN"
        yield f"steer it: {self._control(self.url, '/_mock')}"
        if self.sessions.own.config.clock == "manual":
            yield f"move its clock: {self._control(self.url, '/_mock/clock', {'advance': '10s'})}"
        yield f"try: {self._try()}"

    def _introduction(self, session: Session, base: str) -> Iterator[str]:
        timeline = session.timeline
        name = click.style(plain(timeline.name), bold=True)
        lasts, clock = length(session.playback), clock_in_words(session.clock)
        yield f"{base} plays {name} (edition {session.edition}; {lasts}; {clock})"
        if timeline.description:
            yield f"  {plain(timeline.description)}"
        for job in timeline.jobs[:_SHOWN]:
            model = f"  {plain(job.model)}" if job.model else ""
            yield f"  {plain(job.job_id)}  {size(job.total_size_bytes)}{model}"
        if len(timeline.jobs) > _SHOWN:
            yield f"  and {counted(len(timeline.jobs) - _SHOWN, 'job')} more"
        if _only_on_request(session) and DOWNLOAD.id not in session.operations:
            yield "  no job begins before a client asks for it, which only --with-download answers"
        for event in session.event_names:
            fired = self._control(base, "/_mock/events", {"name": event})
            # A POST does it as well, and so would a client.
            what = "a POST of its model, or" if event == REQUEST else plain(event)
            yield f"  waits for {what}: {fired}"
        for fault in timeline.faults[:_SHOWN]:
            yield f"  fault: {fault.words()}{self._unless_refused(session, fault)}"
        if len(timeline.faults) > _SHOWN:
            yield f"  and {counted(len(timeline.faults) - _SHOWN, 'fault')} more"

    def _unless_refused(self, session: Session, fault: Fault) -> str:
        """Why connections are not refused, where a fault would."""
        if not fault.refuse:
            return ""
        reasons = {
            "the port serves other timelines, too": bool(self.sessions.all()),
            "polls must come in to move this clock": session.config.clock == "poll",
            "the control API must be there to move this clock": session.config.clock == "manual",
            "the control API must be there to end it": fault.when.lasts_ms is None,
        }
        reason = next((reason for reason, holds in reasons.items() if holds), None)
        return f" (accepted and reset, in fact: {reason})" if reason else ""

    def _try(self) -> str:
        """The first thing to ask: a job's status, or a model where no job has begun."""
        session = self.sessions.own
        token = None if session.config.token is None else "MOCKSERVER_TOKEN"
        if _only_on_request(session) and DOWNLOAD.id in session.operations:
            model = next(job.model for job in session.timeline.jobs if job.model)
            return curl(self.url + DOWNLOAD.path, {"model": model}, token)
        path = JOB_STATUS.path_for(job_id=first_job(session.timeline))
        return curl(self.url + path, token=token)

    def _control(self, base: str, path: str, data: Any = None) -> str:
        token = "MOCKSERVER_CONTROL_TOKEN" if self.is_guarded else None
        return curl(base + path, data, token)


def _only_on_request(session: Session) -> bool:
    jobs = session.timeline.jobs
    return all(job.begin.on_request for job in jobs) and any(job.model for job in jobs)


class ServeView(Announcer):
    def __init__(self, *, as_json: bool, quiet: bool) -> None:
        super().__init__(as_json=as_json, quiet=quiet)
        self._lock = threading.Lock()
        self._operations: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._faults_struck = 0

    def listening(self, startup: Startup) -> None:
        """One report, so that no request comes between."""
        self.announce("listening", lambda: "\n".join(startup.lines()), startup.facts)

    def request(self, entry: JournalEntry) -> None:
        with self._lock:
            self._operations[entry.operation or "unknown path"] += 1
            self._statuses["none" if entry.status is None else str(entry.status)] += 1
            self._faults_struck += entry.fault is not None
        self.announce(
            "request",
            lambda: request_line(
                entry, entry.status, outcome_in_words(entry), is_fine=entry.operation is not None
            ),
            lambda: {"session": entry.session_id, **facts_of(entry)},
        )

    def stopped(self) -> None:
        facts = {
            "requests": self._operations.total(),
            "operations": dict(self._operations),
            "statuses": dict(self._statuses),
            "faults_struck": self._faults_struck,
        }
        self.announce("stopped", self._summary, lambda: facts)

    def _summary(self) -> str:
        number = self._operations.total()
        line = f"stopped after {counted(number, 'request')}"
        if number:
            operations, statuses = (
                ", ".join(f"{times:,} x {what}" for what, times in counts.most_common())
                for counts in (self._operations, self._statuses)
            )
            line += f": {operations}; replies: {statuses}"
        if self._faults_struck:
            line += f"; a fault struck {counted(self._faults_struck, 'time')}"
        return line
