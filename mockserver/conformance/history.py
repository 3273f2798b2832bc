"""Jobs from one poll to the next: what may change, what may not.

What is kept of a job does not grow with the polls. Two replies that were under way at the same
time have no order, so that nothing is made of which of them says less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockserver.conformance.remark import Remark, counted, starred
from mockserver.conformance.reply import Reading
from mockserver.conformance.seen import Seen
from mockserver.contract.coherence import Incoherence, instant, is_number
from mockserver.contract.plain import shown
from mockserver.pointer import pointer

__all__ = ["MAX_JOBS", "History"]

MAX_JOBS = 20_000
"""Jobs that are followed at a time."""

_LONGEST_ID = 200
_LONGEST_TIME = 64
_STALL_MS = 60_000
_ROUNDING_MS = 2
"""Instants are whole milliseconds: replies that overlap by less may well be one after another."""
_POST = "download"


class _Sight(NamedTuple):
    """A job as one reply showed it; None for what it does not say, or says wrongly."""

    status: str | None
    done: int | float | None
    total: int | float | None
    started_at: str | None
    completed_at: str | None


@dataclass(slots=True)
class _Known:
    """What is known of a job: its last sight in each operation, and when that was.

    `latest` is the operation of the last one. `moved_ms` is when its bytes or its status last
    changed; `is_told`: its stall has been reported.
    """

    latest: str
    moved_ms: int
    sights: dict[str, tuple[_Sight, int]] = field(default_factory=dict)
    is_told: bool = False


class History:
    """The jobs of one server, each by its id; those beyond `MAX_JOBS` are only counted."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Known] = {}
        self.left_out = 0

    def see(self, seen: Seen, reading: Reading) -> list[Remark]:
        """What this reply says that cannot be, after those before it."""
        if reading.is_unknown_job and seen.job_id is not None:
            return list(self._forgotten(seen.job_id))
        return counted(self._see_all(seen, reading))

    def _see_all(self, seen: Seen, reading: Reading) -> Iterator[Remark]:
        told: set[str] = set()  # a job that is listed twice is no history
        for where, job in reading.jobs:
            job_id = job.get("job_id")
            if isinstance(job_id, str) and len(job_id) <= _LONGEST_ID and job_id not in told:
                told.add(job_id)
                yield from self._see_job(seen, where, job, job_id)

    def _forgotten(self, job_id: str) -> Iterator[Remark]:
        known = self._jobs.pop(job_id, None)
        if known is not None:
            status = known.sights[known.latest][0].status or "with no status"
            expected = f"the job, which was {status}"
            yield Remark("forgotten-job", expected, "404", job_id=job_id)

    def _see_job(
        self, seen: Seen, where: tuple[str | int, ...], job: Mapping[str, Any], job_id: str
    ) -> Iterator[Remark]:
        source = seen.operation or ""
        if source == "job_status" and seen.job_id not in (None, job_id):
            return
        sight = _sight(job)
        known = self._jobs.get(job_id)
        if known is None:
            if len(self._jobs) >= MAX_JOBS:
                self.left_out += 1
                return
            known = self._jobs[job_id] = _Known(source, seen.at_ms)
        elif known.latest == source and known.sights[source][0] == sight:
            yield from _of_stall(known, sight, seen.at_ms, where, job_id)
            known.sights[source] = (sight, max(seen.at_ms, known.sights[source][1]))
            return
        yield from _compared(known, source, sight, seen, where, job_id)


def _compared(
    known: _Known,
    source: str,
    sight: _Sight,
    seen: Seen,
    where: tuple[str | int, ...],
    job_id: str,
) -> Iterator[Remark]:
    """What contradicts the sights before this one, which then takes their place."""
    before = known.sights.get(known.latest)
    if before is not None and _begins_anew(before[0], sight, source):
        known.sights.clear()
        known.moved_ms, known.is_told, before = seen.at_ms, False, None
    begun_ms = seen.at_ms - round(seen.took_s * 1000) + _ROUNDING_MS
    own = known.sights.get(source)
    others = [(name, *one) for name, one in known.sights.items() if name != source]
    found = [] if own is None else list(_contradictions(own[0], sight, begun_ms >= own[1]))
    if not found:
        for name, other, at_ms in others:
            for one in _contradictions(other, sight, begun_ms >= at_ms):
                found.append(one if _POST in (name, source) else _between(one, name))
    for one in found:
        path = (*where, one.member)
        place = starred(path)
        yield Remark(one.rule, one.expected, one.found, pointer(path), place, job_id=job_id)
    if own is not None and begun_ms < own[1]:
        return
    if before is None or (before[0].done, before[0].status) != (sight.done, sight.status):
        known.moved_ms, known.is_told = seen.at_ms, False
    kept = sight if own is None else _with_known(sight, own[0])
    known.sights[source] = (kept, seen.at_ms)
    known.latest = source
    yield from _of_stall(known, sight, seen.at_ms, where, job_id)


def _between(one: Incoherence, name: str) -> Incoherence:
    """The contradiction as one of the list and the job's own reply."""
    by = "the list" if name == "list_status" else "the job's own reply"
    return one._replace(rule="list-and-job-agree", expected=f"{one.expected}, by {by}")


def _sight(job: Mapping[str, Any]) -> _Sight:
    status, done, total = (job.get(it) for it in ("status", "downloaded_bytes", "total_size_bytes"))
    return _Sight(
        status if isinstance(status, str) and len(status) <= _LONGEST_TIME else None,
        done if is_number(done) else None,
        total if is_number(total) else None,
        _time(job.get("started_at")),
        _time(job.get("completed_at")),
    )


def _with_known(now: _Sight, before: _Sight) -> _Sight:
    """The sight, with what it does not say as it was said before; but not the status."""
    return _Sight(
        now.status,
        before.done if now.done is None else now.done,
        before.total if now.total is None else now.total,
        now.started_at or before.started_at,
        now.completed_at or before.completed_at,
    )


def _time(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= _LONGEST_TIME else None


def _begins_anew(before: _Sight, now: _Sight, source: str) -> bool:
    """Whether a new attempt explains whatever differs: after a failure, or asked for by POST."""
    if before.status == "failed":
        return now.status == "downloading" or (source == _POST and now.status != "failed")
    return before.status == "completed" and source == _POST and now.status != "completed"


def _contradictions(before: _Sight, now: _Sight, is_later: bool) -> Iterator[Incoherence]:
    """What of a sight cannot be after the one before, or at all when their order is not known."""
    if is_later:
        status = _of_status(before, now)
        if status is not None:
            yield status
            return
        if before.done is not None and now.done is not None and now.done < before.done:
            expected = f"at least {shown(before.done)}"
            yield Incoherence("bytes-never-fall", "downloaded_bytes", expected, shown(now.done))
    if before.total is not None and now.total is not None and now.total != before.total:
        expected = shown(before.total)
        yield Incoherence("total-is-constant", "total_size_bytes", expected, shown(now.total))
    if _differ(before.started_at, now.started_at):
        expected = shown(before.started_at)
        yield Incoherence("start-is-constant", "started_at", expected, shown(now.started_at))
    if before.status == now.status == "completed" and _differ(
        before.completed_at, now.completed_at
    ):
        expected = shown(before.completed_at)
        found = shown(now.completed_at)
        yield Incoherence("completed-at-constant", "completed_at", expected, found)


def _of_status(before: _Sight, now: _Sight) -> Incoherence | None:
    """A status that cannot follow; from all but `completed` every other one can be reached.

    Polls miss what lies between them, so that only the bytes tell what cannot have been there.
    """
    if now.status is None or now.status == before.status:
        return None
    if before.status == "completed":
        return Incoherence("completed-stays", "status", '"completed"', shown(now.status))
    is_same = now.done is not None and now.done == before.done
    if before.status == "failed" and now.status in ("paused", "completed") and is_same:
        found = f"{shown(now.status)}, with the same bytes"
        return Incoherence("legal-transition", "status", "failed, or downloading first", found)
    return None


def _differ(before: str | None, now: str | None) -> bool:
    """Whether two times are two instants, and not one written in two ways."""
    if before is None or now is None or before == now:
        return False
    first, second = instant(before), instant(now)
    return first is not None and second is not None and first != second


def _of_stall(
    known: _Known, sight: _Sight, at_ms: int, where: tuple[str | int, ...], job_id: str
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
