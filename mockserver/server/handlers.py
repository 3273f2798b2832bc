"""What each operation answers, by its id: from what is known at an instant to JSON data."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from flask import request
from werkzeug.http import parse_options_header

from mockserver import contract
from mockserver.api.operations import DOWNLOAD, JOB_STATUS, LIST_STATUS, MODELS, OPENAI_MODELS
from mockserver.api.replies import error_object, job_not_found
from mockserver.contract import Violation
from mockserver.documents import json_text
from mockserver.errors import JsonTextError, TooMany
from mockserver.server.middleware import RequestContext
from mockserver.server.refusals import mock_error
from mockserver.timeline.download_request import completed_models, has_model
from mockserver.timeline.model import JobState, Timeline
from mockserver.timeline.payloads import download_payload, job_payload, list_payload


@dataclass(frozen=True, slots=True)
class OperationReply:
    """A reply before it is written, the states that it shows, and the job that a POST is given."""

    status: int
    payload: Mapping[str, Any]
    states: tuple[JobState, ...] = ()
    job_id: str | None = None


Handler: TypeAlias = Callable[[RequestContext], OperationReply]


def list_status(call: RequestContext) -> OperationReply:
    """All listed jobs by status (D)."""
    states = tuple(state for state in call.playback.at(call.now_ms) if state.listed)
    return OperationReply(200, list_payload(states), states)


def job_status(call: RequestContext) -> OperationReply:
    """One job (D)."""
    job_id = call.parameters["job_id"]
    state = call.playback.job_at(job_id, call.now_ms)
    if state is None:
        return OperationReply(404, job_not_found(job_id))
    return OperationReply(200, job_payload(state), (state,))


def download(call: RequestContext) -> OperationReply:
    """A job for a model; `{"status": "already_downloaded"}`, exactly, if it is there (D, O)."""
    body, content_type = request.get_data(), request.content_type or ""
    asked = read_download(body, content_type, call.edition, call.playback.timeline)
    if isinstance(asked, OperationReply):
        return asked
    try:
        state = call.session.download(asked.model, asked.quantization)
    except TooMany as error:
        return OperationReply(503, mock_error(str(error)))
    if state is None:
        return OperationReply(200, {"status": "already_downloaded"})
    payload = download_payload(state)
    return OperationReply(200, payload, (state,), job_id=state.job_id)


def list_models(call: RequestContext) -> OperationReply:
    """The models that are there, which are those whose download has completed (G)."""
    models = [
        {
            "type": "llm",
            "publisher": name.rpartition("/")[0].rpartition("/")[2],
            "key": name,
            "display_name": name.rpartition("/")[2],
            "size_bytes": job.total_size_bytes,
            "loaded_instances": [],
        }
        for name, job in completed_models(call.playback, call.now_ms).items()
    ]
    return OperationReply(200, {"models": models})


def list_openai_models(call: RequestContext) -> OperationReply:
    """The same in OpenAI's form (G)."""
    models = [
        {"id": name, "object": "model", "owned_by": "organization_owner"}
        for name in completed_models(call.playback, call.now_ms)
    ]
    return OperationReply(200, {"data": models, "object": "list"})


HANDLERS: dict[str, Handler] = {
    LIST_STATUS.id: list_status,
    JOB_STATUS.id: job_status,
    DOWNLOAD.id: download,
    MODELS.id: list_models,
    OPENAI_MODELS.id: list_openai_models,
}
"""By the operation's id; an edition's pages say which of them it has, and where."""


_SEGMENT = r"(?!\.\.?(?:/|$))[\w.+@:~-]+"
_PLAUSIBLE = re.compile(rf"{_SEGMENT}(/{_SEGMENT})*/?|https?://[\w.-]+(:[0-9]+)?(/{_SEGMENT})+/?")
"""A catalogue name such as `ibm/granite-4-micro`, or the address of a repository."""

_SHOWN = 200
"""Characters of the client's own text that an objection repeats."""

_TYPE_NAMES = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


class DownloadRequest(NamedTuple):
    model: str
    quantization: str | None


def read_download(
    body: bytes, content_type: str, edition: str, timeline: Timeline
) -> DownloadRequest | OperationReply:
    """What a POST asks for, or the objection to it. The body is held to the edition's table (D).

    The shapes of the objections are G for REST; that members which are not documented are refused,
    in these words, is O. Any name that could be a model's is one; a name that could not must be in
    the timeline.
    """
    if problem := _media_type_problem(content_type):
        return _objection(problem, status=415)
    try:
        data: Any = json_text.loads(body)
    except JsonTextError as error:
        return _objection(f"The request body is not valid JSON: {error.problem}")
    if not isinstance(data, dict):
        return _objection(f"Expected object, received {_TYPE_NAMES[type(data)]}")
    check = contract.validator(DOWNLOAD.id, edition, "request")
    for violation in sorted(check.violations(data), key=lambda found: found.rule != "required"):
        return _violated(violation, data)
    known = check.schema["properties"]
    if strange := ", ".join(repr(key) for key in data if key not in known):
        return _objection(f"Unrecognized key(s) in object: {strange[: 5 * _SHOWN]}")
    model = data["model"]
    if not _PLAUSIBLE.fullmatch(model) and not has_model(timeline, model):
        message = f"Model '{model[:_SHOWN]}' not found"
        return OperationReply(404, error_object("model_not_found", message, param="model"))
    return DownloadRequest(model, data.get("quantization"))


def _media_type_problem(content_type: str) -> str | None:
    """Why the body is not read, if it is not: it must be JSON, which is UTF-8 (G)."""
    kind, options = parse_options_header(content_type)
    if kind.lower() != "application/json":
        found = f"Unsupported media type {kind[:_SHOWN]!r}" if kind else "No Content-Type"
        return f"{found}: send application/json"
    charset = options.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        return f"Unsupported charset {charset[:_SHOWN]!r}: send JSON in UTF-8"
    return None


def _violated(violation: Violation, data: dict[str, Any]) -> OperationReply:
    name = violation.pointer.removeprefix("/")
    if violation.rule == "required":
        code = "missing_required_parameter"
        return _objection(f"'{name}' is required", code=code, param=name)
    found = _TYPE_NAMES[type(data[name])]
    return _objection(f"'{name}': expected {violation.expected}, received {found}", param=name)


def _objection(message: str, status: int = 400, **facts: str) -> OperationReply:
    return OperationReply(status, error_object("invalid_request", message, **facts))
