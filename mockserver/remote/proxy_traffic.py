"""What passed through the proxy: the server held to its pages, the client judged, jobs recorded."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver import contract, resources
from mockserver.api.operations import LIST_STATUS, MODELS, OPENAI_MODELS, about, identify
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import judge
from mockserver.client_rules.verdict import Verdict
from mockserver.contract import CompiledOperation
from mockserver.documents import json_text, rfc3339
from mockserver.findings.finding import SEVERITIES, Finding
from mockserver.findings.report import CheckReport
from mockserver.http.message import Body
from mockserver.remote.edition import AUTO
from mockserver.remote.forwarded import CheckedExchange, ForwardedRequest
from mockserver.remote.recorded_polls import PollRecorder
from mockserver.remote.time_source import SYSTEM_TIME
from mockserver.server.journal import Journal
from mockserver.server_rules.inspector import Inspector
from mockserver.server_rules.observation import Observation, states_in
from mockserver.timeline.recording import Recording

_MAX_KNOWN_IDS = 20_000


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
    ) -> None:
        self.server, self.edition = server, edition
        self._watch, self._records = watch, records
        self._operations = {
            id_: (operation, name)
            for name in (resources.edition_names() if edition == AUTO else (edition,))
            for id_, operation in contract.edition(name).operations.items()
        }
        self._inspectors: dict[str, Inspector] = {}
        self._asked: Counter[str] = Counter()
        self._unchecked: Counter[str] = Counter()
        self._journal = Journal()
        self._recorder = PollRecorder()
        self._known_ids = set[str]()
        self._needs_token = False
        self._has_list: bool | None = None
        self._began_ms, self._began_s = SYSTEM_TIME.now_ms(), SYSTEM_TIME.monotonic_s()
        self._lock = threading.RLock()

    def take(self, forwarded: ForwardedRequest) -> None:
        """One request, when all of it has passed."""
        with self._lock:
            checked = self._take(forwarded)
        self._watch(checked)

    def _take(self, forwarded: ForwardedRequest) -> CheckedExchange:
        operation = self._operation(forwarded)
        observation = forwarded.observation(self._journal.last + 1, operation)
        self._asked[observation.operation or "other"] += 1
        unchecked = forwarded.why_unchecked(observation)
        findings: tuple[Finding, ...] = ()
        if operation is None or unchecked:
            self._unchecked[unchecked] += 1
        else:
            edition = self._operations[operation.id][1]
            inspector = self._inspectors.setdefault(edition, Inspector(edition))
            findings = inspector.see(observation)
        entry = self._enter(forwarded, observation)
        self._needs_token |= entry.operation is not None and entry.status == 401
        if self._records and not forwarded.is_client_gone:
            self._recorder.add(observation, forwarded.started_ms)
        return CheckedExchange(entry, observation, findings, unchecked, forwarded.own_error)

    def _operation(self, forwarded: ForwardedRequest) -> CompiledOperation | None:
        """The documented one that is asked for; the list only from a server that has it."""
        operations = (operation for operation, _ in self._operations.values())
        found = identify(forwarded.head.method, forwarded.path, operations)
        status = forwarded.status
        if found is not None and found[0].id == LIST_STATUS.id and status in (200, 404):
            self._has_list = self._has_list or status == 200
            if self.edition == AUTO and status == 404:
                return None  # newer pages lack it
        return None if found is None else found[0]

    def _enter(self, forwarded: ForwardedRequest, observation: Observation) -> JournalEntry:
        """Into the journal, as the judge reads it; it keeps less of the body."""
        exchange, response = observation.exchange, None
        if exchange.failure is None and not forwarded.is_client_gone:
            response = exchange.response
        if response is not None:
            response = replace(response, body=Body.of(response.body.start, response.body.size))
        states = () if response is None else states_in(observation)
        job_id = observation.job_id
        if len(self._known_ids) < _MAX_KNOWN_IDS:
            self._known_ids.update(state.job_id for state in states)
            if job_id is not None and exchange.status != 404:  # which says that there is none
                self._known_ids.add(job_id)
        models = identify(forwarded.head.method, forwarded.path, (MODELS, OPENAI_MODELS))
        operation = observation.operation or (models[0].id if models else None)
        if states and about(operation) == "model":
            job_id = states[0].job_id
        opened = self._journal.open(
            lambda: forwarded.started_ms, exchange.request, operation=operation
        )
        return self._journal.close(
            opened,
            response=response,
            replied_ms=observation.at_ms,
            took_s=exchange.took_s,
            started_s=exchange.started_s,
            connection=exchange.connection,
            credential=forwarded.credential,
            job_id=job_id,
            states=states,
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
            newest = "each operation by the newest pages that have it"
            return CheckReport(
                subject=self.server,
                edition=" and ".join(sorted(self._inspectors)) or self.edition,
                edition_because=newest if self.edition == AUTO else "as asked for",
                findings=tuple(findings),
                asked=dict(self._asked),
                tracks=tuple(series for inspector in inspectors for series in inspector.tracks()),
                notes=(
                    *(f"{count:,} not checked: {why}" for why, count in self._unchecked.items()),
                    *(note for inspector in inspectors for note in inspector.notes),
                ),
                seconds=SYSTEM_TIME.monotonic_s() - self._began_s,
                began_at=rfc3339.from_milliseconds(self._began_ms),
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


def _is_answered_elsewhere(entry: JournalEntry) -> bool:
    """Whether a path that no page has got an answer that is none of "no such endpoint"."""
    if entry.operation is not None or entry.reply is None or entry.reply.status >= 400:
        return False
    data: Any = json_text.loads_or_none(entry.reply.body.start)
    error = data.get("error") if isinstance(data, dict) else None
    return not (isinstance(error, str) and error.startswith("Unexpected endpoint"))
