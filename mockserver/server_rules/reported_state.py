"""A job as one response showed it, and what of it may change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from mockserver.api.operations import DOWNLOAD
from mockserver.server_rules.checked_response import ReportedJob
from mockserver.server_rules.values import instant, is_number

_MAX_TEXT = 64


class ReportedState(NamedTuple):
    """A job as one response showed it; None for what it does not say, or says wrongly."""

    status: str | None
    done: int | float | None
    total: int | float | None
    started_at: str | None
    completed_at: str | None

    @classmethod
    def of(cls, job: ReportedJob) -> ReportedState:
        done, total = job.get("downloaded_bytes"), job.get("total_size_bytes")
        return cls(
            _text(job.get("status")),
            done if is_number(done) else None,
            total if is_number(total) else None,
            _text(job.get("started_at")),
            _text(job.get("completed_at")),
        )

    def completed_by(self, before: ReportedState) -> ReportedState:
        """With what it does not say as it was before; but not the status."""
        return ReportedState(
            self.status,
            before.done if self.done is None else self.done,
            before.total if self.total is None else self.total,
            self.started_at or before.started_at,
            self.completed_at or before.completed_at,
        )

    def is_new_attempt(self, before: ReportedState, operation: str) -> bool:
        """Whether a new attempt explains whatever differs: after a failure, or asked for by POST.

        Polls may miss all of an attempt but its end, so that a later start or fewer bytes show it.
        """
        is_requested = operation == DOWNLOAD.id
        if before.status == "failed":
            if self.status == "downloading" or (is_requested and self.status != "failed"):
                return True
            first, second = instant(before.started_at), instant(self.started_at)
            is_later = first is not None and second is not None and second > first
            is_less = self.done is not None and before.done is not None and self.done < before.done
            return is_later or is_less
        return before.status == "completed" and is_requested and self.status != "completed"


class KeptState(NamedTuple):
    """A state and when it was; `is_refuted`: another operation's contradicts it, as was said."""

    state: ReportedState
    at_ms: int
    is_refuted: bool = False


@dataclass(slots=True)
class KnownJob:
    """What is known of a job: its last state in each operation.

    `latest` is the operation of the last one, and `status` what it said. `moved_ms` is when its
    bytes or its status last changed; `is_stall_found`: its stall has been reported.
    """

    latest: str
    moved_ms: int
    states: dict[str, KeptState] = field(default_factory=dict)
    status: str | None = None
    is_stall_found: bool = False


def are_different(before: str | None, now: str | None) -> bool:
    """Whether two times are two instants, and not one written in two ways."""
    if before is None or now is None or before == now:
        return False
    first, second = instant(before), instant(now)
    return first is not None and second is not None and first != second


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= _MAX_TEXT else None
