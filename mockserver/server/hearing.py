"""The judge's view of a session: its journal, and what there is to know besides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mockserver.client_rules.entry_queries import asks_for_model
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import Limits, SessionContext, judge
from mockserver.client_rules.request_log import request_log
from mockserver.client_rules.rules import RULES
from mockserver.client_rules.verdict import Verdict
from mockserver.errors import UnknownName
from mockserver.server.journal import Journal
from mockserver.server.session import Session
from mockserver.server.settings import clock_kind
from mockserver.timeline.download_request import model_name

__all__ = ["Evidence", "Hearing"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A journal, and the session that wrote it as it was then."""

    journal: Journal
    context: SessionContext


@dataclass(frozen=True, slots=True)
class _Part:
    """What there is to say from one beginning to the next, counted from 1."""

    number: int
    exchanges: tuple[JournalEntry, ...]
    verdict: Verdict


class Hearing:
    """Hears one part of a test after another, and gives one verdict.

    `strict`: clients that never ask make a mistake, too.
    """

    def __init__(self, limits: Limits | None = None, *, strict: bool = False) -> None:
        self._limits = Limits() if limits is None else limits
        self._strict = strict
        self._expected: set[str] = set()
        self._past: list[_Part] = []
        self.parts = 0
        self._issued: frozenset[str] = frozenset()
        self._requests = 0
        self._is_observed = False
        self._shown: set[str] = set()

    def expect(self, *rules: str) -> None:
        """Let clients break these rules; UnknownName for one that is none."""
        for rule in rules:
            if not isinstance(rule, str) or rule not in RULES:
                raise UnknownName("rule", str(rule), tuple(RULES))
        self._expected.update(rules)

    def evidence(self, session: Session) -> Evidence:
        """What is known of a session that may begin anew meanwhile."""
        settings, playback = session.settings, session.playback
        jobs = playback.timeline.jobs
        operations = {id_: operation for id_, (operation, _) in settings.operations.items()}
        context = SessionContext(
            session.edition,
            operations,
            clock_kind(session.clock),
            settings.token is not None,
            self._limits,
            self._issued.union(job.job_id for job in jobs),
            frozenset(model_name(job.model) for job in jobs if job.model),
        )
        return Evidence(session.journal, context)

    def keep(self, evidence: Evidence) -> None:
        """A part is over: keep what there is to say of it.

        Requests are kept only where they show a rule that was not broken before.
        """
        part = self._heard(evidence)
        self.parts += 1
        self._issued |= {
            one.job_id for one in part.exchanges if asks_for_model(one) and one.job_id is not None
        }
        self._requests += part.verdict.requests
        self._is_observed |= part.verdict.is_observed
        broken = {remark.rule.id for remark in part.verdict.remarks}
        if not broken:
            return
        self._past.append(replace(part, exchanges=()) if broken <= self._shown else part)
        self._shown |= broken

    def verdict(self, session: Session) -> Verdict:
        """What clients did in all that was heard."""
        evidence = self.evidence(session)
        last = self._heard(evidence)
        remarks = [one for part in (*self._past, last) for one in part.verdict.remarks]
        is_observed = self._is_observed or last.verdict.is_observed
        whole = self._sorted(
            Verdict(tuple(remarks), (), self._requests + last.verdict.requests, is_observed)
        )
        if not self._strict or is_observed or whole.errors:
            return whole
        never = judge((), evidence.context, strict=True)
        return self._sorted(replace(whole, remarks=(*whole.remarks, *never.remarks)))

    def text(self, session: Session) -> str:
        """The verdict for a failure message, with the requests that it is about.

        Of several parts it shows the first in which a rule was broken.
        """
        whole = self.verdict(session)
        last = self._heard(self.evidence(session))
        if self.parts:
            for part in self._faulty(last):
                where = f"in part {part.number:,} of {self.parts + 1:,}; each reset begins one"
                shown = self._sorted(part.verdict).text(part.exchanges)
                return f"{whole.headline}\n\nThe first of it is {where}:\n\n{shown}"
        if whole.remarks or not last.exchanges:
            return whole.text(last.exchanges)
        return f"{whole.headline}\n\n{request_log(last.exchanges)}"

    def _faulty(self, last: _Part) -> Iterator[_Part]:
        for part in (*self._past, last):
            if part.exchanges and self._sorted(part.verdict).remarks:
                yield part

    def _heard(self, evidence: Evidence) -> _Part:
        exchanges = evidence.journal.entries()
        return _Part(self.parts + 1, exchanges, judge(exchanges, evidence.context))

    def _sorted(self, verdict: Verdict) -> Verdict:
        """The same with the remarks about expected rules set apart."""
        return verdict.allowing(self._expected)
