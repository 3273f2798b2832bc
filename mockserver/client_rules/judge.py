"""Judges a client by the journal of its requests."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mockserver.client_rules.context import Limits, SessionContext
from mockserver.client_rules.entry_queries import polled_id
from mockserver.client_rules.job_ids import known_ids
from mockserver.client_rules.journal_entry import Entries, JournalEntry
from mockserver.client_rules.rules import NOT_OBSERVED, RULES
from mockserver.client_rules.verdict import Verdict
from mockserver.errors import UnknownName
from mockserver.findings.finding import Finding

__all__ = ["Limits", "SessionContext", "judge"]

_WHATEVER_THE_REPLY = frozenset({"undocumented-members"})
"""Rules that a request breaks by itself: no reply that a test gave can excuse it."""
_ORDER = {id_: place for place, id_ in enumerate(RULES)}


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
    ordered = sorted(entries, key=lambda entry: entry.number)
    findings = list(_findings(ordered, context))
    is_observed = any(entry.operation in context.operations for entry in ordered) or bool(
        ordered and ordered[0].number > 1
    )
    is_error = any(
        finding.severity == "error" and finding.rule.id not in expected for finding in findings
    )
    if strict and not is_observed and not is_error:
        findings.append(Finding(NOT_OBSERVED, "the timeline was never asked anything"))
    findings.sort(key=_rank)
    return Verdict(tuple(findings), (), len(ordered), is_observed).allowing(expected)


def _findings(entries: Entries, context: SessionContext) -> Iterator[Finding]:
    if not entries:
        return  # most tests of a big suite never ask: they cost nothing
    accountable = _accountable(entries, context)
    for rule in RULES.values():
        if rule.check is not None:
            judged = entries if rule.id in _WHATEVER_THE_REPLY else accountable
            yield from rule.check(judged, context)


def _rank(finding: Finding) -> tuple[bool, int, tuple[int, ...], str]:
    """Errors come first, then the rules in their order, then who began it."""
    is_warning = finding.severity == "warning"
    return is_warning, _ORDER[finding.rule.id], finding.numbers[:1], finding.job_id or ""


def _accountable(entries: Entries, context: SessionContext) -> Entries:
    """The entries, in their order, that the timeline alone accounts for.

    Left out are those that a test answered, and polls after them of ids that the timeline does not
    have: the client may have read them in such a reply.
    """
    first = next((at for at, entry in enumerate(entries) if _is_answered_by_test(entry)), None)
    if first is None:
        return entries
    kept = list(entries[:first])
    known = known_ids([entry for entry in entries if not _is_answered_by_test(entry)], context)
    for entry in entries[first:]:
        job_id = polled_id(entry)
        if not _is_answered_by_test(entry) and (job_id is None or job_id in known):
            kept.append(entry)
    return kept


def _is_answered_by_test(entry: JournalEntry) -> bool:
    return entry.fault is not None and entry.fault.by_test
