"""What the journal says about a client: findings, and the verdict that they make."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import count, groupby
from typing import Any

from mockserver.client_rules.entry_queries import times
from mockserver.client_rules.journal_entry import Entries
from mockserver.client_rules.request_log import request_log
from mockserver.documents.text import counted, wrapped
from mockserver.errors import visible
from mockserver.findings.finding import Finding

_WIDTH = 100
_SHOWN_RUNS = 8
_SHOWN_FINDINGS = 12


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a client did wrong; `expected` is allowed by the test. `is_observed`: it did ask us."""

    remarks: tuple[Finding, ...] = ()
    expected: tuple[Finding, ...] = ()
    requests: int = 0
    is_observed: bool = True

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that fail a test."""
        return tuple(finding for finding in self.remarks if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Those that do not."""
        return tuple(finding for finding in self.remarks if finding.severity == "warning")

    def allowing(self, rules: Collection[str]) -> Verdict:
        """The same with the findings about these rules, and no others, set apart."""
        findings = (*self.remarks, *self.expected)
        return replace(
            self,
            remarks=tuple(finding for finding in findings if finding.rule.id not in rules),
            expected=tuple(finding for finding in findings if finding.rule.id in rules),
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "is_observed": self.is_observed,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "remarks": list(map(_facts, self.remarks)),
            "expected": list(map(_facts, self.expected)),
        }

    def __str__(self) -> str:
        return "\n".join([self.headline, *map(str, self.remarks)])

    @property
    def headline(self) -> str:
        """`poll-after-end: the client made 1 mistake in 41 requests`."""
        requests = counted(self.requests, "request")
        if not self.remarks:
            return f"nothing to say against the client, in {requests}"
        mistakes = counted(len(self.errors), "mistake") if self.errors else "no mistake"
        warned = f", and is warned {times(len(self.warnings))}" if self.warnings else ""
        first, *others = dict.fromkeys(finding.rule.id for finding in self.remarks)
        more = f" and {len(others)} more" if others else ""
        return f"{first}{more}: the client made {mistakes} in {requests}{warned}"

    def text(self, entries: Entries) -> str:
        """The verdict for a failure message, with a log of these requests."""
        if not self.remarks:
            return self.headline
        lines = [self.headline]
        for finding in self.remarks[:_SHOWN_FINDINGS]:
            lines += ["", *_lines(finding)]
        if len(self.remarks) > _SHOWN_FINDINGS:
            lines += ["", f"… and {len(self.remarks) - _SHOWN_FINDINGS:,} more remarks"]
        marked = {number for finding in self.remarks for number in finding.numbers}
        lines += ["", request_log(entries, marked)] if entries else []
        first = self.remarks[0].rule.id
        lines += ["", f'To allow one of these in a test: mock_server.expect("{first}")']
        return "\n".join(lines)


def _facts(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "severity": finding.severity,
        "message": finding.message,
        "advice": finding.rule.advice,
        "numbers": list(finding.numbers),
        "job_id": finding.job_id,
    }


def _lines(finding: Finding) -> list[str]:
    numbers = f" [{request_numbers(finding)}]" if finding.numbers else ""
    lines = [f"{finding.severity}: {finding.rule.id}{numbers}"]
    for text in (visible(finding.message), f"→ {finding.rule.advice}"):
        lines += [f"    {line}" for line in wrapped(text, _WIDTH - 4)]
    return lines


def request_numbers(finding: Finding) -> str:
    """`#3, #5-9`: the first few runs of the numbers of the requests that show it."""
    places = count()
    # In a run, numbers and places grow alike.
    runs = [list(run) for _, run in groupby(finding.numbers, lambda number: number - next(places))]
    shown = ["#" + "-".join(map(str, dict.fromkeys((run[0], run[-1])))) for run in runs]
    return ", ".join([*shown[:_SHOWN_RUNS], *(["…"] if len(runs) > _SHOWN_RUNS else [])])
