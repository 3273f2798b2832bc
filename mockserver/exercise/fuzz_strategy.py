"""The cases of a client that asks for one operation: every kind of reply, drawn.

A payload is about the job that the client asks for. Where a valid reply lets a client poll on, the
replies that follow tell it that this job is completed, so that it comes to an end. What is wrong
is answered again and again, unless that would say no more than that the job stands still.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any

from mockserver import contract, resources
from mockserver.api.operations import about
from mockserver.contract import Mutant
from mockserver.documents.pointer import parts, replaced
from mockserver.errors import UnknownName
from mockserver.exercise.fuzz_case import ExpectedEnd, FuzzCase, FuzzFailure, FuzzReply, ReplyKind
from mockserver.exercise.fuzz_server import (
    FuzzTarget,
    completed,
    final_replies,
    jobs_in,
    other_operations,
    payload_of,
)
from mockserver.server.stand_in import encoded
from mockserver.strategies import invalid, spelled, surprising, valid
from mockserver.strategies.raw import OddReply, RawBody, odd_replies, raw_bodies
from mockserver.strategies.search import Found, SearchStrategy, evenly, search

_OVER = ("completed", "failed", "already_downloaded")


def edition_with(operation: str, first: str) -> str:
    """This edition, or else the newest that has the operation; UnknownName where none has."""
    names = (first, *reversed(resources.edition_names()))
    for name in names:
        if operation in contract.edition(name).operations:
            return name
    known = sorted({id_ for name in names for id_ in contract.edition(name).operations})
    raise UnknownName("operation", operation, known)


def fuzz_cases(target: FuzzTarget) -> SearchStrategy[FuzzCase]:
    """Payloads of each kind, bodies that are no JSON, odd HTTP replies. Raises UnknownName."""
    operation, edition = target.operation, target.edition
    contract.edition(edition).operation(operation)
    asked = partial(_about, target)
    bodies = raw_bodies()
    if not target.strict:  # nesting that no reply of a server has breaks nearly every reader
        bodies = bodies.filter(lambda body: body.rule != "json:depth")
    good = encoded(payload_of(operation, [completed(target.job_id)]), operation)
    usual = valid(operation, edition).map(asked).map(lambda data: encoded(data, operation))
    odd = spelled(surprising(operation, edition).map(asked)).map(str.encode)
    return evenly(
        usual.map(partial(_with_valid, target, "valid")),
        odd.map(partial(_with_valid, target, "surprising")),
        invalid(operation, edition).map(partial(_with_mutant, target)),
        bodies.map(partial(_with_raw, target)),
        odd_replies(good).map(partial(_with_odd, target)),
    )


def smallest_failure(
    target: FuzzTarget,
    examine: Callable[[FuzzCase], FuzzFailure | None],
    number: int,
    seed: int,
    **limits: int,
) -> Found[FuzzCase, FuzzFailure] | None:
    """Examine so many cases, and make the first that breaks a client smaller; see `search`."""
    cases = fuzz_cases(target)
    alike = attrgetter("signature")
    return search(cases, examine, number=number, seed=seed, alike=alike, **limits)


def _with_valid(target: FuzzTarget, kind: ReplyKind, body: bytes) -> FuzzCase:
    payload = json.loads(body)
    return FuzzCase(kind, _expected(target, payload), _replies(target, body, payload))


def _with_mutant(target: FuzzTarget, mutant: Mutant) -> FuzzCase:
    place = parts(mutant.pointer)
    sound = _about(target, replaced(mutant.payload, place, mutant.was)[0])
    payload, _ = replaced(sound, place, mutant.became)
    body = encoded(payload, target.operation)
    is_over = all(job.get("status") in _OVER for job in jobs_in(target.operation, sound))
    return FuzzCase(
        "invalid",
        "error",
        _replies(target, body, sound, for_ever=target.strict or is_over),
        tuple(map(str, contract.violations(payload, target.operation, target.edition))),
        encoded(sound, target.operation),
    )


def _with_raw(target: FuzzTarget, raw: RawBody) -> FuzzCase:
    reply = FuzzReply(target.operation, raw.body, content_type=raw.content_type)
    reason = f"{raw.rule}: {raw.why}"
    if not target.strict and _is_read_by_some(raw.body):
        replies = (replace(reply, times=1), *final_replies(target))
        return FuzzCase("no JSON", "either", replies, (reason,))
    return FuzzCase("no JSON", "error", (reply, *other_operations(target, None)), (reason,))


def _with_odd(target: FuzzTarget, odd: OddReply) -> FuzzCase:
    reply = FuzzReply(target.operation, odd.body, odd.status, odd.content_type)
    return FuzzCase("HTTP", "error", (reply, *other_operations(target, None)), (odd.why,))


def _is_read_by_some(body: bytes) -> bool:
    """Whether a reader of JSON that is in wide use takes it.

    Python's own takes NaN, for one. JavaScript's `fetch` and Go's `encoding/json` put U+FFFD in the
    place of bytes that are no UTF-8 (WHATWG Encoding, "UTF-8 decode"; Go's `json.Unmarshal`).
    """
    for text in (body, body.decode("utf-8", "replace")):
        with suppress(ValueError, RecursionError):
            json.loads(text)
            return True
    return False


def _about(target: FuzzTarget, payload: Any) -> Any:
    """The payload with the id of the job that is asked for, where it has a job."""
    if not isinstance(payload, dict):
        return payload
    if about(target.operation) != "jobs":
        return {**payload, "job_id": target.job_id} if "job_id" in payload else payload
    for status, jobs in payload.items():
        if isinstance(jobs, list) and jobs and isinstance(jobs[0], dict):
            return {**payload, status: [{**jobs[0], "job_id": target.job_id}, *jobs[1:]]}
    return payload


def _expected(target: FuzzTarget, payload: Any) -> ExpectedEnd:
    """An error is right for a job that has failed, or is not in the list."""
    jobs = list(jobs_in(target.operation, payload))
    if about(target.operation) == "jobs":
        if not target.knows_id:
            return "result"
        jobs = [job for job in jobs if job.get("job_id") == target.job_id][:1]
        if not jobs:
            return "either"
    return "either" if any(job.get("status") == "failed" for job in jobs) else "result"


def _replies(
    target: FuzzTarget, body: bytes, payload: Any, *, for_ever: bool = False
) -> tuple[FuzzReply, ...]:
    """The body as the first reply, or as each, and what follows from the payload."""
    reply = FuzzReply(target.operation, body)
    if for_ever or about(target.operation) == "model":
        return (reply, *other_operations(target, payload))
    return (replace(reply, times=1), *final_replies(target, payload))
