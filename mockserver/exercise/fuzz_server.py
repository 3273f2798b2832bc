"""A server that gives a case's replies while a block runs."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace

from mockserver.exercise.fuzz_case import ClientEnd, FuzzCase, FuzzReply
from mockserver.exercise.fuzz_replies import SIZE_BYTES
from mockserver.server.mock_server import MockServer
from mockserver.server.stand_in import StandIn

JOB_ID = "job_493c7c9ded"
MODEL = "ibm/granite-4-micro"


@contextmanager
def serving_case(server: MockServer, case: FuzzCase) -> Iterator[Callable[[ClientEnd], ClientEnd]]:
    """The case's replies, the first of which goes before the others.

    Gives what adds to an end what the client had asked until then.
    """
    with ExitStack() as stack:
        given = [
            (reply, stack.enter_context(serving(server, reply))) for reply in reversed(case.replies)
        ]

        def observed(end: ClientEnd) -> ClientEnd:
            got = [reply for reply, stand_in in given if stand_in.answered]
            return replace(end, has_asked=bool(got), has_heard_end=any(map(case.follows, got)))

        yield observed


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
    job = {
        "job_id": JOB_ID,
        "model": MODEL,
        "total_size_bytes": SIZE_BYTES,
        "script": [{"downloading": {"for": "1s", "to": "100%"}}, "completed"],
    }
    return MockServer({"jobs": [job], "edition": edition}, clock="poll", with_download=True)
