"""A timeline laid on the clock, with the events so far: what every job is, at any instant."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from mockserver.documents.text import duration
from mockserver.errors import NeverHappens, UnknownName
from mockserver.timeline import model
from mockserver.timeline.schedule import Schedule

_SHOWN_EVENTS = 3


@dataclass(frozen=True, slots=True)
class Playback:
    """Immutable: an event gives a new playback. All answers are functions of the instant alone."""

    timeline: model.Timeline
    epoch_ms: int
    events: tuple[model.Event, ...]
    schedules: Mapping[str, Schedule]

    @classmethod
    def of(
        cls,
        timeline: model.Timeline,
        start_ms: int | None = None,
        events: tuple[model.Event, ...] = (),
    ) -> Self:
        """Lay it at its own epoch, else at `start_ms`. ValueError beyond the years 1970 to 9899."""
        epoch_ms = timeline.epoch_ms
        if timeline.floating and start_ms is not None:
            epoch_ms = start_ms
        if not 0 <= epoch_ms <= model.LATEST_START_MS:
            raise ValueError("a timeline starts between the years 1970 and 9899")
        schedules = {job.job_id: Schedule.of(job, epoch_ms, events) for job in timeline.jobs}
        return cls(timeline, epoch_ms, events, schedules)

    def after(self, event: model.Event) -> Self:
        """The same with one event more; UnknownName for one of a job that is not here.

        An event lies at or after those before it; ValueError when it does not.
        """
        if event.job_id is not None and event.job_id not in self.schedules:
            raise UnknownName("job", event.job_id, tuple(self.schedules), self.timeline.name)
        if self.events and event.at_ms < self.events[-1].at_ms:
            raise ValueError("events come in the order of their times")
        events = (*self.events, event)
        struck = self.schedules if event.job_id is None else (event.job_id,)
        schedules = {**self.schedules}
        for job_id in struck:
            schedules[job_id] = Schedule.of(schedules[job_id].job, self.epoch_ms, events)
        return replace(self, events=events, schedules=schedules)

    def with_job(self, job: model.ScriptedJob) -> Self:
        """The same with one job more, whose id is new."""
        timeline = replace(self.timeline, jobs=(*self.timeline.jobs, job))
        schedule = Schedule.of(job, self.epoch_ms, self.events)
        return replace(self, timeline=timeline, schedules={**self.schedules, job.job_id: schedule})

    def has_completed(self, job_id: str, now_ms: int) -> bool:
        """Whether the job has ever been completed by now, whatever it is since."""
        return any(
            stretch.step.phase == "completed" and stretch.begins_ms <= now_ms
            for stretch in self.schedules[job_id].stretches
        )

    def at(self, now_ms: int) -> tuple[model.JobState, ...]:
        """The states of all jobs that the server knows now, in the order of the file."""
        states = (schedule.at(now_ms) for schedule in self.schedules.values())
        return tuple(state for state in states if state is not None)

    def job_at(self, job_id: str, now_ms: int) -> model.JobState | None:
        """The state of the job with this id; None when the server knows none."""
        schedule = self.schedules.get(job_id)
        return None if schedule is None else schedule.at(now_ms)

    @property
    def settles_ms(self) -> int:
        """From when on nothing changes any more unless an event happens."""
        known = [schedule.settles_ms for schedule in self.schedules.values()]
        return max((found for found in known if found is not None), default=self.epoch_ms)

    @property
    def event_names(self) -> tuple[str, ...]:
        """The events that steps of this timeline wait for."""
        names = [step.until for job in self.timeline.jobs for step in job.steps if step.until]
        if any(job.begin.on_request for job in self.timeline.jobs):
            names.append(model.REQUEST)
        return tuple(dict.fromkeys(names))

    def when(self, job_id: str, phase: model.Phase, now_ms: int) -> int:
        """The first instant from now on at which the job is in this phase.

        Raises NeverHappens when there is none without an event, UnknownName for an unknown job.
        """
        schedule = self.schedules.get(job_id)
        if schedule is None:
            raise UnknownName("job", job_id, tuple(self.schedules), self.timeline.name)
        for stretch in schedule.stretches:
            instant = max(now_ms, stretch.begins_ms)
            if stretch.step.phase == phase and stretch.covers(instant):
                return instant
        last = schedule.stretches[-1].step.phase if schedule.stretches else "unknown"
        raise NeverHappens(job_id, phase, last, schedule.awaits)


def length(playback: Playback) -> str:
    """How long things go on changing: `25 s`, `at once`, `9 s, then until resume`."""
    lasts = playback.settles_ms - playback.epoch_ms
    known = duration(lasts) if lasts > 0 else ""
    awaited = waits_for(playback)
    if not awaited:
        return known or "at once"
    more = " …" if len(awaited) > _SHOWN_EVENTS else ""
    until = "until " + " or ".join(awaited[:_SHOWN_EVENTS]) + more
    return f"{known}, then {until}" if known else f"for ever {until}"


def waits_for(playback: Playback) -> tuple[str, ...]:
    """The events without which the jobs stay as they are in the end."""
    awaited = (schedule.awaits for schedule in playback.schedules.values())
    return tuple(dict.fromkeys(name for name in awaited if name is not None))
