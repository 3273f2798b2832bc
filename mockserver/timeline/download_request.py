"""A client asks for a model: which job that begins, resumes, or finds completed."""

import hashlib
import json
import re
from collections.abc import Iterable
from itertools import count

from mockserver.timeline.model import (
    REQUEST,
    RESUME,
    Begin,
    Event,
    JobState,
    ScriptedJob,
    Step,
    Timeline,
)
from mockserver.timeline.playback import Playback

_REPOSITORY = re.compile(
    r"^https?://(?:www\.)?(?:huggingface\.co|lmstudio\.ai/models)/+", re.IGNORECASE
)
_DEFAULT = ""
"""The quantization of a generated job that was asked for without one."""
_LASTS_MS = 20_000
_SMALLEST, _SPREAD = 500_000_000, 4_000_000_000


def model_name(model: str) -> str:
    """The catalogue name of a model that is named by it, or by its repository's address (D).

    Slashes at the end are no part of it (G).
    """
    return _REPOSITORY.sub("", model, count=1).rstrip("/") or model


def has_model(timeline: Timeline, model: str) -> bool:
    """Whether a job of the timeline is for this model."""
    name = model_name(model)
    return any(_is_of(job, name) for job in timeline.jobs)


def requested(
    playback: Playback, model: str, quantization: str | None, now_ms: int
) -> tuple[Playback, JobState | None]:
    """What becomes of the playback, and the job's state then; None: the model is there already.

    A model whose download has completed is there already, also when its job has been forgotten
    since (G). Else its job goes on under its id: of several that the server knows, the one that
    began first. The request is the job's event `resume` if its step waits for that, whatever its
    status (O: after it failed). One that is forgotten until `resume` is known again by it. Else the
    first job that begins on request begins. For any other model a job is generated, which completes
    after 20 seconds: the same in every run.

    A quantization, or that there is none, tells generated jobs apart, whichever is asked for first.
    Those of a timeline fit any.
    """
    name = model_name(model)
    fitting = (None, quantization or _DEFAULT)
    jobs = [job for job in playback.timeline.jobs if _is_of(job, name)]
    jobs = [job for job in jobs if job.quantization in fitting]
    if any(playback.has_completed(job.job_id, now_ms) for job in jobs):
        return playback, None
    for job_id in _begun(playback, jobs, now_ms):
        stretch = playback.schedules[job_id].stretch_at(now_ms)
        if stretch is not None and stretch.step.until == RESUME:
            playback = playback.after(Event(RESUME, now_ms, job_id))
        if (state := playback.job_at(job_id, now_ms)) is not None:
            return playback, state
    for job in jobs:
        if job.begin.on_request and playback.schedules[job.job_id].begins_ms is None:
            begun = playback.after(Event(REQUEST, now_ms, job.job_id))
            # None begins before the timeline. One that is not known at first is no answer either.
            if (state := begun.job_at(job.job_id, now_ms)) is not None:
                return begun, state
    job = _generated(playback, name, quantization, now_ms)
    playback = playback.with_job(job)
    return playback, playback.job_at(job.job_id, now_ms)


def completed_models(playback: Playback, now_ms: int) -> dict[str, ScriptedJob]:
    """The models whose download has completed by now, by name, in the order of the jobs."""
    models: dict[str, ScriptedJob] = {}
    for job_id, schedule in playback.schedules.items():
        job = schedule.job
        if job.model is not None and playback.has_completed(job_id, now_ms):
            models.setdefault(model_name(job.model), job)
    return models


def _is_of(job: ScriptedJob, name: str) -> bool:
    return job.model is not None and model_name(job.model) == name


def _begun(playback: Playback, jobs: Iterable[ScriptedJob], now_ms: int) -> list[str]:
    """The ids of those that have begun: known ones before forgotten ones, then by their beginning.

    So a job keeps its turn, whichever begins after it.
    """
    turns = {
        job.job_id: (playback.job_at(job.job_id, now_ms) is None, begins_ms)
        for job in jobs
        if (begins_ms := playback.schedules[job.job_id].begins_ms) is not None
        and begins_ms <= now_ms
    }
    return sorted(turns, key=turns.__getitem__)


def _generated(
    playback: Playback, model: str, quantization: str | None, now_ms: int
) -> ScriptedJob:
    """A job that no timeline has; its id and size follow from the timeline's name and the request.

    It gets another id only where a job has that one already.
    """
    for number in count():
        seed = json.dumps([playback.timeline.name, model, quantization, number])
        digest = hashlib.sha256(seed.encode()).hexdigest()
        job_id = "job_" + digest[:10]
        if job_id not in playback.schedules:
            break
    total = _SMALLEST + int(digest[10:26], 16) % _SPREAD
    end = Step("completed", from_bytes=total, to_bytes=total)
    steps = (Step.growing(_LASTS_MS, 0, total), end)
    begin = Begin(at_ms=now_ms)
    quantization = quantization or _DEFAULT
    return ScriptedJob(job_id, total, begin, steps, model, quantization=quantization)
