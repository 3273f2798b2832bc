"""An incident: the timeline that a client is run against, and how it is to end."""

from contextlib import suppress
from dataclasses import dataclass

from mockserver.errors import NeverHappens
from mockserver.timeline.model import Ends, ScriptedJob, Timeline
from mockserver.timeline.playback import Playback

_POLLS = 30
_LEAST_STEP_MS = 1_000


@dataclass(frozen=True, slots=True)
class Incident:
    """A timeline that is played for a client. `demanded` is the end that the user expects."""

    timeline: Timeline
    demanded: Ends | None = None

    @property
    def name(self) -> str:
        return self.timeline.name

    @property
    def job(self) -> ScriptedJob:
        """The job that a client is to follow: the first that has a model, else the first."""
        jobs = self.timeline.jobs
        return next((job for job in jobs if job.model is not None), jobs[0])

    @property
    def does(self) -> str | None:
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
        if not {step.phase for step in self.job.steps} & {"completed", "gone"}:
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
    def step_ms(self) -> int:
        """How far a poll moves the clock so that some 30 of them play it; a second at least.

        Only what happens to the model counts. An endless last step need not be played, and what a
        step waits for is taken to happen at once. No stretch, and no window of a fault, passes
        between two polls, unless it is shorter than a second.
        """
        model, jobs = self.job.model, [self.job]
        if model is not None:
            jobs = [job for job in self.timeline.jobs if job.model == model]
        steps = [step.lasts_ms for job in jobs for step in job.steps]
        windows = [fault.when.lasts_ms for fault in self.timeline.faults]
        stretches = [lasts_ms for lasts_ms in (*steps, *windows) if lasts_ms is not None]
        seen = [lasts_ms // 2 for lasts_ms in stretches if lasts_ms >= _LEAST_STEP_MS]
        return max(_LEAST_STEP_MS, min([-(-max(map(self._span_ms, jobs)) // _POLLS), *seen]))

    def _span_ms(self, job: ScriptedJob) -> int:
        """From the beginning until the job's last step, which never ends."""
        begin = job.begin
        at_ms = begin.after_ms if begin.at_ms is None else begin.at_ms - self.timeline.epoch_ms
        return at_ms + sum(step.lasts_ms or 0 for step in job.steps)

    @property
    def completes_unasked(self) -> bool:
        """Whether the job completes without any request for its model."""
        playback = Playback.of(self.timeline)
        with suppress(NeverHappens):
            playback.when(self.job.job_id, "completed", playback.epoch_ms)
            return True
        return False
