"""A job of a real server, followed to its end, as a timeline that replays it."""

from collections.abc import Callable

from mockserver import contract
from mockserver.documents.text import plain
from mockserver.errors import NothingToRecord
from mockserver.remote.edition import AUTO, chosen
from mockserver.remote.fetch import FOR_LIST, Fetcher, require_response
from mockserver.remote.follow import Follow
from mockserver.remote.recorded_polls import recorded_poll, recording_of
from mockserver.server_rules.observation import Observation
from mockserver.timeline.polls import PollLog, RecordedJob, job_in
from mockserver.timeline.recording import Recording


class Record:
    """Polls one job until it ends, is gone, or the deadline comes; outages are part of it.

    `watch` is told of each poll. With the edition `auto`, the list of jobs is asked for first,
    and tells it. UnknownName when there is no such edition.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        job_id: str,
        *,
        edition: str = AUTO,
        interval_s: float = 1.0,
        deadline_s: float = 3600.0,
        watch: Callable[[Observation], None] = lambda observation: None,
    ) -> None:
        self.job_id = job_id
        self.edition = edition if edition == AUTO else contract.edition(edition).name
        self._fetcher, self._watch = fetcher, watch
        self._follow = Follow(
            fetcher,
            [job_id],
            with_list=False,
            interval_s=interval_s,
            deadline_s=deadline_s,
            outlasts_outages=True,
        )
        self._polls = PollLog()
        self._was_shown = False

    def run(self) -> None:
        """Ask until it is over; UnreachableServer when there is no reply at all at first."""
        if self.edition == AUTO:
            observation = self._fetcher.fetch(FOR_LIST)
            require_response(observation, self._fetcher.address)
            self.edition = chosen(observation).edition
        clock = self._fetcher.clock
        began_ms, began_s = clock.now_ms(), clock.monotonic_s()
        for observation in self._follow.polls():
            if not self._polls.count:
                require_response(observation, self._fetcher.address)
            asked_s = clock.monotonic_s() - observation.took_s - began_s
            poll = recorded_poll(observation, began_ms + max(0, round(asked_s * 1000)))
            self._was_shown = self._was_shown or job_in(poll) is not None
            self._polls.add(poll)
            self._watch(observation)

    @property
    def polls(self) -> int:
        """How many there were so far."""
        return self._polls.count

    @property
    def notes(self) -> tuple[str, ...]:
        """Why the job was not followed to its end, if it was not."""
        return tuple(self._follow.notes)

    def recording(self, *, is_whole: bool = True) -> Recording:
        """What was told so far; `is_whole` when `run` came to its end.

        Raises NothingToRecord when that shows no job, TimelineError for an id that no timeline
        can have.
        """
        notes = self.notes
        if not self._was_shown:
            why = f"no reply showed {plain(self.job_id)}"
            raise NothingToRecord(notes[0] if notes else why)
        if not is_whole:
            notes = (*notes, "it was interrupted")
        kept = self._polls.polls
        missing = self._polls.count - len(kept)
        if missing:
            notes = (*notes, f"of {self._polls.count:,} polls, {missing:,} are left out")
        server = str(self._fetcher.address)
        return recording_of([RecordedJob(self.job_id, kept)], self.edition, server, notes)
