"""The polls of all jobs that pass, kept within bounds until they are made a timeline."""

from __future__ import annotations

from mockserver.api.operations import about
from mockserver.errors import NothingToRecord
from mockserver.remote.observing import observation_of, recording_of
from mockserver.server_rules.observation import Observation
from mockserver.server_rules.shown_jobs import job_shown
from mockserver.timeline.polls import Reel, job_in
from mockserver.timeline.recording import Recorded, Recording, can_be_named

__all__ = ["PollRecorder"]

_MAX_JOBS = 100
"""So many jobs are kept, of each so many polls and bytes of their replies; others are counted."""
_MAX_POLLS, _MAX_BYTES = 5_000, 4 << 20
_MAX_COUNTED = 1_000


class PollRecorder:
    """The polls of each job, and what a client asked for to get it."""

    def __init__(self) -> None:
        self._polls: dict[str, Reel] = {}
        self._models: dict[str, str] = {}
        self._left_out = set[str]()

    def add(self, observation: Observation, asked_ms: int) -> None:
        """Take in whatever has passed; `asked_ms` is when it was asked, since 1970."""
        kind, job_id = about(observation.operation), observation.job_id
        if kind == "model" and (job := job_shown(observation)) is not None:
            if observation.model and len(self._models) < _MAX_JOBS:
                self._models.setdefault(job.job_id, observation.model)
        elif kind == "job" and observation.method == "GET" and job_id:
            polls = self._polls_of(job_id)
            if polls is not None:
                polls.add(observation_of(observation, asked_ms))

    def _polls_of(self, job_id: str) -> Reel | None:
        polls = self._polls.get(job_id)
        if polls is None and len(self._polls) < _MAX_JOBS and can_be_named(job_id):
            polls = self._polls[job_id] = Reel(_MAX_POLLS, _MAX_BYTES)
        elif polls is None and len(self._left_out) < _MAX_COUNTED:
            self._left_out.add(job_id)
        return polls

    def recording(self, edition: str, server: str) -> Recording:
        """The timeline of those jobs that a reply showed. Raises NothingToRecord for none."""
        jobs = [
            Recorded(job_id, polls.observations, self._models.get(job_id))
            for job_id, polls in self._polls.items()
            if any(job_in(poll) is not None for poll in polls.observations)
        ]
        if not jobs:
            raise NothingToRecord("no reply showed a job that was polled")
        more = len(self._left_out)
        notes = [f"{more:,} more job{'' if more == 1 else 's'} left out"] if more else []
        return recording_of(jobs, edition, server, notes)
