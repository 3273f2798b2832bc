"""What each operation answers: pure functions of a playback, an instant and path parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.timeline.model import JobState
from mockserver.timeline.playback import Playback
from mockserver.timeline.reply import job_payload, list_payload

__all__ = ["OPERATIONS", "Answer", "Operate"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply before it is written: HTTP status, JSON data, and the job states that it shows."""

    status: int
    payload: Mapping[str, Any]
    states: tuple[JobState, ...] = ()


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
        message = f"Download job '{job_id}' not found"
        return Answer(404, {"error": {"type": "job_not_found", "message": message}})
    return Answer(200, job_payload(state), (state,))


OPERATIONS: dict[str, Operate] = {"list_status": list_status, "job_status": job_status}
"""By the operation's id; an edition's pages say which of them it has, and where."""
