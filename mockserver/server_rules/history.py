"""Jobs from one poll to the next: what may change, what may not.

What is kept of a job does not grow with the polls. Two responses that were under way at the same
time have no order, so that nothing is made of which of them says less. The list and a job's own
response are compared while both are fresh, and each state is found to be contradicted once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mockserver.api.operations import DOWNLOAD, LIST_STATUS
from mockserver.findings.finding import Finding
from mockserver.server_rules.checked_response import CheckedResponse, ReportedJob
from mockserver.server_rules.history_rules import (
    FORGOTTEN_JOB,
    LIST_AND_JOB_AGREE,
    ROUNDING_MS,
    Comparison,
    ReportedState,
    are_different,
    contradictions,
    stall,
)

MAX_JOBS = 20_000
"""Jobs that are followed at a time."""

_MAX_ID = 200
_FRESH_MS = 10_000
"""So long the list is compared with what the job's own response said, and the reverse."""
_AT_ONCE_MS = 500
"""A job that was listed so short a time ago is not forgotten, but contradicted by its 404."""


@dataclass(slots=True)
class _KnownJob:
    """What is known of a job: its last state in each operation.

    `latest` is the operation of the last one, and `status` what it said. `moved_ms` is when its
    bytes or its status last changed; `is_stall_found`: its stall has been reported.
    """

    latest: str
    moved_ms: int
    states: dict[str, ReportedState] = field(default_factory=dict)
    status: str | None = None
    is_stall_found: bool = False

    def add(self, job: ReportedJob, now: ReportedState) -> Iterator[Finding]:
        """What contradicts the states before this one, which then takes their place."""
        own, before = self.states.get(now.source), self.states.get(self.latest)
        if own is not None and self.latest == now.source and own == now:
            yield from self._stalls(job, now)
            self.states[now.source] = replace(now, at_ms=max(now.at_ms, own.at_ms))
            return
        if before is not None and now.is_new_attempt(before):
            self.states.clear()
            own = before = None
        yield from self._contradictions(job, now)
        if own is not None and now.begun_ms < own.at_ms:
            return
        if before is None or (before.done, self.status) != (now.done, now.status):
            self.moved_ms, self.is_stall_found = now.at_ms, False
        self.states[now.source] = now if own is None else now.completed_by(own)
        self.latest, self.status = now.source, now.status
        yield from self._stalls(job, now)

    def _contradictions(self, job: ReportedJob, now: ReportedState) -> list[Finding]:
        """What contradicts this operation's last state; if nothing does, those of others."""
        own = self.states.get(now.source)
        if own is not None and (found := contradictions(Comparison(job, own, now))):
            return found
        found = []
        for name, other in self.states.items():
            is_request = DOWNLOAD.id in (name, now.source)
            is_stale = not is_request and now.begun_ms - other.at_ms > _FRESH_MS
            if name == now.source or other.is_refuted or is_stale:
                continue
            against = contradictions(Comparison(job, other, now))
            by = "the list" if name == LIST_STATUS.id else "the job's own reply"
            for finding in against:
                expected = f"{finding.expected}, by {by}"
                between = replace(finding, rule=LIST_AND_JOB_AGREE, expected=expected)
                found.append(finding if is_request else between)
            self.states[name] = replace(other, is_refuted=bool(against))
        return found

    def _stalls(self, job: ReportedJob, now: ReportedState) -> list[Finding]:
        """That it has said `downloading` for too long, which is said once."""
        found = [] if self.is_stall_found else stall(job, now, now.at_ms - self.moved_ms)
        self.is_stall_found |= bool(found)
        return found


class History:
    """The jobs of one server, each by its id; those beyond `MAX_JOBS` are only counted."""

    def __init__(self) -> None:
        self._jobs: dict[str, _KnownJob] = {}
        self._unknown: dict[str, ReportedState] = {}
        self.left_out = 0

    def add(self, response: CheckedResponse) -> list[Finding]:
        """What this response says that cannot be, after those before it."""
        job_id = response.observation.job_id
        if job_id is not None and _is_unknown_job(response):
            return list(self._forgotten(response, job_id))
        asked = job_id if response.about == "job" else None
        added: set[str] = set()  # a job that is listed twice is no history
        findings: list[Finding] = []
        for job in response.jobs:
            if job.id is not None and 0 < len(job.id) <= _MAX_ID and job.id not in added:
                added.add(job.id)
                findings += self._add(job, job.id) if asked in (None, job.id) else ()
        if _is_whole_list(response):
            self._forget_unlisted(response)
        return findings

    def _forgotten(self, response: CheckedResponse, job_id: str) -> Iterator[Finding]:
        known = self._jobs.pop(job_id, None)
        if known is None:
            return
        listed = known.states.get(LIST_STATUS.id)
        begun_ms = response.observation.begun_ms + ROUNDING_MS
        if listed is not None and 0 <= begun_ms - listed.at_ms <= _AT_ONCE_MS:
            expected = "the job, by the list"
            yield response.finding(LIST_AND_JOB_AGREE, expected, "404", job_id=job_id)
            return
        expected = f"the job, which was {known.status or 'with no status'}"
        yield response.finding(FORGOTTEN_JOB, expected, "404", job_id=job_id)
        if listed is not None:
            self._unknown[job_id] = replace(listed, at_ms=response.observation.at_ms)

    def _forget_unlisted(self, response: CheckedResponse) -> None:
        """Jobs that were listed, and are not any more, may come back as others under their ids."""
        listed = {job.id for job in response.jobs}
        begun_ms = response.observation.begun_ms + ROUNDING_MS
        for job_id, known in self._jobs.items():
            last = known.states.get(LIST_STATUS.id)
            if last is not None and job_id not in listed and begun_ms >= last.at_ms:
                known.states.clear()
        self._unknown.clear()

    def _add(self, job: ReportedJob, job_id: str) -> Iterator[Finding]:
        now = ReportedState.of(job)
        unknown = self._unknown.pop(job_id, None)
        if unknown is not None and now.source == LIST_STATUS.id and _is_still_listed(unknown, now):
            yield job.finding(LIST_AND_JOB_AGREE, "job_id", "no such job, by the job's own reply")
        if job_id not in self._jobs:
            if len(self._jobs) >= MAX_JOBS:
                self.left_out += 1
                return
            self._jobs[job_id] = _KnownJob(now.source, now.at_ms)
        yield from self._jobs[job_id].add(job, now)


def _is_unknown_job(response: CheckedResponse) -> bool:
    """Whether it says that there is no such job."""
    is_read = response.has_expected_status and response.text_error is None
    return is_read and response.about == "job" and response.status == 404


def _is_whole_list(response: CheckedResponse) -> bool:
    """Whether each documented list is there: jobs that are not in it are not listed."""
    payload = response.payload if response.is_success and response.about == "jobs" else None
    if not isinstance(payload, dict):
        return False
    return all(isinstance(payload.get(name), list) for name in response.schema["properties"])


def _is_still_listed(unknown: ReportedState, now: ReportedState) -> bool:
    """Whether a list shows the job as before, after a response that there is no such job."""
    is_after = 0 <= now.begun_ms - unknown.at_ms <= _FRESH_MS
    is_other = now.is_new_attempt(unknown) or are_different(unknown.started_at, now.started_at)
    return is_after and not is_other
