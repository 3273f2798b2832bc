"""Polls of real jobs as a timeline that replays them: pure, from polls to a document."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from mockserver.api.operations import JOB_STATUS
from mockserver.api.replies import written
from mockserver.documents import json_text, rfc3339
from mockserver.documents.data import DataDocument
from mockserver.documents.node import Node
from mockserver.documents.source import Source
from mockserver.errors import MockServerError, SourceError, TimelineError
from mockserver.faults.effect import Effect
from mockserver.faults.fault import Fault
from mockserver.faults.message import NAME, ContentLength
from mockserver.faults.reader import MAX_FAULTS
from mockserver.faults.reply import Reply
from mockserver.faults.transport import LONGEST_MS, Delay, Disconnect, Refuse
from mockserver.faults.when import When
from mockserver.http.message import Headers
from mockserver.timeline.builder import timeline_text
from mockserver.timeline.job_fields import JOB_ID, MAX_STEPS
from mockserver.timeline.model import LATEST_START_MS
from mockserver.timeline.polls import JobSnapshot, RecordedJob, RecordedPoll, job_in, thinned
from mockserver.timeline.reader import load
from mockserver.timeline.script_inference import infer_script

_FEWEST = 8
_STEP = re.compile(r"/jobs/(\d+)/script/(\d+)/")


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
        faults += _infer_faults(job.polls, path, epoch_ms, usual, is_alone=len(jobs) == 1)
    return {**document, "faults": faults} if faults else document


def _job(job: RecordedJob, edition: str, epoch_ms: int) -> dict[str, Any]:
    snapshots = [
        JobSnapshot(poll.at_ms, payload)
        for poll, payload in zip(job.polls, map(job_in, job.polls), strict=True)
        if payload is not None or (poll.status, poll.end) == (404, "whole")
    ]
    total, begins_ms, script = infer_script(snapshots, job.job_id, edition, epoch_ms)
    entry: dict[str, Any] = {"job_id": job.job_id}
    if job.model and job.model.isprintable():
        entry["model"] = job.model
    entry["total_size_bytes"] = total
    if begins_ms != epoch_ms:
        entry["started_at"] = rfc3339.from_milliseconds(begins_ms)
    return {**entry, "script": script}


_LEFT_OUT = frozenset(
    (
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"),
        *("content-encoding", "content-length", "transfer-encoding", "date", "server"),
    )
)
"""Headers that are about the connection or the coding, or that each server sets by itself."""


def _infer_faults(
    polls: Sequence[RecordedPoll], path: str, epoch_ms: int, usual_404: object, *, is_alone: bool
) -> Iterator[dict[str, Any]]:
    """A fault for each stretch of time in which the reply was none that a step gives.

    All polls are to this path. `usual_404` is what a mock answers by itself when it knows no job;
    `is_alone`: no other job is polled, so that connections may be refused to all.
    """
    runs = groupby(polls, lambda poll: _effects(poll, usual_404, is_alone=is_alone))
    begins: list[tuple[tuple[Effect, ...], int]] = [(key, next(run).at_ms) for key, run in runs]
    ends: list[int | None] = [since_ms for _, since_ms in begins[1:]]
    for (effects, since_ms), until_ms in zip(begins, [*ends, None], strict=True):
        if effects:
            lasts_ms = None if until_ms is None else until_ms - since_ms
            when = When(after_ms=since_ms - epoch_ms, lasts_ms=lasts_ms)
            # Whoever cannot connect has not asked for a path.
            yield Fault(effects, path=None if effects == (Refuse(),) else path, when=when).data()


def _effects(poll: RecordedPoll, usual_404: object, *, is_alone: bool) -> tuple[Effect, ...]:
    """What a fault does to give the same; nothing where the job's script does."""
    if poll.end == "refused" and is_alone:
        return (Refuse(),)
    if poll.end == "silent" and poll.status is None:
        return (Delay(min(max(1, poll.took_ms), LONGEST_MS)), Disconnect())
    if poll.status is None or not 200 <= poll.status <= 599:
        return (Disconnect(by="reset" if poll.end == "refused" else "close"),)
    reply = Reply(poll.status, _headers(poll.headers), _body(poll))
    if poll.end != "whole":  # the client waits for more than comes
        return (reply, ContentLength("longer"))
    if job_in(poll) is not None:
        return ()
    is_usual = poll.status == 404 and json_text.loads_or_none(poll.body) == usual_404
    return () if is_usual and usual_404 is not None else (reply,)


def _headers(headers: Headers) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in headers:
        is_writable = value.isascii() and value.isprintable() and NAME.fullmatch(name)
        if name.lower() not in _LEFT_OUT and is_writable:
            before = next((held for held in kept if held.lower() == name.lower()), None)
            kept[before or name] = f"{kept[before]}, {value}" if before else value
    return kept


def _body(poll: RecordedPoll) -> Any:
    """The most readable form of the body that gives the same bytes: data, text or bytes."""
    kind = poll.headers.get("content-type")
    data = json_text.loads_or_none(poll.body)
    if isinstance(data, dict | list) and kind is not None and written(data).encode() == poll.body:
        return data
    try:
        text = poll.body.decode()
    except UnicodeDecodeError:
        text = ""
    return text if text and kind is not None else poll.body
