"""What must be known of a session, besides its journal, to judge its clients."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mockserver.api.operation import Operation

ClockKind: TypeAlias = Literal["wall", "manual", "poll"]
"""Runs by itself, stands until it is moved, or moves on with each poll."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a habit is a mistake.

    `poll_interval_s`: real seconds between two polls of a job, at least; judged on a wall clock.
    `patience_ms`: how long, by the session's clock, a client may poll what does not move.
    `polls_without_news`: how many such polls there may be on a clock that does not run by itself.
    `still_polls`: how many polls must have found the same before patience is judged, since a clock
    that is moved by hand can jump. `polls_after_end`: how many polls are forgiven after a terminal
    state, a 404, or another refusal. `list_polls_after_end`: the same for the list, once all of
    its jobs have ended. `errors_in_a_row`: how many replies of 200 with an error are forgiven.
    `backoff_s`: retries after 5xx that are further apart, in real seconds, need not slow down.
    `requests_for_a_model`: how many requests for one model are forgiven.
    """

    poll_interval_s: float = 0.1
    patience_ms: int = 300_000
    polls_without_news: int = 1_000
    still_polls: int = 10
    polls_after_end: int = 2
    list_polls_after_end: int = 10
    errors_in_a_row: int = 10
    backoff_s: float = 1.0
    requests_for_a_model: int = 10


@dataclass(frozen=True, slots=True)
class SessionContext:
    """The session that was played, as far as it says what a client may do.

    `operations` are the documented ones that it answers, by id. `job_ids` are those of its jobs,
    `models` those that clients can ask for.
    """

    edition: str
    operations: Mapping[str, Operation]
    clock: ClockKind = "manual"
    needs_token: bool = False
    limits: Limits = Limits()
    job_ids: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
