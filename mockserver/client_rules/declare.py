"""How a rule for clients is declared: its facts stand before its check, in its group's module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.findings.finding import Finding
from mockserver.findings.rule import Provenance, Rule, Severity

__all__ = ["ClientCheck", "Entries", "client_rule", "finding"]

Entries: TypeAlias = Sequence[JournalEntry]
"""The journal of a session, in the order of the numbers, or some of it."""

ClientCheck: TypeAlias = Callable[[Entries, SessionContext], Iterator[Finding]]


def client_rule(
    id_: str, severity: Severity, provenance: Provenance, *, sentence: str, why: str, advice: str
) -> Callable[[ClientCheck], Rule]:
    """Makes the check below it a rule. An error fails a client's test, a warning does not."""

    def declared(check: ClientCheck) -> Rule:
        return Rule(
            id=id_,
            severity=severity,
            provenance=provenance,
            sentence=sentence,
            why=why,
            advice=advice,
            check=check,
        )

    return declared


def finding(rule: Rule, message: str, entries: Entries, job_id: str | None = None) -> Finding:
    """The rule, broken by these entries."""
    numbers = tuple(entry.number for entry in entries)
    return Finding(rule, message, numbers=numbers, job_id=job_id)
