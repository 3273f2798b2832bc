"""A timeline being played: where job scripts, events, faults, a clock and the journal meet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.errors import NeverHappens, TooMany, UnknownName
from mockserver.faults.fault import Fault
from mockserver.faults.reader import MAX_FAULTS
from mockserver.http.message import Request
from mockserver.server.armed import ArmedFault
from mockserver.server.journal import Journal
from mockserver.server.settings import Changes, ClockKind, Settings
from mockserver.subscribers import Subscribers
from mockserver.timeline.clock import Clock
from mockserver.timeline.download_request import requested
from mockserver.timeline.job_fields import MAX_JOBS
from mockserver.timeline.model import LAST_INSTANT_MS, Event, JobState, Phase, Status, Timeline
from mockserver.timeline.playback import Playback

__all__ = ["Arrival", "Session"]

_PHASES = (*get_args(Status), "gone")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as it has come: its entry in the journal, and the fault that befalls it, if any.

    `playback` is what is played at the instant at which it came, by this `clock`.
    """

    journal: Journal
    exchange: JournalEntry
    playback: Playback
    clock: Clock
    armed: ArmedFault | None


class Session:
    """A timeline from where its clock stands when the session begins. Safe to share by threads.

    `settings`, and with them the timeline and the clock, stay until the session begins anew.
    """

    def __init__(self, settings: Settings) -> None:
        self._lock = threading.RLock()
        self._subscribers = Subscribers()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._begin(settings)

    @classmethod
    def begin(
        cls,
        timeline: Timeline | str | Path | None = None,
        edition: str | None = None,
        clock: Clock | ClockKind = "wall",
        *,
        speed: float | None = None,
        step: str | int | None = None,
    ) -> Session:
        """A session with these settings; `Settings.of` says more, and what it raises."""
        return cls(Settings.of(timeline, edition, clock, speed=speed, step=step))

    def _begin(self, settings: Settings) -> None:
        clock = settings.new_clock()
        playback = Playback.of(settings.timeline, clock.now())
        # Nothing is refused from here on.
        self._unsubscribe()
        self.journal = Journal()
        self.settings = settings
        self.clock = clock
        self._playback = playback
        self._armed = [
            ArmedFault(number, fault, self._playback.epoch_ms)
            for number, fault in enumerate(settings.timeline.faults, 1)
        ]
        self._last_fault = len(self._armed)
        self.event_names = self._playback.event_names
        self._unsubscribe = clock.subscribe(self._subscribers.tell)

    def begin_anew(self, changes: Changes | None = None) -> None:
        """Play from the beginning, with other settings if some are given, and an empty journal.

        Faults that were armed by hand are gone. Raises what `Settings.of` raises, and ValueError
        where no timeline can begin at what the clock shows; then the session goes on as it was.
        """
        settings = self.settings.changed(changes) if changes else self.settings
        with self._lock:
            before = self.clock
            self._begin(settings)
        self._subscribers.tell()
        if before is not self.clock:
            _let_go(before)

    def end(self) -> None:
        """Nobody asks it any more: let replies that wait for its clock wait no longer."""
        if not isinstance(self.settings.clock, Clock):  # one that is somebody's own goes on
            _let_go(self.clock)

    @property
    def timeline(self) -> Timeline:
        """What is played, as it was loaded; the playback has the jobs that were asked for since."""
        return self.settings.timeline

    @property
    def edition(self) -> str:
        """The documented API that it answers as."""
        return self.settings.edition

    @property
    def playback(self) -> Playback:
        """The timeline with the events so far."""
        return self._playback

    def moment(self) -> tuple[Playback, int]:
        """The playback and now, with no event between the two."""
        with self._lock:
            return self._playback, self.clock.now()

    def now(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        return self.clock.now()

    def states(self) -> tuple[JobState, ...]:
        """The states of all jobs that the server knows now, in the order of the file."""
        playback, now_ms = self.moment()
        return playback.at(now_ms)

    def job(self, job_id: str) -> JobState | None:
        """The state of the job with this id; None when the server knows none."""
        playback, now_ms = self.moment()
        return playback.job_at(job_id, now_ms)

    def fire(self, name: str, job_id: str | None = None) -> tuple[str, ...]:
        """Let an event happen now, to one job or to all; gives the ids of those it changed.

        An event that nobody waits for at this moment changes nothing, and is forgotten. Raises
        UnknownName for a name that no step of the timeline waits for, or a job it does not have.
        """
        if name not in self.event_names:
            raise UnknownName("event", name, self.event_names, self.timeline.name)
        with self._lock:
            before = self._playback
            after = before.after(Event(name, self.clock.now(), job_id))
            changed = tuple(
                one
                for one, schedule in after.schedules.items()
                if schedule is not before.schedules[one] and schedule != before.schedules[one]
            )
            if changed:
                self._playback = after
        return changed

    def download(self, model: str, quantization: str | None = None) -> JobState | None:
        """A client asks for a model now: the state of its job; None when it is there already.

        `timeline.request` says which job that is. Raises TooMany when a job too many would be made.
        """
        with self._lock:
            playback, state = requested(self._playback, model, quantization, self.clock.now())
            if len(playback.schedules) > max(MAX_JOBS, len(self.timeline.jobs)):
                raise TooMany("jobs", MAX_JOBS, "begin the session anew")
            self._playback = playback
        return state

    def run_until(self, job_id: str | None, phase: Phase) -> JobState | None:
        """Move the clock on to where the job is in this phase; not at all when it is already.

        Without an id it is the timeline's first job. Gives the job's state there, None when it is
        gone. Raises NeverHappens when only an event could bring that about, UnknownName for an
        unknown job or phase.
        """
        if phase not in _PHASES:
            raise UnknownName("phase", phase, _PHASES)
        if job_id is None:
            job_id = self.timeline.jobs[0].job_id
        playback, now_ms = self.moment()
        instant_ms = playback.when(job_id, phase, now_ms)
        if instant_ms > LAST_INSTANT_MS:
            raise NeverHappens(job_id, phase, "as it is when the clock ends", None)
        self.clock.reach(instant_ms)
        return playback.job_at(job_id, instant_ms)

    def arrive(self, request: Request, operation: str | None, path: str) -> Arrival:
        """Write a request down and count it for the faults; the first that befalls it does.

        `operation` is the id of the documented one that was asked for, if any; `path` is decoded.
        Each fault counts all requests that it concerns, whichever fault strikes them.
        """
        with self._lock:
            exchange = self.journal.open(self.clock.now, request, operation=operation)
            armed = self._strike(operation, path, exchange.received_ms)
            return Arrival(self.journal, exchange, self._playback, self.clock, armed)

    def _strike(self, operation: str | None, path: str, now_ms: int) -> ArmedFault | None:
        refusing = self._refusing(now_ms)
        if refusing is not None:  # who finds nobody makes no request that others could count
            return refusing
        met = [one for one in self._armed if one.meets(operation, path, now_ms)]
        return met[0] if met else None

    def struck(self, armed: ArmedFault) -> None:
        """The fault has done to a request what it does."""
        with self._lock:
            armed.strikes += 1

    @property
    def faults(self) -> tuple[ArmedFault, ...]:
        """The faults in force, the timeline's own first."""
        with self._lock:
            return tuple(self._armed)

    def arm(self, fault: Fault, *, first: bool = False) -> ArmedFault:
        """Put one more fault in force from now on; TooMany when there are enough.

        It strikes only what those before it leave; the `first` is before all others.
        """
        with self._lock:
            if len(self._armed) >= MAX_FAULTS:
                raise TooMany("faults", MAX_FAULTS, "take some away")
            self._last_fault += 1
            armed = ArmedFault(self._last_fault, fault, self.clock.now())
            self._armed = [armed, *self._armed] if first else [*self._armed, armed]
        self._subscribers.tell()
        return armed

    def disarm(self, fault_id: int | None = None) -> int:
        """Take one fault out of force, or all; gives how many there were."""
        with self._lock:
            kept = [one for one in self._armed if fault_id not in (None, one.id)]
            gone = len(self._armed) - len(kept)
            self._armed = kept
        self._subscribers.tell()
        return gone

    def is_refusing(self) -> bool:
        """Whether nobody can connect now."""
        return self._refusing(self.clock.now()) is not None

    def _refusing(self, now_ms: int) -> ArmedFault | None:
        return next((one for one in self._armed if one.is_refusing(now_ms)), None)

    def refusal_changes_ms(self) -> int | None:
        """The next instant at which a window of refusal opens or closes; None after the last."""
        instants = [instant for one in self._armed for instant in one.changes_ms()]
        if not instants:
            return None
        now_ms = self.clock.now()
        return min((one for one in instants if one > now_ms), default=None)

    def subscribe(self, subscriber: Callable[[], None]) -> Callable[[], None]:
        """Call it when the clock or what refuses has changed at once; gives the way back."""
        return self._subscribers.add(subscriber)


def _let_go(clock: Clock) -> None:
    """Let whoever waits for the clock wait no longer."""
    clock.reach(LAST_INSTANT_MS)
