"""What polls of a job came to, one after the other, and no more than there is room for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from mockserver.documents import json_text
from mockserver.errors import JsonTextError

__all__ = ["MAX_BODY", "End", "Headers", "Observation", "Reel", "job_in", "thinned"]

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in the order of the wire."""

End: TypeAlias = Literal["whole", "broken", "silent", "refused"]
"""How a poll ended: with all of a reply; the connection broke; nothing came for too long; nobody
could connect."""

MAX_BODY = 64 * 1024
"""Bytes of a body that are kept."""

_WEIGHT = 300
"""What an observation weighs besides its body, roughly."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One poll of a job: asked at `at_ms` (since 1970), and what it came to `took_ms` later.

    `status` is None when no reply began. No secret is in it, and `body` has no Content-Encoding.
    """

    at_ms: int
    status: int | None = None
    headers: Headers = ()
    body: bytes = b""
    end: End = "whole"
    took_ms: int = 0

    def header(self, name: str) -> str | None:
        """The value of the first header with this name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


def job_in(observation: Observation) -> dict[str, Any] | None:
    """The job that a reply shows, as it shows it; None where it shows none."""
    kind = observation.header("content-type") or "application/json"
    if observation.status != 200 or observation.end != "whole":
        return None
    if kind.partition(";")[0].strip().lower() != "application/json":
        return None
    try:
        data = json_text.loads(observation.body)
    except JsonTextError:
        return None
    return data if isinstance(data, dict) and {"status", "job_id"} & data.keys() else None


def _kind(observation: Observation) -> Hashable:
    """What tells one stretch of a job's life from the next."""
    job = job_in(observation)
    return observation.status, observation.end, None if job is None else repr(job.get("status"))


def thinned(
    observations: Sequence[Observation], kind: Callable[[Observation], Hashable] = _kind
) -> list[Observation]:
    """About half as many: every other one is left out where nothing but numbers changes.

    Where each is a change, the later half is left out.
    """
    kinds = [None, *map(kind, observations), None]
    kept: list[Observation] = []
    is_next_kept = False
    for place, one in enumerate(observations):
        is_change = not kinds[place] == kinds[place + 1] == kinds[place + 2]
        if is_change or is_next_kept:
            kept.append(one)
        is_next_kept = is_change or not is_next_kept
    most = max(1, len(observations) * 3 // 4)
    return kept if len(kept) <= most else list(observations[: len(observations) // 2 or 1])


class Reel:
    """Observations of one job, as they come.

    Of more than `most` of them, or more bytes than `most_bytes`, it keeps every other one where
    nothing but numbers changes. Two of the same millisecond cannot be told apart later on: the
    second stays. `polls` is how many there were.
    """

    def __init__(self, most: int = 20_000, most_bytes: int = 32 << 20) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._kept: list[Observation] = []
        self._bytes = 0
        self.polls = 0

    def add(self, observation: Observation) -> None:
        """Take one in; one that was asked before the last is only counted."""
        self.polls += 1
        if self._kept and observation.at_ms < self._kept[-1].at_ms:
            return
        if self._kept and observation.at_ms == self._kept[-1].at_ms:
            self._bytes -= _weight(self._kept.pop())
        self._kept.append(observation)
        self._bytes += _weight(observation)
        while len(self._kept) > self._most or (
            self._bytes > self._most_bytes and len(self._kept) > 1
        ):
            self._kept = thinned(self._kept)
            self._bytes = sum(map(_weight, self._kept))

    @property
    def observations(self) -> tuple[Observation, ...]:
        """Those that are kept."""
        return tuple(self._kept)


def _weight(observation: Observation) -> int:
    headers = sum(len(name) + len(value) for name, value in observation.headers)
    return _WEIGHT + len(observation.body) + headers
