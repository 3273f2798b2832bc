"""Timelines written: in Python, with the same members as in a file, and as the text of a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.documents.text import wrapped
from mockserver.documents.units import duration_text
from mockserver.timeline.model import Step, Timeline
from mockserver.timeline.reader import timeline_from

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
        return self._with("downloading", lasts, None, to=to, **settings)

    def stalled(
        self, lasts: str | None = None, *, until: str | None = None, **settings: Any
    ) -> Job:
        """It says `downloading`, but bytes and reported speed stand still."""
        return self._with("downloading", lasts, until, hold=True, **settings)

    def paused(self, lasts: str | None = None, *, until: str | None = None, **settings: Any) -> Job:
        """The server has paused the download; nobody but it can resume it."""
        return self._with("paused", lasts, until, **settings)

    def failed(self, lasts: str | None = None, *, until: str | None = None, **settings: Any) -> Job:
        """The download has failed; the server says so until the step ends."""
        return self._with("failed", lasts, until, **settings)

    def completed(
        self, lasts: str | None = None, *, until: str | None = None, **settings: Any
    ) -> Job:
        """All bytes have come: steps before it download up to `"100%"`."""
        return self._with("completed", lasts, until, **settings)

    def gone(self, lasts: str | None = None, *, until: str | None = None) -> Job:
        """The server has forgotten the job."""
        return self._with("gone", lasts, until)

    def as_dict(self) -> dict[str, Any]:
        """The job's entry, as a file has it."""
        entry = _given({"job_id": self.job_id, "model": self.model})
        entry |= {"total_size_bytes": self.total_size_bytes, **self.members}
        return {**entry, "script": list(self.steps)}

    def _with(self, phase: str, lasts: str | None, until: str | None, **settings: Any) -> Job:
        settings = _given({"for": lasts, "until": until}) | settings
        return replace(self, steps=(*self.steps, {phase: settings} if settings else phase))


def timeline_of(
    *jobs: Job, name: str = "inline", faults: Sequence[Mapping[str, Any]] = (), **members: Any
) -> Timeline:
    """A timeline of these jobs, with faults written as in a file.

    `members` are a file's others: `description`, `edition`, `starts_at`. Raises TimelineError.
    """
    document = {**members, "jobs": [job.as_dict() for job in jobs]}
    return timeline_from(document | _given({"faults": list(faults) or None}), name)


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value is not None}


_WIDTH = 98
_UNWRITABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def step_entry(step: Step, lasts_ms: int | None, omit: Sequence[str] = ()) -> Any:
    """A step of a script that lasts so long; `omit` in this order."""
    settings: dict[str, Any] = {}
    if lasts_ms is not None:
        settings["for"] = duration_text(lasts_ms)
    if step.phase == "downloading":
        settings |= {"hold": True} if step.lasts_ms is None else {"to": step.to_bytes}
    if step.overrides.values:
        settings["report"] = dict(step.overrides.values)
    if omit:
        settings["omit"] = list(omit)
    if step.overrides.off_contract:
        settings["off_contract"] = True
    return {step.phase: settings} if settings else step.phase


def timeline_text(document: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    """What a file holds as YAML, one step and one member of a fault a line."""
    lines = [f"# {line}" for comment in comments for line in wrapped(comment, _WIDTH - 2)]
    for name, value in document.items():
        if name not in ("jobs", "faults"):
            lines.append(f"{name}: {_quoted(value)}")
    lines.append("jobs:")
    for job in document["jobs"]:
        lines += _item({name: value for name, value in job.items() if name != "script"})
        lines += ["    script:", *(f"      - {_step(step)}" for step in job["script"])]
    if faults := document.get("faults"):
        lines.append("faults:")
        for fault in faults:
            lines += _item(fault)
    return "\n".join(lines) + "\n"


def _item(members: Mapping[str, Any]) -> Iterator[str]:
    for number, (name, value) in enumerate(members.items()):
        yield f"  {'  ' if number else '- '}{name}: {_quoted(value)}"


def _step(step: Any) -> str:
    if isinstance(step, str):
        return step
    ((phase, settings),) = step.items()
    return f"{phase}: {_quoted(settings)}"


def _quoted(value: Any) -> str:
    """JSON, which is YAML as well once what YAML has no characters for is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNWRITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
