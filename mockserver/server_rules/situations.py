"""Situations that explain a whole reply: told in one sentence, where rules would tell forty."""

from __future__ import annotations

import re
from typing import Any

from mockserver.documents import json_text
from mockserver.errors import JsonTextError, visible
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.remark import Remark, clipped

__all__ = ["path_in", "situation", "unexpected"]

_UNEXPECTED = "Unexpected endpoint or method."
_ASKED = re.compile(r"\([A-Z]+ (/[^\s)]*)\)")
_API = "/api/v1"
_HTML = re.compile(rb"\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_LARGEST_ENVELOPE = 4096
"""Bytes of a body that can be a mere error; more is not parsed to see whether it is one."""


def situation(seen: Observation, is_documented: bool) -> Remark | None:
    """The one sentence that explains this reply, if there is one.

    `is_documented`: the edition has the operation, so that it has to be there.
    """
    if seen.status == 401:
        return Remark("token-refused", "a reply to the request", _status(seen))
    if _HTML.match(seen.body[:200]):
        return Remark("html-page", "JSON", f"{_status(seen)} and HTML: {_start(seen.body)}")
    payload = _small(seen.body)
    message = unexpected(payload)
    if message is not None:
        return _no_such_operation(seen, message, is_documented)
    if seen.status == 404 and is_documented:
        return _missing(seen, payload)
    return None


def unexpected(payload: object) -> str | None:
    """The server's own sentence for a path that it does not have, if the payload is that."""
    error = payload.get("error") if isinstance(payload, dict) else None
    return error if isinstance(error, str) and error.startswith(_UNEXPECTED) else None


def path_in(seen: Observation, message: str) -> str:
    """The path that the server says it was asked at: a proxy may have changed it on its way."""
    asked = _ASKED.search(message)
    return asked[1] if asked else seen.target.partition("?")[0]


def _no_such_operation(seen: Observation, message: str, is_documented: bool) -> Remark | None:
    path = path_in(seen, message)
    found = f"{_status(seen)}: {clipped(message)}"
    if seen.operation is None:
        if seen.status == 200 and not _is_below_api(path):
            return Remark("unknown-path-200", "a path of the API", found, "/error", "/error")
        return None
    if not _is_below_api(path) or path.count(_API) > 1:
        return Remark("wrong-base-url", f"a request below {_API}", found, "/error", "/error")
    if seen.status == 200:
        return Remark("old-server", "LM Studio 0.4 or later", found, "/error", "/error")
    if seen.status != 404 or not is_documented:
        return None
    rule = "list-missing" if seen.operation == "list_status" else "operation-missing"
    return Remark(rule, "the operation", found, "/error", "/error")


def _missing(seen: Observation, payload: object) -> Remark | None:
    """A 404 that is not about a job or a model."""
    if not isinstance(payload, dict) or "error" not in payload:
        found = f"404: {_start(seen.body)}" if seen.body else "404 without a body"
        return Remark("another-server", "an error as LM Studio writes it", found)
    if seen.operation == "list_status":
        return Remark("list-missing", "the operation", _status(seen))
    return None


def _is_below_api(path: str) -> bool:
    return path == _API or path.startswith(_API + "/")


def _small(body: bytes) -> Any:
    """What a small body holds; None when it is no JSON."""
    if len(body) > _LARGEST_ENVELOPE:
        return None
    try:
        return json_text.loads(body)
    except JsonTextError:
        return None


def _start(body: bytes) -> str:
    """The first characters of a body, safe to show."""
    return clipped(visible(body[:60].decode("utf-8", "replace").strip()))


def _status(seen: Observation) -> str:
    return "no status" if seen.status is None else str(seen.status)
