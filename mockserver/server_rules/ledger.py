"""Remarks counted together: one finding for each rule at each place of an operation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mockserver.findings.finding import Finding, Occurrence
from mockserver.findings.rule import SEVERITIES
from mockserver.server_rules.catalogue import RULES
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.remark import Remark

__all__ = ["MAX_FINDINGS", "Ledger"]

MAX_FINDINGS = 500
"""Distinct findings that are kept."""

_ORDER = {id_: place for place, id_ in enumerate(RULES)}


class Ledger:
    """Findings by operation, rule and place; those beyond `MAX_FINDINGS` are only counted."""

    def __init__(self) -> None:
        self._findings: dict[tuple[str, str, str], Finding] = {}
        self.left_out = 0

    def add(self, seen: Observation, remarks: Iterable[Remark]) -> tuple[Finding, ...]:
        """Count the remarks on one exchange; they come back as findings of that one alone."""
        new = tuple(_finding(seen, remark) for remark in remarks)
        for one in new:
            known = self._findings.get(one.fingerprint)
            if known is not None:
                count = known.count + one.count
                self._findings[one.fingerprint] = replace(known, count=count, last=one.last)
            elif len(self._findings) < MAX_FINDINGS:
                self._findings[one.fingerprint] = one
            else:
                self.left_out += one.count
        return new

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The gravest first, then by rule, then in the order in which they came."""
        return tuple(sorted(self._findings.values(), key=_rank))


def _rank(finding: Finding) -> tuple[int, int, int]:
    rule = finding.rule
    return SEVERITIES.index(rule.severity), _ORDER[rule.id], finding.first.number


def _finding(seen: Observation, remark: Remark) -> Finding:
    sighting = Occurrence(seen.number, seen.at_ms)
    return Finding(
        RULES[remark.rule],
        expected=remark.expected,
        found=remark.found,
        operation=seen.operation,
        job_id=remark.job_id or seen.job_id,
        count=remark.count,
        first=sighting,
        last=sighting,
        pointer=remark.pointer,
        place=remark.place,
        page=remark.page,
        line=remark.line,
        curl=seen.curl,
    )
