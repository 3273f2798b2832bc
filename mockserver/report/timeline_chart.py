"""The chart of a timeline's playback: the share of the bytes and the status of jobs over time.

It begins where the timeline does: what a job did earlier, no client ever sees.
"""

import math
from collections.abc import Iterable, Sequence

from mockserver.documents import rfc3339
from mockserver.documents.text import clipped, duration, plain, size
from mockserver.errors import UnknownName
from mockserver.report.chart import Band, Chart, Curve, Lane, Span
from mockserver.timeline.model import Event, Overrides, ScriptedJob, Step
from mockserver.timeline.overrides import overrides_in_words
from mockserver.timeline.playback import Playback
from mockserver.timeline.schedule import Schedule, Stretch

MAX_LANES = 8
_MAX_NOTES = 12
_MAX_MARKS = _MAX_BANDS = 8
_MAX_LABEL = 40
_NOTHING_HAPPENS_MS = 10_000
_WELL_BEYOND = 3

_NO_BYTES = "downloading, no bytes"
_SCALE = ((0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %"))


def chart_of(playback: Playback, jobs: Sequence[str] = (), ends_ms: int | None = None) -> Chart:
    """Of these jobs, or of up to `MAX_LANES` that differ; UnknownName for a stranger."""
    timeline = playback.timeline
    groups = _chosen(playback, jobs)
    if ends_ms is None:
        ends_ms = _end(playback, [group[0] for group in groups])
    name, epoch_ms = plain(timeline.name), playback.epoch_ms
    marks = [Event(plain(event.name), event.at_ms - epoch_ms) for event in playback.events]
    since = rfc3339.from_milliseconds(epoch_ms)
    return Chart(
        title=f"Timeline {name}",
        name=name,
        description=plain(timeline.description or ""),
        since=f"of virtual time since {'the timeline begins' if timeline.floating else since}",
        ends_ms=ends_ms,
        lanes=tuple(_lane(playback, group, ends_ms) for group in groups),
        more=0 if jobs else len(timeline.jobs) - sum(map(len, groups)),
        scale_title="share of the bytes",
        marks=tuple(mark for mark in marks[:_MAX_MARKS] if 0 <= mark.at_ms < ends_ms),
        bands=tuple(_bands(playback, ends_ms))[:_MAX_BANDS],
        faults=tuple(fault.words() for fault in timeline.faults),
        notes=tuple(_notes(playback, groups)),
    )


def _chosen(playback: Playback, jobs: Sequence[str]) -> list[list[Schedule]]:
    """The schedules to draw: each with those that are the same."""
    schedules = playback.schedules
    for job_id in jobs:
        if job_id not in schedules:
            raise UnknownName("job", job_id, tuple(schedules), playback.timeline.name)
    if jobs:
        return [[schedules[job_id]] for job_id in dict.fromkeys(jobs)]
    alike: dict[tuple[tuple[Stretch, ...], int, bool], list[Schedule]] = {}
    for schedule in schedules.values():
        key = (schedule.stretches, schedule.job.total_size_bytes, schedule.job.listed)
        alike.setdefault(key, []).append(schedule)
    groups = list(alike.values())
    if len(groups) <= MAX_LANES:
        return groups
    # Those with a script of their own first; then some of the rest, from all over the file.
    scripts: dict[tuple[Step, ...], int] = {}
    for index, (first, *_) in enumerate(groups):
        scripts.setdefault(first.job.steps, index)
    picked = list(scripts.values())[:MAX_LANES]
    rest = [index for index in range(len(groups)) if index not in set(picked)]
    more = MAX_LANES - len(picked)
    picked += [rest[(number + 1) * len(rest) // more - 1] for number in range(more)]
    return [groups[index] for index in sorted(picked)]


def _end(playback: Playback, schedules: Iterable[Schedule]) -> int:
    """A little after the last change, so that what lasts for ever has some room."""
    settled = [schedule.settles_ms for schedule in schedules if schedule.settles_ms is not None]
    changes = [*settled, *(event.at_ms for event in playback.events)]
    windows = [fault.when for fault in playback.timeline.faults]
    begins = [when.after_ms for when in windows]
    last = max([0, *(at_ms - playback.epoch_ms for at_ms in changes), *begins])
    # A window that outlasts all else by far would leave no room for the rest: it goes on.
    closes = [when.after_ms + when.lasts_ms for when in windows if when.lasts_ms is not None]
    last = max([last, *(end for end in closes if end <= _WELL_BEYOND * last or not last)])
    return last + max(1, last // 4) if last else _NOTHING_HAPPENS_MS


def _lane(playback: Playback, group: Sequence[Schedule], ends_ms: int) -> Lane:
    schedule, epoch_ms = group[0], playback.epoch_ms
    found = (_span(stretch, schedule.job, epoch_ms, ends_ms) for stretch in schedule.stretches)
    spans = tuple(filter(None, found))
    since = (schedule.settles_ms or epoch_ms) - epoch_ms
    from_then = f" from {duration(since)} on" if since > 0 else ""
    has_bytes = schedule.job.total_size_bytes > 0
    return Lane(
        plain(schedule.job.job_id),
        spans=spans,
        curves=tuple(_curve(span) for span in spans if has_bytes and span.has_share),
        scale=_SCALE if has_bytes else (),
        facts=tuple(_facts(schedule, len(group) - 1, epoch_ms)),
        waits="" if schedule.awaits is None else f"waits for {schedule.awaits}{from_then}",
    )


def _curve(span: Span) -> Curve:
    is_level = span.from_share == span.to_share and 0 < span.from_share < 1
    label = f"{100 * span.from_share:.3g} %" if is_level else ""
    points = ((span.begins_ms, span.from_share), (span.ends_ms, span.to_share))
    return Curve(span.kind, points, label, is_open=span.waits_for is not None)


def _facts(schedule: Schedule, alike: int, epoch_ms: int) -> Iterable[str]:
    job = schedule.job
    if alike:
        yield f"and {alike:,} like it"
    yield size(job.total_size_bytes)
    if job.model is not None:
        yield plain(job.model)
    if not job.listed:
        yield "not in the list"
    if schedule.begins_ms is not None and schedule.begins_ms < epoch_ms:
        yield f"began {duration(epoch_ms - schedule.begins_ms)} before"


def _span(stretch: Stretch, job: ScriptedJob, epoch_ms: int, chart_ends_ms: int) -> Span | None:
    """The part of the stretch that the chart shows, if there is one."""
    step = stretch.step
    begins = stretch.begins_ms - epoch_ms
    ends = math.inf if stretch.ends_ms is None else stretch.ends_ms - epoch_ms
    goes_on = ends > chart_ends_ms
    left, right = max(0, begins), chart_ends_ms if goes_on else int(ends)
    if left >= right:
        return None
    growth = max(0, step.to_bytes - step.from_bytes)

    def share(at: int) -> float:
        arrived = step.from_bytes + growth * (at - begins) / (step.lasts_ms or 1)
        return min(1.0, arrived / job.total_size_bytes) if job.total_size_bytes else 0.0

    holding = step.phase == "downloading" and not growth and job.total_size_bytes > 0
    label = _NO_BYTES if holding else step.phase
    if isinstance(status := step.overrides.values.get("status"), str):
        label = clipped(plain(status), _MAX_LABEL)
    return Span(
        "holding" if holding else step.phase,
        label,
        left,
        right,
        short_label="no bytes" if label == _NO_BYTES else "",
        from_share=share(left),
        to_share=share(right),
        has_share=step.phase != "gone",
        goes_on=goes_on,
        waits_for=step.until if goes_on else None,
    )


def _bands(playback: Playback, ends_ms: int) -> Iterable[Band]:
    for number, fault in enumerate(playback.timeline.faults, 1):
        when = fault.when
        if (when.after_ms or when.lasts_ms is not None) and when.after_ms < ends_ms:
            end = ends_ms if when.lasts_ms is None else when.after_ms + when.lasts_ms
            open_end = when.lasts_ms is None or end > ends_ms
            yield Band(number, when.after_ms, min(end, ends_ms), open_end)


def _ignored_events(playback: Playback) -> Iterable[str]:
    """The events that change nothing, since no step waited for them when they happened."""
    so_far = Playback.of(playback.timeline, playback.epoch_ms)
    for event in playback.events:
        then = so_far.after(event)
        if then.schedules == so_far.schedules and event.at_ms >= playback.epoch_ms:
            at = duration(event.at_ms - playback.epoch_ms)
            yield f"Nothing waits for {plain(event.name)} at {at}: it changes nothing."
        so_far = then


def _override_notes(groups: Iterable[Sequence[Schedule]], epoch_ms: int) -> Iterable[str]:
    """What steps say in place of the truth, which is what the chart draws."""
    for schedule, *_ in groups:
        for stretch in schedule.stretches:
            if stretch.step.overrides != Overrides():
                since = duration(max(0, stretch.begins_ms - epoch_ms))
                differs = overrides_in_words(stretch.step.overrides)
                yield f"{plain(schedule.job.job_id)} from {since} on: {differs}."


def _notes(playback: Playback, groups: Iterable[Sequence[Schedule]]) -> Iterable[str]:
    notes = [*_ignored_events(playback), *_override_notes(groups, playback.epoch_ms)]
    more = len(notes) - _MAX_NOTES + 1
    return notes if more <= 1 else [*notes[:-more], f"… and {more} notes more."]
