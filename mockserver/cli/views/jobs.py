"""Jobs, clocks, requests and timelines as people read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeGuard

from mockserver.api.operations import DOWNLOAD, about
from mockserver.documents.text import duration, plain, size

if TYPE_CHECKING:
    from mockserver.client_rules.journal_entry import JournalEntry
    from mockserver.timeline.clock import Clock
    from mockserver.timeline.model import JobState, Timeline


def percent(done: float, total: float) -> str:
    """Whole percent; 100 % means all of it, and nothing less does."""
    if done >= total:
        return "100 %"
    return f"{min(99, round(100 * done / total))} %"


def _state(state: JobState) -> str:
    """`downloading  40 %  911 MB of 2.28 GB  114 MB/s`, as its step reports it."""
    shown = {**state._asdict(), **state.overrides.values}
    status, done, total = shown["status"], shown["downloaded_bytes"], shown["total_size_bytes"]
    text = f"{plain(str(status)):<11} "
    if _is_number(done) and _is_number(total):
        text += f"{percent(done, total):>5}  {size(done)} of {size(total)}"
    else:
        text += f"{json.dumps(done)[:20]} of {json.dumps(total)[:20]} bytes"
    if _is_number(speed := shown["bytes_per_second"]):
        text += f"  {size(speed)}/s"
    return text


def _is_number(value: object) -> TypeGuard[int | float]:
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


def outcome_in_words(entry: JournalEntry) -> str:
    """What a request came to: `2 jobs`, `no such job`, `already downloaded`, `fault: 503`."""
    fault, parts = entry.fault, []
    if len(entry.states) == 1:
        parts.append(_state(entry.states[0]))
    elif entry.states:
        parts.append(f"{len(entry.states)} jobs")
    elif fault is None or (fault.reply is None and fault.disconnect is None):
        parts.append(_without_states(entry))
    if fault is not None:
        parts.append(f"fault: {fault.effects_in_words()}")
    return "  ".join(parts)


def _without_states(entry: JournalEntry) -> str:
    status, asked = entry.status, about(entry.operation)
    if status is None:
        return "no reply"
    if status == 401:
        return "no token" if entry.request.headers.get("Authorization") is None else "not the token"
    if asked == "models":
        return "models"
    if asked == "model" and status == 200:
        return "already downloaded"
    if asked == "jobs" and status == 200:
        return "no jobs"
    if asked == "job" and status == 404:
        return "no such job"
    if entry.operation is not None and status >= 400:
        return "refused"
    if entry.method == DOWNLOAD.method and DOWNLOAD.match(entry.path) is not None:
        return "not in this edition; --with-download answers it"
    return "no such endpoint"
