"""Replies of a real server as a recording needs them, and what a recording says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver import __version__
from mockserver.api.replies import job_not_found
from mockserver.documents import rfc3339
from mockserver.documents.text import duration, plain
from mockserver.http.exchange import FailureKind
from mockserver.http.redaction import HIDDEN
from mockserver.server_rules.observation import Observation
from mockserver.timeline.polls import MAX_BODY, End
from mockserver.timeline.polls import Observation as RecordedPoll
from mockserver.timeline.recording import Recorded, Recording, recording

__all__ = ["observation_of", "recording_of"]

_UNREACHED: tuple[FailureKind, ...] = ("refused", "dns", "tls")


def observation_of(seen: Observation, asked_ms: int) -> RecordedPoll:
    """A poll that was sent at this instant, without the headers that a secret was taken out of.

    A body that is larger than what is kept counts as broken off.
    """
    headers = tuple((name, value) for name, value in seen.headers if HIDDEN not in value)
    is_large = len(seen.body) > MAX_BODY
    end = "broken" if is_large and seen.failure is None else _end(seen)
    took_ms = round(seen.took_s * 1000)
    return RecordedPoll(asked_ms, seen.status, headers, seen.body[:MAX_BODY], end, took_ms)


def _end(seen: Observation) -> End:
    if seen.failure is None:
        return "whole"
    if seen.status is None and seen.failure.kind in _UNREACHED:
        return "refused"
    return "silent" if seen.status is None and seen.failure.kind == "timeout" else "broken"


def recording_of(
    jobs: Sequence[Recorded], edition: str, server: str, notes: Sequence[str] = ()
) -> Recording:
    """The timeline of these jobs, with a header that says when, where, and how long.

    `server` is its URL without credentials. Raises what `recording` raises.
    """
    instants = [one.at_ms for job in jobs for one in job.observations]
    polls = len(instants)
    lasted = duration(max(instants) - min(instants)) if max(instants) > min(instants) else "no time"
    began = rfc3339.from_milliseconds(min(instants))
    names = ", ".join(plain(job.job_id) for job in jobs[:3]) + (" …" if len(jobs) > 3 else "")
    comments = [
        f"Recorded by mockserver {__version__} from {server}, from {began} on.",
        f"{polls:,} poll{'' if polls == 1 else 's'} of {names} in {lasted}. Who polls at the same "
        "instants is told the same; after the last of them, nothing changes any more.",
        *(f"{plain(one)}." for one in notes),
    ]
    description = f"What {server} told of {names} in {lasted}, from {began} on."
    return recording(jobs, edition, description, comments, job_not_found)
