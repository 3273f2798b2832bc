"""A request that is to be made of a server, and what it asks about."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mockserver.api.operations import DOWNLOAD, JOB_STATUS, LIST_STATUS
from mockserver.http.message import Body, Headers, Request


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """The request without the base URL's own path, and without what goes with all of them.

    `operation`, `job_id` and `model` say what it is about, as in an `Observation`.
    """

    request: Request
    operation: str | None = None
    job_id: str | None = None
    model: str | None = None


FOR_LIST = ApiRequest(Request(LIST_STATUS.method, LIST_STATUS.path), LIST_STATUS.id)
"""All jobs."""


def for_job(job_id: str) -> ApiRequest:
    """One job."""
    path = JOB_STATUS.path_for(job_id=job_id)
    return ApiRequest(Request(JOB_STATUS.method, path), JOB_STATUS.id, job_id)


def for_path(path: str) -> ApiRequest:
    """A path that is no documented operation's."""
    return ApiRequest(Request("GET", path))


def for_download(model: str) -> ApiRequest:
    """Begin a download, or resume it."""
    body = Body.of(json.dumps({"model": model}, ensure_ascii=False).encode())
    headers = Headers([("Content-Type", "application/json")])
    request = Request(DOWNLOAD.method, DOWNLOAD.path, headers=headers, body=body)
    return ApiRequest(request, DOWNLOAD.id, model=model)
