"""Jobs, clocks and timelines as people read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeGuard

from mockserver.documents.text import duration, plain, size

if TYPE_CHECKING:
    from mockserver.timeline.clock import Clock
    from mockserver.timeline.model import JobState, Timeline


def percent(done: float, total: float) -> str:
    """Whole percent; 100 % means all of it, and nothing less does."""
    if done >= total:
        return "100 %"
    return f"{min(99, round(100 * done / total))} %"


def state_in_words(state: JobState) -> str:
    """`downloading  40 %  911 MB of 2.28 GB  114 MB/s`, as its step reports it."""
    shown = {**state._asdict(), **state.overrides.values}
    status, done, total = shown["status"], shown["downloaded_bytes"], shown["total_size_bytes"]
    text = f"{plain(str(status)):<11} "
    if is_number(done) and is_number(total):
        text += f"{percent(done, total):>5}  {size(done)} of {size(total)}"
    else:
        text += f"{json.dumps(done)[:20]} of {json.dumps(total)[:20]} bytes"
    if is_number(speed := shown["bytes_per_second"]):
        text += f"  {size(speed)}/s"
    return text


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it can be counted with; a step may report anything."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def clock_in_words(clock: Clock) -> str:
    """`in real time`, `at 60 times real time`, `1 s further with each poll`, `when it is told`."""
    step_ms = getattr(clock, "step_ms", None)
    if step_ms is not None:
        return f"{duration(step_ms)} further with each poll"
    if not clock.speed:
        return "time stands until it is moved"
    return "in real time" if clock.speed == 1 else f"at {clock.speed:g} times real time"


def first_job(timeline: Timeline) -> str:
    listed = [job.job_id for job in timeline.jobs if job.listed]
    return (listed or [timeline.jobs[0].job_id])[0]
