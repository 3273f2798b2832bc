"""What a client is answered besides the reply under test, and the servers that do so."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from mockserver.api.operations import DOWNLOAD, JOB_STATUS, about
from mockserver.api.replies import error_object
from mockserver.documents import rfc3339
from mockserver.exercise.fuzz_case import ClientEnd, FuzzCase, FuzzFailure, FuzzReply, failure_of
from mockserver.server.mock_server import MockServer
from mockserver.server.stand_in import StandIn, encoded
from mockserver.timeline.model import FLOATING_EPOCH_MS, LAST_INSTANT_MS, JobState
from mockserver.timeline.payloads import download_payload, job_payload, list_payload

JOB_ID = "job_493c7c9ded"
MODEL = "ibm/granite-4-micro"
SIZE_BYTES = 2_279_145_003


@dataclass(frozen=True, slots=True)
class FuzzTarget:
    """What a client asks for: an operation of an edition, and the job.

    `knows_id`: it looks for this job, as it was given the id. `strict`: it is served what is
    wrong again and again in any case.
    """

    operation: str
    edition: str
    job_id: str
    knows_id: bool = True
    strict: bool = False


def jobs_in(operation: str, payload: Any) -> Iterator[Mapping[str, Any]]:
    """The objects that stand for jobs in a payload, however wrong it is."""
    if isinstance(payload, dict) and about(operation) != "jobs":
        yield payload
    elif isinstance(payload, dict):
        lists = (jobs for jobs in payload.values() if isinstance(jobs, list))
        yield from (job for job in chain.from_iterable(lists) if isinstance(job, dict))


def final_replies(target: FuzzTarget, payload: Any = None) -> tuple[FuzzReply, ...]:
    """Replies that let a client come to an end: its jobs, or the one asked for, are completed."""
    states = []
    for job in jobs_in(target.operation, payload):
        state = completed(job.get("job_id"), job)
        if job.get("status") == "failed":
            done = job.get("downloaded_bytes", 0)
            state = state._replace(status="failed", downloaded_bytes=done, completed_at_ms=None)
        states.append(state)
    final = payload_of(target.operation, states or [completed(target.job_id)])
    return (_reply(target.operation, final), *other_operations(target, payload))


def other_operations(target: FuzzTarget, payload: Any) -> tuple[FuzzReply, ...]:
    """The replies to the operations beside the one that is asked for."""
    job: Mapping[str, Any] = next(jobs_in(target.operation, payload), {})
    if about(target.operation) == "job":
        begun = JobState(target.job_id, "downloading", _size(job), 0, FLOATING_EPOCH_MS)
        return (_reply(DOWNLOAD.id, download_payload(begun)),)
    if about(target.operation) == "model" and job.get("status") == "already_downloaded":
        lost = error_object("job_not_found", "There is no such download job")
        return (_reply(JOB_STATUS.id, lost, status=404),)
    return (_reply(JOB_STATUS.id, job_payload(completed(job.get("job_id", target.job_id), job))),)


def _reply(operation: str, payload: Any, status: int = 200) -> FuzzReply:
    return FuzzReply(operation, encoded(payload, operation), status)


def payload_of(operation: str, states: list[JobState]) -> Mapping[str, Any]:
    """What the operation replies, of one job unless it lists them."""
    if about(operation) == "jobs":
        return list_payload(states)
    return download_payload(states[0]) if about(operation) == "model" else job_payload(states[0])


def completed(job_id: Any, job: Mapping[str, Any] | None = None) -> JobState:
    """The job, once it is completed: its id, size and beginning are those that it has."""
    total, started_ms = _size(job or {}), _started_ms(job or {})
    return JobState(job_id, "completed", total, total, started_ms, completed_at_ms=started_ms)


def _size(job: Mapping[str, Any]) -> Any:
    """The job's own, which may be a float, too."""
    size = job.get("total_size_bytes")
    return size if isinstance(size, int | float) and not isinstance(size, bool) else SIZE_BYTES


def _started_ms(job: Mapping[str, Any]) -> int:
    text = job.get("started_at")
    if isinstance(text, str) and rfc3339.is_date_time(text):
        return min(max(0, rfc3339.to_milliseconds(text)), LAST_INSTANT_MS)
    return FLOATING_EPOCH_MS


def failure_in(
    case: FuzzCase, server: MockServer, run: Callable[[], ClientEnd], *, strict: bool
) -> FuzzFailure | None:
    """How a client breaks that is run on a case, if it does. It may be run twice."""

    def end_of(case: FuzzCase) -> ClientEnd:
        with ExitStack() as stack:
            # The last that is served goes before the others.
            replies = case.replies[::-1]
            given = [stack.enter_context(serving(server, reply)) for reply in replies]
            end = run()
            served = zip(replies, given, strict=True)
            got = [reply for reply, stand_in in served if stand_in.answered]
            return replace(end, has_asked=bool(got), has_heard_end=any(map(case.follows, got)))

    return failure_of(case, end_of(case), lambda: end_of(case.repaired()), strict=strict)


def serving(server: MockServer, reply: FuzzReply) -> AbstractContextManager[StandIn]:
    return server.serving_raw(
        reply.body,
        reply.status,
        {"Content-Type": reply.content_type},
        operation=reply.operation,
        times=reply.times,
    )


class ServerPool(ExitStack):
    """As many servers as are needed at a time, each for one command after another."""

    def __init__(self, edition: str) -> None:
        super().__init__()
        self._edition = edition
        self._idle: queue.SimpleQueue[MockServer] = queue.SimpleQueue()
        self._lock = threading.Lock()

    @contextmanager
    def lent(self) -> Iterator[MockServer]:
        """One that nobody else uses meanwhile; safe to call in several threads."""
        try:
            server = self._idle.get_nowait()
        except queue.Empty:
            with self._lock:
                server = self.enter_context(new_server(self._edition))
        try:
            yield server
        finally:
            self._idle.put(server)


def new_server(edition: str) -> MockServer:
    """A server with one job, which completes at once; it is not started yet."""
    script = [{"downloading": {"for": "1s", "to": "100%"}}, "completed"]
    job = {"job_id": JOB_ID, "model": MODEL, "total_size_bytes": SIZE_BYTES, "script": script}
    return MockServer({"jobs": [job], "edition": edition}, clock="poll", with_download=True)
