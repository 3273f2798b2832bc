"""What passed through the proxy: the server held to its pages, the client judged, jobs recorded."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mockserver import __version__, contract, resources
from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import judge
from mockserver.client_rules.verdict import Verdict
from mockserver.contract import CompiledOperation
from mockserver.documents import rfc3339
from mockserver.findings.finding import Finding
from mockserver.findings.report import CheckReport
from mockserver.findings.rule import SEVERITIES
from mockserver.http.message import Body, Response
from mockserver.http.redaction import Redaction
from mockserver.remote.check import AUTO
from mockserver.remote.clock import SYSTEM, Clock
from mockserver.remote.passage import Passage
from mockserver.remote.records import (
    credential_key,
    credentials,
    is_answered_elsewhere,
    request_of,
    seen_of,
    shown_in,
    state_of,
)
from mockserver.remote.reels import Reels
from mockserver.server.journal import Journal
from mockserver.server.paths import split_target
from mockserver.server_rules.inspector import Inspector
from mockserver.server_rules.observation import Observation
from mockserver.timeline.recording import Recording

__all__ = ["Passed", "Traffic"]

_KNOWN = 20_000

_LISTS_OF_MODELS = {"/api/v1/models": "list_models", "/v1/models": "list_openai_models"}
_LIST = "list_status"


@dataclass(frozen=True, slots=True)
class Passed:
    """One request that has passed, without its secrets.

    `findings` are against the server; `unchecked` says why its reply was not looked at, if it was
    not. `own` is what the proxy answered by itself, if it had to.
    """

    exchange: JournalEntry
    seen: Observation
    findings: tuple[Finding, ...] = ()
    unchecked: str = ""
    own: str | None = None


class Traffic:
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
        watch: Callable[[Passed], None] = lambda passed: None,
        clock: Clock = SYSTEM,
    ) -> None:
        self.server, self.edition = server, edition
        self._watch, self._clock, self._records = watch, clock, records
        self._operations = dict(_operations(edition))
        self._inspectors: dict[str, Inspector] = {}
        self._asked: Counter[str] = Counter()
        self._unchecked: Counter[str] = Counter()
        self._journal = Journal()
        self._reels = Reels()
        self._known = set[str]()
        self._needs_token = False
        self._has_list: bool | None = None
        self._began_ms, self._began_s = clock.now_ms(), clock.monotonic_s()
        self._lock = threading.RLock()

    def take(self, passage: Passage) -> Passed:
        """One request, when all of it has passed."""
        with self._lock:
            passed = self._taken(passage)
        self._watch(passed)
        return passed

    def _taken(self, passage: Passage) -> Passed:
        secrets = tuple(credentials(passage))
        path, _ = split_target(passage.head.target)
        operation = self._operation(passage.head.method, path)
        if operation is not None and operation[0].id == _LIST and passage.status in (200, 404):
            self._has_list = self._has_list or passage.status == 200
            if self.edition == AUTO and passage.status == 404:
                operation = None  # newer pages lack it
        id_ = None if operation is None else operation[0].id
        seen, unchecked = seen_of(passage, id_, secrets, self._journal.last + 1)
        self._asked[seen.operation or "other"] += 1
        findings: tuple[Finding, ...] = ()
        if unchecked:
            self._unchecked[unchecked] += 1
        elif operation is not None:
            inspector = self._inspectors.setdefault(operation[1], Inspector(operation[1]))
            findings = inspector.see(seen)
        exchange = self._exchange(passage, seen, Redaction(secrets))
        self._needs_token |= exchange.operation is not None and exchange.status == 401
        if self._records and not passage.is_client_gone:
            self._reels.add(seen, passage.asked_ms)
        return Passed(exchange, seen, findings, unchecked, passage.own)

    def _operation(self, method: str, path: str) -> tuple[CompiledOperation, str] | None:
        """The documented one that is asked for, with the edition whose pages hold it."""
        for operation, edition in self._operations.values():
            if operation.accepts(method) and operation.match(path) is not None:
                return operation, edition
        return None

    def _exchange(self, passage: Passage, seen: Observation, redaction: Redaction) -> JournalEntry:
        """Into the journal, as the judge reads it."""
        request = request_of(passage, redaction)
        reply = None
        if seen.status is not None and seen.failure is None and not passage.is_client_gone:
            reply = Response(seen.status, seen.headers, Body.of(seen.body, passage.reply.size))
        shown = [] if reply is None else list(shown_in(seen))
        if len(self._known) < _KNOWN:
            self._known.update(one.job_id for one in shown)
            if seen.job_id is not None and seen.status != 404:
                self._known.add(seen.job_id)  # only a 404 tells that there is no such job
        operation = seen.operation or _LISTS_OF_MODELS.get(request.path)
        opened = self._journal.open(lambda: passage.asked_ms, request, operation=operation)
        job_id = seen.job_id
        if seen.operation == "download" and shown:
            job_id = shown[0].job_id
        return self._journal.close(
            opened,
            response=reply,
            replied_ms=seen.at_ms,
            took_s=passage.took_s,
            started_s=passage.asked_s,
            connection=passage.connection,
            credential=credential_key(passage),
            job_id=job_id,
            states=tuple(state_of(one) for one in shown),
        )

    @property
    def requests(self) -> int:
        """How many have passed."""
        return self._journal.last

    def exchanges(self) -> tuple[JournalEntry, ...]:
        """The last of them, without secrets."""
        return self._journal.entries()

    def verdict(self) -> Verdict:
        """What the client did wrong, as far as the last 10,000 requests tell.

        Nobody is blamed for a path that no page has when the server had an answer there.
        """
        with self._lock:
            operations = {id_: operation for id_, (operation, _) in self._operations.items()}
            if self._has_list is False and self.edition == AUTO:
                operations.pop(_LIST, None)
            about = SessionContext(
                resources.edition_names()[-1] if self.edition == AUTO else self.edition,
                operations,
                "wall",
                self._needs_token,
                job_ids=frozenset(self._known),
            )
            judged = [one for one in self._journal.entries() if not is_answered_elsewhere(one)]
            return judge(judged, about, expected=("not-mocked",))

    def report(self) -> CheckReport:
        """What the server did wrong."""
        with self._lock:
            inspectors = list(self._inspectors.values())
            findings = [one for inspector in inspectors for one in inspector.findings]
            findings.sort(key=lambda one: SEVERITIES.index(one.rule.severity))
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
                tracks=tuple(one for inspector in inspectors for one in inspector.tracks()),
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
            return self._reels.recording(self._edition_to_replay(), self.server)

    def _edition_to_replay(self) -> str:
        """That of the list, if the server had one; else the newest that replies were held to."""
        if self.edition != AUTO:
            return self.edition
        if self._has_list and _LIST in self._operations:
            return self._operations[_LIST][1]
        return max(self._inspectors, default=resources.DEFAULT_EDITION)


def _operations(edition: str) -> Iterator[tuple[str, tuple[CompiledOperation, str]]]:
    """By id the operations that are held to pages, each with its edition."""
    names = resources.edition_names() if edition == AUTO else (edition,)
    for name in names:
        for id_, operation in contract.edition(name).operations.items():
            yield id_, (operation, name)
