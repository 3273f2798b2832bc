"""A finding: where a server departs from its pages or from what it is known to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "PROVENANCES",
    "SEVERITIES",
    "Finding",
    "Fingerprint",
    "Provenance",
    "Rule",
    "Severity",
    "Sighting",
]

Severity: TypeAlias = Literal["error", "warning", "drift", "info"]
"""A broken promise; what clients trip over; what the pages do not know (yet); worth knowing."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "drift", "info")
"""The gravest first."""

Provenance: TypeAlias = Literal["D", "O", "G"]

PROVENANCES: dict[Provenance, str] = {
    "D": "documented",
    "O": "observed on a real server",
    "G": "guessed",
}

Fingerprint: TypeAlias = tuple[str, str, str]
"""Operation ("" for none), rule and place of a finding: the same in every run."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a server must do, in a sentence, and how that is known.

    `why` says what clients suffer when it does not; `advice` what to do about a finding.
    """

    id: str
    severity: Severity
    provenance: Provenance
    sentence: str
    why: str
    advice: str

    def as_dict(self) -> dict[str, str]:
        return {
            "id": self.id,
            "severity": self.severity,
            "provenance": self.provenance,
            "sentence": self.sentence,
            "why": self.why,
            "advice": self.advice,
        }


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a finding was seen: the request's number in its run, and milliseconds since 1970."""

    number: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken at one place of one operation's replies, however often.

    `pointer` is the JSON pointer of the first sighting, and `place` the same with `*` for each
    index of an array, so that a hundred jobs of a list make one finding. `page` and `line` are the
    row behind the rule, where there is one. `curl` shows the first sighting again. `job_id` is the
    job that the first sighting was about, if it was about one.
    """

    rule: Rule
    operation: str | None
    pointer: str
    place: str
    expected: str
    found: str
    page: str | None
    line: int | None
    count: int
    first: Sighting
    last: Sighting
    curl: str = ""
    job_id: str | None = None

    @property
    def id(self) -> str:
        """`required:/downloading/*/job_id`: rule and place, the same in every run."""
        return f"{self.rule.id}:{self.place}" if self.place else self.rule.id

    @property
    def fingerprint(self) -> Fingerprint:
        """What a baseline knows it by."""
        return (self.operation or "", self.rule.id, self.place)
