"""From how a server is set up to what it plays: the timeline, read once, and a clock for it."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mockserver import contract, files, resources
from mockserver.api.operations import DOWNLOAD
from mockserver.client_rules.context import ClockKind
from mockserver.contract import CompiledOperation
from mockserver.documents.source import Source
from mockserver.server.config import BadSetting, ServerConfig
from mockserver.timeline.builder import Job, timeline_of
from mockserver.timeline.clock import Clock, ManualClock, PollClock, WallClock
from mockserver.timeline.find import find
from mockserver.timeline.model import Timeline
from mockserver.timeline.reader import load, timeline_from

_read = lru_cache(maxsize=128)(load)
# Other people's tests hide files: what lies in our own folder is looked up before they begin.
_bundled = cache(resources.timeline_files)


def timeline_for(config: ServerConfig) -> Timeline:
    """What the config plays, read once; raises as `find`, `load`, `timeline_of`, or BadSetting."""
    given: Any = "healthy" if config.timeline is None else config.timeline
    match given:
        case Timeline():
            return given
        case str() | Path():
            return _named(given, config.folder)
        case Job():
            return timeline_of(given)
        case Mapping():
            return timeline_from(given)
        case Sequence() if given and all(isinstance(job, Job) for job in given):
            return timeline_of(*given)
    kinds = "a name, a path, Job(...) or several, timeline_of(...) or a dict"
    raise BadSetting("timeline", given, kinds)


def _named(name: str | Path, folder: str | Path | None) -> Timeline:
    is_bundled = isinstance(name, str) and name in _bundled()
    if is_bundled and name not in resources.own_timeline_files(folder):
        return _bundled_timeline(str(name))
    return _read(find(name, folder))


@cache
def _bundled_timeline(name: str) -> Timeline:
    path = _bundled()[name]
    return load(Source(path.name, files.read_source(path).text))


def clock_for(
    config: ServerConfig, timeline: Timeline, monotonic: Callable[[], float] = time.monotonic
) -> Clock:
    """One at the timeline's first instant, a wall clock at the real now where it names none."""
    if isinstance(config.clock, Clock):
        return config.clock
    if config.clock == "manual":
        return ManualClock(timeline.epoch_ms)
    if config.clock == "poll":
        return PollClock("1s" if config.step is None else config.step, timeline.epoch_ms)
    start_ms = time.time_ns() // 1_000_000 if timeline.floating else timeline.epoch_ms
    return WallClock(start_ms, 1.0 if config.speed is None else config.speed, monotonic)


def clock_kind(clock: Clock) -> ClockKind:
    """Which of the three kinds a clock is; one of another class counts as what moves it."""
    if isinstance(clock, PollClock):
        return "poll"
    return "wall" if isinstance(clock, WallClock) or clock.speed else "manual"


@cache
def operations_of(
    edition: str, *, with_download: bool
) -> Mapping[str, tuple[CompiledOperation, str]]:
    """Those that are answered, by id, each with its edition: the newest with an added download."""
    documented = contract.edition(edition).operations
    found = {id_: (operation, edition) for id_, operation in documented.items()}
    newest_first = reversed(resources.edition_names()) if with_download else ()
    for name in newest_first:
        if DOWNLOAD.id not in found and DOWNLOAD.id in contract.edition(name).operations:
            found[DOWNLOAD.id] = contract.edition(name).operation(DOWNLOAD.id), name
    return found
