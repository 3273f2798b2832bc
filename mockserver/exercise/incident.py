"""An incident: the timeline that a client is run against, and how it is to end."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.errors import NeverHappens
from mockserver.timeline.model import Ends, Job, Timeline
from mockserver.timeline.playback import Playback

__all__ = ["Incident"]


@dataclass(frozen=True, slots=True)
class Incident:
    """A timeline that is played for a client. `demanded` is the end that the user expects."""

    timeline: Timeline
    demanded: Ends | None = None

    @property
    def name(self) -> str:
        return self.timeline.name

    @property
    def job(self) -> Job:
        """The job that a client is to follow: the first that has a model, else the first."""
        jobs = self.timeline.jobs
        return next((job for job in jobs if job.model is not None), jobs[0])

    @property
    def does(self) -> str | None:
        """What a good client does."""
        good = self.timeline.good_client
        return None if good is None else good.does

    @property
    def ends(self) -> Ends:
        """How a good client ends: as the user or the timeline says, else as its script does.

        A script alone says success when its job completes whatever happens and no fault befalls it,
        failure when it can never complete; otherwise both are right.
        """
        if self.demanded is not None:
            return self.demanded
        if self.timeline.good_client is not None:
            return self.timeline.good_client.ends
        phases = {step.phase for step in self.job.steps}
        if not phases & {"completed", "gone"}:
            return "failure"
        return "success" if self.completes_unasked and not self.timeline.faults else "either"

    def expected(self, *, has_asked: bool) -> Ends:
        """How a client ends that has asked for the model, or has not and only polled.

        Who does not ask cannot succeed where only a request would let the job complete.
        """
        if self.demanded is None and not has_asked and not self.completes_unasked:
            return "failure"
        return self.ends

    @property
    def completes_unasked(self) -> bool:
        """Whether the job completes without any request for its model."""
        playback = Playback.of(self.timeline)
        try:
            playback.when(self.job.job_id, "completed", playback.epoch_ms)
        except NeverHappens:
            return False
        return True
