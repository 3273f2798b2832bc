"""Jobs from one poll to the next: what may change, what may not.

What is kept of a job does not grow with the polls. Two responses that were under way at the same
time have no order, so that nothing is made of which of them says less. The list and a job's own
response are compared while both are fresh, and each state is found to be contradicted once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mockserver.api.operations import DOWNLOAD, LIST_STATUS
from mockserver.findings.finding import Finding
from mockserver.server_rules.checked_response import CheckedResponse, ReportedJob
from mockserver.server_rules.history_rules import (
    FORGOTTEN_JOB,
    LIST_AND_JOB_AGREE,
    Comparison,
    contradictions,
    stall,
)
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.reported_state import (
    KeptState,
    KnownJob,
    ReportedState,
    are_different,
)

MAX_JOBS = 20_000
"""Jobs that are followed at a time."""

_MAX_ID = 200
_ROUNDING_MS = 2
"""Instants are whole milliseconds: responses that overlap by less may be one after another."""
_FRESH_MS = 10_000
"""So long the list is compared with what the job's own response said, and the reverse."""
_AT_ONCE_MS = 500
"""A job that was listed so short a time ago is not forgotten, but contradicted by its 404."""


@dataclass(frozen=True, slots=True)
class _JobPoll:
    """A job in a response, and by which operation that came."""

    job: ReportedJob
    id: str
    now: ReportedState

    @property
    def observation(self) -> Observation:
        return self.job.response.observation

    @property
    def source(self) -> str:
        return self.observation.operation or ""

    @property
    def at_ms(self) -> int:
        return self.observation.at_ms

    @property
    def begun_ms(self) -> int:
        return _begun_ms(self.observation)


class History:
    """The jobs of one server, each by its id; those beyond `MAX_JOBS` are only counted."""

    def __init__(self) -> None:
        self._jobs: dict[str, KnownJob] = {}
        self._unknown: dict[str, KeptState] = {}
        self.left_out = 0

    def add(self, response: CheckedResponse) -> list[Finding]:
        """What this response says that cannot be, after those before it."""
        job_id = response.observation.job_id
        if job_id is not None and _is_unknown_job(response):
            return list(self._forgotten(response, job_id))
        findings = list(self._add_all(response))
        if _is_whole_list(response):
            self._forget_unlisted(response)
        return findings

    def _add_all(self, response: CheckedResponse) -> Iterator[Finding]:
        added: set[str] = set()  # a job that is listed twice is no history
        for job in response.jobs:
            if job.id is not None and 0 < len(job.id) <= _MAX_ID and job.id not in added:
                added.add(job.id)
                yield from self._add(_JobPoll(job, job.id, ReportedState.of(job)))

    def _forgotten(self, response: CheckedResponse, job_id: str) -> Iterator[Finding]:
        known = self._jobs.pop(job_id, None)
        if known is None:
            return
        listed = known.states.get(LIST_STATUS.id)
        begun_ms = _begun_ms(response.observation)
        if listed is not None and 0 <= begun_ms - listed.at_ms <= _AT_ONCE_MS:
            expected = "the job, by the list"
            yield response.finding(LIST_AND_JOB_AGREE, expected, "404", job_id=job_id)
            return
        expected = f"the job, which was {known.status or 'with no status'}"
        yield response.finding(FORGOTTEN_JOB, expected, "404", job_id=job_id)
        if listed is not None:
            self._unknown[job_id] = KeptState(listed.state, response.observation.at_ms)

    def _forget_unlisted(self, response: CheckedResponse) -> None:
        """Jobs that were listed, and are not any more, may come back as others under their ids."""
        listed = {job.id for job in response.jobs}
        begun_ms = _begun_ms(response.observation)
        for job_id, known in self._jobs.items():
            last = known.states.get(LIST_STATUS.id)
            if last is not None and job_id not in listed and begun_ms >= last.at_ms:
                known.states.clear()
        self._unknown.clear()

    def _add(self, poll: _JobPoll) -> Iterator[Finding]:
        if poll.job.response.about == "job" and poll.observation.job_id not in (None, poll.id):
            return
        unknown = self._unknown.pop(poll.id, None)
        if unknown is not None and poll.source == LIST_STATUS.id:
            yield from _still_listed(unknown, poll)
        known = self._jobs.get(poll.id)
        if known is None:
            if len(self._jobs) >= MAX_JOBS:
                self.left_out += 1
                return
            known = self._jobs[poll.id] = KnownJob(poll.source, poll.at_ms)
        own = known.states.get(poll.source)
        if own is not None and known.latest == poll.source and own.state == poll.now:
            yield from _stalls(known, poll)
            known.states[poll.source] = KeptState(poll.now, max(poll.at_ms, own.at_ms))
            return
        yield from _compared(known, poll)


def _begun_ms(observation: Observation) -> int:
    """When it was asked for, or a little later."""
    return observation.at_ms - round(observation.took_s * 1000) + _ROUNDING_MS


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


def _still_listed(unknown: KeptState, poll: _JobPoll) -> Iterator[Finding]:
    """A job that a list shows as before, after a response that there is no such job."""
    is_after = 0 <= poll.begun_ms - unknown.at_ms <= _FRESH_MS
    if not is_after or poll.now.is_new_attempt(unknown.state, poll.source):
        return
    if not are_different(unknown.state.started_at, poll.now.started_at):
        expected = "no such job, by the job's own reply"
        yield poll.job.finding(LIST_AND_JOB_AGREE, "job_id", expected)


def _compared(known: KnownJob, poll: _JobPoll) -> Iterator[Finding]:
    """What contradicts the states before this one, which then takes their place."""
    before = known.states.get(known.latest)
    if before is not None and poll.now.is_new_attempt(before.state, poll.source):
        known.states.clear()
        before = None
    own = known.states.get(poll.source)
    yield from _contradictions(known, poll)
    if own is not None and poll.begun_ms < own.at_ms:
        return
    if before is None or (before.state.done, known.status) != (poll.now.done, poll.now.status):
        known.moved_ms, known.is_stall_found = poll.at_ms, False
    kept = poll.now if own is None else poll.now.completed_by(own.state)
    known.states[poll.source] = KeptState(kept, poll.at_ms)
    known.latest, known.status = poll.source, poll.now.status
    yield from _stalls(known, poll)


def _contradictions(known: KnownJob, poll: _JobPoll) -> list[Finding]:
    """What contradicts this operation's last state; if nothing does, those of others."""
    own = known.states.get(poll.source)
    if own is not None and (found := _against(own, poll)):
        return found
    found = []
    for name, other in known.states.items():
        is_request = DOWNLOAD.id in (name, poll.source)
        is_stale = not is_request and poll.begun_ms - other.at_ms > _FRESH_MS
        if name == poll.source or other.is_refuted or is_stale:
            continue
        against = _against(other, poll)
        found += against if is_request else [_between(finding, name) for finding in against]
        known.states[name] = other._replace(is_refuted=bool(against))
    return found


def _against(before: KeptState, poll: _JobPoll) -> list[Finding]:
    is_later = poll.begun_ms >= before.at_ms
    return contradictions(Comparison(poll.job, before.state, poll.now, is_later))


def _between(finding: Finding, name: str) -> Finding:
    """The contradiction as one of the list and the job's own response."""
    by = "the list" if name == LIST_STATUS.id else "the job's own reply"
    return replace(finding, rule=LIST_AND_JOB_AGREE, expected=f"{finding.expected}, by {by}")


def _stalls(known: KnownJob, poll: _JobPoll) -> list[Finding]:
    """That it has said `downloading` for too long, which is said once."""
    found = [] if known.is_stall_found else stall(poll.job, poll.now, poll.at_ms - known.moved_ms)
    known.is_stall_found |= bool(found)
    return found
