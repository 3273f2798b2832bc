"""The polls of all jobs that pass, kept within bounds until they are written down."""

from __future__ import annotations

from mockserver.errors import NothingToRecord
from mockserver.remote.observing import observation_of, recording_of
from mockserver.remote.reading import job_shown
from mockserver.server_rules.observation import Observation
from mockserver.timeline.polls import Reel, job_in
from mockserver.timeline.recording import Recorded, Recording, can_be_named

__all__ = ["MAX_JOBS", "Reels"]

MAX_JOBS = 100
"""So many jobs are kept, of each so many polls and bytes of their replies; others are counted."""
_POLLS, _BYTES = 5_000, 4 << 20
_COUNTED = 1_000


class Reels:
    """A reel for each job that is polled, and what a client asked for to get it."""

    def __init__(self) -> None:
        self._reels: dict[str, Reel] = {}
        self._models: dict[str, str] = {}
        self._left_out = set[str]()

    def add(self, seen: Observation, asked_ms: int) -> None:
        """Take in whatever has passed; `asked_ms` is when it was asked, since 1970."""
        if seen.operation == "download" and (job := job_shown(seen)) is not None:
            if seen.model and len(self._models) < MAX_JOBS:
                self._models.setdefault(job.job_id, seen.model)
        elif seen.operation == "job_status" and seen.method == "GET" and seen.job_id:
            reel = self._reel(seen.job_id)
            if reel is not None:
                reel.add(observation_of(seen, asked_ms))

    def _reel(self, job_id: str) -> Reel | None:
        reel = self._reels.get(job_id)
        if reel is None and len(self._reels) < MAX_JOBS and can_be_named(job_id):
            reel = self._reels[job_id] = Reel(_POLLS, _BYTES)
        elif reel is None and len(self._left_out) < _COUNTED:
            self._left_out.add(job_id)
        return reel

    def recording(self, edition: str, server: str) -> Recording:
        """The timeline of those jobs that a reply showed. Raises NothingToRecord for none."""
        jobs = [
            Recorded(job_id, reel.observations, self._models.get(job_id))
            for job_id, reel in self._reels.items()
            if any(job_in(one) is not None for one in reel.observations)
        ]
        if not jobs:
            raise NothingToRecord("no reply showed a job that was polled")
        more = len(self._left_out)
        notes = [f"{more:,} more job{'' if more == 1 else 's'} left out"] if more else []
        return recording_of(jobs, edition, server, notes)
