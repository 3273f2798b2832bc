"""Jobs from one poll to the next: what may change, what may not.

What is kept of a job does not grow with the polls. Two replies that were under way at the same
time have no order, so that nothing is made of which of them says less. The list and a job's own
reply are compared while both are fresh, and each sight is found to be contradicted once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from mockserver.contract.json_data import shown
from mockserver.contract.violation import Violation
from mockserver.documents.pointer import pointer
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.remark import Remark, counted, starred
from mockserver.server_rules.reply import Reading
from mockserver.server_rules.sight import (
    POST,
    Sight,
    begins_anew,
    contradictions,
    differ,
    sight_of,
    with_known,
)

__all__ = ["MAX_JOBS", "History"]

MAX_JOBS = 20_000
"""Jobs that are followed at a time."""

_LONGEST_ID = 200
_STALL_MS = 60_000
_ROUNDING_MS = 2
"""Instants are whole milliseconds: replies that overlap by less may well be one after another."""
_FRESH_MS = 10_000
"""So long a sight in the list is compared with one in the job's own reply, and the reverse."""
_AT_ONCE_MS = 500
"""A job that was listed so short a time ago is not forgotten, but contradicted by its 404."""
_LIST = "list_status"


class _Kept(NamedTuple):
    """A sight and when it was; `is_refuted`: another operation's contradicts it, as was told."""

    sight: Sight
    at_ms: int
    is_refuted: bool = False


@dataclass(slots=True)
class _Known:
    """What is known of a job: its last sight in each operation.

    `latest` is the operation of the last one, and `status` what it said. `moved_ms` is when its
    bytes or its status last changed; `is_told`: its stall has been reported.
    """

    latest: str
    moved_ms: int
    sights: dict[str, _Kept] = field(default_factory=dict)
    status: str | None = None
    is_told: bool = False


class History:
    """The jobs of one server, each by its id; those beyond `MAX_JOBS` are only counted."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Known] = {}
        self._unknown: dict[str, _Kept] = {}
        self.left_out = 0

    def see(self, seen: Observation, reading: Reading) -> list[Remark]:
        """What this reply says that cannot be, after those before it."""
        if reading.is_unknown_job and seen.job_id is not None:
            return list(self._forgotten(seen, seen.job_id))
        remarks = counted(self._see_all(seen, reading))
        if reading.is_whole_list:
            self._forget_unlisted(seen, reading)
        return remarks

    def _see_all(self, seen: Observation, reading: Reading) -> Iterator[Remark]:
        told: set[str] = set()  # a job that is listed twice is no history
        for where, job in reading.jobs:
            job_id = job.get("job_id")
            if isinstance(job_id, str) and 0 < len(job_id) <= _LONGEST_ID and job_id not in told:
                told.add(job_id)
                yield from self._see_job(seen, where, job, job_id)

    def _forgotten(self, seen: Observation, job_id: str) -> Iterator[Remark]:
        known = self._jobs.pop(job_id, None)
        if known is None:
            return
        listed = known.sights.get(_LIST)
        if listed is not None and 0 <= _begun_ms(seen) - listed.at_ms <= _AT_ONCE_MS:
            yield Remark("list-and-job-agree", "the job, by the list", "404", job_id=job_id)
            return
        expected = f"the job, which was {known.status or 'with no status'}"
        yield Remark("forgotten-job", expected, "404", job_id=job_id)
        if listed is not None:
            self._unknown[job_id] = _Kept(listed.sight, seen.at_ms)

    def _forget_unlisted(self, seen: Observation, reading: Reading) -> None:
        """Jobs that were listed, and are not any more, may come back as others under their ids."""
        listed = {job["job_id"] for _, job in reading.jobs if isinstance(job.get("job_id"), str)}
        for job_id, known in self._jobs.items():
            last = known.sights.get(_LIST)
            if last is not None and job_id not in listed and _begun_ms(seen) >= last.at_ms:
                known.sights.clear()
        self._unknown.clear()

    def _see_job(
        self, seen: Observation, where: tuple[str | int, ...], job: Mapping[str, Any], job_id: str
    ) -> Iterator[Remark]:
        source = seen.operation or ""
        if source == "job_status" and seen.job_id not in (None, job_id):
            return
        sight = sight_of(job)
        unknown = self._unknown.pop(job_id, None)
        if unknown is not None and source == _LIST:
            yield from _still_listed(unknown, sight, seen, where, job_id)
        known = self._jobs.get(job_id)
        if known is None:
            if len(self._jobs) >= MAX_JOBS:
                self.left_out += 1
                return
            known = self._jobs[job_id] = _Known(source, seen.at_ms)
        own = known.sights.get(source)
        if own is not None and known.latest == source and own.sight == sight:
            yield from _of_stall(known, sight, seen.at_ms, where, job_id)
            known.sights[source] = _Kept(sight, max(seen.at_ms, own.at_ms))
            return
        yield from _compared(known, source, sight, seen, where, job_id)


def _begun_ms(seen: Observation) -> int:
    """When it was asked for, or a little later."""
    return seen.at_ms - round(seen.took_s * 1000) + _ROUNDING_MS


def _still_listed(
    unknown: _Kept, sight: Sight, seen: Observation, where: tuple[str | int, ...], job_id: str
) -> Iterator[Remark]:
    """A job that a list shows as before, after a reply that there is no such job."""
    is_after = 0 <= _begun_ms(seen) - unknown.at_ms <= _FRESH_MS
    if is_after and not begins_anew(unknown.sight, sight, _LIST):
        if differ(unknown.sight.started_at, sight.started_at):
            return
        path = (*where, "job_id")
        place = starred(path)
        expected = "no such job, by the job's own reply"
        yield Remark(
            "list-and-job-agree", expected, shown(job_id), pointer(path), place, job_id=job_id
        )


def _compared(
    known: _Known,
    source: str,
    sight: Sight,
    seen: Observation,
    where: tuple[str | int, ...],
    job_id: str,
) -> Iterator[Remark]:
    """What contradicts the sights before this one, which then takes their place."""
    before = known.sights.get(known.latest)
    if before is not None and begins_anew(before.sight, sight, source):
        known.sights.clear()
        before = None
    own = known.sights.get(source)
    for one in _found(known, source, sight, seen):
        path = (*where, one.member)
        place = starred(path)
        yield Remark(one.rule, one.expected, one.found, pointer(path), place, job_id=job_id)
    if own is not None and _begun_ms(seen) < own.at_ms:
        return
    if before is None or (before.sight.done, known.status) != (sight.done, sight.status):
        known.moved_ms, known.is_told = seen.at_ms, False
    kept = sight if own is None else with_known(sight, own.sight)
    known.sights[source] = _Kept(kept, seen.at_ms)
    known.latest, known.status = source, sight.status
    yield from _of_stall(known, sight, seen.at_ms, where, job_id)


def _found(known: _Known, source: str, sight: Sight, seen: Observation) -> list[Violation]:
    """What contradicts this operation's last sight; if nothing does, the fresh ones of others."""
    begun_ms = _begun_ms(seen)
    own = known.sights.get(source)
    if own is not None:
        found = list(contradictions(own.sight, sight, begun_ms >= own.at_ms))
        if found:
            return found
    found = []
    for name, other in known.sights.items():
        is_asked = POST in (name, source)
        is_stale = not is_asked and begun_ms - other.at_ms > _FRESH_MS
        if name == source or other.is_refuted or is_stale:
            continue
        against = list(contradictions(other.sight, sight, begun_ms >= other.at_ms))
        found += against if is_asked else [_between(one, name) for one in against]
        known.sights[name] = other._replace(is_refuted=bool(against))
    return found


def _between(one: Violation, name: str) -> Violation:
    """The contradiction as one of the list and the job's own reply."""
    by = "the list" if name == "list_status" else "the job's own reply"
    return replace(one, rule="list-and-job-agree", expected=f"{one.expected}, by {by}")


def _of_stall(
    known: _Known, sight: Sight, at_ms: int, where: tuple[str | int, ...], job_id: str
) -> Iterator[Remark]:
    """A job that says `downloading`, and has for a minute."""
    still_ms = at_ms - known.moved_ms
    if sight.status != "downloading" or known.is_told or still_ms <= _STALL_MS:
        return
    if sight.done is None:
        return
    known.is_told = True
    is_whole = sight.total is not None and sight.done >= sight.total
    rule = "never-completed" if is_whole else "stalled"
    expected = "completed" if is_whole else "new bytes"
    found = f"{shown(sight.done)} for {still_ms // 1000:,} seconds"
    path = (*where, "downloaded_bytes")
    yield Remark(rule, expected, found, pointer(path), starred(path), job_id=job_id)
