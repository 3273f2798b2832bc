"""A job as one response showed it, and the rules for what may become of it until the next poll."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mockserver.api.operations import DOWNLOAD
from mockserver.contract.json_data import shown
from mockserver.findings.finding import Finding, Rule
from mockserver.server_rules.checked_response import ReportedJob
from mockserver.server_rules.examples import answer, example_job, job_list, polls
from mockserver.server_rules.rule_group import RuleGroup
from mockserver.server_rules.values import instant, is_number

HISTORY = RuleGroup("One job over time")

_STALL_MS = 60_000
_MAX_TEXT = 64
ROUNDING_MS = 2
"""Instants are whole milliseconds: responses that overlap by less may be one after another."""


@dataclass(frozen=True, slots=True)
class ReportedState:
    """A job as one response showed it; None for what it does not say, or says wrongly.

    Two are equal that say the same, whenever and by whichever operation (`source`) that was.
    `begun_ms` is when it was asked for, or a little later, `at_ms` when the response was there.
    `is_refuted`: another operation's contradicts it, as was said.
    """

    status: str | None
    done: int | float | None
    total: int | float | None
    started_at: str | None
    completed_at: str | None
    source: str = field(compare=False)
    begun_ms: int = field(compare=False)
    at_ms: int = field(compare=False)
    is_refuted: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, job: ReportedJob) -> ReportedState:
        observation = job.response.observation
        done, total = job.get("downloaded_bytes"), job.get("total_size_bytes")
        return cls(
            _text(job.get("status")),
            done if is_number(done) else None,
            total if is_number(total) else None,
            _text(job.get("started_at")),
            _text(job.get("completed_at")),
            source=observation.operation or "",
            begun_ms=observation.begun_ms + ROUNDING_MS,
            at_ms=observation.at_ms,
        )

    def completed_by(self, before: ReportedState) -> ReportedState:
        """With what it does not say as it was before; but not the status."""
        return replace(
            self,
            done=before.done if self.done is None else self.done,
            total=before.total if self.total is None else self.total,
            started_at=self.started_at or before.started_at,
            completed_at=self.completed_at or before.completed_at,
        )

    def is_new_attempt(self, before: ReportedState) -> bool:
        """Whether a new attempt explains whatever differs: after a failure, or asked for by POST.

        Polls may miss all of an attempt but its end, so that a later start or fewer bytes show it.
        """
        is_requested = self.source == DOWNLOAD.id
        if before.status == "failed":
            if self.status == "downloading" or (is_requested and self.status != "failed"):
                return True
            first, second = instant(before.started_at), instant(self.started_at)
            is_later = first is not None and second is not None and second > first
            is_less = self.done is not None and before.done is not None and self.done < before.done
            return is_later or is_less
        return before.status == "completed" and is_requested and self.status != "completed"


def are_different(before: str | None, now: str | None) -> bool:
    """Whether two times are two instants, and not one written in two ways."""
    if before == now:
        return False
    first, second = instant(before), instant(now)
    return first is not None and second is not None and first != second


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= _MAX_TEXT else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A job as it is shown now, against how it was shown before."""

    job: ReportedJob
    before: ReportedState
    now: ReportedState

    @property
    def is_later(self) -> bool:
        """Whether it was asked for when that was there already."""
        return self.now.begun_ms >= self.before.at_ms

    def finding(self, rule: Rule, member: str, expected: object, found: object) -> Finding:
        """Both values are shown as JSON."""
        return self.job.finding(rule, member, shown(expected), shown(found))


def contradictions(comparison: Comparison) -> list[Finding]:
    """What cannot be after what was before; of an impossible status nothing else is said."""
    of_status = (_completed_stays, _legal_transition)
    others = (_bytes_never_fall, _total_is_constant, _start_is_constant, _completed_at_constant)
    for rules in (of_status, others):
        if found := [finding for rule in rules for finding in rule.broken_by(comparison)]:
            return found
    return []


def stall(job: ReportedJob, now: ReportedState, still_ms: int) -> list[Finding]:
    """What is wrong with a job that has said `downloading`, and the same bytes, for so long."""
    if now.status != "downloading" or now.done is None or still_ms <= _STALL_MS:
        return []
    is_whole = now.total is not None and now.done >= now.total
    rule, expected = (_NEVER_COMPLETED, "completed") if is_whole else (_STALLED, "new bytes")
    found = f"{shown(now.done)} for {still_ms // 1000:,} seconds"
    return [job.finding(rule, "downloaded_bytes", expected, found)]


# From all statuses but `completed` every other one can be reached: polls miss what lies between
# them, so that only the bytes tell what cannot have been there.


@HISTORY.rule("completed-stays", *polls(example_job("completed"), example_job("downloading")))
def _completed_stays(rule: Rule, jobs: Comparison) -> Iterator[Finding]:
    is_over = jobs.is_later and jobs.before.status == "completed"
    if is_over and jobs.now.status not in (None, "completed"):
        yield jobs.finding(rule, "status", "completed", jobs.now.status)


@HISTORY.rule("legal-transition", *polls(example_job("failed"), example_job("paused")))
def _legal_transition(rule: Rule, jobs: Comparison) -> Iterator[Finding]:
    before, now = jobs.before, jobs.now
    is_at_rest = jobs.is_later and now.done is not None and now.done == before.done
    if is_at_rest and before.status == "failed" and now.status in ("paused", "completed"):
        found = f"{shown(now.status)}, with the same bytes"
        yield jobs.job.finding(rule, "status", "failed, or downloading first", found)


@HISTORY.rule("bytes-never-fall", *polls(example_job(), example_job(downloaded_bytes=300)))
def _bytes_never_fall(rule: Rule, jobs: Comparison) -> Iterator[Finding]:
    before, now = jobs.before.done, jobs.now.done
    if jobs.is_later and before is not None and now is not None and now < before:
        yield jobs.job.finding(rule, "downloaded_bytes", f"at least {shown(before)}", shown(now))


@HISTORY.rule("total-is-constant", *polls(example_job(), example_job(total_size_bytes=2000)))
def _total_is_constant(rule: Rule, jobs: Comparison) -> Iterator[Finding]:
    before, now = jobs.before.total, jobs.now.total
    if before is not None and now is not None and now != before:
        yield jobs.finding(rule, "total_size_bytes", before, now)


@HISTORY.rule(
    "start-is-constant", *polls(example_job(), example_job(started_at="2025-10-03T15:34:23.496Z"))
)
def _start_is_constant(rule: Rule, jobs: Comparison) -> Iterator[Finding]:
    if are_different(jobs.before.started_at, jobs.now.started_at):
        yield jobs.finding(rule, "started_at", jobs.before.started_at, jobs.now.started_at)


@HISTORY.rule(
    "completed-at-constant",
    *polls(
        example_job("completed"), example_job("completed", completed_at="2025-10-03T16:43:12.102Z")
    ),
)
def _completed_at_constant(rule: Rule, jobs: Comparison) -> Iterator[Finding]:
    before, now = jobs.before, jobs.now
    is_over = before.status == now.status == "completed"
    if is_over and are_different(before.completed_at, now.completed_at):
        yield jobs.finding(rule, "completed_at", before.completed_at, now.completed_at)


LIST_AND_JOB_AGREE = HISTORY.rule(
    "list-and-job-agree",
    answer(example_job("completed")),
    job_list(example_job("downloading"), after_s=2),
)(None)

FORGOTTEN_JOB = HISTORY.rule(
    "forgotten-job",
    answer(example_job()),
    answer({"error": {"type": "job_not_found", "message": "gone"}}, status=404, after_s=2),
)(None)

_STALLED = HISTORY.rule("stalled", *polls(*[example_job("downloading")] * 3, every_s=40))(None)

_NEVER_COMPLETED = HISTORY.rule(
    "never-completed", *polls(*[example_job("downloading", downloaded_bytes=1000)] * 3, every_s=40)
)(None)
