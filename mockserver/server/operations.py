"""What each status operation and list of models answers: pure functions of what is known now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.server.replies import error_object
from mockserver.timeline.download_request import completed_models
from mockserver.timeline.model import JobState
from mockserver.timeline.payloads import download_payload, job_payload, list_payload
from mockserver.timeline.playback import Playback

__all__ = ["LISTS_OF_MODELS", "OPERATIONS", "Answer", "Operate", "downloaded"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply before it is written: HTTP status, JSON data, and the job states that it shows.

    `pretty`: over several lines.
    """

    status: int
    payload: Mapping[str, Any]
    states: tuple[JobState, ...] = ()
    pretty: bool = False


Operate = Callable[[Playback, int, Mapping[str, str]], Answer]
"""Playback, now in milliseconds since 1970, the path's parameters by name."""


def list_status(playback: Playback, now_ms: int, parameters: Mapping[str, str]) -> Answer:
    """All listed jobs by status (D)."""
    states = tuple(state for state in playback.at(now_ms) if state.listed)
    return Answer(200, list_payload(states), states)


def job_status(playback: Playback, now_ms: int, parameters: Mapping[str, str]) -> Answer:
    """One job (D); an id that is unknown, or not known yet, is 404 with type job_not_found (G)."""
    job_id = parameters["job_id"]
    state = playback.job_at(job_id, now_ms)
    if state is None:
        return Answer(404, error_object("job_not_found", f"Download job '{job_id}' not found"))
    return Answer(200, job_payload(state), (state,))


def downloaded(state: JobState | None) -> Answer:
    """The reply to a request for a model, over several lines (O).

    Without a job it is exactly `{"status": "already_downloaded"}` (D, O).
    """
    if state is None:
        return Answer(200, {"status": "already_downloaded"}, pretty=True)
    return Answer(200, download_payload(state), (state,), pretty=True)


def list_models(playback: Playback, now_ms: int, parameters: Mapping[str, str]) -> Answer:
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
        for name, job in completed_models(playback, now_ms).items()
    ]
    return Answer(200, {"models": models})


def list_openai_models(playback: Playback, now_ms: int, parameters: Mapping[str, str]) -> Answer:
    """The same in OpenAI's form (G)."""
    models = [
        {"id": name, "object": "model", "owned_by": "organization_owner"}
        for name in completed_models(playback, now_ms)
    ]
    return Answer(200, {"data": models, "object": "list"})


OPERATIONS: dict[str, Operate] = {"list_status": list_status, "job_status": job_status}
"""By the operation's id; an edition's pages say which of them it has, and where."""

LISTS_OF_MODELS: dict[str, tuple[str, Operate]] = {
    "list_models": ("/api/v1/models", list_models),
    "list_openai_models": ("/v1/models", list_openai_models),
}
"""By id: path and function. No page of ours documents them; each edition has them."""
