"""A client asks for a model: which job that begins, resumes, or finds completed."""

from __future__ import annotations

import hashlib

from mockserver.timeline.model import (
    REQUEST,
    RESUME,
    Begin,
    Event,
    Job,
    JobState,
    Step,
)
from mockserver.timeline.playback import Playback

__all__ = ["model_name", "requested"]

_REPOSITORIES = ("https://huggingface.co/", "https://lmstudio.ai/models/")
_LASTS_MS = 20_000
_SMALLEST, _SPREAD = 500_000_000, 4_000_000_000


def model_name(model: str) -> str:
    """The catalogue name of a model that is named by it, or by its repository's address (D)."""
    for address in _REPOSITORIES:
        if model.startswith(address):
            return model.removeprefix(address).rstrip("/")
    return model


def requested(
    playback: Playback, model: str, quantization: str | None, now_ms: int
) -> tuple[Playback, JobState | None]:
    """What becomes of the playback, and the job's state then; None: the model is there already.

    A job of the model that the server knows goes on under its id (O: also after it failed), and
    the request is its event `resume`. Else the first that begins on request begins. A model whose
    download has completed is there already, also when the job has been forgotten since (G). For
    any other a job is made, which completes after 20 seconds: the same in every run.
    """
    name = model_name(model)
    if name in completed_models(playback, now_ms):
        return playback, None
    jobs = [job for job in playback.timeline.jobs if job.model and model_name(job.model) == name]
    begun = [job for job in jobs if _has_begun(playback, job, now_ms)]
    for job in begun:
        resumed = playback
        if playback.schedules[job.job_id].awaits == RESUME:
            resumed = playback.after(Event(RESUME, now_ms, job.job_id))
        state = resumed.job_at(job.job_id, now_ms)
        if state is not None:
            return resumed, state
    waiting = [job for job in jobs if job.begin.on_request and job not in begun]
    if not waiting:
        waiting = [_made(playback.timeline.name, name, quantization, len(jobs))]
        playback = playback.with_job(waiting[0])
    job_id = waiting[0].job_id
    playback = playback.after(Event(REQUEST, now_ms, job_id))
    return playback, playback.job_at(job_id, now_ms)


def completed_models(playback: Playback, now_ms: int) -> dict[str, Job]:
    """The models whose download has completed by now, by name, in the order of the jobs."""
    models: dict[str, Job] = {}
    for job_id, schedule in playback.schedules.items():
        job = schedule.job
        if job.model is not None and playback.has_completed(job_id, now_ms):
            models.setdefault(model_name(job.model), job)
    return models


def _has_begun(playback: Playback, job: Job, now_ms: int) -> bool:
    begins_ms = playback.schedules[job.job_id].begins_ms
    return begins_ms is not None and begins_ms <= now_ms


def _made(timeline: str, model: str, quantization: str | None, number: int) -> Job:
    """A job that no timeline has; all of it follows from the request and what came before."""
    seed = "\n".join([timeline, model, quantization or "", str(number)])
    digest = hashlib.sha256(seed.encode(errors="surrogatepass")).hexdigest()
    total = _SMALLEST + int(digest[10:26], 16) % _SPREAD
    steps = (
        Step("downloading", _LASTS_MS, None, 0, total, total * 1000 / _LASTS_MS),
        Step("completed", None, None, total, total),
    )
    return Job("job_" + digest[:10], total, Begin(on_request=True), steps, model)
