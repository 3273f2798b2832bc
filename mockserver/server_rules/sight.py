"""A job as one reply showed it, and what cannot be after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.contract.consistency import instant, is_number
from mockserver.contract.json_data import shown
from mockserver.contract.violation import Violation

__all__ = ["POST", "Sight", "begins_anew", "contradictions", "differ", "sight_of", "with_known"]

_violation = Violation.of_member

POST = "download"
"""The operation that asks for a model, and so may begin a job anew."""
_LONGEST_TIME = 64


class Sight(NamedTuple):
    """A job as one reply showed it; None for what it does not say, or says wrongly."""

    status: str | None
    done: int | float | None
    total: int | float | None
    started_at: str | None
    completed_at: str | None


def sight_of(job: Mapping[str, Any]) -> Sight:
    status, done, total = (job.get(it) for it in ("status", "downloaded_bytes", "total_size_bytes"))
    return Sight(
        status if isinstance(status, str) and len(status) <= _LONGEST_TIME else None,
        done if is_number(done) else None,
        total if is_number(total) else None,
        _time(job.get("started_at")),
        _time(job.get("completed_at")),
    )


def with_known(now: Sight, before: Sight) -> Sight:
    """The sight, with what it does not say as it was said before; but not the status."""
    return Sight(
        now.status,
        before.done if now.done is None else now.done,
        before.total if now.total is None else now.total,
        now.started_at or before.started_at,
        now.completed_at or before.completed_at,
    )


def begins_anew(before: Sight, now: Sight, source: str) -> bool:
    """Whether a new attempt explains whatever differs: after a failure, or asked for by POST.

    Polls may miss all of an attempt but its end, so that a later start or fewer bytes tell of one.
    """
    if before.status == "failed":
        if now.status == "downloading" or (source == POST and now.status != "failed"):
            return True
        return _is_later(before.started_at, now.started_at) or _is_less(now.done, before.done)
    return before.status == "completed" and source == POST and now.status != "completed"


def _is_less(now: float | None, before: float | None) -> bool:
    return now is not None and before is not None and now < before


def _is_later(before: str | None, now: str | None) -> bool:
    first, second = instant(before), instant(now)
    return first is not None and second is not None and second > first


def contradictions(before: Sight, now: Sight, is_later: bool) -> Iterator[Violation]:
    """What of a sight cannot be after the one before, or at all when their order is not known."""
    if is_later:
        status = _of_status(before, now)
        if status is not None:
            yield status
            return
        if before.done is not None and now.done is not None and now.done < before.done:
            expected = f"at least {shown(before.done)}"
            yield _violation("bytes-never-fall", "downloaded_bytes", expected, shown(now.done))
    if before.total is not None and now.total is not None and now.total != before.total:
        expected = shown(before.total)
        yield _violation("total-is-constant", "total_size_bytes", expected, shown(now.total))
    if differ(before.started_at, now.started_at):
        expected = shown(before.started_at)
        yield _violation("start-is-constant", "started_at", expected, shown(now.started_at))
    if before.status == now.status == "completed" and differ(before.completed_at, now.completed_at):
        expected = shown(before.completed_at)
        found = shown(now.completed_at)
        yield _violation("completed-at-constant", "completed_at", expected, found)


def _of_status(before: Sight, now: Sight) -> Violation | None:
    """A status that cannot follow; from all but `completed` every other one can be reached.

    Polls miss what lies between them, so that only the bytes tell what cannot have been there.
    """
    if now.status is None or now.status == before.status:
        return None
    if before.status == "completed":
        return _violation("completed-stays", "status", '"completed"', shown(now.status))
    is_same = now.done is not None and now.done == before.done
    if before.status == "failed" and now.status in ("paused", "completed") and is_same:
        found = f"{shown(now.status)}, with the same bytes"
        return _violation("legal-transition", "status", "failed, or downloading first", found)
    return None


def differ(before: str | None, now: str | None) -> bool:
    """Whether two times are two instants, and not one written in two ways."""
    if before is None or now is None or before == now:
        return False
    first, second = instant(before), instant(now)
    return first is not None and second is not None and first != second


def _time(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= _LONGEST_TIME else None
