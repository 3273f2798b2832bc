"""A trial as a timeline file, which gives a client the same replies again."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterator, Sequence

from mockserver import contract
from mockserver.documents.source import Source
from mockserver.documents.text import wrapped
from mockserver.errors import MockServerError, visible
from mockserver.exercise.trial import Answer, Trial
from mockserver.exercise.trials import Subject
from mockserver.faults.reply import Reply
from mockserver.timeline.reader import load_fault

__all__ = ["serve_command", "timeline_text"]

_WIDTH = 98
_SIZE = 2_279_145_003


def timeline_text(trial: Trial, subject: Subject, model: str, words: Sequence[str]) -> str:
    """The file as text, with these paragraphs as comments at its beginning.

    Its faults give the trial's answers, byte for byte. A body is written as JSON or text where that
    gives the same bytes, else in base64.
    """
    comments = [f"# {line}" for one in words for line in wrapped(visible(one), _WIDTH - 2)]
    lines = [
        *comments,
        f"edition: {subject.edition}",
        "jobs:",
        f"  - job_id: {_quoted(subject.job_id)}",
        f"    model: {_quoted(model)}",
        f"    total_size_bytes: {_SIZE}",
        "    script: [downloading: {for: 1s, to: 100%}, completed]",
        "faults:",
    ]
    for place, answer in enumerate(trial.answers):
        first, *rest = _fault(answer, subject.edition)
        lines.append(f"  # {_about(answer, subject, is_first=place == 0)}")
        lines += [f"  - {first}", *(f"    {line}" if line else "" for line in rest)]
    return "\n".join(lines) + "\n"


def serve_command(subject: Subject, path: str) -> str:
    """What serves the file."""
    has_download = "download" in contract.edition(subject.edition).operations
    return f"mockserver serve {shlex.quote(path)}" + ("" if has_download else " --with-download")


def _about(answer: Answer, subject: Subject, *, is_first: bool) -> str:
    if is_first:
        return "The reply that breaks it."
    if answer.operation == subject.operation:
        return "What comes after it, so that a client ends."
    return {
        "download": "Whoever asks for a model gets this job.",
        "job_status": "Whoever polls the job afterwards hears this.",
    }.get(answer.operation, f"What {answer.operation} says.")


def _fault(answer: Answer, edition: str) -> list[str]:
    """The plainest way to write it that gives the same bytes."""
    wanted = _on_the_wire(answer.reply)
    for body in _bodies(answer.body):
        lines = [f"operation: {answer.operation}"]
        if answer.times is not None:
            requests = "1" if answer.times == 1 else f"1-{answer.times}"
            lines.append(f"when: {{request: {requests}}}")
        lines += ["reply:", f"  status: {answer.status}"]
        lines.append(f"  headers: {{Content-Type: {_quoted(answer.content_type)}}}")
        lines += [f"  {line}" if line else "" for line in body]
        try:
            fault = load_fault(Source("fault", "\n".join(lines)), edition)
        except MockServerError:
            continue
        if fault.reply is not None and _on_the_wire(fault.reply) == wanted:
            return lines
    raise AssertionError("base64 can write any body")


def _bodies(body: bytes) -> Iterator[list[str]]:
    """Ways to write a body, the most readable first; not each need be right."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        pass
    else:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            data = None
        if isinstance(data, dict | list):
            flat = json.dumps(data, ensure_ascii=False)
            if len(flat) < _WIDTH - 12:
                yield [f"body: {flat}"]
            pretty = json.dumps(data, ensure_ascii=False, indent=2).splitlines()
            yield ["body:", *(f"  {line}" for line in pretty)]
        if "\n" in text:
            yield ["body: |-", *(f"  {line}" if line else "" for line in text.split("\n"))]
        yield [f"body: {_quoted(text)}"]
    yield [f"body_base64: {_quoted(base64.b64encode(body).decode())}"]


def _on_the_wire(reply: Reply) -> tuple[int, str | None, bytes]:
    response = reply.answer()
    return response.status, response.headers.get("Content-Type"), response.body.start


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
