"""What passed through the proxy: the server held to its pages, the client judged, jobs recorded."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from mockserver import __version__, contract, resources
from mockserver.api.operation import segments
from mockserver.api.operations import LIST_STATUS, MODELS, OPENAI_MODELS, about, identify
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.entry_queries import json_of
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import judge
from mockserver.client_rules.verdict import Verdict
from mockserver.contract import CompiledOperation
from mockserver.documents import rfc3339
from mockserver.findings.finding import Finding
from mockserver.findings.report import CheckReport
from mockserver.findings.rule import SEVERITIES
from mockserver.http.exchange import Exchange
from mockserver.http.message import Body
from mockserver.remote.check import AUTO
from mockserver.remote.clock import SYSTEM, Clock
from mockserver.remote.forwarded import ForwardedRequest
from mockserver.remote.poll_recorder import PollRecorder
from mockserver.server.journal import Journal
from mockserver.server_rules.inspector import Inspector
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.shown_jobs import ShownJob, job_shown, jobs_listed
from mockserver.timeline.model import JobState, Status
from mockserver.timeline.recording import Recording

__all__ = ["CheckedExchange", "ProxyTraffic"]

_MAX_KNOWN_IDS = 20_000


@dataclass(frozen=True, slots=True)
class CheckedExchange:
    """One exchange that has passed, without its secrets, as the judge and the checker see it.

    `findings` are against the server; `unchecked` says why its response was not looked at, if it
    was not. `own_error` is what the proxy answered by itself, if it had to.
    """

    entry: JournalEntry
    observation: Observation
    findings: tuple[Finding, ...] = ()
    unchecked: str = ""
    own_error: str | None = None


class ProxyTraffic:
    """Takes in what passes, and says what it comes to. What it keeps is bounded.

    With the edition `auto` each operation is held to the newest pages that have it. With `records`,
    the polls of jobs are kept as well. `watch` is told of each request. UnknownName for an edition
    that there is not. Several threads may use it.
    """

    def __init__(
        self,
        server: str,
        edition: str = AUTO,
        *,
        records: bool = False,
        watch: Callable[[CheckedExchange], None] = lambda checked: None,
        clock: Clock = SYSTEM,
    ) -> None:
        self.server, self.edition = server, edition
        self._watch, self._clock, self._records = watch, clock, records
        self._operations = dict(_operations(edition))
        self._inspectors: dict[str, Inspector] = {}
        self._asked: Counter[str] = Counter()
        self._unchecked: Counter[str] = Counter()
        self._journal = Journal()
        self._recorder = PollRecorder()
        self._known_ids = set[str]()
        self._needs_token = False
        self._has_list: bool | None = None
        self._began_ms, self._began_s = clock.now_ms(), clock.monotonic_s()
        self._lock = threading.RLock()

    def take(self, forwarded: ForwardedRequest) -> None:
        """One request, when all of it has passed."""
        with self._lock:
            checked = self._take(forwarded)
        self._watch(checked)

    def _take(self, forwarded: ForwardedRequest) -> CheckedExchange:
        exchange = forwarded.exchange(self._journal.last + 1)
        observation = self._observe(forwarded, exchange)
        operation = observation.operation
        self._asked[operation or "other"] += 1
        unchecked = _why_unchecked(forwarded, observation)
        findings: tuple[Finding, ...] = ()
        if operation is None or unchecked:
            self._unchecked[unchecked] += 1
        else:
            edition = self._operations[operation][1]
            inspector = self._inspectors.setdefault(edition, Inspector(edition))
            findings = inspector.see(observation)
        entry = self._enter(forwarded, observation)
        self._needs_token |= entry.operation is not None and entry.status == 401
        if self._records and not forwarded.is_client_gone:
            self._recorder.add(observation, forwarded.started_ms)
        return CheckedExchange(entry, observation, findings, unchecked, forwarded.own_error)

    def _observe(self, forwarded: ForwardedRequest, exchange: Exchange) -> Observation:
        """The exchange, with what was asked for."""
        operations = (operation for operation, _ in self._operations.values())
        found = identify(forwarded.head.method, forwarded.path, operations)
        if found is not None and found[0].id == LIST_STATUS.id and exchange.status in (200, 404):
            self._has_list = self._has_list or exchange.status == 200
            if self.edition == AUTO and exchange.status == 404:
                found = None  # newer pages lack it
        operation = None if found is None else found[0]
        kind = None if operation is None else operation.about
        return Observation(
            exchange,
            at_ms=forwarded.started_ms + round(forwarded.took_s * 1000),
            operation=None if operation is None else operation.id,
            job_id=segments(exchange.request.path)[-1] if kind == "job" else None,
            model=_model_in(bytes(forwarded.body.start)) if kind == "model" else None,
        )

    def _enter(self, forwarded: ForwardedRequest, observation: Observation) -> JournalEntry:
        """Into the journal, as the judge reads it; it keeps less of the body."""
        exchange, response = observation.exchange, None
        if exchange.failure is None and not forwarded.is_client_gone:
            response = exchange.response
        if response is not None:
            response = replace(response, body=Body.of(response.body.start, response.body.size))
        shown = [] if response is None else list(_jobs_in(observation))
        if len(self._known_ids) < _MAX_KNOWN_IDS:
            self._known_ids.update(job.job_id for job in shown)
            if observation.job_id is not None and exchange.status != 404:
                self._known_ids.add(
                    observation.job_id
                )  # only a 404 tells that there is no such job
        asked = identify(forwarded.head.method, forwarded.path, (MODELS, OPENAI_MODELS))
        operation = observation.operation or (asked[0].id if asked else None)
        opened = self._journal.open(
            lambda: forwarded.started_ms, exchange.request, operation=operation
        )
        is_given = about(operation) == "model" and shown
        return self._journal.close(
            opened,
            response=response,
            replied_ms=observation.at_ms,
            took_s=exchange.took_s,
            started_s=exchange.started_s,
            connection=exchange.connection,
            credential=forwarded.credential,
            job_id=shown[0].job_id if is_given else observation.job_id,
            states=tuple(map(_state_of, shown)),
        )

    @property
    def requests(self) -> int:
        """How many have passed."""
        return self._journal.last

    def entries(self) -> tuple[JournalEntry, ...]:
        """The last of them, without secrets."""
        return self._journal.entries()

    def verdict(self) -> Verdict:
        """What the client did wrong, as far as the last 10,000 requests tell.

        Nobody is blamed for a path that no page has when the server had an answer there.
        """
        with self._lock:
            operations = {id_: operation for id_, (operation, _) in self._operations.items()}
            if self._has_list is False and self.edition == AUTO:
                operations.pop(LIST_STATUS.id, None)
            context = SessionContext(
                resources.edition_names()[-1] if self.edition == AUTO else self.edition,
                operations,
                "wall",
                self._needs_token,
                job_ids=frozenset(self._known_ids),
            )
            entries = [entry for entry in self.entries() if not _is_answered_elsewhere(entry)]
            return judge(entries, context, expected=("not-mocked",))

    def report(self) -> CheckReport:
        """What the server did wrong."""
        with self._lock:
            inspectors = list(self._inspectors.values())
            findings = [finding for inspector in inspectors for finding in inspector.findings]
            findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
            is_auto = self.edition == AUTO
            because = (
                "each operation by the newest pages that have it" if is_auto else "as asked for"
            )
            return CheckReport(
                subject=self.server,
                edition=" and ".join(sorted(self._inspectors)) or self.edition,
                edition_because=because,
                findings=tuple(findings),
                asked=dict(self._asked),
                tracks=tuple(series for inspector in inspectors for series in inspector.tracks()),
                notes=(
                    *(f"{count:,} not checked: {why}" for why, count in self._unchecked.items()),
                    *(note for inspector in inspectors for note in inspector.notes),
                ),
                seconds=self._clock.monotonic_s() - self._began_s,
                began_at=rfc3339.from_milliseconds(self._began_ms),
                made_by=f"mockserver {__version__}",
            )

    def recording(self) -> Recording:
        """The timeline of the jobs that were polled, whose replies showed them at least once.

        Raises NothingToRecord when there is none.
        """
        with self._lock:
            return self._recorder.recording(self._edition_to_replay(), self.server)

    def _edition_to_replay(self) -> str:
        """That of the list, if the server had one; else the newest that replies were held to."""
        if self.edition != AUTO:
            return self.edition
        if self._has_list and LIST_STATUS.id in self._operations:
            return self._operations[LIST_STATUS.id][1]
        return max(self._inspectors, default=resources.DEFAULT_EDITION)


def _operations(edition: str) -> Iterator[tuple[str, tuple[CompiledOperation, str]]]:
    """By id the operations that are held to pages, each with its edition."""
    names = resources.edition_names() if edition == AUTO else (edition,)
    for name in names:
        for id_, operation in contract.edition(name).operations.items():
            yield id_, (operation, name)


def _why_unchecked(forwarded: ForwardedRequest, observation: Observation) -> str:
    response = observation.exchange.response
    if observation.operation is None:
        return "a path that no page has"
    if forwarded.is_client_gone:
        return "the client went away"
    if observation.method == "HEAD":
        return "HEAD, which has no body"
    return "" if response is None or response.body.is_whole else "a body larger than 1 MiB"


def _model_in(body: bytes) -> str | None:
    data = json_of(body)
    model = data.get("model") if isinstance(data, dict) else None
    return model if isinstance(model, str) else None


def _jobs_in(observation: Observation) -> Iterator[ShownJob]:
    """The jobs that a response shows."""
    kind = about(observation.operation)
    if kind == "jobs":
        yield from jobs_listed(observation).values()
    elif kind in ("job", "model") and (job := job_shown(observation)) is not None:
        yield job


def _state_of(job: ShownJob) -> JobState:
    """What the judge needs of it: the status as it was told, known or not."""
    return JobState(
        job.job_id,
        cast(Status, job.status),
        total_size_bytes=int(job.total_size_bytes or 0),
        downloaded_bytes=int(job.downloaded_bytes or 0),
        started_at_ms=0,
    )


def _is_answered_elsewhere(entry: JournalEntry) -> bool:
    """Whether a path that no page has got an answer that is none of "no such endpoint"."""
    if entry.operation is not None or entry.reply is None or entry.reply.status >= 400:
        return False
    data: Any = json_of(entry.reply.body.start)
    error = data.get("error") if isinstance(data, dict) else None
    return not (isinstance(error, str) and error.startswith("Unexpected endpoint"))
