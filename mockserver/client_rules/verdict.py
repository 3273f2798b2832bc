"""What the journal says about a client: remarks, and the verdict that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.client_rules.chart import timeline_of
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.reading import times
from mockserver.client_rules.rules import Rule
from mockserver.documents.text import wrapped
from mockserver.errors import visible

__all__ = ["Remark", "Verdict"]

_WIDTH = 100
_SHOWN_RUNS = 8
_SHOWN_REMARKS = 12


@dataclass(frozen=True, slots=True)
class Remark:
    """One rule that a client broke, and what it did.

    `numbers` are those of the exchanges, in their order; `job_id` the job that it is about, if it
    is about one.
    """

    rule: Rule
    message: str
    numbers: tuple[int, ...] = ()
    job_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "rule": self.rule.id,
            "severity": self.rule.severity,
            "message": self.message,
            "advice": self.rule.advice,
            "numbers": list(self.numbers),
            "job_id": self.job_id,
        }

    def __str__(self) -> str:
        return f"{self.rule.id}: {visible(self.message)}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a client did wrong. `expected` are the remarks that the test allows.

    `requests` is how many exchanges were judged; `is_observed` whether any of them asked for a
    documented operation.
    """

    remarks: tuple[Remark, ...] = ()
    expected: tuple[Remark, ...] = ()
    requests: int = 0
    is_observed: bool = True

    @property
    def errors(self) -> tuple[Remark, ...]:
        """The remarks that fail a test."""
        return tuple(one for one in self.remarks if one.rule.severity == "error")

    @property
    def warnings(self) -> tuple[Remark, ...]:
        """Those that do not."""
        return tuple(one for one in self.remarks if one.rule.severity == "warning")

    def as_dict(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "is_observed": self.is_observed,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "remarks": [one.as_dict() for one in self.remarks],
            "expected": [one.as_dict() for one in self.expected],
        }

    def __str__(self) -> str:
        return "\n".join([self.headline, *map(str, self.remarks)])

    @property
    def headline(self) -> str:
        """`poll-after-end: the client made 1 mistake in 41 requests`."""
        requests = _counted(self.requests, "request")
        if not self.remarks:
            return f"nothing to say against the client, in {requests}"
        mistakes = _counted(len(self.errors), "mistake") if self.errors else "no mistake"
        warned = f", and is warned {times(len(self.warnings))}" if self.warnings else ""
        first, *others = dict.fromkeys(one.rule.id for one in self.remarks)
        rules = first + (f" and {len(others)} more" if others else "")
        return f"{rules}: the client made {mistakes} in {requests}{warned}"

    def text(self, exchanges: Sequence[JournalEntry]) -> str:
        """The verdict for a failure message, with a timeline of these exchanges."""
        lines = [self.headline]
        for remark in self.remarks[:_SHOWN_REMARKS]:
            lines += ["", *_remark_lines(remark)]
        if len(self.remarks) > _SHOWN_REMARKS:
            lines += ["", f"… and {len(self.remarks) - _SHOWN_REMARKS:,} more remarks"]
        marked = {number for remark in self.remarks for number in remark.numbers}
        if exchanges and self.remarks:
            lines += ["", timeline_of(exchanges, marked)]
        if self.remarks:
            first = self.remarks[0].rule.id
            lines += ["", f'To allow one of these in a test: mock_server.expect("{first}")']
        return "\n".join(lines)


def _remark_lines(remark: Remark) -> list[str]:
    about = f" [{_ranges(remark.numbers)}]" if remark.numbers else ""
    lines = [f"{remark.rule.severity}: {remark.rule.id}{about}"]
    for text in (visible(remark.message), f"→ {remark.rule.advice}"):
        lines += [f"    {line}" for line in wrapped(text, _WIDTH - 4)]
    return lines


def _ranges(numbers: Sequence[int]) -> str:
    """`#3, #5-9`: runs of numbers, the first few of them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    shown = ["-".join(map(str, run)) for run in runs[:_SHOWN_RUNS]]
    more = ", …" if len(runs) > _SHOWN_RUNS else ""
    return "#" + ", #".join(shown) + more


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
