"""Stretches in which bytes arrive at an even speed, found again in what polls were told of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from mockserver.timeline.model import Overrides, ScriptedJob, Step
from mockserver.timeline.payloads import job_payload
from mockserver.timeline.schedule import Schedule, Stretch

__all__ = ["Line", "Lines", "difference", "same"]

Payload: TypeAlias = Mapping[str, Any] | None
_MOST = 1e18
_NEAR_MS = (0, -1, 1, -2, 2)


@dataclass(frozen=True, slots=True)
class Line:
    """Bytes arrive evenly from one instant to another; it tells so many `points`, word by word.

    What it says besides, or does not say, is the same for all of them.
    """

    begins_ms: int
    ends_ms: int
    to_bytes: int
    points: int


class Lines:
    """Looks for them among the points of one job: instants with what was told then, in order."""

    def __init__(
        self, points: Sequence[tuple[int, Payload]], job: ScriptedJob, begins_ms: int
    ) -> None:
        self._points, self._job, self._begins_ms = points, job, begins_ms
        self._ends = _ends_of_runs([payload for _, payload in points])

    def line(self, at: int, arrived: int, earliest_ms: int, latest_ms: int) -> Line | None:
        """One that tells the points from `at` on, and begins within these limits."""
        end = self._ends[at]
        for stop in (end, end - 1):  # the last one may stand where the bytes stand still already
            if not at < stop < len(self._points):
                continue
            for begins_ms in self._begins(at, arrived, earliest_ms, latest_ms):
                for ends_ms, to_bytes in self._goals(stop, arrived, begins_ms):
                    line = Line(begins_ms, ends_ms, to_bytes, stop - at)
                    if self._tells(line, at, arrived):
                        return line
        return None

    def _begins(self, at: int, arrived: int, earliest: int, latest: int) -> Iterator[int]:
        now_ms, payload = self._points[at]
        yield latest
        if earliest < latest and payload is not None:
            passed_ms = (payload["downloaded_bytes"] - arrived) * 1000 / _speed(payload)
            for near in _NEAR_MS:
                if earliest <= (found := round(now_ms - passed_ms) + near) < latest:
                    yield found

    def _goals(self, stop: int, arrived: int, begins_ms: int) -> Iterator[tuple[int, int]]:
        """When it may end, and at how many bytes, as the point after it says."""
        speed = _speed(self._points[stop - 1][1])
        now_ms, payload = self._points[stop]
        there = None if payload is None else payload.get("downloaded_bytes")
        if payload is None or not isinstance(there, int) or isinstance(there, bool):
            return
        if there > arrived:
            yield begins_ms + max(1, round((there - arrived) * 1000 / speed)), there
        following = _speed(payload)
        if following > 0 and following != speed:  # where the two lines meet
            here = arrived - speed * begins_ms / 1000
            meet_ms = round((there - here - following * now_ms / 1000) * 1000 / (speed - following))
            for ends_ms in (meet_ms + near for near in _NEAR_MS):
                yield ends_ms, arrived + round(speed * (ends_ms - begins_ms) / 1000)

    def _tells(self, line: Line, at: int, arrived: int) -> bool:
        last = at + line.points - 1
        lasts = line.ends_ms - line.begins_ms
        growth = line.to_bytes - arrived
        is_within = self._points[last][0] < line.ends_ms <= self._points[last + 1][0]
        if lasts <= 0 or not is_within or growth <= 0:
            return False
        if line.to_bytes > self._job.total_size_bytes:
            return False
        step = Step("downloading", lasts, None, arrived, line.to_bytes, growth * 1000 / lasts)
        first_ms, first = self._points[at]
        usual = self._told(line, step, first_ms)
        values, omit = difference(usual, first or {})
        if line.points == 1 and (values or omit):
            return False  # it says as much with any other line
        step = replace(step, overrides=Overrides(values, frozenset(omit)))
        return all(
            same(self._told(line, step, now_ms), payload)
            for now_ms, payload in self._points[at : last + 1]
        )

    def _told(self, line: Line, step: Step, now_ms: int) -> dict[str, Any]:
        before = Stretch(step, self._begins_ms, line.begins_ms)
        schedule = Schedule(self._job, (before, Stretch(step, line.begins_ms, line.ends_ms)))
        state = schedule.at(now_ms)
        return {} if state is None else job_payload(state)


def _ends_of_runs(payloads: Sequence[Payload]) -> list[int]:
    """For each point, the first one after it that is at another speed, or has no more bytes."""
    ends = [0] * len(payloads)
    for at in range(len(payloads) - 1, -1, -1):
        one, other = payloads[at], payloads[at + 1] if at + 1 < len(payloads) else None
        if one is None or not _is_plain(one):
            ends[at] = at
        elif other is None or not _is_plain(other) or _speed(one) != _speed(other):
            ends[at] = at + 1
        else:
            grows = other["downloaded_bytes"] > one["downloaded_bytes"]
            ends[at] = ends[at + 1] if grows else at + 1
    return ends


def _is_plain(payload: Mapping[str, Any]) -> bool:
    there = payload.get("downloaded_bytes")
    is_whole = isinstance(there, int) and not isinstance(there, bool)
    return is_whole and payload.get("status") == "downloading" and _speed(payload) > 0


def _speed(payload: Payload) -> float:
    """As it is told, if it is any; else 0."""
    value = None if payload is None else payload.get("bytes_per_second")
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


def same(one: object, other: object) -> bool:
    """Whether both are written alike, where 1 and 1.0 are not; the order of keys does not count."""
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
