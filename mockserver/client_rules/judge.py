"""Judges a client by the journal of its requests."""

from collections.abc import Collection, Iterator
from typing import Any

from mockserver.client_rules.context import Limits, SessionContext
from mockserver.client_rules.entry_queries import in_order, known_ids
from mockserver.client_rules.journal_entry import Entries
from mockserver.client_rules.rules import NOT_OBSERVED, RULES
from mockserver.client_rules.verdict import Verdict
from mockserver.errors import UnknownName
from mockserver.findings.finding import Finding

__all__ = ["Limits", "SessionContext", "judge"]

_WHATEVER_THE_REPLY = frozenset({"undocumented-members"})
"""Rules that a request breaks by itself: no reply that a test gave can excuse it."""


def judge(
    entries: Entries,
    context: SessionContext,
    *,
    expected: Collection[str] = (),
    strict: bool = False,
) -> Verdict:
    """What the journal of one session says about its clients.

    What follows from a reply that a test gave is nobody's mistake.
    Findings about the `expected` rules are set apart; UnknownName when one of them is no rule.
    `strict`: a client that never asked for a documented operation made a mistake, also when it
    made no other.
    """
    for id_ in expected:
        if id_ not in RULES:
            raise UnknownName("rule", id_, tuple(RULES))
    ordered, order = in_order(entries), list(RULES)
    findings = list(_findings(ordered, context))
    is_cut = bool(ordered) and ordered[0].number > 1
    is_observed = is_cut or any(entry.operation in context.operations for entry in ordered)
    is_error = any(
        finding.severity == "error" and finding.rule.id not in expected for finding in findings
    )
    if strict and not is_observed and not is_error:
        findings.append(Finding(NOT_OBSERVED, "the timeline was never asked anything"))

    def rank(finding: Finding) -> tuple[Any, ...]:
        """Errors come first, then the rules in their order, then who began it."""
        began = finding.numbers[:1], finding.job_id or ""
        return finding.severity == "warning", order.index(finding.rule.id), *began

    findings.sort(key=rank)
    return Verdict(tuple(findings), (), len(ordered), is_observed).allowing(expected)


def _findings(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    if not entries:
        return  # most tests of a big suite never ask: they cost nothing
    accountable = _accountable(entries, context)
    for rule in RULES.values():
        if rule.check is not None:
            judged = entries if rule.id in _WHATEVER_THE_REPLY else accountable
            yield from rule.check(judged, context)


def _accountable(entries: Entries, context: SessionContext) -> Entries:
    """The entries, in their order, that the timeline alone accounts for.

    Left out are those that a test answered, and polls after them of ids that the timeline does not
    have: the client may have read them in such a reply.
    """
    by_test = {entry.number for entry in entries if entry.fault and entry.fault.by_test}
    if not by_test:
        return entries
    others = [entry for entry in entries if entry.number not in by_test]
    first, known = min(by_test), {None, *known_ids(others, context)}
    return [entry for entry in others if entry.number < first or entry.polled_id in known]
