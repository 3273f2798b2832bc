"""A job as one response showed it, and what of it may change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mockserver.api.operations import DOWNLOAD
from mockserver.server_rules.checked_response import ReportedJob
from mockserver.server_rules.values import instant, is_number

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
