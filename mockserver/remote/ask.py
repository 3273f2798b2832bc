"""A request that is to be made of a server."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Self

from mockserver.api.operation import Operation
from mockserver.api.operations import DOWNLOAD, JOB_STATUS, LIST_STATUS
from mockserver.http.message import NO_HEADERS, Headers

__all__ = ["Ask"]


@dataclass(frozen=True, slots=True)
class Ask:
    """`path` is path and query as they are sent, without the base URL's own path.

    `operation`, `job_id` and `model` say what it is about, as in `Seen`. `headers` come on top of
    those that go with every request to the server.
    """

    method: str
    path: str
    operation: str | None = None
    job_id: str | None = None
    model: str | None = None
    headers: Headers = NO_HEADERS
    body: bytes | None = None

    @classmethod
    def of(cls, operation: Operation, **parameters: str) -> Self:
        """Of an operation, with the path's parameters."""
        path = operation.path_for(**parameters)
        return cls(operation.method, path, operation.id, parameters.get("job_id"))

    @classmethod
    def list_status(cls) -> Self:
        """All jobs."""
        return cls.of(LIST_STATUS)

    @classmethod
    def job_status(cls, job_id: str) -> Self:
        """One job."""
        return cls.of(JOB_STATUS, job_id=job_id)

    @classmethod
    def path_only(cls, path: str) -> Self:
        """A path that is no documented operation's."""
        return cls("GET", path)

    @classmethod
    def download(cls, model: str) -> Self:
        """Begin a download, or resume it."""
        body = json.dumps({"model": model}, ensure_ascii=False).encode()
        headers = Headers([("Content-Type", "application/json")])
        return replace(cls.of(DOWNLOAD), model=model, headers=headers, body=body)
