"""The mock once more, in the plainest way: jobs that know only the present.

It shares nothing with `mockserver.timeline`, so that each can be held to the other. It reads
timelines as data in which durations are whole seconds, `to` is a number of bytes, and each job has
an id and a model of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from mockserver.api.operations import DOWNLOAD, JOB_STATUS, LIST_STATUS
from mockserver.documents.rfc3339 import from_milliseconds

_MADE_JOB_SECONDS = 20


@dataclass(frozen=True, slots=True)
class JsonReply:
    """A reply: its HTTP status, and its JSON data where that is 200 (None otherwise)."""

    status: int
    payload: dict[str, Any] | None = None


@dataclass(slots=True)
class Simulation:
    """A timeline as data, from where the clock shows `start_ms`; `broken` operations answer 503."""

    document: Mapping[str, Any]
    start_ms: int
    now_ms: int = field(init=False)
    broken: set[str] = field(default_factory=set)
    jobs: list[_SimulatedJob] = field(init=False)

    def __post_init__(self) -> None:
        self.now_ms = self.start_ms
        self.jobs = [_SimulatedJob(entry, self.start_ms) for entry in self.document["jobs"]]
        self.advance(0)

    @property
    def has_begun(self) -> bool:
        return self.now_ms > self.start_ms

    @property
    def next_change_ms(self) -> int | None:
        """In how many milliseconds some job goes on by itself, if one does."""
        ends = [job.ends_ms for job in self.jobs if job.ends_ms is not None]
        return min(ends) - self.now_ms if ends else None

    @property
    def models(self) -> list[str]:
        return list(dict.fromkeys(job.model for job in self.jobs))

    @property
    def events(self) -> list[str]:
        """What some job waits for at some time."""
        steps = [settings for job in self.jobs for _, settings in job.script]
        return sorted({step["until"] for step in steps if "until" in step})

    def advance(self, by_ms: int) -> None:
        self.now_ms += by_ms
        for job in self.jobs:
            job.run_until(self.now_ms)

    def fire(self, event: str, job_id: str | None) -> list[str]:
        """An event happens to one job or to all: those that waited for it."""
        struck = [job for job in self.jobs if job_id in (None, job.job_id)]
        return [job.job_id for job in struck if job.receive(event, self.now_ms)]

    def status(self, job_id: str) -> JsonReply:
        """What `GET …/status/:job_id` answers."""
        if JOB_STATUS.id in self.broken:
            return JsonReply(503)
        for job in self.jobs:
            if job.job_id == job_id and job.is_known:
                return JsonReply(200, job.reply(self.now_ms))
        return JsonReply(404)

    def list(self) -> JsonReply:
        """What `GET …/status` answers."""
        if LIST_STATUS.id in self.broken:
            return JsonReply(503)
        found: dict[str, Any] = {"downloading": [], "completed": [], "failed": [], "paused": []}
        for job in self.jobs:
            if job.is_known and job.is_listed:
                found[job.phase].append(job.reply(self.now_ms))
        return JsonReply(200, found)

    def download(self, model: str) -> JsonReply | None:
        """What `POST …/download` answers; None where the mock makes up a job: `adopt` it."""
        if DOWNLOAD.id in self.broken:
            return JsonReply(503)
        jobs = [job for job in self.jobs if job.model == model]
        if any(job.was_completed for job in jobs):
            return JsonReply(200, {"status": "already_downloaded"})
        begun = [job for job in jobs if job.step]
        for job in sorted(begun, key=lambda job: (not job.is_known, job.began_ms)):
            job.receive("resume", self.now_ms)
            if job.is_known:
                return JsonReply(200, job.download_reply())
        for job in jobs:
            if job.first_phase != "gone" and job.receive("request", self.now_ms):
                return JsonReply(200, job.download_reply())
        return None

    def adopt(self, model: str, reply: Mapping[str, Any]) -> None:
        """A job that the mock has made up now: it says itself which id and size that has."""
        total = reply["total_size_bytes"]
        step = {"downloading": {"for": f"{_MADE_JOB_SECONDS}s", "to": total}}
        entry = {"job_id": reply["job_id"], "model": model, "total_size_bytes": total}
        self.jobs.append(_SimulatedJob({**entry, "script": [step, "completed"]}, self.now_ms))
        self.advance(0)


class _SimulatedJob:
    """A job: the step that it is in, and since when. What comes before its script is a step too."""

    def __init__(self, entry: Mapping[str, Any], start_ms: int) -> None:
        self.job_id: str = entry["job_id"]
        self.model: str = entry["model"]
        self.total: int = entry["total_size_bytes"]
        self.is_listed: bool = entry.get("listed", True)
        begins: str = entry.get("begins", "0s")
        before = {"until": "request"} if begins == "on request" else {"for": begins}
        self.script: list[tuple[str, Mapping[str, Any]]] = [("unknown", before)]
        for step in entry["script"]:
            self.script.append((step, {}) if isinstance(step, str) else next(iter(step.items())))
        self.first_phase = self.script[1][0]
        self.step = 0
        self.phase, self.settings = self.script[0]
        self.since_ms = self.began_ms = start_ms
        self.arrived = 0  # when the step began
        self.speed = Fraction(0)  # bytes a millisecond
        self.was_completed = False

    @property
    def is_known(self) -> bool:
        return self.phase not in ("unknown", "gone")

    @property
    def ends_ms(self) -> int | None:
        """When the step ends if no event ends it before; None is never."""
        seconds: str | None = self.settings.get("for")
        return None if seconds is None else self.since_ms + int(seconds.removesuffix("s")) * 1000

    def run_until(self, now_ms: int) -> None:
        while (ends_ms := self.ends_ms) is not None and ends_ms <= now_ms:
            self.go_on(ends_ms)

    def receive(self, event: str, now_ms: int) -> bool:
        """Whether it waited for this event, which has ended its step then."""
        if self.settings.get("until") != event:
            return False
        self.go_on(now_ms)
        return True

    def go_on(self, now_ms: int) -> None:
        """The next step begins now."""
        self.arrived += self.growth()
        self.step, self.since_ms = self.step + 1, now_ms
        self.phase, self.settings = self.script[self.step]
        if self.step == 1:
            self.began_ms = now_ms
        if "to" in self.settings and self.ends_ms is not None:
            self.speed = Fraction(self.growth(), self.ends_ms - now_ms)
        self.was_completed |= self.phase == "completed"

    def growth(self) -> int:
        """The bytes that arrive from the step's beginning to its end."""
        return int(self.settings["to"]) - self.arrived if "to" in self.settings else 0

    def reply(self, now_ms: int) -> dict[str, Any]:
        reply = self.download_reply()
        arrived = self.arrived
        if self.phase == "downloading":
            if self.growth():
                arrived += math.floor(self.speed * (now_ms - self.since_ms))
            rest_ms = (self.total - arrived) / self.speed if self.total > arrived else 0
            expected_ms = now_ms + math.floor(rest_ms + Fraction(1, 2))
            reply["bytes_per_second"] = float(self.speed * 1000)
            reply["estimated_completion"] = from_milliseconds(expected_ms)
        return {**reply, "downloaded_bytes": arrived}

    def download_reply(self) -> dict[str, Any]:
        """What does not change while bytes arrive."""
        reply = {
            "job_id": self.job_id,
            "status": self.phase,
            "total_size_bytes": self.total,
            "started_at": from_milliseconds(self.began_ms),
        }
        if self.phase == "completed":
            reply["completed_at"] = from_milliseconds(self.since_ms)
        return reply
