"""Holds a server to its pages, exchange by exchange."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mockserver import contract
from mockserver.api.operations import find
from mockserver.findings.finding import Finding, Fingerprint, merged
from mockserver.findings.report import JobSeries
from mockserver.findings.rule import SEVERITIES
from mockserver.http.exchange import Exchange
from mockserver.http.message import Body, Headers, Request, Response
from mockserver.resources import DEFAULT_EDITION
from mockserver.server_rules.catalogue import RULES, findings_of
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.history import MAX_JOBS, History
from mockserver.server_rules.job_series import SeriesRecorder
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.situation_rules import ELSEWHERE

__all__ = ["MAX_FINDINGS", "Inspector", "example", "inspect"]

MAX_FINDINGS = 500
"""Distinct findings that are kept."""

_ORDER = {id_: place for place, id_ in enumerate(RULES)}


class Inspector:
    """Reads the exchanges of one run, in the order in which the responses came.

    Whatever a server sends is read without an error. What is kept is bounded: 500 distinct
    findings, 20,000 jobs, and some thousand samples of each of 50 jobs. UnknownName when there is
    no such edition.
    """

    def __init__(self, edition: str = DEFAULT_EDITION) -> None:
        self.edition = contract.edition(edition).name
        self._findings: dict[Fingerprint, Finding] = {}
        self._left_out = 0
        self._history = History()
        self._series = SeriesRecorder()
        self._is_elsewhere = False

    def see(self, observation: Observation) -> tuple[Finding, ...]:
        """Take in one exchange: what is to be said of it, as findings of this exchange alone."""
        response = CheckedResponse.of(observation, self.edition)
        found = merged([*findings_of(response), *self._history.add(response)])
        self._is_elsewhere |= any(finding.rule.id in ELSEWHERE for finding in found)
        self._series.add(observation, (job.members for job in response.jobs))
        found = [finding for finding in found if not self._is_explained(finding)]
        self._count(found)
        return tuple(found)

    def _is_explained(self, finding: Finding) -> bool:
        """Whether a situation at the API says already why unknown paths are answered otherwise."""
        return self._is_elsewhere and finding.rule.id == "unknown-path-status"

    def _count(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            known = self._findings.get(finding.fingerprint)
            if known is not None:
                self._findings[finding.fingerprint] = known.merged_with(finding)
            elif len(self._findings) < MAX_FINDINGS:
                self._findings[finding.fingerprint] = finding
            else:
                self._left_out += finding.count

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding so far, each rule and place of an operation once; the gravest first."""
        return tuple(_sorted(self._findings.values()))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out because there was too much of it, in sentences."""
        notes = []
        if self._left_out:
            notes.append(
                f"Of {MAX_FINDINGS} distinct findings on, others are only counted: "
                f"{self._left_out:,} sightings are not shown."
            )
        if self._history.left_out:
            notes.append(f"Only the first {MAX_JOBS:,} jobs were followed from poll to poll.")
        return tuple(notes)

    def tracks(self) -> tuple[JobSeries, ...]:
        """The jobs over time, for a chart."""
        return self._series.all()


def inspect(
    status: int,
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
    body: bytes | str,
    operation: str,
    edition: str = DEFAULT_EDITION,
    *,
    job_id: str | None = None,
    at_ms: int | None = None,
) -> list[Finding]:
    """The findings of one response, the gravest first; empty when all is well.

    `job_id` is the job that was asked for. `at_ms` is when the response came, in milliseconds since
    1970: estimates are compared to it where the response has no Date header. UnknownName when the
    edition has no such operation.

    >>> body = b'{"job_id": "1", "status": "paused", "downloaded_bytes": 2, "total_size_bytes": 1}'
    >>> found = inspect(200, {"Content-Type": "application/json"}, body, "job_status")
    >>> [finding.id for finding in found]
    ['bytes-within-total:/downloaded_bytes']
    """
    about = contract.edition(edition).operation(operation)
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    request = Request(about.method, about.path_for(job_id=job_id or "job"))
    response = Response(status, Headers.of(headers), Body(data, len(data)))
    observation = Observation(Exchange(1, request, response), at_ms or 0, operation, job_id)
    checked = CheckedResponse.of(observation, edition, knows_time=at_ms is not None)
    return _sorted(findings_of(checked))


def example(id_: str) -> Finding | None:
    """The finding that a rule's example makes; None where there is no example.

    >>> example("bytes-never-fall").found
    '300'
    """
    observations: tuple[Observation, ...] = RULES[id_].example
    operations = [find(observation.operation) for observation in observations]
    editions = [name for each in operations if each is not None for name in each.editions]
    inspector = Inspector(editions[0] if editions else DEFAULT_EDITION)
    for observation in observations:
        inspector.see(observation)
    return next((finding for finding in inspector.findings if finding.rule.id == id_), None)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, then by rule, then in the order in which they came."""
    return sorted(
        findings,
        key=lambda finding: (
            SEVERITIES.index(finding.severity),
            _ORDER[finding.rule.id],
            finding.first.number,
        ),
    )
