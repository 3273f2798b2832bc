"""Segments in which bytes arrive at an even speed, found again in what polls were told of them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from mockserver.timeline.model import Overrides, Step
from mockserver.timeline.polls import JobSnapshot

_MOST = 1e18
_NEAR_MS = (0, -1, 1, -2, 2)
"""Instants are whole milliseconds and bytes whole bytes, so that one computed may be off by two."""


class Segment(NamedTuple):
    """Bytes arrive evenly between two instants, which explains so many `snapshots`, word by word.

    What it says besides, or does not say, is the same for all of them.
    """

    begins_ms: int
    ends_ms: int
    to_bytes: int
    snapshots: int


class Segments:
    """Looks for them among the snapshots of one job, which are in order.

    `reported` is what is said in a step that begins at an instant, at another one.
    """

    def __init__(
        self,
        snapshots: Sequence[JobSnapshot],
        total: int,
        reported: Callable[[Step, int, int], Mapping[str, Any] | None],
    ) -> None:
        self._snapshots, self._total, self._reported = snapshots, total, reported
        self._end = 0
        """Of the run of snapshots at one speed that was looked at last."""

    def find(self, at: int, arrived: int, earliest_ms: int, latest_ms: int) -> Segment | None:
        """One that explains the snapshots from `at` on, and begins within these limits."""
        if at >= self._end:
            self._end = self._end_of_run(at)
        candidates = (
            Segment(begins_ms, ends_ms, to_bytes, stop - at)
            # The last one may stand where the bytes stand still already.
            for stop in (self._end, self._end - 1)
            if at < stop < len(self._snapshots)
            for begins_ms in self._begins(at, arrived, earliest_ms, latest_ms)
            for ends_ms, to_bytes in self._goals(stop, arrived, begins_ms)
        )
        return next((found for found in candidates if self._explains(found, at, arrived)), None)

    def _end_of_run(self, at: int) -> int:
        """The first snapshot from there on that is at another speed, or has no more bytes."""
        before: Mapping[str, Any] = {}
        for stop in range(at, len(self._snapshots)):
            payload = self._snapshots[stop].payload or {}
            arrived = payload.get("downloaded_bytes")
            if type(arrived) is not int or payload.get("status") != "downloading":
                return stop
            if not _speed(payload) or _speed(payload) != _speed(before or payload):
                return stop
            if before and arrived <= before["downloaded_bytes"]:
                return stop
            before = payload
        return len(self._snapshots)

    def _begins(self, at: int, arrived: int, earliest: int, latest: int) -> Iterator[int]:
        yield latest
        payload = self._snapshots[at].payload or {}
        passed_ms = (payload["downloaded_bytes"] - arrived) * 1000 / _speed(payload)
        begins_ms = round(self._snapshots[at].at_ms - passed_ms)
        yield from (begins_ms + near for near in _NEAR_MS if earliest <= begins_ms + near < latest)

    def _goals(self, stop: int, arrived: int, begins_ms: int) -> Iterator[tuple[int, int]]:
        """When it may end, and at how many bytes, as the snapshot after it says."""
        speed = _speed(self._snapshots[stop - 1].payload or {})
        now_ms, payload = self._snapshots[stop].at_ms, self._snapshots[stop].payload or {}
        there, following = payload.get("downloaded_bytes"), _speed(payload)
        if type(there) is not int:
            return
        if there > arrived:
            yield begins_ms + max(1, round((there - arrived) * 1000 / speed)), there
        if following > 0 and following != speed:  # where the two lines meet
            here = arrived - speed * begins_ms / 1000
            meet_ms = round((there - here - following * now_ms / 1000) * 1000 / (speed - following))
            for ends_ms in (meet_ms + near for near in _NEAR_MS):
                yield ends_ms, arrived + round(speed * (ends_ms - begins_ms) / 1000)

    def _explains(self, segment: Segment, at: int, arrived: int) -> bool:
        begins_ms, ends_ms, to_bytes, count = segment
        told = self._snapshots[at : at + count]
        if ends_ms <= begins_ms or not arrived < to_bytes <= self._total:
            return False
        if not told[-1].at_ms < ends_ms <= self._snapshots[at + count].at_ms:
            return False
        step = Step.growing(ends_ms - begins_ms, arrived, to_bytes)
        usual = self._reported(step, begins_ms, told[0].at_ms) or {}
        values, omit = difference(usual, told[0].payload or {})
        if count == 1 and (values or omit):
            return False  # it says as much with any other segment
        step = replace(step, overrides=Overrides(values, frozenset(omit)))
        return all(same(self._reported(step, begins_ms, each.at_ms), each.payload) for each in told)


def _speed(payload: Mapping[str, Any]) -> float:
    """As it is told, if it is any; else 0."""
    value = payload.get("bytes_per_second")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return value if 0 < value < _MOST else 0.0


def difference(
    usual: Mapping[str, Any], payload: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The members in which a payload is not the usual one, and those that it lacks."""
    values = {
        name: value
        for name, value in payload.items()
        if name not in usual or not same(usual[name], value)
    }
    return values, tuple(name for name in usual if name not in payload)


def same(value: object, other: object) -> bool:
    """Whether both are written alike, where 1 and 1.0 are not; the order of keys does not count."""
    return value == other and json.dumps(value, sort_keys=True) == json.dumps(other, sort_keys=True)
