"""What a session begins with: its timeline, its clock, and which server it pretends to be."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypedDict, get_args

from mockserver import contract, resources
from mockserver.contract import CompiledOperation
from mockserver.errors import UnknownName
from mockserver.timeline.builder import Job, timeline_of
from mockserver.timeline.clock import Clock, ManualClock, PollClock, WallClock
from mockserver.timeline.find import find
from mockserver.timeline.model import Timeline
from mockserver.timeline.reader import load, timeline_from

__all__ = [
    "DEFAULT_TIMELINE",
    "Changes",
    "ClockKind",
    "Playable",
    "Settings",
    "clock_kind",
    "make_clock",
]

DEFAULT_TIMELINE = "healthy"

ClockKind: TypeAlias = Literal["wall", "manual", "poll"]
"""Runs by itself, stands until it is moved, or moves on with each poll."""


Playable: TypeAlias = Timeline | str | Path | Job | Sequence[Job] | Mapping[str, Any]
"""A timeline, its name or its file; jobs written in Python; or what a file holds, as data."""


class Changes(TypedDict, total=False):
    """Some of the settings, by the names that `Settings.of` gives them."""

    timeline: Playable | None
    edition: str | None
    clock: Clock | ClockKind
    speed: float | None
    step: str | int | None
    token: str | None
    cors: bool
    with_download: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """Immutable; a session that begins anew begins with them again.

    `speed` is a wall clock's, `step_ms` a poll clock's. With a `token`, requests must bear it.
    `cors`: pages from anywhere may read the replies. `with_download`: POST is answered in an
    edition that does not document it, too. An edition that was given stays when another timeline
    is played; one that is the timeline's own goes with it.
    """

    timeline: Timeline
    edition: str
    clock: Clock | ClockKind = "wall"
    speed: float | None = None
    step: str | int | None = None
    token: str | None = None
    cors: bool = False
    with_download: bool = False
    edition_is_given: bool = False

    @classmethod
    def of(
        cls,
        timeline: Playable | None = None,
        edition: str | None = None,
        clock: Clock | ClockKind = "wall",
        *,
        speed: float | None = None,
        step: str | int | None = None,
        token: str | None = None,
        cors: bool = False,
        with_download: bool = False,
    ) -> Settings:
        """Load the timeline if it is named, and check the rest.

        Raises what `find`, `load` and `make_clock` raise, UnknownName for the edition, and
        ValueError for a speed or a step beside a clock that is made already, or a token that
        cannot stand in a header.
        """
        timeline = _loaded(timeline)
        edition_is_given = edition is not None
        edition = timeline.edition if edition is None else edition
        if edition not in resources.edition_names():
            raise UnknownName("edition", edition, resources.edition_names())
        if isinstance(clock, Clock):
            if speed is not None or step is not None:
                raise ValueError("a clock that is made already has its speed and its step")
        else:
            make_clock(clock, timeline, speed=speed, step=step)
        if token is not None and not (token.isascii() and token.isprintable() and token.strip()):
            raise ValueError("a token is printable ASCII text")
        return cls(
            timeline, edition, clock, speed, step, token, cors, with_download, edition_is_given
        )

    def changed(self, changes: Changes) -> Settings:
        """The same with some settings changed, checked like those of `of`.

        Another timeline brings its own edition, unless one is given, or was given before; another
        kind of clock its usual speed and step, unless they are given.
        """
        kept: Changes = {
            "timeline": self.timeline,
            "clock": self.clock,
            "token": self.token,
            "cors": self.cors,
            "with_download": self.with_download,
        }
        if self.edition_is_given:
            kept["edition"] = self.edition
        if "clock" not in changes:
            kept["speed"], kept["step"] = self.speed, self.step
        kept.update(changes)
        return Settings.of(**kept)

    def new_clock(self) -> Clock:
        """A clock at the timeline's first instant; one that was made already goes on."""
        if isinstance(self.clock, Clock):
            return self.clock
        return make_clock(self.clock, self.timeline, speed=self.speed, step=self.step)

    @property
    def operations(self) -> Mapping[str, tuple[CompiledOperation, str]]:
        """The documented operations that are answered, by id, each with its edition."""
        found = {
            id_: (operation, self.edition)
            for id_, operation in contract.edition(self.edition).operations.items()
        }
        if self.with_download and "download" not in found:
            found["download"] = documented("download")
        return found


def _loaded(timeline: Playable | None) -> Timeline:
    match timeline:
        case Timeline():
            return timeline
        case None:
            return load(find(DEFAULT_TIMELINE))
        case str() | Path():
            return load(find(timeline))
        case Job():
            return timeline_of(timeline)
        case Mapping():
            return timeline_from(timeline)
        case _:
            return timeline_of(*timeline)


def documented(operation: str) -> tuple[CompiledOperation, str]:
    """An operation as the newest edition that has it documents it."""
    for edition in reversed(resources.edition_names()):
        operations = contract.edition(edition).operations
        if operation in operations:
            return operations[operation], edition
    raise UnknownName("operation", operation, ())


def make_clock(
    kind: ClockKind,
    timeline: Timeline,
    *,
    speed: float | None = None,
    step: str | int | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Clock:
    """A clock that shows the timeline's first instant.

    Where the timeline names none, a wall clock starts at the real now, the others at
    `FLOATING_EPOCH_MS`. `speed` is a wall clock's virtual seconds for each real one (1 unless
    given), `step` what a poll moves a poll clock by (`"1s"` unless given; text or milliseconds).
    Raises UnknownName for another kind, ValueError for a speed or a step that is impossible or
    that this kind does not have.
    """
    if kind not in get_args(ClockKind):
        raise UnknownName("clock", kind, get_args(ClockKind))
    if speed is not None and kind != "wall":
        raise ValueError(f"a {kind} clock has no speed: it does not run by itself")
    if step is not None and kind != "poll":
        raise ValueError(f"a {kind} clock has no step: polls do not move it")
    if kind == "manual":
        return ManualClock(timeline.epoch_ms)
    if kind == "poll":
        return PollClock("1s" if step is None else step, timeline.epoch_ms)
    start_ms = time.time_ns() // 1_000_000 if timeline.floating else timeline.epoch_ms
    return WallClock(start_ms, 1.0 if speed is None else speed, monotonic)


def clock_kind(clock: Clock) -> ClockKind:
    """Which of the three kinds a clock is; one of another class counts as what moves it."""
    if isinstance(clock, PollClock):
        return "poll"
    return "wall" if isinstance(clock, WallClock) or clock.speed else "manual"
