"""A server that gives a trial's answers while a block runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace

from mockserver.exercise.survival import End
from mockserver.exercise.trial import Answer, Trial
from mockserver.server.mock_server import MockServer
from mockserver.server.stand_in import StandIn

__all__ = ["JOB_ID", "MODEL", "Served", "answering", "served", "server_of"]

JOB_ID = "job_493c7c9ded"
MODEL = "ibm/granite-4-micro"


class Served:
    """Which of the answers a client has got."""

    def __init__(self, trial: Trial, given: Iterable[tuple[Answer, StandIn]]) -> None:
        self._trial, self._given = trial, tuple(given)

    def observed(self, end: End) -> End:
        """The end, with what was asked until then."""
        got = [answer for answer, one in self._given if one.answered]
        return replace(end, has_asked=bool(got), has_heard_end=any(map(self._trial.is_end, got)))


@contextmanager
def served(server: MockServer, trial: Trial) -> Iterator[Served]:
    """The trial's answers, the first of which goes before the others."""
    with ExitStack() as stack:
        given = [
            (answer, stack.enter_context(answering(server, answer)))
            for answer in reversed(trial.answers)
        ]
        yield Served(trial, given)


def answering(server: MockServer, answer: Answer) -> AbstractContextManager[StandIn]:
    """One answer alone."""
    return server.serving_raw(
        answer.body,
        answer.status,
        {"Content-Type": answer.content_type},
        operation=answer.operation,
        times=answer.times,
    )


def server_of(edition: str) -> MockServer:
    """A server with one job, which completes at once; it is not started yet."""
    job = {
        "job_id": JOB_ID,
        "model": MODEL,
        "total_size_bytes": 2_279_145_003,
        "script": [{"downloading": {"for": "1s", "to": "100%"}}, "completed"],
    }
    return MockServer({"jobs": [job], "edition": edition}, clock="poll", with_download=True)
