"""Polls of real jobs as a timeline that replays them: pure, from observations to a document."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mockserver.api.operations import JOB_STATUS
from mockserver.documents import json_text, rfc3339
from mockserver.documents.source import Source
from mockserver.documents.text import wrapped
from mockserver.errors import JsonTextError, SourceError, TimelineError
from mockserver.faults.reader import MAX_FAULTS
from mockserver.timeline.job_fields import MAX_STEPS
from mockserver.timeline.model import LATEST_START_MS
from mockserver.timeline.polls import Headers, Observation, job_in, thinned
from mockserver.timeline.reader import load
from mockserver.timeline.script_inference import retrace, spelt
from mockserver.timeline.told import Point

__all__ = ["Recorded", "Recording", "can_be_named", "recording"]

_WIDTH = 98
_FEWEST = 8
_LONGEST_MS = 24 * 3_600_000
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LEFT_OUT = frozenset(
    (
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"),
        *("content-encoding", "content-length", "transfer-encoding", "date", "server"),
    )
)
"""Headers that are about the connection or the coding, or that each server sets by itself."""
_STEP = re.compile(r"/jobs/(\d+)/script/(\d+)/")
_UNWRITABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A job, what its polls came to, and what a client asked for to get it, if that is known."""

    job_id: str
    observations: Sequence[Observation]
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
    jobs: Sequence[Recorded],
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
    when there is no observation.
    """
    polls = sum(len(job.observations) for job in jobs)
    while True:
        kept = sum(len(job.observations) for job in jobs)
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
        jobs = [replace(job, observations=thinned(job.observations)) for job in jobs]


def _checked(document: dict[str, Any], comments: Sequence[str]) -> str:
    """The document as text. What breaks the contract all the same is marked as such."""
    while True:
        text = _text(document, comments)
        try:
            load(Source("recording.yaml", text))
        except TimelineError as error:
            if not _is_marked(document, error.pointer or ""):
                raise
        else:
            return text


def _is_marked(document: dict[str, Any], pointer: str) -> bool:
    """Mark the step at this pointer as off contract; whether there is one that was not yet."""
    found = _STEP.match(pointer)
    if found is None:
        return False
    step = document["jobs"][int(found[1])]["script"][int(found[2])]
    if isinstance(step, str):
        return False
    ((_, settings),) = step.items()
    is_new = "report" in settings or "omit" in settings
    is_new &= "off_contract" not in settings
    settings["off_contract"] = True
    return is_new


def can_be_named(job_id: str) -> bool:
    """Whether a timeline can have a job of this id."""
    entry = {"job_id": job_id, "total_size_bytes": 0, "script": ["gone"]}
    try:
        load(Source("recording.yaml", _written({"jobs": [entry]})))
    except SourceError:
        return False
    return True


def _document(
    jobs: Sequence[Recorded],
    edition: str,
    description: str,
    usual_404: Callable[[str], object],
) -> dict[str, Any]:
    epoch_ms = min(job.observations[0].at_ms for job in jobs if job.observations)
    epoch_ms = min(epoch_ms, LATEST_START_MS)
    document: dict[str, Any] = {
        "description": description,
        "edition": edition,
        "starts_at": rfc3339.from_milliseconds(epoch_ms),
        "jobs": [],
    }
    faults: list[dict[str, Any]] = []
    for job in jobs:
        document["jobs"].append(_job(job, edition, epoch_ms))
        faults += _faults(job, epoch_ms, usual_404(job.job_id), is_alone=len(jobs) == 1)
    if faults:
        document["faults"] = faults
    return document


def _job(job: Recorded, edition: str, epoch_ms: int) -> dict[str, Any]:
    told = ((one, job_in(one)) for one in job.observations)
    points = [
        Point(one.at_ms, payload)
        for one, payload in told
        if payload is not None or (one.status == 404 and one.end == "whole")
    ]
    found = retrace(points, job.job_id, edition, epoch_ms)
    entry: dict[str, Any] = {"job_id": job.job_id}
    if job.model:
        entry["model"] = job.model
    entry["total_size_bytes"] = found.total_bytes
    if found.begins_ms != epoch_ms:
        entry["started_at"] = rfc3339.from_milliseconds(found.begins_ms)
    entry["script"] = found.script
    return entry


def _faults(
    job: Recorded, epoch_ms: int, usual_404: object, *, is_alone: bool
) -> Iterator[dict[str, Any]]:
    """A fault for each stretch of time in which the reply was none that a step gives."""
    path = JOB_STATUS.path_for(job_id=job.job_id)
    pending: dict[str, Any] | None = None
    since_ms = 0
    for one in job.observations:
        fault = _fault(one, usual_404, is_alone=is_alone)
        if fault == pending:
            continue
        if pending is not None:
            yield _within(path, pending, since_ms - epoch_ms, one.at_ms - since_ms)
        pending, since_ms = fault, one.at_ms
    if pending is not None:
        yield _within(path, pending, since_ms - epoch_ms, None)


def _within(
    path: str, fault: dict[str, Any], after_ms: int, lasts_ms: int | None
) -> dict[str, Any]:
    when = {"after": spelt(after_ms)} if after_ms else {}
    if lasts_ms is not None:
        when["for"] = spelt(lasts_ms)
    place = {} if "refuse" in fault else {"path": path}
    return {**place, **({"when": when} if when else {}), **fault}


def _fault(one: Observation, usual_404: object, *, is_alone: bool) -> dict[str, Any] | None:
    """What a fault does to give the same; None where the job's script does."""
    if one.end == "refused" and is_alone:
        return {"refuse": True}
    if one.end == "silent" and one.status is None:
        delay_ms = min(max(1, one.took_ms), _LONGEST_MS)
        return {"delay": spelt(delay_ms), "disconnect": "before headers"}
    if one.status is None or not 200 <= one.status <= 599:
        by = {"by": "reset"} if one.end == "refused" else {}
        return {"disconnect": {"at": "before headers", **by}}
    if one.end != "whole":  # the client waits for more than comes
        return {"reply": _reply(one), "content_length": "longer"}
    if job_in(one) is not None:
        return None
    if one.status == 404 and usual_404 is not None and _json(one.body) == usual_404:
        return None
    return {"reply": _reply(one)}


def _reply(one: Observation) -> dict[str, Any]:
    reply: dict[str, Any] = {"status": one.status}
    if headers := _headers(one.headers):
        reply["headers"] = headers
    return reply | _body(one)


def _headers(headers: Headers) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in headers:
        is_writable = value.isascii() and value.isprintable() and _HEADER.fullmatch(name)
        if name.lower() not in _LEFT_OUT and is_writable:
            before = next((one for one in kept if one.lower() == name.lower()), None)
            kept[before or name] = f"{kept[before]}, {value}" if before else value
    return kept


def _body(one: Observation) -> dict[str, Any]:
    """The most readable way to write a body that gives the same bytes."""
    kind = one.header("content-type")
    data = _json(one.body)
    if isinstance(data, dict | list) and kind is not None and _compact(data) == one.body:
        return {"body": data}
    try:
        text = one.body.decode()
    except UnicodeDecodeError:
        text = ""
    if text and kind is not None:
        return {"body": text}
    return {"body_base64": base64.b64encode(one.body).decode()}


def _json(body: bytes) -> Any:
    try:
        return json_text.loads(body)
    except JsonTextError:
        return None


def _compact(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _text(document: Mapping[str, Any], comments: Sequence[str]) -> str:
    """The document as YAML, one step and one fault a line."""
    lines = [f"# {line}" for one in comments for line in wrapped(one, _WIDTH - 2)]
    for name in ("description", "edition", "starts_at"):
        lines.append(f"{name}: {_written(document[name])}")
    lines.append("jobs:")
    for job in document["jobs"]:
        members = [f"{name}: {_written(one)}" for name, one in job.items() if name != "script"]
        lines += [f"  - {members[0]}", *(f"    {one}" for one in members[1:]), "    script:"]
        lines += [f"      - {_step(one)}" for one in job["script"]]
    if faults := document.get("faults"):
        lines.append("faults:")
        for fault in faults:
            first, *rest = [f"{name}: {_written(one)}" for name, one in fault.items()]
            lines += [f"  - {first}", *(f"    {one}" for one in rest)]
    return "\n".join(lines) + "\n"


def _step(step: Any) -> str:
    if isinstance(step, str):
        return step
    ((phase, settings),) = step.items()
    return f"{phase}: {_written(settings)}"


def _written(value: Any) -> str:
    """JSON, which is YAML as well once what YAML has no characters for is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNWRITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
