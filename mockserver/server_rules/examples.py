"""What the examples of rules are made of: exchanges with a server, right but for what is given."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.api.operations import DOWNLOAD, JOB_STATUS, LIST_STATUS, find
from mockserver.http.message import Body, Exchange, Failure, FailureKind, Headers, Request, Response
from mockserver.server_rules.observation import Observation

JSON = (("Content-Type", "application/json"),)

_ID = "job_493c7c9ded"
_START_MS = 1_759_505_603_496
_STARTED = "2025-10-03T15:33:23.496Z"
_ETA = "2025-10-03T15:34:23.496Z"
_DONE = "2025-10-03T15:43:12.102Z"
_FAILURES: dict[FailureKind, str] = {
    "refused": "nobody listens at 127.0.0.1:1234",
    "timeout": "no reply within 10 seconds",
    "broken-off": "the connection ended after 120 of 204 bytes",
    "too-large": "the body is larger than 16 MiB",
    "bad-http": "the reply does not begin with HTTP/1.1",
    "bad-encoding": "the body is not gzip, as Content-Encoding says",
}


def answer(
    body: object,
    operation: str | None = JOB_STATUS.id,
    *,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = JSON,
    path: str | None = None,
    after_s: int = 0,
) -> Observation:
    """An exchange with this response; a body but bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = Response(status, Headers(headers), Body(data, len(data)))
    request = Request("POST" if operation == DOWNLOAD.id else "GET", path or _path(operation))
    return Observation(
        Exchange(after_s + 1, request, response),
        at_ms=_START_MS + after_s * 1000,
        operation=operation,
        job_id=_ID if operation == JOB_STATUS.id else None,
    )


def failed(kind: FailureKind) -> Observation:
    """A request for a job that got no whole response."""
    request = Request("GET", _path(JOB_STATUS.id))
    exchange = Exchange(1, request, failure=Failure(kind, _FAILURES[kind]))
    return Observation(exchange, _START_MS, JOB_STATUS.id, _ID)


def example_job(status: Any = "paused", **members: Any) -> dict[str, Any]:
    """A job; its members replaced, or left out where they are `...`."""
    plain = {
        "job_id": _ID,
        "status": status,
        "total_size_bytes": 1000,
        "downloaded_bytes": 1000 if status == "completed" else 400,
        "started_at": _STARTED,
    }
    if status == "downloading":
        plain |= {"bytes_per_second": 10.5, "estimated_completion": _ETA}
    if status == "completed":
        plain["completed_at"] = _DONE
    return {name: value for name, value in {**plain, **members}.items() if value is not ...}


def job_list(*jobs: Mapping[str, Any], after_s: int = 0) -> Observation:
    """The list with these jobs, each where its status says."""
    names = ("downloading", "completed", "failed", "paused")
    lists = {name: [each for each in jobs if each["status"] == name] for name in names}
    return answer(lists, LIST_STATUS.id, after_s=after_s)


def reported(status: Any = "paused", **members: Any) -> Observation:
    """The response about one job."""
    return answer(example_job(status, **members))


def polls(*jobs: Mapping[str, Any], every_s: int = 2) -> Iterator[Observation]:
    """The responses to several polls of one job."""
    return (answer(job, after_s=number * every_s) for number, job in enumerate(jobs))


def error(status: int, about: object) -> Observation:
    """An error's envelope."""
    return answer({"error": about}, status=status)


def unexpected(status: int, path: str = "", operation: str | None = JOB_STATUS.id) -> Observation:
    """What LM Studio answers at a path that it does not have (O)."""
    path = path or _path(operation)
    body = {"error": f"Unexpected endpoint or method. (GET {path})"}
    return answer(body, operation, status=status, path=path)


def _path(id_: str | None) -> str:
    operation = find(id_)
    return DOWNLOAD.path if operation is None else operation.path_for(job_id=_ID)
