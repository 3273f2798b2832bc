"""What passed as records without secrets: for the inspector of the server, and for the judge."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from secrets import token_bytes
from typing import Any, cast
from urllib.parse import unquote

from mockserver.api.operation import segments
from mockserver.client_rules.entry_queries import json_of
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.http import exchange as http_exchange
from mockserver.http import message as http
from mockserver.http.exchange import Failure
from mockserver.http.message import Body, Request
from mockserver.http.redaction import Redaction, credentials_in
from mockserver.remote.encoding import BadEncoding
from mockserver.remote.hiding import BodyRedaction
from mockserver.remote.passage import Passage
from mockserver.remote.reading import Shown, job_shown, jobs_listed
from mockserver.server.paths import split_target
from mockserver.server_rules.observation import Observation
from mockserver.timeline.model import JobState, Status

__all__ = [
    "credential_key",
    "credentials",
    "is_answered_elsewhere",
    "request_of",
    "seen_of",
    "shown_in",
    "state_of",
]

_SALT = token_bytes()
_USER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*?):([^/?#]*)@")


def seen_of(
    passage: Passage, id_: str | None, secrets: Iterable[str], number: int
) -> tuple[Observation, str]:
    """What passed to an operation, if to one, and why it cannot be checked, if it cannot."""
    secrets = tuple(secrets)
    redaction = Redaction(secrets)
    trouble, is_whole = passage.trouble, True
    try:
        body, is_whole = passage.body()
    except BadEncoding as error:
        trouble, body = trouble or Failure("bad-encoding", str(error)), b""
    method, target = passage.head.method, passage.head.target
    path, _ = split_target(target)
    model = _model_in(bytes(passage.request.start)) if id_ == "download" else None
    response = None
    if passage.status is not None:
        body = BodyRedaction(secrets).body(body)
        headers = redaction.headers(passage.headers)
        response = http.Response(passage.status, headers, http.Body(body, len(body)))
    path_shown, query = split_target(redaction.target(target))
    seen = Observation(
        http_exchange.Exchange(
            number=number,
            request=http.Request(method, path_shown, query),
            response=response,
            failure=trouble,
            took_s=passage.took_s,
        ),
        at_ms=passage.asked_ms + round(passage.took_s * 1000),
        operation=id_,
        job_id=redaction.text(segments(path)[-1]) if id_ == "job_status" else None,
        model=model,
    )
    return seen, _why_unchecked(passage, id_, is_whole)


def request_of(passage: Passage, redaction: Redaction) -> Request:
    """What the client asked, as the judge reads it."""
    head, asked = passage.head, bytes(passage.request.start)
    path, query = split_target(head.target)
    return Request(
        redaction.text(head.method),
        redaction.target(path),
        redaction.target(query),
        redaction.headers(head.headers),
        Body.of(redaction.body(asked), passage.request.size),
    )


def credentials(passage: Passage) -> Iterator[str]:
    """What must not be written down."""
    yield from credentials_in(passage.head.headers)
    if (user := _USER.match(passage.head.target)) is not None:
        yield from filter(None, (user[2], unquote(user[2])))


def credential_key(passage: Passage) -> int | None:
    """Tells credentials apart; nobody can find out from it what they are."""
    values = passage.head.values("authorization")
    return hash((_SALT, *values)) if values else None


def _model_in(body: bytes) -> str | None:
    data = json_of(body)
    model = data.get("model") if isinstance(data, dict) else None
    return model if isinstance(model, str) else None


def _why_unchecked(passage: Passage, operation: str | None, is_whole: bool) -> str:
    if operation is None:
        return "a path that no page has"
    if passage.is_client_gone:
        return "the client went away"
    if passage.head.method == "HEAD":
        return "HEAD, which has no body"
    return "" if is_whole else "a body larger than 1 MiB"


def shown_in(seen: Observation) -> Iterator[Shown]:
    """The jobs that a reply shows."""
    if seen.operation == "list_status":
        yield from jobs_listed(seen).values()
    elif seen.operation in ("job_status", "download") and (job := job_shown(seen)) is not None:
        yield job


def state_of(job: Shown) -> JobState:
    """What the judge needs of it: the status as it was told, known or not."""
    return JobState(
        job.job_id,
        cast(Status, job.status),
        int(job.total_size_bytes or 0),
        int(job.downloaded_bytes or 0),
        0,
    )


def is_answered_elsewhere(exchange: JournalEntry) -> bool:
    """Whether a path that no page has got an answer that is none of "no such endpoint"."""
    if exchange.operation is not None or exchange.reply is None or exchange.reply.status >= 400:
        return False
    data: Mapping[str, Any] | Any = json_of(exchange.reply.body.start)
    error = data.get("error") if isinstance(data, dict) else None
    return not (isinstance(error, str) and error.startswith("Unexpected endpoint"))
