"""Polls of real jobs, kept within bounds until they are made a timeline: what each came to."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal, TypeAlias

from mockserver.documents import json_text, rfc3339
from mockserver.documents.node import MAX_INTEGER
from mockserver.http.message import NO_HEADERS, Headers
from mockserver.timeline.model import LATEST_START_MS

PollEnd: TypeAlias = Literal["whole", "broken", "silent", "refused"]
"""How a poll ended: with all of a reply; the connection broke; nothing came for too long; nobody
could connect."""

MAX_BODY = 64 * 1024
"""Bytes of a body that are kept."""

_WEIGHT = 300
"""Bytes that a poll takes besides its body, roughly."""


@dataclass(frozen=True, slots=True)
class RecordedPoll:
    """One poll of a job: asked at `at_ms` (since 1970), and what it came to `took_ms` later.

    `status` is None when no reply began. No secret is in it, and `body` has no Content-Encoding.
    """

    at_ms: int
    status: int | None = None
    headers: Headers = NO_HEADERS
    body: bytes = b""
    end: PollEnd = "whole"
    took_ms: int = 0

    def weight(self) -> int:
        """How many bytes it takes, roughly."""
        return _WEIGHT + len(self.body) + sum(map(len, chain.from_iterable(self.headers)))


@dataclass(frozen=True, slots=True)
class RecordedJob:
    """A job, what its polls came to, and what a client asked for to get it, if that is known."""

    job_id: str
    polls: Sequence[RecordedPoll]
    model: str | None = None


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """What a server said of a job at an instant, read with no trust in it; None: it knows none."""

    at_ms: int
    payload: Mapping[str, Any] | None

    def byte_count(self, name: str) -> int | None:
        value = (self.payload or {}).get(name)
        return value if type(value) is int and 0 <= value <= MAX_INTEGER else None

    def instant(self, name: str) -> int | None:
        """Milliseconds since 1970, where they are written as the mock writes them."""
        value = (self.payload or {}).get(name)
        if not isinstance(value, str) or not rfc3339.is_date_time(value):
            return None
        found = rfc3339.to_milliseconds(value)
        is_exact = 0 <= found <= LATEST_START_MS and rfc3339.from_milliseconds(found) == value
        return found if is_exact else None


def total_of(snapshots: Sequence[JobSnapshot]) -> int:
    """The size that the job has most of the time; else the most bytes that there were."""
    totals = [each.byte_count("total_size_bytes") for each in snapshots]
    known = Counter(total for total in totals if total is not None)
    if known:
        return known.most_common(1)[0][0]
    return max((each.byte_count("downloaded_bytes") or 0 for each in snapshots), default=0)


def job_in(poll: RecordedPoll) -> dict[str, Any] | None:
    """The job that a reply shows, as it shows it; None where it shows none."""
    kind = (poll.headers.get("content-type") or "application/json").partition(";")[0]
    if (poll.status, poll.end, kind.strip().lower()) != (200, "whole", "application/json"):
        return None
    data = json_text.loads_or_none(poll.body)
    return data if isinstance(data, dict) and {"status", "job_id"} & data.keys() else None


def _kind(poll: RecordedPoll) -> Hashable:
    """What tells one stretch of a job's life from the next."""
    job = job_in(poll)
    return poll.status, poll.end, None if job is None else repr(job.get("status"))


def thinned(polls: Sequence[RecordedPoll]) -> list[RecordedPoll]:
    """About half as many: every other one where only numbers change, or else the earlier half."""
    kinds = [None, *map(_kind, polls), None]
    kept: list[RecordedPoll] = []
    is_next_kept = False
    for place, poll in enumerate(polls):
        is_change = not kinds[place] == kinds[place + 1] == kinds[place + 2]
        if is_change or is_next_kept:
            kept.append(poll)
        is_next_kept = is_change or not is_next_kept
    most = max(1, len(polls) * 3 // 4)
    return kept if len(kept) <= most else list(polls[: len(polls) // 2 or 1])


class PollLog:
    """The polls of one job, as they come.

    Of more than `most` of them, or more bytes than `most_bytes`, it keeps every other one where
    nothing but numbers changes. Two of the same millisecond cannot be told apart later on: the
    second stays. `count` is how many there were.
    """

    def __init__(self, most: int = 20_000, most_bytes: int = 32 << 20) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._kept: list[RecordedPoll] = []
        self._bytes = 0
        self.count = 0

    def add(self, poll: RecordedPoll) -> None:
        """Take one in; one that was asked before the last is only counted."""
        self.count += 1
        last_ms = self._kept[-1].at_ms if self._kept else -1
        if poll.at_ms < last_ms:
            return
        if poll.at_ms == last_ms:
            self._bytes -= self._kept.pop().weight()
        self._kept.append(poll)
        self._bytes += poll.weight()
        while len(self._kept) > (1 if self._bytes > self._most_bytes else self._most):
            self._kept = thinned(self._kept)
            self._bytes = sum(kept.weight() for kept in self._kept)

    @property
    def polls(self) -> tuple[RecordedPoll, ...]:
        return tuple(self._kept)
