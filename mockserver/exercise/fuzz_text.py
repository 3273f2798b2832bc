"""A case in words, and as a timeline file that gives a client the same replies again."""

import base64
import json
import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from mockserver import contract
from mockserver.api.operations import DOWNLOAD, JOB_STATUS
from mockserver.api.replies import JSON_TYPE, written
from mockserver.documents import json_text
from mockserver.documents.text import wrapped
from mockserver.errors import visible
from mockserver.exercise.fuzz_case import FuzzCase, FuzzFailure, FuzzReply
from mockserver.exercise.fuzz_server import SIZE_BYTES, FuzzTarget

_WIDTH = 98
_MOST_LINES = 60
_MOST_BYTES = 2_000
_LONG_KEY = re.compile(r'"[^"]{900,}"\s*:')
"""YAML ends a key after 1,024 characters."""
_KINDS = {
    "valid": "a valid payload",
    "surprising": "a valid payload, though a surprising one",
    "invalid": "a payload that breaks the contract",
    "no JSON": "a body that is not JSON as it should be",
    "HTTP": "no answer to what was asked",
}


def expectation(case: FuzzCase, failure: FuzzFailure, result: str, error: str) -> str:
    """What a good client does instead; `result` and `error` are how it ends."""
    if case.expected == "result":
        follows = ", and the next poll hears that the job is completed"
        valid = "The reply is valid" + (follows if case.reply.times == 1 else "")
        return f"{valid}: a good client {result}."
    if case.expected == "either":
        return f"A good client {result}, or {error}."
    return f"A good client {error}{' after a while' if failure.kind == 'hang' else ''}."


def describe_reply(case: FuzzCase) -> str:
    """`Every request of job_status is answered 200 OK: a valid payload`."""
    reply = case.reply
    phrase = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else ""
    status = f"{reply.status} {phrase}".strip()
    often = "The first request" if reply.times == 1 else "Every request"
    kind, json_kind = (text.partition(";")[0] for text in (reply.content_type, JSON_TYPE))
    called = f", called {kind}" if kind != json_kind else ""
    return f"{often} of {reply.operation} is answered {status}{called}: {_KINDS[case.kind]}"


def describe_body(body: bytes) -> str:
    """Indented JSON where it is JSON and nothing is lost by that, else the text or the bytes."""
    shown = _as_json(body) or _as_text(body) or repr(body[:_MOST_BYTES])
    lines = shown.splitlines()
    if len(lines) > _MOST_LINES:
        return "\n".join([*lines[:_MOST_LINES], f"… {len(lines) - _MOST_LINES:,} lines more"])
    if len(body) > _MOST_BYTES and len(lines) == 1:
        return f"{shown[:_MOST_BYTES]} … {len(body):,} bytes in all"
    return shown


def _as_json(body: bytes) -> str | None:
    with suppress(ValueError, RecursionError):
        text = body.decode()
        data = json.loads(text)
        pretty = written(data, pretty=True)
        if text in (written(data), pretty, json.dumps(data)):
            return "\n".join(map(visible, pretty.splitlines()))
    return None


def _as_text(body: bytes) -> str | None:
    """Text without anything that could not be seen."""
    text = body.decode(errors="replace")
    is_plain = text.replace("\n", "").isprintable() and text.strip() == text
    return text if is_plain and text.encode() == body else None


def serve_command(target: FuzzTarget, path: str) -> str:
    has_download = DOWNLOAD.id in contract.edition(target.edition).operations
    return f"mockserver serve {shlex.quote(path)}" + ("" if has_download else " --with-download")


def timeline_text(case: FuzzCase, target: FuzzTarget, model: str, words: Sequence[str]) -> str:
    """The file as text, with these paragraphs as comments at its beginning.

    Its faults give the case's replies, byte for byte. A body is written as JSON or text where that
    gives the same bytes, else in base64.
    """
    lines = [
        *(f"# {line}" for paragraph in words for line in wrapped(visible(paragraph), _WIDTH - 2)),
        f"edition: {target.edition}",
        "jobs:",
        f"  - job_id: {_quoted(target.job_id)}",
        f"    model: {_quoted(model)}",
        f"    total_size_bytes: {SIZE_BYTES}",
        "    script: [downloading: {for: 1s, to: 100%}, completed]",
        "faults:",
    ]
    for reply in case.replies:
        lines += [f"  # {_purpose(reply, case)}", f"  - operation: {reply.operation}"]
        if reply.times is not None:
            numbers = "1" if reply.times == 1 else f"1-{reply.times}"
            lines.append(f"    when: {{request: {numbers}}}")
        lines += ["    reply:", f"      status: {reply.status}"]
        lines.append(f"      headers: {{Content-Type: {_quoted(reply.content_type)}}}")
        lines += [f"      {line}" if line else "" for line in _body(reply.body)]
    return "\n".join(lines) + "\n"


def _purpose(reply: FuzzReply, case: FuzzCase) -> str:
    if reply is case.reply:
        return "The reply that breaks it."
    if case.follows(reply):
        return "What comes after it, so that a client ends."
    return {
        DOWNLOAD.id: "Whoever asks for a model gets this job.",
        JOB_STATUS.id: "Whoever polls the job afterwards hears this.",
    }.get(reply.operation, f"What {reply.operation} says.")


def _body(body: bytes) -> list[str]:
    """The plainest way to write it that gives the same bytes."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return [f"body_base64: {_quoted(base64.b64encode(body).decode())}"]
    data = json_text.loads_or_none(body)
    # The server writes data compactly, so that JSON which was laid out otherwise stays text.
    if isinstance(data, dict | list) and written(data) == text and not _LONG_KEY.search(text):
        flat = _quoted(data)
        if len(flat) < _WIDTH - 12:
            return [f"body: {flat}"]
        return ["body:", *(f"  {line}" for line in _quoted(data, indent=2).split("\n"))]
    if "\n" in text and _as_text(body) is not None:
        return ["body: |-", *(f"  {line}" if line else "" for line in text.split("\n"))]
    return [f"body: {_quoted(text)}"]


def _quoted(data: Any, indent: int | None = None) -> str:
    """JSON as YAML takes it: what cannot be seen is escaped, which YAML's reader may refuse."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    return re.sub(
        r"[^\n]", lambda char: char[0] if char[0].isprintable() else f"\\U{ord(char[0]):08X}", text
    )
