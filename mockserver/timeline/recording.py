"""Polls of real jobs as a timeline that replays them: pure, from polls to a document."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mockserver.api.operations import JOB_STATUS
from mockserver.documents import rfc3339
from mockserver.documents.data import DataDocument
from mockserver.documents.node import Node
from mockserver.documents.source import Source
from mockserver.errors import MockServerError, SourceError, TimelineError
from mockserver.faults.reader import MAX_FAULTS
from mockserver.timeline.fault_inference import infer_faults
from mockserver.timeline.job_fields import JOB_ID, MAX_STEPS
from mockserver.timeline.model import LATEST_START_MS
from mockserver.timeline.polls import JobSnapshot, RecordedPoll, job_in, thinned
from mockserver.timeline.reader import load
from mockserver.timeline.script_inference import infer_script
from mockserver.timeline.writer import timeline_text

_FEWEST = 8
_STEP = re.compile(r"/jobs/(\d+)/script/(\d+)/")


@dataclass(frozen=True, slots=True)
class RecordedJob:
    """A job, what its polls came to, and what a client asked for to get it, if that is known."""

    job_id: str
    polls: Sequence[RecordedPoll]
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """`text` is a timeline file of `steps` steps and `faults` faults; it replays `polls` polls.

    `left_out` are those that there was no room for.
    """

    text: str
    polls: int
    left_out: int
    steps: int
    faults: int


def recording(
    jobs: Sequence[RecordedJob],
    edition: str,
    description: str,
    comments: Sequence[str] = (),
    usual_404: Callable[[str], object] = lambda job_id: None,
) -> Recording:
    """A timeline that tells whoever polls at the same instants after its beginning the same.

    The first poll is its beginning. Replies of 200 that show a job become steps, all others and
    gaps become faults. Kept are status, body and headers, but of a step only what its JSON says.
    When it is larger than a timeline may be, polls between which only numbers change are left
    out, every other one at a time. `usual_404` is the JSON that a mock answers by itself when
    it does not know a job. Raises TimelineError for an id that no timeline can have, ValueError
    when there is no poll.
    """
    polls = sum(len(job.polls) for job in jobs)
    while True:
        kept = sum(len(job.polls) for job in jobs)
        document = _document(jobs, edition, description, usual_404)
        steps = [len(job["script"]) for job in document["jobs"]]
        faults = len(document.get("faults", ()))
        if max(steps) <= MAX_STEPS and faults <= MAX_FAULTS:
            try:
                text = _checked(document, comments)
                return Recording(text, kept, polls - kept, sum(steps), faults)
            except SourceError:
                if kept <= _FEWEST * len(jobs):
                    raise
        jobs = [replace(job, polls=thinned(job.polls)) for job in jobs]


def _checked(document: dict[str, Any], comments: Sequence[str]) -> str:
    """The document as text. A step that breaks the contract all the same is marked as such."""
    while True:
        text = timeline_text(document, comments)
        try:
            load(Source("recording.yaml", text))
        except TimelineError as error:
            found = _STEP.match(error.pointer)
            step = document["jobs"][int(found[1])]["script"][int(found[2])] if found else ""
            settings = {} if isinstance(step, str) else next(iter(step.values()))
            if "off_contract" in settings or not {"report", "omit"} & settings.keys():
                raise
            settings["off_contract"] = True
        else:
            return text


def can_be_named(job_id: str) -> bool:
    try:
        document = DataDocument.of(job_id, "the id")
        JOB_ID.read(Node.root(document, "the id", TimelineError))
    except MockServerError:
        return False
    return True


def _document(
    jobs: Sequence[RecordedJob], edition: str, description: str, usual_404: Callable[[str], object]
) -> dict[str, Any]:
    epoch_ms = min(LATEST_START_MS, min(job.polls[0].at_ms for job in jobs if job.polls))
    document: dict[str, Any] = {
        "description": description,
        "edition": edition,
        "starts_at": rfc3339.from_milliseconds(epoch_ms),
        "jobs": [_job(job, edition, epoch_ms) for job in jobs],
    }
    faults: list[dict[str, Any]] = []
    for job in jobs:
        path, usual = JOB_STATUS.path_for(job_id=job.job_id), usual_404(job.job_id)
        faults += infer_faults(job.polls, path, epoch_ms, usual, is_alone=len(jobs) == 1)
    return {**document, "faults": faults} if faults else document


def _job(job: RecordedJob, edition: str, epoch_ms: int) -> dict[str, Any]:
    snapshots = [
        JobSnapshot(poll.at_ms, payload)
        for poll, payload in zip(job.polls, map(job_in, job.polls), strict=True)
        if payload is not None or (poll.status, poll.end) == (404, "whole")
    ]
    found = infer_script(snapshots, job.job_id, edition, epoch_ms)
    entry: dict[str, Any] = {"job_id": job.job_id}
    if job.model and job.model.isprintable():
        entry["model"] = job.model
    entry["total_size_bytes"] = found.total_bytes
    if found.begins_ms != epoch_ms:
        entry["started_at"] = rfc3339.from_milliseconds(found.begins_ms)
    return {**entry, "script": found.script}
