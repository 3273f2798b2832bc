"""A timeline being played: where job scripts, events, faults, a clock and the journal meet."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.errors import NeverHappens, TooMany, UnknownName
from mockserver.http.message import Request
from mockserver.server.active_faults import ActiveFault, ActiveFaults
from mockserver.server.config import ServerConfig
from mockserver.server.journal import Journal
from mockserver.server.loading import clock_for, operations_of, timeline_for
from mockserver.subscribers import Subscribers
from mockserver.timeline.clock import Clock
from mockserver.timeline.download_request import requested
from mockserver.timeline.job_fields import MAX_JOBS
from mockserver.timeline.model import LAST_INSTANT_MS, PHASES, Event, JobState, Phase
from mockserver.timeline.playback import Playback


class Arrival(NamedTuple):
    """A request as it has come: what is played then, and the fault that befalls it, if any."""

    journal: Journal
    entry: JournalEntry
    playback: Playback
    clock: Clock
    fault: ActiveFault | None


class Session:
    """A timeline from where its clock stands when the session begins. Safe to share by threads.

    The `config` has the `timeline` as it was loaded. The `playback` is it with the events so far,
    and the jobs that were asked for. `subscribers` are told when the clock or what refuses has
    changed at once.
    """

    def __init__(self, config: ServerConfig) -> None:
        self._lock = threading.RLock()
        self.subscribers = Subscribers()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._begin(config)

    def _begin(self, config: ServerConfig) -> None:
        timeline = timeline_for(config)
        edition = timeline.edition if config.edition is None else config.edition
        clock = clock_for(config, timeline)
        playback = Playback.of(timeline, clock.now())
        # Nothing is refused from here on.
        self._unsubscribe()
        is_loaded = config.timeline is timeline  # resets come often: do not check all again
        self.config = config if is_loaded else replace(config, timeline=timeline)
        self.timeline, self.edition = timeline, edition
        self.operations = operations_of(edition, with_download=config.with_download)
        self.journal = Journal()
        self.clock, self.playback = clock, playback
        tell = self.subscribers.tell
        self.faults = ActiveFaults(timeline.faults, playback.epoch_ms, clock.now, tell)
        self.event_names = playback.event_names
        self._unsubscribe = clock.subscribe(tell)

    def begin_anew(self, config: ServerConfig | None = None) -> None:
        """Play from the beginning, as another config says if one is given, all else as new.

        Raises what the config's timeline raises, and ValueError where no timeline can begin at what
        the clock shows; then the session goes on as it was.
        """
        with self._lock:
            before = self.clock
            self._begin(self.config if config is None else config)
        self.subscribers.tell()
        if before is not self.clock:
            before.reach(LAST_INSTANT_MS)  # whoever waits for it waits no longer

    def end(self) -> None:
        """Nobody asks it any more: let replies that wait for its clock wait no longer."""
        if not isinstance(self.config.clock, Clock):  # one that is somebody's own goes on
            self.clock.reach(LAST_INSTANT_MS)

    def moment(self) -> tuple[Playback, int]:
        """The playback and now, with no event between the two."""
        with self._lock:
            return self.playback, self.clock.now()

    def fire(self, name: str, job_id: str | None = None) -> tuple[str, ...]:
        """See `MockServer.fire`; what nobody waits for now changes nothing, and is forgotten."""
        if name not in self.event_names:
            raise UnknownName("event", name, self.event_names, self.timeline.name)
        with self._lock:
            known = self.playback.schedules
            after = self.playback.after(Event(name, self.clock.now(), job_id))
            now = after.schedules.items()
            changed = tuple(id_ for id_, schedule in now if schedule != known[id_])
            if changed:
                self.playback = after
        return changed

    def download(self, model: str, quantization: str | None = None) -> JobState | None:
        """The state of the job for a model that a client asks for; None if it is there. TooMany."""
        with self._lock:
            playback, state = requested(self.playback, model, quantization, self.clock.now())
            if len(playback.schedules) > max(MAX_JOBS, len(self.timeline.jobs)):
                raise TooMany("jobs", MAX_JOBS, "begin the session anew")
            self.playback = playback
        return state

    def run_until(self, job_id: str | None, phase: Phase) -> JobState | None:
        """See `MockServer.run_until`; the clock stays where the job is in this phase already."""
        if phase not in PHASES:
            raise UnknownName("phase", phase, PHASES)
        if job_id is None:
            job_id = self.timeline.jobs[0].job_id
        playback, now_ms = self.moment()
        instant_ms = playback.when(job_id, phase, now_ms)
        if instant_ms > LAST_INSTANT_MS:
            raise NeverHappens(job_id, phase, "as it is when the clock ends", None)
        self.clock.reach(instant_ms)
        return playback.job_at(job_id, instant_ms)

    def arrive(self, request: Request, operation: str | None, path: str) -> Arrival:
        """Write a request down and count it for the faults: of a decoded path, and by what id."""
        with self._lock:
            entry = self.journal.open(self.clock.now, request, operation=operation)
            fault = self.faults.strike(operation, path, entry.received_ms)
            return Arrival(self.journal, entry, self.playback, self.clock, fault)
