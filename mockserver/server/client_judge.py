"""Judges the clients of a session by its journal, one part of a test after another."""

from dataclasses import replace
from typing import NamedTuple, TypeAlias

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import Limits, SessionContext, judge
from mockserver.client_rules.request_log import request_log
from mockserver.client_rules.rules import RULES
from mockserver.client_rules.verdict import Verdict
from mockserver.errors import UnknownName
from mockserver.server.journal import Journal
from mockserver.server.loading import clock_kind
from mockserver.server.session import Session
from mockserver.timeline.download_request import model_name

Evidence: TypeAlias = tuple[Journal, SessionContext]
"""A journal, and the session that wrote it as it was then."""


class _Part(NamedTuple):
    number: int
    entries: tuple[JournalEntry, ...]
    verdict: Verdict


class ClientJudge:
    """One verdict on all parts of a test, which resets begin; if `strict`, clients must ask."""

    def __init__(self, limits: Limits | None = None, *, strict: bool = False) -> None:
        self._limits = Limits() if limits is None else limits
        self._strict = strict
        self._expected: set[str] = set()
        self._past: list[_Part] = []
        self.parts = self._requests = 0
        self._issued: frozenset[str] = frozenset()
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
        jobs = session.playback.timeline.jobs
        context = SessionContext(
            session.edition,
            {id_: operation for id_, (operation, _) in session.operations.items()},
            clock=clock_kind(session.clock),
            needs_token=session.config.token is not None,
            limits=self._limits,
            job_ids=self._issued.union(job.job_id for job in jobs),
            models=frozenset(model_name(job.model) for job in jobs if job.model),
        )
        return session.journal, context

    def keep(self, evidence: Evidence) -> None:
        """A part is over: keep its verdict, and its requests where they show a new mistake."""
        part = self._judged(evidence)
        verdict = part.verdict
        self.parts += 1
        asked = {entry.job_id for entry in part.entries if entry.asks_for_model}
        self._issued |= {job_id for job_id in asked if job_id is not None}
        self._requests += verdict.requests
        self._is_observed |= verdict.is_observed
        if broken := {remark.rule.id for remark in verdict.remarks}:
            self._past.append(part._replace(entries=()) if broken <= self._shown else part)
            self._shown |= broken

    def verdict(self, session: Session) -> Verdict:
        evidence = self.evidence(session)
        last = self._judged(evidence)
        remarks = [remark for part in (*self._past, last) for remark in part.verdict.remarks]
        is_observed = self._is_observed or last.verdict.is_observed
        requests = self._requests + last.verdict.requests
        whole = Verdict(tuple(remarks), (), requests, is_observed).allowing(self._expected)
        if not self._strict or is_observed or whole.errors:
            return whole
        never = judge((), evidence[1], strict=True).remarks
        return replace(whole, remarks=(*whole.remarks, *never)).allowing(self._expected)

    def text(self, session: Session) -> str:
        """The verdict for a failure, with the requests of the first part that broke a rule."""
        whole = self.verdict(session)
        last = self._judged(self.evidence(session))
        for part in (*self._past, last) if self.parts else ():
            verdict = part.verdict.allowing(self._expected)
            if part.entries and verdict.remarks:
                where = f"in part {part.number:,} of {self.parts + 1:,}; each reset begins one"
                shown = verdict.text(part.entries)
                return f"{whole.headline}\n\nThe first of it is {where}:\n\n{shown}"
        if whole.remarks or not last.entries:
            return whole.text(last.entries)
        return f"{whole.headline}\n\n{request_log(last.entries)}"

    def _judged(self, evidence: Evidence) -> _Part:
        journal, context = evidence
        entries = journal.entries()
        return _Part(self.parts + 1, entries, judge(entries, context))
