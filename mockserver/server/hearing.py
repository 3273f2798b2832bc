"""The judge's view of a session: its journal, and what there is to know besides."""

from __future__ import annotations

from dataclasses import replace

from mockserver.conduct.exchange import Exchange
from mockserver.conduct.judge import Circumstances, Limits, judge
from mockserver.conduct.rules import RULES
from mockserver.conduct.verdict import Verdict
from mockserver.errors import UnknownName
from mockserver.server.session import Session
from mockserver.server.settings import clock_kind
from mockserver.timeline.request import model_name

__all__ = ["Hearing"]


class Hearing:
    """Hears one session after another, and gives one verdict.

    `strict`: clients that never ask make a mistake, too.
    """

    def __init__(self, limits: Limits | None = None, *, strict: bool = False) -> None:
        self._limits = Limits() if limits is None else limits
        self._strict = strict
        self._expected: set[str] = set()
        self._past: list[tuple[tuple[Exchange, ...], Circumstances]] = []
        self._unremarkable = 0

    def expect(self, *rules: str) -> None:
        """Let clients break these rules; UnknownName for one that is none."""
        for rule in rules:
            if rule not in RULES:
                raise UnknownName("rule", rule, tuple(RULES))
        self._expected.update(rules)

    def close(self, session: Session) -> None:
        """The session is about to begin anew: keep what there is to say of it so far."""
        exchanges, circumstances = self._evidence(session)
        if judge(exchanges, circumstances).remarks:
            self._past.append((exchanges, circumstances))
        else:
            self._unremarkable += len(exchanges)

    def verdict(self, session: Session) -> Verdict:
        """What clients did in all that was heard."""
        verdicts = [
            judge(exchanges, circumstances, expected=self._expected)
            for exchanges, circumstances in [*self._past, self._evidence(session)]
        ]
        whole = Verdict(
            tuple(remark for one in verdicts for remark in one.remarks),
            tuple(remark for one in verdicts for remark in one.expected),
            sum(one.requests for one in verdicts) + self._unremarkable,
            self._unremarkable > 0 or any(one.is_observed for one in verdicts),
        )
        if whole.is_observed or not self._strict:
            return whole
        unobserved = judge((), self._evidence(session)[1], expected=self._expected, strict=True)
        return replace(
            whole,
            remarks=(*whole.remarks, *unobserved.remarks),
            expected=(*whole.expected, *unobserved.expected),
        )

    def text(self, session: Session) -> str:
        """The verdict for a failure message, with the requests that it is about."""
        verdict = self.verdict(session)
        exchanges, _ = self._evidence(session)
        for past, circumstances in self._past:
            if judge(past, circumstances, expected=self._expected).remarks:
                exchanges = past
                break
        return verdict.text(exchanges)

    def _evidence(self, session: Session) -> tuple[tuple[Exchange, ...], Circumstances]:
        settings, playback = session.settings, session.playback
        jobs = playback.timeline.jobs
        operations = {id_: operation for id_, (operation, _) in settings.operations.items()}
        circumstances = Circumstances(
            session.edition,
            operations,
            clock_kind(session.clock),
            settings.token is not None,
            self._limits,
            frozenset(job.job_id for job in jobs),
            frozenset(model_name(job.model) for job in jobs if job.model),
        )
        return session.journal.entries(), circumstances
