"""The reply that breaks a client, in words."""

from __future__ import annotations

import json
from http import HTTPStatus

from mockserver.errors import visible
from mockserver.exercise.survival import Break
from mockserver.exercise.trial import Answer, Trial

__all__ = ["answer_in_words", "body_in_words", "expectation"]

_MOST_LINES = 60
_MOST_BYTES = 2_000
_JSON = "application/json"


def expectation(trial: Trial, broken: Break, result: str, error: str) -> str:
    """What a good client does instead; `result` and `error` are how it ends."""
    if broken.kind == "hang" and trial.wanted == "error":
        return f"A good client {error} after a while."
    match trial.wanted:
        case "result":
            follows = ", and the next poll hears that the job is completed"
            valid = "The reply is valid" + (follows if trial.answer.times == 1 else "")
            return f"{valid}: a good client {result}."
        case "either":
            return f"A good client {result}, or {error}."
        case _:
            return f"A good client {error}."


def answer_in_words(trial: Trial) -> str:
    """`Every request of job_status is answered 200 OK: a valid payload`."""
    answer = trial.answer
    names = {one.value: one.phrase for one in HTTPStatus}
    status = f"{answer.status} {names.get(answer.status, '')}".strip()
    kinds = {
        "valid": "a valid payload",
        "surprising": "a valid payload, though a surprising one",
        "invalid": "a payload that breaks the contract",
        "no JSON": "a body that is not JSON as it should be",
        "HTTP": "no answer to what was asked",
    }
    often = "The first request" if answer.times == 1 else "Every request"
    kind = answer.content_type.partition(";")[0]
    called = f", called {kind}" if kind != _JSON else ""
    return f"{often} of {answer.operation} is answered {status}{called}: {kinds[trial.kind]}"


def body_in_words(answer: Answer) -> str:
    """Indented JSON where it is JSON and nothing is lost by that, else the text or the bytes."""
    body = answer.body
    shown = _as_json(body) or _as_text(body) or repr(body[:_MOST_BYTES])
    lines = shown.splitlines()
    if len(lines) > _MOST_LINES:
        return "\n".join([*lines[:_MOST_LINES], f"… {len(lines) - _MOST_LINES:,} lines more"])
    if len(body) > _MOST_BYTES and len(lines) == 1:
        return f"{shown[:_MOST_BYTES]} … {len(body):,} bytes in all"
    return shown


def _as_json(body: bytes) -> str | None:
    try:
        text = body.decode()
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    flat = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    pretty = json.dumps(data, ensure_ascii=False, indent=2)
    is_faithful = text in (flat, pretty, json.dumps(data))
    return "\n".join(map(visible, pretty.splitlines())) if is_faithful else None


def _as_text(body: bytes) -> str | None:
    """Text without anything that could not be seen."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    is_plain = all(ch.isprintable() or ch == "\n" for ch in text) and text.strip() == text
    return text if is_plain and text else None
