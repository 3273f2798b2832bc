"""Numbers and states as people read them."""

from __future__ import annotations

from mockserver import rfc3339
from mockserver.timeline.model import JobState, Timeline

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size(number: float) -> str:
    """Bytes with three digits and a decimal unit: `2.28 GB`."""
    unit = 0
    while number >= 999.5 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.3g} {_UNITS[unit]}" if number < 1000 else f"{number:,.0f} {_UNITS[unit]}"


def percent(done: int, total: int) -> str:
    """Whole percent; 100 % means all of it, and nothing less does."""
    if done >= total:
        return "100 %"
    return f"{min(99, round(100 * done / total))} %"


def state_in_words(state: JobState) -> str:
    """`downloading  40 %  911 MB of 2.28 GB  114 MB/s`."""
    done, total = state.downloaded_bytes, state.total_size_bytes
    text = f"{state.status:<11} {percent(done, total):>5}  {size(done)} of {size(total)}"
    if state.bytes_per_second is not None:
        text += f"  {size(state.bytes_per_second)}/s"
    return text


def speed_in_words(speed: float) -> str:
    """`real time`, or `60 times real time`."""
    return "real time" if speed == 1 else f"{speed:g} times real time"


def seconds(milliseconds: int) -> str:
    """`25 s`, `2 min 5 s`, `3 h 20 min`."""
    total = -(-milliseconds // 1000)
    minutes, rest = divmod(total, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def clock_time(instant_ms: int) -> str:
    """`15:33:23`, in UTC."""
    return rfc3339.from_milliseconds(instant_ms)[11:19]


def first_job(timeline: Timeline) -> str:
    """The job to try first: one that the list shows, where there is one."""
    listed = [job.job_id for job in timeline.jobs if job.listed]
    return (listed or [timeline.jobs[0].job_id])[0]
