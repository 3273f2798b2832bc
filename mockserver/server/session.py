"""A timeline being played: the one place where job scripts and a clock meet."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from mockserver import resources
from mockserver.errors import UnknownName
from mockserver.timeline.clock import Clock, WallClock
from mockserver.timeline.load import find, load
from mockserver.timeline.model import Timeline

__all__ = ["DEFAULT_TIMELINE", "Session"]

DEFAULT_TIMELINE = "healthy"


@dataclass(frozen=True, slots=True)
class Session:
    """The timeline lies where the clock showed now when the session began, if it is floating."""

    timeline: Timeline
    clock: Clock
    edition: str

    @classmethod
    def begin(
        cls,
        timeline: Timeline | str | Path | None = None,
        edition: str | None = None,
        clock: Clock | None = None,
    ) -> Session:
        """Load what is not loaded yet, and start the clock.

        Without a clock, a wall clock shows the timeline's epoch now; the real time for a floating
        timeline. Raises what `find` and `load` raise, and UnknownName for the edition.
        """
        if not isinstance(timeline, Timeline):
            timeline = load(find(DEFAULT_TIMELINE if timeline is None else timeline))
        edition = timeline.edition if edition is None else edition
        if edition not in resources.edition_names():
            raise UnknownName("edition", edition, resources.edition_names())
        if clock is None:
            real_ms = time.time_ns() // 1_000_000
            clock = WallClock(real_ms if timeline.floating else timeline.epoch_ms)
        return cls(timeline.starting_at(clock.now()), clock, edition)
