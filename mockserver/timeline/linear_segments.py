"""Segments in which bytes arrive at an even speed, found again in what polls were told of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mockserver.timeline.model import Overrides, ScriptedJob, Step
from mockserver.timeline.payloads import job_payload
from mockserver.timeline.polls import JobSnapshot
from mockserver.timeline.schedule import Schedule, Stretch

_Payload: TypeAlias = Mapping[str, Any] | None
_MOST = 1e18
_NEAR_MS = (0, -1, 1, -2, 2)
"""Instants are whole milliseconds and bytes whole bytes, so that one computed may be off by two."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes arrive evenly between two instants, which explains so many `snapshots`, word by word.

    What it says besides, or does not say, is the same for all of them.
    """

    begins_ms: int
    ends_ms: int
    to_bytes: int
    snapshots: int


class Segments:
    """Looks for them among the snapshots of one job, which are in order."""

    def __init__(
        self, snapshots: Sequence[JobSnapshot], job: ScriptedJob, job_begins_ms: int
    ) -> None:
        self._snapshots, self._job, self._job_begins_ms = snapshots, job, job_begins_ms
        self._ends = _ends_of_runs([snapshot.payload for snapshot in snapshots])

    def find(self, at: int, arrived: int, earliest_ms: int, latest_ms: int) -> Segment | None:
        """One that explains the snapshots from `at` on, and begins within these limits."""
        end = self._ends[at]
        for stop in (end, end - 1):  # the last one may stand where the bytes stand still already
            if not at < stop < len(self._snapshots):
                continue
            for begins_ms in self._begins(at, arrived, earliest_ms, latest_ms):
                for ends_ms, to_bytes in self._goals(stop, arrived, begins_ms):
                    segment = Segment(begins_ms, ends_ms, to_bytes, stop - at)
                    if self._explains(segment, at, arrived):
                        return segment
        return None

    def _begins(self, at: int, arrived: int, earliest: int, latest: int) -> Iterator[int]:
        snapshot = self._snapshots[at]
        yield latest
        if earliest < latest and snapshot.payload is not None:
            growth = snapshot.payload["downloaded_bytes"] - arrived
            passed_ms = growth * 1000 / _speed(snapshot.payload)
            for near in _NEAR_MS:
                if earliest <= (found := round(snapshot.at_ms - passed_ms) + near) < latest:
                    yield found

    def _goals(self, stop: int, arrived: int, begins_ms: int) -> Iterator[tuple[int, int]]:
        """When it may end, and at how many bytes, as the snapshot after it says."""
        speed = _speed(self._snapshots[stop - 1].payload)
        now_ms, payload = self._snapshots[stop].at_ms, self._snapshots[stop].payload
        there = None if payload is None else payload.get("downloaded_bytes")
        if payload is None or type(there) is not int:
            return
        if there > arrived:
            yield begins_ms + max(1, round((there - arrived) * 1000 / speed)), there
        following = _speed(payload)
        if following > 0 and following != speed:  # where the two lines meet
            here = arrived - speed * begins_ms / 1000
            meet_ms = round((there - here - following * now_ms / 1000) * 1000 / (speed - following))
            for ends_ms in (meet_ms + near for near in _NEAR_MS):
                yield ends_ms, arrived + round(speed * (ends_ms - begins_ms) / 1000)

    def _explains(self, segment: Segment, at: int, arrived: int) -> bool:
        last = at + segment.snapshots - 1
        lasts_ms = segment.ends_ms - segment.begins_ms
        growth = segment.to_bytes - arrived
        last_ms, following_ms = self._snapshots[last].at_ms, self._snapshots[last + 1].at_ms
        if lasts_ms <= 0 or growth <= 0 or not last_ms < segment.ends_ms <= following_ms:
            return False
        if segment.to_bytes > self._job.total_size_bytes:
            return False
        step = Step("downloading", lasts_ms, from_bytes=arrived, to_bytes=segment.to_bytes)
        step = replace(step, bytes_per_second=growth * 1000 / lasts_ms)
        usual = self._reported(segment, step, self._snapshots[at].at_ms)
        values, omit = difference(usual, self._snapshots[at].payload or {})
        if segment.snapshots == 1 and (values or omit):
            return False  # it says as much with any other segment
        step = replace(step, overrides=Overrides(values, frozenset(omit)))
        return all(
            same(self._reported(segment, step, snapshot.at_ms), snapshot.payload)
            for snapshot in self._snapshots[at : last + 1]
        )

    def _reported(self, segment: Segment, step: Step, now_ms: int) -> dict[str, Any]:
        stretch = Stretch(step, segment.begins_ms, segment.ends_ms)
        return reported(self._job, self._job_begins_ms, stretch, now_ms) or {}


def reported(
    job: ScriptedJob, job_begins_ms: int, stretch: Stretch, now_ms: int
) -> dict[str, Any] | None:
    """What is said of a job in one stretch of its life, at an instant."""
    before = Stretch(stretch.step, job_begins_ms, stretch.begins_ms)
    state = Schedule(job, (before, stretch)).at(now_ms)
    return None if state is None else job_payload(state)


def _ends_of_runs(payloads: Sequence[_Payload]) -> list[int]:
    """For each, the first one after it that is at another speed, or has no more bytes."""
    ends = [0] * len(payloads)
    for at in range(len(payloads) - 1, -1, -1):
        payload = payloads[at]
        following = payloads[at + 1] if at + 1 < len(payloads) else None
        if payload is None or not _is_plain(payload):
            ends[at] = at
        elif following is None or not _is_plain(following) or _speed(payload) != _speed(following):
            ends[at] = at + 1
        else:
            grows = following["downloaded_bytes"] > payload["downloaded_bytes"]
            ends[at] = ends[at + 1] if grows else at + 1
    return ends


def _is_plain(payload: Mapping[str, Any]) -> bool:
    is_whole = type(payload.get("downloaded_bytes")) is int
    return is_whole and payload.get("status") == "downloading" and _speed(payload) > 0


def _speed(payload: _Payload) -> float:
    """As it is told, if it is any; else 0."""
    value = (payload or {}).get("bytes_per_second")
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
