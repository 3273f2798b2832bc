"""Replies of a real server as a recording needs them, and what a recording says of itself."""

from collections.abc import Sequence

from mockserver import __version__
from mockserver.api.operations import about
from mockserver.api.replies import job_not_found
from mockserver.documents import rfc3339
from mockserver.documents.text import counted, duration, plain
from mockserver.errors import NothingToRecord
from mockserver.http.message import FailureKind, Headers
from mockserver.http.redaction import HIDDEN
from mockserver.server_rules.observation import Observation, job_shown
from mockserver.timeline.polls import MAX_BODY, PollEnd, PollLog, RecordedJob, RecordedPoll, job_in
from mockserver.timeline.recording import Recording, can_be_named, recording

_UNREACHED: tuple[FailureKind, ...] = ("refused", "dns", "tls")

_MAX_JOBS = 100
"""So many jobs are kept, of each so many polls and bytes of their replies; others are counted."""
_MAX_POLLS, _MAX_BYTES = 5_000, 4 << 20
_MAX_COUNTED = 1_000


def recorded_poll(seen: Observation, asked_ms: int) -> RecordedPoll:
    """A poll that was sent at this instant, without the headers that a secret was taken out of.

    A body that is larger than what is kept counts as broken off.
    """
    headers = Headers(header for header in seen.headers if HIDDEN not in header[1])
    is_large = len(seen.body) > MAX_BODY
    end = "broken" if is_large and seen.failure is None else _end(seen)
    took_ms = round(seen.took_s * 1000)
    body = seen.body[:MAX_BODY]
    return RecordedPoll(asked_ms, seen.status, headers, body, end=end, took_ms=took_ms)


def _end(seen: Observation) -> PollEnd:
    if seen.failure is None:
        return "whole"
    if seen.status is None and seen.failure.kind in _UNREACHED:
        return "refused"
    return "silent" if seen.status is None and seen.failure.kind == "timeout" else "broken"


def recording_of(
    jobs: Sequence[RecordedJob], edition: str, server: str, notes: Sequence[str] = ()
) -> Recording:
    """The timeline of these jobs, with a header that says when, where, and how long.

    `server` is its URL without credentials. Raises what `recording` raises.
    """
    instants = [poll.at_ms for job in jobs for poll in job.polls]
    lasted = duration(max(instants) - min(instants)) if max(instants) > min(instants) else "no time"
    began = rfc3339.from_milliseconds(min(instants))
    names = ", ".join(plain(job.job_id) for job in jobs[:3]) + (" …" if len(jobs) > 3 else "")
    comments = [
        f"Recorded by mockserver {__version__} from {server}, from {began} on.",
        f"{counted(len(instants), 'poll')} of {names} in {lasted}. Who polls at the same "
        "instants is told the same; after the last of them, nothing changes any more.",
        *(f"{plain(note)}." for note in notes),
    ]
    description = f"What {server} told of {names} in {lasted}, from {began} on."
    return recording(jobs, edition, description, comments, job_not_found)


class PollRecorder:
    """The polls of each job, and what a client asked for to get it."""

    def __init__(self) -> None:
        self._polls: dict[str, PollLog] = {}
        self._models: dict[str, str] = {}
        self._left_out = set[str]()

    def add(self, observation: Observation, asked_ms: int) -> None:
        """Take in whatever has passed; `asked_ms` is when it was asked, since 1970."""
        kind, job_id = about(observation.operation), observation.job_id
        if kind == "model" and (job := job_shown(observation)) is not None:
            if observation.model and len(self._models) < _MAX_JOBS:
                self._models.setdefault(job.job_id, observation.model)
        elif kind == "job" and observation.exchange.request.method == "GET" and job_id:
            is_new = job_id not in self._polls
            if is_new and len(self._polls) < _MAX_JOBS and can_be_named(job_id):
                self._polls[job_id] = PollLog(_MAX_POLLS, _MAX_BYTES)
            if job_id in self._polls:
                self._polls[job_id].add(recorded_poll(observation, asked_ms))
            elif len(self._left_out) < _MAX_COUNTED:
                self._left_out.add(job_id)

    def recording(self, edition: str, server: str) -> Recording:
        """The timeline of those jobs that a reply showed. Raises NothingToRecord for none."""
        jobs = [
            RecordedJob(job_id, polls.polls, self._models.get(job_id))
            for job_id, polls in self._polls.items()
            if any(job_in(poll) is not None for poll in polls.polls)
        ]
        if not jobs:
            raise NothingToRecord("no reply showed a job that was polled")
        more = counted(len(self._left_out), "more job")
        notes = [f"{more} left out"] if self._left_out else []
        return recording_of(jobs, edition, server, notes)
