"""What one check of a server has to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.server_rules.finding import SEVERITIES, Finding, Fingerprint, Severity

__all__ = ["Point", "Report", "Track"]


@dataclass(frozen=True, slots=True)
class Point:
    """A job as one poll showed it; a number is None where the reply had none."""

    number: int
    at_ms: int
    status: str
    downloaded_bytes: float | None
    total_size_bytes: float | None
    bytes_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """A job over time, for a chart: at most some thousand points, thinned evenly beyond that."""

    job_id: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one run, the gravest first, and what they rest on.

    `edition` is what the server was held to, `edition_because` how that was chosen, in a sentence.
    `asked` counts the requests by operation. `accepted` are findings that a baseline knows,
    `stale` what it knows besides and this run has not seen, though it asked.
    `is_whole`: it was not interrupted; `notes` are sentences on what was not asked, and why.
    `began_at` is an RFC 3339 date-time, `made_by` this program's name and version.
    """

    subject: str
    edition: str
    edition_because: str
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...] = ()
    stale: tuple[Fingerprint, ...] = ()
    asked: Mapping[str, int] = field(default_factory=dict)
    tracks: tuple[Track, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    began_at: str = ""
    made_by: str = ""
    is_whole: bool = True

    def at_or_above(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings that are at least this grave."""
        grave = SEVERITIES[: SEVERITIES.index(severity) + 1]
        return tuple(one for one in self.findings if one.rule.severity in grave)
