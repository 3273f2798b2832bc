"""The trials of a client that asks for one operation: every kind of reply, drawn.

A payload is about the job that the client asks for. Where a valid reply lets a client poll on, the
replies that follow tell it that this job is completed, so that it comes to an end. What is wrong
is answered again and again, unless that would say no more than that the job stands still.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from mockserver import contract, resources
from mockserver.api.replies import error_object
from mockserver.contract import MISSING, Mutant
from mockserver.documents import rfc3339
from mockserver.documents.pointer import parts
from mockserver.errors import UnknownName
from mockserver.exercise.trial import Answer, Trial, Wanted
from mockserver.server.stand_in import encoded
from mockserver.strategies import invalid, spelled, surprising, valid
from mockserver.strategies.odd_replies import OddReply, odd_replies
from mockserver.strategies.raw import RawBody, raw_bodies
from mockserver.strategies.search import SearchStrategy, evenly
from mockserver.timeline.model import FLOATING_EPOCH_MS, LAST_INSTANT_MS, JobState
from mockserver.timeline.payloads import download_payload, job_payload, list_payload

__all__ = ["Subject", "edition_with", "endings", "trials"]

_SIZE = 2_279_145_003
_OVER = ("completed", "failed", "already_downloaded")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a client asks for: an operation of an edition, and the job.

    `is_told_id`: it looks for this job, as it was given the id. `strict`: it is served what is
    wrong again and again in any case.
    """

    operation: str
    edition: str
    job_id: str
    is_told_id: bool = True
    strict: bool = False


def edition_with(operation: str, first: str) -> str:
    """This edition, or else the newest that has the operation; UnknownName where none has."""
    names = (first, *reversed(resources.edition_names()))
    found = next((one for one in names if operation in contract.edition(one).operations), None)
    if found is None:
        known = sorted({id_ for one in names for id_ in contract.edition(one).operations})
        raise UnknownName("operation", operation, known)
    return found


def trials(subject: Subject) -> SearchStrategy[Trial]:
    """Valid, surprising and invalid payloads, bodies that are no JSON, and odd HTTP replies.

    Raises UnknownName for an operation or an edition that there is not.
    """
    operation, edition = subject.operation, subject.edition
    contract.edition(edition).operation(operation)
    surprises = spelled(surprising(operation, edition=edition).map(partial(_about, subject)))
    bodies = raw_bodies()
    if not subject.strict:  # nesting that no reply of a server has breaks nearly every reader
        bodies = bodies.filter(lambda one: one.rule != "json:depth")
    good = encoded(_of_operation(subject, [_completed(subject.job_id)]), operation)
    return evenly(
        valid(operation, edition=edition).map(partial(_with_payload, subject)),
        surprises.map(partial(_with_text, subject)),
        invalid(operation, edition=edition).map(partial(_with_mutant, subject)),
        bodies.map(partial(_with_raw, subject)),
        odd_replies(good).map(partial(_with_odd, subject)),
    )


def endings(subject: Subject) -> tuple[Answer, ...]:
    """Answers that let a client come to an end: the job is completed."""
    return _ends(subject, None)


def _with_payload(subject: Subject, payload: Any) -> Trial:
    payload = _about(subject, payload)
    body = encoded(payload, subject.operation)
    return Trial("valid", _wanted(subject, payload), _with_ends(subject, body, payload))


def _with_text(subject: Subject, text: str) -> Trial:
    payload = json.loads(text)
    body = text.encode()
    return Trial("surprising", _wanted(subject, payload), _with_ends(subject, body, payload))


def _with_mutant(subject: Subject, mutant: Mutant) -> Trial:
    place = parts(mutant.pointer)
    sound = _about(subject, _changed(mutant.payload, place, mutant.was))
    payload = _changed(sound, place, mutant.became)
    found = contract.violations(payload, subject.operation, subject.edition)
    return Trial(
        "invalid",
        "error",
        _with_ends(
            subject,
            encoded(payload, subject.operation),
            sound,
            for_ever=subject.strict or _is_over(subject, sound),
        ),
        tuple(map(str, found)),
        encoded(sound, subject.operation),
    )


def _with_raw(subject: Subject, raw: RawBody) -> Trial:
    answer = Answer(subject.operation, raw.body, content_type=raw.content_type)
    reason = f"{raw.rule}: {raw.why}"
    if not subject.strict and _is_read_by_some(raw.body):
        ends = _ends(subject, None)
        return Trial("no JSON", "either", (replace(answer, times=1), *ends), (reason,))
    return Trial("no JSON", "error", (answer, *_others(subject, None)), (reason,))


def _with_odd(subject: Subject, odd: OddReply) -> Trial:
    answer = Answer(subject.operation, odd.body, odd.status, odd.content_type)
    return Trial("HTTP", "error", (answer, *_others(subject, None)), (odd.why,))


def _is_read_by_some(body: bytes) -> bool:
    """Whether a reader of JSON that is in wide use takes it.

    Python's own takes NaN, for one. JavaScript's `fetch` and Go's `encoding/json` put U+FFFD in the
    place of bytes that are no UTF-8 (WHATWG Encoding, "UTF-8 decode"; Go's `json.Unmarshal`).
    """
    return _is_read(body) or _is_read(body.decode("utf-8", "replace"))


def _is_read(text: str | bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _about(subject: Subject, payload: Any) -> Any:
    """The payload with the id of the job that is asked for, where it has a job."""
    if not isinstance(payload, dict):
        return payload
    if subject.operation != "list_status":
        has_id = "job_id" in payload
        return {**payload, "job_id": subject.job_id} if has_id else payload
    copy, is_given = dict(payload), False
    for status, jobs in payload.items():
        if isinstance(jobs, list) and jobs and isinstance(jobs[0], dict) and not is_given:
            copy[status] = [{**jobs[0], "job_id": subject.job_id}, *jobs[1:]]
            is_given = True
    return copy


def _changed(payload: Any, place: tuple[str, ...], value: Any) -> Any:
    """The payload with another value at a place, or without any."""
    if not place:
        return value
    step, *rest = place
    copy = payload.copy()
    key: Any = int(step) if isinstance(copy, list) else step
    if rest:
        copy[key] = _changed(copy[key], tuple(rest), value)
    elif value is MISSING:
        copy.pop(key, None)
    else:
        copy[key] = value
    return copy


def _wanted(subject: Subject, payload: Any) -> Wanted:
    """An error is right for a job that has failed, or is not in the list."""
    jobs = list(_jobs(subject, payload))
    if subject.operation == "list_status":
        if not subject.is_told_id:
            return "result"
        jobs = [job for job in jobs if job.get("job_id") == subject.job_id]
        return "either" if not jobs or jobs[0].get("status") == "failed" else "result"
    return "either" if any(job.get("status") == "failed" for job in jobs) else "result"


def _is_over(subject: Subject, payload: Any) -> bool:
    """Whether it gives a client no reason to poll on."""
    return all(job.get("status") in _OVER for job in _jobs(subject, payload))


def _jobs(subject: Subject, payload: Any) -> Iterator[Mapping[str, Any]]:
    if subject.operation != "list_status":
        if isinstance(payload, dict):
            yield payload
        return
    for jobs in payload.values() if isinstance(payload, dict) else ():
        for job in jobs if isinstance(jobs, list) else ():
            if isinstance(job, dict):
                yield job


def _with_ends(
    subject: Subject, body: bytes, payload: Any, *, for_ever: bool = False
) -> tuple[Answer, ...]:
    """The body as the first reply, or as each, and what follows from the payload."""
    answer = Answer(subject.operation, body)
    if for_ever or subject.operation == "download":
        return (answer, *_others(subject, payload))
    return (replace(answer, times=1), *_ends(subject, payload))


def _ends(subject: Subject, payload: Any) -> tuple[Answer, ...]:
    """The same operation once its jobs are completed, and what the others say."""
    states = [
        _failed(job) if job.get("status") == "failed" else _completed(job.get("job_id"), job)
        for job in _jobs(subject, payload)
    ]
    end = _of_operation(subject, states or [_completed(subject.job_id)])
    answer = Answer(subject.operation, encoded(end, subject.operation))
    return (answer, *_others(subject, payload))


def _others(subject: Subject, payload: Any) -> tuple[Answer, ...]:
    """The replies to the operations beside the one that is asked for."""
    if subject.operation == "job_status":
        begun = JobState(subject.job_id, "downloading", _size(payload), 0, FLOATING_EPOCH_MS)
        return (Answer("download", encoded(download_payload(begun), "download")),)
    job = next(_jobs(subject, payload), {})
    if subject.operation == "download" and job.get("status") == "already_downloaded":
        lost = error_object("job_not_found", "There is no such download job")
        return (Answer("job_status", encoded(lost, "job_status"), status=404),)
    state = _completed(job.get("job_id", subject.job_id), job)
    return (Answer("job_status", encoded(job_payload(state), "job_status")),)


def _of_operation(subject: Subject, states: list[JobState]) -> Mapping[str, Any]:
    match subject.operation:
        case "list_status":
            return list_payload(states)
        case "download":
            return download_payload(states[0])
        case _:
            return job_payload(states[0])


def _completed(job_id: Any, job: Mapping[str, Any] | None = None) -> JobState:
    """The job, once it is completed: its id, size and beginning are those that it has."""
    total, started_ms = _size(job), _started_ms(job)
    return JobState(job_id, "completed", total, total, started_ms, completed_at_ms=started_ms)


def _failed(job: Mapping[str, Any]) -> JobState:
    done = job.get("downloaded_bytes", 0)
    return JobState(job["job_id"], "failed", _size(job), done, _started_ms(job))


def _size(job: Any) -> Any:
    """The job's own, which may be a float, too."""
    found = job.get("total_size_bytes") if isinstance(job, dict) else None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else _SIZE


def _started_ms(job: Any) -> int:
    text = job.get("started_at") if isinstance(job, dict) else None
    if isinstance(text, str) and rfc3339.is_date_time(text):
        return min(max(0, rfc3339.to_milliseconds(text)), LAST_INSTANT_MS)
    return FLOATING_EPOCH_MS
