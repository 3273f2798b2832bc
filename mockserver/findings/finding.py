"""A finding: that a rule is broken, where, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mockserver.findings.rule import Rule, Severity

__all__ = ["Finding", "Fingerprint"]

Fingerprint: TypeAlias = tuple[str, str, str]
"""Operation ("" for none), rule and place of a finding: the same in every run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule, broken at one place.

    `message` says in half a sentence what was done; `expected` and `found` are there where two
    values are held against each other. `numbers` are those of the exchanges that show it, in their
    order, `count` how often it was seen. `pointer` is the JSON pointer of the first sighting, and
    `place` the same with `*` for each index of an array, so that a hundred jobs of a list make one
    finding. `page` and `line` are where the rule is documented, or where a page is wrong. `curl`
    shows the first sighting again. `job_id` is the job that it is about, if it is about one.
    """

    rule: Rule
    message: str = ""
    expected: str = ""
    found: str = ""
    operation: str | None = None
    job_id: str | None = None
    numbers: tuple[int, ...] = ()
    count: int = 1
    pointer: str = ""
    place: str = ""
    page: str | None = None
    line: int | None = None
    curl: str = ""

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    @property
    def id(self) -> str:
        """`required:/downloading/*/job_id`: rule and place, the same in every run."""
        return f"{self.rule.id}:{self.place}" if self.place else self.rule.id

    @property
    def fingerprint(self) -> Fingerprint:
        """What a baseline knows it by."""
        return (self.operation or "", self.rule.id, self.place)
