"""What a checker sees of the mock: a server that keeps to its pages, and the lies told of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.http.message import Body, Exchange, Failure, Headers, Request, Response
from mockserver.server.app import create_app
from mockserver.server_rules.inspector import Inspector
from mockserver.server_rules.observation import Observation
from mockserver.timeline.clock import Clock, ManualClock
from mockserver.timeline.find import find
from mockserver.timeline.reader import load

API = "/api/v1/models/download"
STATUS = f"{API}/status"
ID = "job_493c7c9ded"
START_MS = 1_759_505_603_496
STARTED = "2025-10-03T15:33:23.496Z"
JSON = (("Content-Type", "application/json; charset=utf-8"),)


def seen(
    body: object = None,
    operation: str | None = "job_status",
    *,
    number: int = 1,
    at_s: float = 0,
    status: int | None = 200,
    headers: tuple[tuple[str, str], ...] = JSON,
    target: str | None = None,
    job_id: str | None = ID,
    failure: Failure | None = None,
    took_s: float = 0.0,
) -> Observation:
    """One exchange, `at_s` seconds after 2025-10-03T15:33:23.496Z; a body but bytes is JSON."""
    targets = {"list_status": STATUS, "download": API, "job_status": f"{STATUS}/{job_id}"}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    method = "POST" if operation == "download" else "GET"
    path, _, query = (targets.get(operation or "", "/x") if target is None else target).partition(
        "?"
    )
    response = None
    if status is not None:
        response = Response(status, Headers(headers), Body(data, len(data)))
    request = Request(method, path, query)
    return Observation(
        Exchange(number, request, response, failure, took_s=took_s),
        at_ms=START_MS + round(at_s * 1000),
        operation=operation,
        job_id=job_id if operation == "job_status" else None,
    )


def with_status(observation: Observation, status: int) -> Observation:
    """The same, with another status."""
    response = observation.exchange.response
    assert response is not None
    exchange = replace(observation.exchange, response=replace(response, status=status))
    return replace(observation, exchange=exchange)


def job(status: str = "downloading", **members: Any) -> dict[str, Any]:
    """A job as the page has it; members that are None are left out."""
    plain: dict[str, Any] = {
        "job_id": ID,
        "status": status,
        "total_size_bytes": 1000,
        "downloaded_bytes": 1000 if status == "completed" else 400,
        "started_at": STARTED,
    }
    if status == "downloading":
        plain |= {"bytes_per_second": 10.5, "estimated_completion": "2025-10-03T15:34:23.496Z"}
    if status == "completed":
        plain |= {"completed_at": "2025-10-03T15:43:12.102Z"}
    return {key: value for key, value in {**plain, **members}.items() if value is not None}


def listed(*jobs: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The list with these jobs, each where its status says."""
    lists: dict[str, list[Mapping[str, Any]]] = {
        status: [] for status in ("downloading", "completed", "failed", "paused")
    }
    for shown in jobs:
        lists[shown["status"]].append(shown)
    return lists


@dataclass
class Watched:
    """A mock that plays a timeline in this process, and an inspector that sees all of it."""

    timeline: str
    edition: str = "2025-10"
    clock: Clock | None = None
    number: int = 0
    inspector: Inspector = field(init=False)

    def __post_init__(self) -> None:
        loaded = load(find(self.timeline))
        self.clock = self.clock or ManualClock(loaded.epoch_ms)
        app = create_app(loaded, edition=self.edition, clock=self.clock)
        self.client = app.test_client()
        self.inspector = Inspector(self.edition)
        self.jobs = loaded.jobs

    def advance(self, ms: int) -> None:
        assert self.clock is not None
        self.clock.advance(ms)

    def ask(
        self, operation: str, job_id: str | None = None, model: str | None = None
    ) -> Observation:
        """Ask the mock, and show the inspector what came of it."""
        assert self.clock is not None
        self.number += 1
        target = {"list_status": STATUS, "download": API}.get(operation, f"{STATUS}/{job_id}")
        method = "POST" if operation == "download" else "GET"
        sent = {"model": model} if model else None
        exchange = Exchange(self.number, Request(method, target))
        common = Observation(exchange, 0, operation, job_id, model)
        result = _asked(self.client, common, sent, self.clock)
        self.inspector.see(result)
        return result

    def told(self) -> set[str]:
        """The rules that were broken so far."""
        return {finding.rule.id for finding in self.inspector.findings}


REFUSED = Failure("refused", "nobody listens there")
BROKEN_OFF = Failure("broken-off", "the connection ended before the reply")


def _asked(client: Any, common: Observation, sent: object, clock: Clock) -> Observation:
    try:
        request = common.exchange.request
        reply = client.open(request.target, method=request.method, json=sent)
        body = reply.data
    except (ConnectionRefusedError, ConnectionResetError) as error:
        failure = REFUSED if isinstance(error, ConnectionRefusedError) else BROKEN_OFF
        exchange = replace(common.exchange, failure=failure)
    else:
        response = Response(reply.status_code, Headers(reply.headers), Body(body, len(body)))
        exchange = replace(common.exchange, response=response)
    return replace(common, at_ms=clock.now(), exchange=exchange)
