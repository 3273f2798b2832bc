"""A finding: that a rule is broken, where, and what shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from mockserver.errors import visible
from mockserver.findings.rule import Rule, Severity

Fingerprint: TypeAlias = tuple[str, str, str]
"""Operation ("" for none), rule and place of a finding: the same in every run."""


class Occurrence(NamedTuple):
    """An exchange that shows a finding: its number in the run, and milliseconds since 1970."""

    number: int
    at_ms: int


NO_OCCURRENCE = Occurrence(0, 0)


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule, broken at one place.

    `message` says in half a sentence what was done; `expected` and `found` are there where two
    values are held against each other. `count` is how often it was seen. Of the exchanges that show
    it there are either `numbers`, in their order, or only the `first` and the `last`. `pointer` is
    the JSON pointer of the first occurrence, and `place` the same with `*` for each index of an
    array, so that a hundred jobs of a list make one finding. `page` and `line` are where the rule
    is documented, or where a page is wrong. `curl` shows the first occurrence again. `job_id` is
    the job that it is about, if it is about one. Findings of the same rule and `cause` in several
    runs of a client are likely to be one mistake. `hint` says better than the rule's advice what
    to do here.
    """

    rule: Rule
    message: str = ""
    expected: str = ""
    found: str = ""
    operation: str | None = None
    job_id: str | None = None
    numbers: tuple[int, ...] = ()
    count: int = 1
    first: Occurrence = NO_OCCURRENCE
    last: Occurrence = NO_OCCURRENCE
    pointer: str = ""
    place: str = ""
    page: str | None = None
    line: int | None = None
    curl: str = ""
    cause: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.rule.id}: {visible(self.message)}"

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    @property
    def advice(self) -> str:
        """What to do about it: the rule's advice, unless this case has its own."""
        return self.hint or self.rule.advice

    @property
    def id(self) -> str:
        """`required:/downloading/*/job_id`: rule and place, the same in every run."""
        return f"{self.rule.id}:{self.place}" if self.place else self.rule.id

    @property
    def fingerprint(self) -> Fingerprint:
        """What a baseline knows it by."""
        return (self.operation or "", self.rule.id, self.place)

    def merged_with(self, later: Finding) -> Finding:
        """This one, seen again: the facts of the first, the count of both."""
        numbers = (*self.numbers, *later.numbers)
        return replace(self, numbers=numbers, count=self.count + later.count, last=later.last)


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each fingerprint, in the order of the first of each."""
    known: dict[Fingerprint, Finding] = {}
    for finding in findings:
        before = known.get(finding.fingerprint)
        known[finding.fingerprint] = before.merged_with(finding) if before else finding
    return list(known.values())
