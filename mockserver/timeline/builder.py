"""Timelines written in Python: the same members as in a file, held to the same format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.timeline.model import Timeline
from mockserver.timeline.reader import timeline_from

_NAME = "inline"
_MODEL = "ibm/granite-4-micro"
_SIZE = 2_279_145_003


@dataclass(frozen=True, slots=True)
class Job:
    """A job and its script, written step by step; each method gives a new one with a step more.

    A step ends after `lasts`, a duration such as `"8s"`, or at the event `until`; with both at
    whichever comes first, with neither never. `settings` are `report`, `omit` and `off_contract`,
    as in a file. `members` are a job's other ones, such as `started_at` or `copies`.

    What is wrong is told when it is played, as a TimelineError with the JSON pointer of the step.
    """

    job_id: str | None = None
    model: str | None = _MODEL
    total_size_bytes: int = _SIZE
    members: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Any, ...] = ()

    def with_members(self, **members: Any) -> Job:
        """The job with more members, such as `begins="on request"` or `listed=False`."""
        return replace(self, members={**self.members, **members})

    def downloading(self, lasts: str, *, to: str | int, **settings: Any) -> Job:
        """Bytes arrive at even speed, up to a share such as `"40%"`, or a number of bytes."""
        return self._with("downloading", {"for": lasts, "to": to, **settings})

    def stalled(
        self, lasts: str | None = None, *, until: str | None = None, **settings: Any
    ) -> Job:
        """It says `downloading`, but bytes and reported speed stand still."""
        return self._with("downloading", {"hold": True, **_ends(lasts, until), **settings})

    def paused(self, lasts: str | None = None, *, until: str | None = None, **settings: Any) -> Job:
        """The server has paused the download; nobody but it can resume it."""
        return self._with("paused", {**_ends(lasts, until), **settings})

    def failed(self, lasts: str | None = None, *, until: str | None = None, **settings: Any) -> Job:
        """The download has failed; the server says so until the step ends."""
        return self._with("failed", {**_ends(lasts, until), **settings})

    def completed(
        self, lasts: str | None = None, *, until: str | None = None, **settings: Any
    ) -> Job:
        """All bytes have come: steps before it download up to `"100%"`."""
        return self._with("completed", {**_ends(lasts, until), **settings})

    def gone(self, lasts: str | None = None, *, until: str | None = None) -> Job:
        """The server has forgotten the job."""
        return self._with("gone", _ends(lasts, until))

    def as_dict(self) -> dict[str, Any]:
        """The job's entry, as a file has it."""
        named = {"job_id": self.job_id, "model": self.model}
        entry: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
        entry |= {"total_size_bytes": self.total_size_bytes, **self.members}
        entry["script"] = list(self.steps)
        return entry

    def _with(self, phase: str, settings: dict[str, Any]) -> Job:
        return replace(self, steps=(*self.steps, {phase: settings} if settings else phase))


def timeline_of(
    *jobs: Job, name: str = _NAME, faults: Sequence[Mapping[str, Any]] = (), **members: Any
) -> Timeline:
    """A timeline of these jobs, with faults written as in a file.

    `members` are a file's others: `description`, `edition`, `starts_at`. Raises TimelineError.
    """
    document: dict[str, Any] = {**members, "jobs": [job.as_dict() for job in jobs]}
    if faults:
        document["faults"] = list(faults)
    return timeline_from(document, name)


def _ends(lasts: str | None, until: str | None) -> dict[str, str]:
    return {key: value for key, value in (("for", lasts), ("until", until)) if value is not None}
