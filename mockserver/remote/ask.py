"""A request that is to be made of a server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from mockserver.http.message import NO_HEADERS, Headers

__all__ = ["Ask"]

_STATUS = "/api/v1/models/download/status"
_DOWNLOAD = "/api/v1/models/download"


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
    def list_status(cls) -> Self:
        """All jobs."""
        return cls("GET", _STATUS, "list_status")

    @classmethod
    def job_status(cls, job_id: str) -> Self:
        """One job."""
        return cls("GET", f"{_STATUS}/{_segment(job_id)}", "job_status", job_id)

    @classmethod
    def path_only(cls, path: str) -> Self:
        """A path that is no documented operation's."""
        return cls("GET", path)

    @classmethod
    def download(cls, model: str) -> Self:
        """Begin a download, or resume it."""
        body = json.dumps({"model": model}, ensure_ascii=False).encode()
        headers = Headers([("Content-Type", "application/json")])
        return cls("POST", _DOWNLOAD, "download", None, model, headers, body)


def _segment(text: str) -> str:
    """Text as one segment of a path, also where it would lead to another."""
    if text in (".", ".."):
        return text.replace(".", "%2E")
    return quote(text, safe="", errors="replace")
