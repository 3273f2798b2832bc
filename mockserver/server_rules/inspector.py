"""Every rule that a server is held to, in groups, and a server held to them by its exchanges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mockserver import contract
from mockserver.api.operations import find
from mockserver.findings.finding import SEVERITIES, Finding, Fingerprint, Rule, merged
from mockserver.findings.report import JobSample, JobSeries
from mockserver.resources import DEFAULT_EDITION
from mockserver.server_rules.checked_response import CheckedResponse, ReportedJob
from mockserver.server_rules.history import MAX_JOBS, History
from mockserver.server_rules.history_rules import HISTORY
from mockserver.server_rules.http_rules import HTTP
from mockserver.server_rules.job_rules import JOBS
from mockserver.server_rules.observation import BYTE_COUNTS, Observation
from mockserver.server_rules.rule_group import RuleGroup
from mockserver.server_rules.run_rules import RUN
from mockserver.server_rules.schema_rules import DRIFT, JSON_TEXT, TABLES
from mockserver.server_rules.situation_rules import ELSEWHERE, SITUATIONS
from mockserver.server_rules.time_rules import TIMES
from mockserver.server_rules.values import is_number

_OF_RESPONSE = (HTTP, JSON_TEXT, TABLES, DRIFT, RuleGroup(JOBS.title, [*JOBS.rules, *TIMES.rules]))

GROUPS: tuple[RuleGroup, ...] = (SITUATIONS, RUN, *_OF_RESPONSE, HISTORY)

RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.id: rule for group in GROUPS for rule in group.rules}
)
"""All rules by id."""

_ORDER = {id_: place for place, id_ in enumerate(RULES)}

MAX_FINDINGS = 500
"""Distinct findings that are kept."""

MAX_CHARTED = 50
"""Jobs that a chart can show; the first ones that are seen."""
MAX_SAMPLES = 1000
"""Samples of one job; of more than that, each second one is left out again and again."""

_MAX_TEXT = 64


def findings_of(response: CheckedResponse) -> list[Finding]:
    """What can be said of a response without knowing any other, each rule and place once.

    Where one of the situations explains the whole, nothing else is said.
    """
    for rule in SITUATIONS.rules:
        if found := list(rule.broken_by(response)):
            return found
    rules = (rule for group in _OF_RESPONSE for rule in group.rules)
    return merged(finding for rule in rules for finding in rule.broken_by(response))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, then by rule, then in the order in which they came."""
    return sorted(
        findings,
        key=lambda finding: (
            SEVERITIES.index(finding.severity),
            _ORDER[finding.rule.id],
            finding.first.number,
        ),
    )


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
        self._samples: dict[str, _Thinned] = {}
        self._is_elsewhere = False

    def see(self, observation: Observation) -> tuple[Finding, ...]:
        """Take in one exchange: what is to be said of it, as findings of this exchange alone."""
        response = CheckedResponse(observation, self.edition)
        found = merged([*findings_of(response), *self._history.add(response)])
        self._is_elsewhere |= any(finding.rule.id in ELSEWHERE for finding in found)
        if self._is_elsewhere:  # which says already why unknown paths are answered otherwise
            found = [finding for finding in found if finding.rule.id != "unknown-path-status"]
        for job in response.jobs:
            self._add_sample(observation, job)
        for finding in found:
            self._count(finding)
        return tuple(found)

    def _count(self, finding: Finding) -> None:
        known = self._findings.get(finding.fingerprint)
        if known is None and len(self._findings) >= MAX_FINDINGS:
            self._left_out += finding.count
        else:
            seen = finding if known is None else known.merged_with(finding)
            self._findings[finding.fingerprint] = seen

    def _add_sample(self, observation: Observation, job: ReportedJob) -> None:
        """For the charts: as many of the jobs as one can show."""
        job_id, status = job.id, job.get("status")
        if job_id is None or len(job_id) > _MAX_TEXT or not isinstance(status, str):
            return
        if job_id in self._samples or len(self._samples) < MAX_CHARTED:
            numbers = (_number(job.get(name)) for name in BYTE_COUNTS)
            number, at_ms = observation.number, observation.at_ms
            sample = JobSample(number, at_ms, status[:_MAX_TEXT], *numbers)
            self._samples.setdefault(job_id, _Thinned()).add(sample)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding so far, each rule and place of an operation once; the gravest first."""
        return tuple(in_order(self._findings.values()))

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
        return tuple(JobSeries(job_id, kept.all()) for job_id, kept in self._samples.items())


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


@dataclass(slots=True)
class _Thinned:
    """Every `stride`-th sample so far, and the last one, which always counts."""

    samples: list[JobSample] = field(default_factory=list)
    stride: int = 1
    count: int = 0
    last: JobSample | None = None

    def add(self, sample: JobSample) -> None:
        if self.count % self.stride == 0:
            self.samples.append(sample)
            if len(self.samples) > MAX_SAMPLES:
                del self.samples[1::2]
                self.stride *= 2
        self.count += 1
        self.last = sample

    def all(self) -> tuple[JobSample, ...]:
        last = [] if self.last is None or self.samples[-1] is self.last else [self.last]
        return (*self.samples, *last)


def _number(value: object) -> float | None:
    """A number that a chart can show: none is greater than 2 to the power of 63."""
    return value if is_number(value) and abs(value) <= 2**63 else None
