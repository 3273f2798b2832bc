"""The mock with one lie: a WSGI app around it that changes what it says."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.test import run_wsgi_app

from mockserver.findings.report import CheckReport
from mockserver.net.live_server import LiveServer
from mockserver.remote.check_server import check_server
from mockserver.remote.http_client import RequestLimits
from mockserver.server.app import create_app
from mockserver.timeline.clock import PollClock
from mockserver.timeline.find import find
from mockserver.timeline.reader import load
from support.remote_time import VirtualTime

JOB = "job_493c7c9ded"
LIST = "/api/v1/models/download/status"
LIMITS = RequestLimits(connect_s=5.0, read_s=5.0, total_s=10.0, body_bytes=1 << 20)

Job: TypeAlias = dict[str, Any]
Lie: TypeAlias = Callable[[Job, int], object]
"""Changes a job as it is shown, in place, in the round with this number; a round is one poll of the
job and the list after it, and 1 is the first."""


@dataclass
class Said:
    """A reply on its way: what was asked, and what is said to it."""

    path: str
    number: int
    status: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_job(self) -> bool:
        return self.path == f"{LIST}/{JOB}"

    @property
    def is_list(self) -> bool:
        return self.path == LIST

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @json.setter
    def json(self, payload: Any) -> None:
        self.body = json.dumps(payload).encode()


class Liar:
    """`lie` changes each job wherever it is shown, `retort` a whole reply; both see the round."""

    def __init__(
        self,
        timeline: str = "healthy",
        lie: Lie = lambda job, number: None,
        retort: Callable[[Said], object] = lambda said: None,
        edition: str = "2025-10",
    ) -> None:
        loaded = load(find(timeline))
        clock = PollClock(start_ms=loaded.epoch_ms)
        self._app = create_app(loaded, edition=edition, clock=clock)
        self._lie, self._retort = lie, retort
        self._round = 0

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        body, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        path = environ["PATH_INFO"]
        self._round += path == f"{LIST}/{JOB}"
        said = Said(path, self._round, status, dict(headers.items()), b"".join(body))
        if status.startswith("200") and path.startswith(LIST):
            payload = said.json
            for job in jobs_in(payload):
                self._lie(job, self._round)
            said.json = relisted(payload)
        self._retort(said)
        said.headers["Content-Length"] = str(len(said.body))
        start(said.status, list(said.headers.items()))
        return [said.body]


def jobs_in(payload: Any) -> Iterator[Job]:
    if "status" in payload:
        yield payload
        return
    for jobs in payload.values():
        yield from jobs


def relisted(payload: Any) -> Any:
    """A list with each job where its status, maybe changed, belongs."""
    if "status" in payload:
        return payload
    lists: dict[str, list[Job]] = {name: [] for name in payload}
    for name, jobs in payload.items():
        for job in jobs:
            lists.get(str(job.get("status")), lists[name]).append(job)
    return lists


def checked(liar: Liar, edition: str = "2025-10") -> CheckReport:
    """What the checker says of it, after it has followed the job to its end."""
    with LiveServer(liar) as server:
        return check_server(
            server.url,
            edition=edition,
            jobs=[JOB],
            follow=True,
            deadline_s=75,
            limits=LIMITS,
            clock=VirtualTime(),
        )
