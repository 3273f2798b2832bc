"""Scripted download jobs: the records that a timeline file becomes.

Instants are milliseconds since 1970-01-01T00:00:00Z, durations are milliseconds, sizes are bytes;
all of them are integers, so that the same question always has the same answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Self, TypeAlias, get_args

from mockserver.documents.rfc3339 import LAST_INSTANT_MS as LAST_INSTANT_MS
from mockserver.faults.fault import Fault

Status: TypeAlias = Literal["downloading", "paused", "completed", "failed"]
"""What a job's `status` can say (D)."""

Phase: TypeAlias = Literal[Status, "gone"]
"""What a step can be: a status, or the server having forgotten the job (O: after an app update)."""

PHASES: tuple[Phase, ...] = get_args(Phase)

Ends: TypeAlias = Literal["success", "failure", "either"]
"""How a client says that it went: the model is there, or it is not; or both are right."""

REQUEST = "request"
"""The event that begins a job `on request`: a client has asked for its model."""
RESUME = "resume"
"""The event that a request for the model of a job that has begun also is (O: after a failure)."""

FLOATING_EPOCH_MS = 1_759_505_603_496
"""2025-10-03T15:33:23.496Z: where a timeline lies that names no instant, until a clock moves it."""

LATEST_START_MS = 250_246_540_800_000
"""9899-12-31T00:00:00Z: the latest start, so that all that follows can be written too."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """How a step's replies differ from what its job would report.

    `values` replace or add members. The members in `without` are left out of the job's own reply,
    those in `without_in_list` out of the list's. `off_contract`: the replies may break the schema.
    """

    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    without: frozenset[str] = frozenset()
    without_in_list: frozenset[str] = frozenset()
    off_contract: bool = False


NO_OVERRIDES = Overrides()
"""Nothing differs."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of a job's life. It ends after `lasts_ms`, or at the event `until`.

    With both, whichever comes first; with neither, never. Bytes grow evenly from `from_bytes` to
    `to_bytes`, which differ only while downloading. `bytes_per_second` is what is reported while
    downloading: the step's own speed, or that of the step before when this one holds.
    """

    phase: Phase
    lasts_ms: int | None = None
    until: str | None = None
    from_bytes: int = 0
    to_bytes: int = 0
    bytes_per_second: float | None = None
    overrides: Overrides = NO_OVERRIDES

    @classmethod
    def growing(cls, lasts_ms: int, from_bytes: int, to_bytes: int) -> Self:
        """Bytes arrive, at the speed that this is."""
        speed = (to_bytes - from_bytes) * 1000 / lasts_ms
        return cls("downloading", lasts_ms, None, from_bytes, to_bytes, bytes_per_second=speed)

    @property
    def is_endless(self) -> bool:
        return self.lasts_ms is None and self.until is None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a job, or to all of them (`job_id` None), at an instant."""

    name: str
    at_ms: int
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """When a job's script begins: `after_ms` the timeline, at `at_ms`, or when it is requested."""

    after_ms: int = 0
    at_ms: int | None = None
    on_request: bool = False


class JobState(NamedTuple):
    """What the server knows about one job at one instant; a tuple, for many are made a poll.

    `bytes_per_second` and `estimated_completion_ms` are there while it is downloading,
    `completed_at_ms` once it is completed (D); they are None otherwise.
    `listed` says whether the list operation shows the job.
    """

    job_id: str
    status: Status
    total_size_bytes: int
    downloaded_bytes: int
    started_at_ms: int
    bytes_per_second: float | None = None
    estimated_completion_ms: int | None = None
    completed_at_ms: int | None = None
    listed: bool = True
    overrides: Overrides = NO_OVERRIDES


@dataclass(frozen=True, slots=True)
class ScriptedJob:
    """A job and its script. `model` is what a client asks for to get it.

    `quantization` is which one of it was asked for, if that is known.
    """

    job_id: str
    total_size_bytes: int
    begin: Begin
    steps: tuple[Step, ...]
    model: str | None = None
    listed: bool = True
    quantization: str | None = None


@dataclass(frozen=True, slots=True)
class GoodClient:
    """How a client ends that makes no mistake, and what it does, as a phrase after its name."""

    ends: Ends
    does: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A named set of jobs, and the faults that befall their polls.

    `epoch_ms` is what the clock shows when the timeline begins. A `floating` timeline names no
    instant at all: a clock may lay it anywhere.
    """

    name: str
    jobs: tuple[ScriptedJob, ...]
    epoch_ms: int
    edition: str
    floating: bool = False
    description: str | None = None
    faults: tuple[Fault, ...] = ()
    good_client: GoodClient | None = None

    def job(self, job_id: str) -> ScriptedJob | None:
        return next((job for job in self.jobs if job.job_id == job_id), None)
