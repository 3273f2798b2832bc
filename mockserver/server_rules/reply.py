"""One reply held to its page: what can be said of it without knowing any other.

>>> from mockserver.server_rules.reply import inspect
>>> body = b'{"job_id": "job_1", "status": "paused", "downloaded_bytes": 2, "total_size_bytes": 1}'
>>> [one.id for one in inspect(200, {"Content-Type": "application/json"}, body, "job_status")]
['bytes-within-total:/downloaded_bytes']
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockserver.contract import Validator, edition
from mockserver.contract.consistency import beside_already_downloaded, inconsistencies
from mockserver.contract.json_data import shown
from mockserver.contract.validator import of_text, validator
from mockserver.contract.violation import Violation
from mockserver.documents import json_text
from mockserver.documents.pointer import pointer
from mockserver.errors import JsonTextError
from mockserver.findings.finding import Finding
from mockserver.http.exchange import Exchange
from mockserver.http.message import Body, Headers, Request, Response
from mockserver.resources import DEFAULT_EDITION
from mockserver.server_rules.estimate import estimate, times_ahead
from mockserver.server_rules.ledger import Ledger
from mockserver.server_rules.members import members, surplus, without_surplus
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.protocol import (
    content_type,
    error_shape,
    expected_statuses,
    server_time_ms,
    trouble,
)
from mockserver.server_rules.remark import Remark, clipped, counted, source_of, starred
from mockserver.server_rules.situations import path_in, situation, unexpected

__all__ = ["Job", "Reading", "inspect", "read"]

Job: TypeAlias = tuple[tuple[str | int, ...], Mapping[str, Any]]
"""Where a job stands in a reply, and its members."""


_ELSEWHERE = ("old-server", "wrong-base-url", "another-server")
"""Situations that hold for all replies of a server."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reply shows: against which rules, and which jobs.

    `jobs` are those of a good reply; `is_unknown_job`: it says that there is no such job.
    `is_whole_list`: jobs that are not among them are not listed. `is_elsewhere`: what answers is
    not the API of these pages.
    """

    remarks: tuple[Remark, ...] = ()
    jobs: tuple[Job, ...] = ()
    is_unknown_job: bool = False
    is_whole_list: bool = False
    is_elsewhere: bool = False


def inspect(
    status: int,
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
    body: bytes | str,
    operation: str,
    edition: str = DEFAULT_EDITION,
    *,
    job_id: str | None = None,
    at_ms: int | None = None,
) -> list[Finding]:
    """The findings of one reply, the gravest first; empty when all is well.

    `job_id` is the job that was asked for. `at_ms` is when the reply came, in milliseconds since
    1970: estimates are compared to it where the reply has no Date header. UnknownName when the
    edition has no such operation.
    """
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    request = Request(
        "POST" if operation == "download" else "GET", _target(operation, edition, job_id)
    )
    response = Response(status, Headers.of(headers), Body(data, len(data)))
    seen = Observation(Exchange(1, request, response), at_ms or 0, operation, job_id)
    ledger = Ledger()
    ledger.add(seen, read(seen, edition, knows_time=at_ms is not None).remarks)
    return list(ledger.findings)


def read(seen: Observation, edition: str, *, knows_time: bool = True) -> Reading:
    """What one reply shows. `knows_time`: its `at_ms` is a real time, not a number of no meaning.

    Of a request for no operation of the edition no page says anything: only the situations, and
    how an unknown path is answered, are told. UnknownName when there is no such edition.
    """
    has_mark = seen.body.startswith(BOM_UTF8)
    if has_mark:
        seen = seen.with_body(seen.body[len(BOM_UTF8) :])
    is_documented = _has(edition, seen.operation)
    problem = trouble(seen) or situation(seen, is_documented)
    if problem is not None:
        return Reading((problem,), is_elsewhere=problem.rule in _ELSEWHERE)
    if not is_documented:
        return Reading(tuple(_elsewhere(seen)))
    if 300 <= (seen.status or 0) < 400:
        found = f"{seen.status} to {shown(clipped(seen.headers.get('Location') or ''))}"
        return Reading((Remark("redirect", "a reply", found),))
    remarks = [one for one in (content_type(seen),) if one is not None]
    expected = expected_statuses(seen.operation)
    if seen.status not in expected and not _is_refusal(seen):
        words = " or ".join(map(str, expected))
        return Reading((Remark("status-code", words, str(seen.status)), *remarks))
    if has_mark:
        remarks.append(Remark("json:bom", "JSON text from its first byte on", "a byte order mark"))
    return _read_text(seen, edition, remarks, knows_time)


def _read_text(seen: Observation, edition: str, remarks: list[Remark], knows_time: bool) -> Reading:
    operation = seen.operation or ""
    try:
        payload = json_text.loads(seen.body)
    except JsonTextError as error:
        return Reading((*remarks, _of_text(error)))
    if seen.status != 200:
        remarks += error_shape(payload)
        is_unknown = operation == "job_status" and seen.status == 404
        return Reading(tuple(remarks), is_unknown_job=is_unknown)
    if _is_error(payload):
        found = shown(clipped(str(_message(payload))))
        return Reading((*remarks, Remark("error-in-200", "a job", found, "/error", "/error")))
    if seen.is_probe and _is_job(payload, seen.job_id):
        found = f"{seen.status}, and a job of the id that was made up"
        return Reading((*remarks, Remark("status-code", "404", found)))
    return _read_payload(seen, payload, validator(operation, edition), remarks, knows_time)


def _read_payload(
    seen: Observation, payload: object, check: Validator, remarks: list[Remark], knows_time: bool
) -> Reading:
    payload, cut = without_surplus(payload, check.schema)
    jobs = tuple(_jobs(payload, seen.operation or ""))
    found = members(payload, check)
    if cut:
        found.append(surplus(cut))
    server_ms = server_time_ms(seen)
    our_ms = seen.at_ms if knows_time else None
    own = counted(
        _of_job(one, where, job, check.schema)
        for where, job in jobs
        for one in (
            *inconsistencies(job),
            *estimate(job, server_ms, our_ms),
            *times_ahead(job, server_ms),
        )
    )
    if seen.operation == "download" and jobs:
        alone = list(beside_already_downloaded(jobs[0][1]))
        told = {one.pointer for one in found if one.rule != "unknown-field"}
        found = [one for one in found if not alone or one.rule != "unknown-field"]
        beside = (_of_job(one, (), jobs[0][1], check.schema) for one in alone)
        own += [one for one in beside if one.pointer not in told]
    remarks = [*remarks, *found, *own, *counted(_ids(seen, jobs))]
    is_whole = seen.operation == "list_status" and _is_whole(payload, check.schema)
    return Reading(tuple(remarks), jobs, is_whole_list=is_whole)


def _of_job(
    one: Violation,
    where: tuple[str | int, ...],
    job: Mapping[str, Any],
    schema: dict[str, Any],
) -> Remark:
    path = (*where, clipped(one.member))
    place = starred(path)
    page, line = source_of(schema, place)
    return Remark(one.rule, one.expected, one.found, pointer(path), place, page, line, _id_of(job))


def _ids(seen: Observation, jobs: tuple[Job, ...]) -> Iterator[Remark]:
    """Whether each job has an id: the one that was asked for, and in a list one of its own."""
    for where, job in jobs:
        if job.get("job_id") == "":
            path = (*where, "job_id")
            expected = "an id such as job_493c7c9ded"
            yield Remark("id-is-empty", expected, '""', pointer(path), starred(path))
    if seen.operation == "job_status" and seen.job_id is not None and jobs:
        told = jobs[0][1].get("job_id")
        if isinstance(told, str) and told not in ("", seen.job_id):
            expected = shown(clipped(seen.job_id))
            yield Remark("id-is-constant", expected, shown(told), "/job_id", "/job_id")
    if seen.operation != "list_status":
        return
    first: dict[str, str] = {}
    for where, job in jobs:
        id_, name = job.get("job_id"), clipped(str(where[0]))
        if not isinstance(id_, str) or not id_:
            continue
        if id_ in first:
            found = f"{shown(id_)} in `{first[id_]}` and in `{name}`"
            at = pointer((*where, "job_id"))
            yield Remark("job-listed-twice", "each job once", found, at, job_id=clipped(id_))
        first.setdefault(id_, name)


def _jobs(payload: object, operation: str) -> Iterator[Job]:
    if not isinstance(payload, dict):
        return
    if operation != "list_status":
        yield (), payload
        return
    for name, jobs in payload.items():
        if isinstance(jobs, list):
            yield from (((name, at), job) for at, job in enumerate(jobs) if isinstance(job, dict))


def _is_whole(payload: object, schema: dict[str, Any]) -> bool:
    """Whether each documented list is there."""
    lists = schema.get("properties", {})
    return isinstance(payload, dict) and all(isinstance(payload.get(name), list) for name in lists)


def _elsewhere(seen: Observation) -> Iterator[Remark]:
    """A path that the server does not have, where no page says what it is."""
    if seen.is_probe:
        is_redirect = 300 <= (seen.status or 0) < 400  # told where the API is asked for
        if seen.status != 404 and not is_redirect:
            yield Remark("unknown-path-status", "404", str(seen.status))
        return
    if len(seen.body) > 4096:
        return
    try:
        message = unexpected(json_text.loads(seen.body))
    except JsonTextError:
        return
    if message is None:
        return
    expected = 404 if path_in(seen, message).startswith("/api/v1") else 200
    if seen.status != expected:
        yield Remark("unknown-path-status", str(expected), str(seen.status))


def _has(name: str, operation: str | None) -> bool:
    return operation is not None and operation in edition(name).operations


def _target(operation: str, name: str, job_id: str | None) -> str:
    return edition(name).operation(operation).path.replace(":job_id", job_id or "job")


def _is_refusal(seen: Observation) -> bool:
    """Whether a request for a model was refused: by what was asked, not by what the server is."""
    return seen.operation == "download" and seen.status in (400, 403, 409, 413, 415, 422)


def _is_job(payload: object, job_id: str | None) -> bool:
    return isinstance(payload, dict) and payload.get("job_id") == job_id is not None


def _is_error(payload: object) -> bool:
    """Whether it is an error's envelope and no job: a job may have a member `error` too."""
    return isinstance(payload, dict) and bool(payload.get("error")) and "status" not in payload


def _message(payload: Any) -> object:
    error = payload["error"]
    return error.get("message", error.get("type")) if isinstance(error, dict) else error


def _id_of(job: Mapping[str, Any]) -> str | None:
    id_ = job.get("job_id")
    return clipped(id_) if isinstance(id_, str) else None


def _of_text(error: JsonTextError) -> Remark:
    violation = of_text(error)
    where = clipped(violation.pointer)
    found = clipped(violation.found)
    return Remark(violation.rule, violation.expected, found, where, _without_indices(where))


def _without_indices(where: str) -> str:
    """The pointer with `*` for each number: of a text that is no JSON there is no array to ask."""
    return "/".join("*" if token.isdecimal() else token for token in where.split("/"))
