"""Clients for the judge's tests: a bench to drive them on, and one that does everything right."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from mockserver.client_rules.context import SessionContext
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.client_rules.judge import judge
from mockserver.client_rules.verdict import Verdict
from mockserver.contract import edition
from mockserver.documents.source import Source
from mockserver.http.message import Body, Exchange, Headers, Request, Response
from mockserver.net.wsgi import CONNECTION_NUMBER
from mockserver.server.app import MockApp
from mockserver.server.config import ServerConfig
from mockserver.server.loading import clock_kind
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.timeline.find import find
from mockserver.timeline.model import FLOATING_EPOCH_MS, JobState, Timeline
from mockserver.timeline.reader import load

STATUS = "/api/v1/models/download/status"
DOWNLOAD = "/api/v1/models/download"
JOB = "job_493c7c9ded"
MODEL = "ibm/granite-4-micro"


@dataclass
class Answer:
    """What a client makes of a reply: status 0 when the connection broke."""

    status: int
    data: Any = None
    retry_after_s: float | None = None

    @property
    def error(self) -> Any:
        return self.data.get("error") if isinstance(self.data, dict) else None


class Bench:
    """A session, a client's way to it by one connection, and the judge's view of both."""

    def __init__(
        self, timeline: Timeline | str | Path, clock: str = "manual", **changes: Any
    ) -> None:
        settings: dict[str, Any] = {"clock": clock, **changes}
        self.session = Session(ServerConfig(timeline, **settings))
        self.client: FlaskClient = MockApp(Sessions(self.session)).test_client()
        base: dict[str, Any] = self.client.environ_base
        base[CONNECTION_NUMBER] = 1
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, **sent: Any) -> Answer:
        headers = {**self.headers, **sent.pop("headers", {})}
        try:
            reply = self.client.open(path, method=method, headers=headers, **sent)
            body = reply.get_data()
            if len(body) != int(reply.headers.get("Content-Length", len(body))):
                return Answer(0)
        except (ConnectionError, OSError):
            return Answer(0)
        after = reply.headers.get("Retry-After")
        try:
            data = json.loads(body)
        except ValueError:
            data = None
        return Answer(reply.status_code, data, None if after is None else float(after))

    def get(self, path: str, times: int = 1, step: str | None = None) -> Answer:
        for _ in range(times):
            answer = self.ask("GET", path)
            if step is not None:
                self.session.clock.advance(step)
        return answer

    def poll(self, job_id: str = JOB, times: int = 1, step: str | None = None) -> Answer:
        return self.get(f"{STATUS}/{job_id}", times, step)

    def post(self, body: Any = None, **sent: Any) -> Answer:
        sent = sent or {"json": {"model": MODEL} if body is None else body}
        return self.ask("POST", DOWNLOAD, **sent)

    @property
    def journal(self) -> tuple[JournalEntry, ...]:
        return self.session.journal.entries()

    @property
    def circumstances(self) -> SessionContext:
        session = self.session
        return SessionContext(
            session.edition,
            {id_: operation for id_, (operation, _) in session.operations.items()},
            clock_kind(session.clock),
            session.config.token is not None,
            job_ids=frozenset(job.job_id for job in session.timeline.jobs),
            models=frozenset(job.model for job in session.timeline.jobs if job.model is not None),
        )

    def verdict(self, expected: Sequence[str] = (), *, strict: bool = False) -> Verdict:
        return judge(self.journal, self.circumstances, expected=expected, strict=strict)

    def rules(self) -> list[str]:
        return [remark.rule.id for remark in self.verdict().remarks]


def written(text: str) -> Timeline:
    return load(Source("some.yaml", text))


def bundled(name: str) -> Timeline:
    return load(find(name))


class GoodClient:
    """Downloads one model, or follows one job, and makes no mistake.

    It asks for the model where that can be done, takes no reply on trust, stops at an end or after
    its patience, asks once more after a failure or a 404, and slows down after errors.
    """

    PATIENCE_MS = 120_000
    TRIES = 5

    def __init__(self, bench: Bench, job_id: str = JOB, model: str = MODEL) -> None:
        self.bench = bench
        self.job_id: str | None = job_id
        self.model = model
        self.can_ask = "download" in bench.session.operations

    def run(self) -> str:
        if self.can_ask and (outcome := self._ask()) is not None:
            return outcome
        outcome = self._follow()
        if outcome in ("failed", "lost") and self.can_ask:
            return self._ask() or self._follow()
        return outcome

    def _sleep(self, seconds: float) -> None:
        clock = self.bench.session.clock
        if clock_kind(clock) == "manual":
            clock.advance(int(seconds * 1000))

    def _ask(self) -> str | None:
        """None once there is a job to follow, else how it ended."""
        for attempt in range(self.TRIES):
            answer = self.bench.post({"model": self.model})
            if answer.status == 200 and answer.error is None and isinstance(answer.data, dict):
                if answer.data.get("status") == "already_downloaded":
                    return "completed"
                if answer.data.get("job_id"):
                    self.job_id = answer.data["job_id"]
                    return None
            elif 400 <= answer.status < 500 and answer.status != 429:
                return "refused"
            self._sleep(answer.retry_after_s or 2**attempt)
        return "gave up"

    def _follow(self) -> str:
        clock = self.bench.session.clock
        last, since_ms, in_vain = None, clock.now(), 0
        while clock.now() - since_ms <= self.PATIENCE_MS:
            answer = self.bench.poll(self.job_id or "")
            if answer.status in (401, 403, 404):
                return "lost" if answer.status == 404 else "refused"
            if answer.status != 200 or answer.error is not None or answer.data is None:
                in_vain += 1
                if in_vain > self.TRIES:
                    return "gave up"
                self._sleep(answer.retry_after_s or 2**in_vain)
                continue
            in_vain = 0
            status = answer.data.get("status")
            if status in ("completed", "failed"):
                return str(status)
            now = (status, answer.data.get("downloaded_bytes"))
            if now != last:
                last, since_ms = now, clock.now()
            self._sleep(1)
        return "gave up"


def exchange(number: int, path: str = f"{STATUS}/{JOB}", **known: Any) -> JournalEntry:
    """One by the same connection, a second of the clock and of real time after the one before.

    `data` is the reply's body, `sent` the request's, `after` how many seconds have passed.
    """
    method, after = known.pop("method", "GET"), known.pop("after", number)
    headers = Headers(known.pop("headers", ()))
    request = Request(
        method, path, known.pop("query", ""), headers, Body.of(known.pop("sent", b""))
    )
    status, data = known.pop("status", 200), known.pop("data", {})
    reply_headers: Mapping[str, str] = known.pop("reply_headers", {})
    body = Body.of(json.dumps(data).encode())
    whole = Exchange(
        number,
        request,
        known.pop("reply", Response(status, Headers.of(reply_headers), body)),
        started_s=known.pop("received_s", 100.0 + after),
        took_s=known.pop("took_s", 0.001),
        connection=known.pop("connection", 1),
    )
    return JournalEntry(whole, FLOATING_EPOCH_MS + int(after * 1000), **known)


def changed(entry: JournalEntry, **values: Any) -> JournalEntry:
    """The same entry with other values, of its exchange too."""
    names = {"number": "number", "received_s": "started_s"}
    names |= {"took_s": "took_s", "connection": "connection"}
    inner = {names[name]: values.pop(name) for name in list(values) if name in names}
    return replace(entry, exchange=replace(entry.exchange, **inner), **values)


def poll_of(number: int, status: str = "downloading", **known: Any) -> JournalEntry:
    """A poll that shows the job in this status; `bytes` of 100 have arrived."""
    job_id = known.pop("job_id", JOB)
    arrived = known.pop("bytes", 50)
    state = JobState(job_id, status, 100, arrived, FLOATING_EPOCH_MS)  # type: ignore[arg-type]
    data = {"job_id": job_id, "status": status, "downloaded_bytes": arrived}
    known.setdefault("data", data)
    known.setdefault("states", (state,))
    path = known.pop("path", f"{STATUS}/{job_id}")
    return exchange(number, path, operation="job_status", job_id=job_id, **known)


def about(clock: str = "manual", name: str = "2026-01", **known: Any) -> SessionContext:
    known.setdefault("job_ids", frozenset({JOB}))
    return SessionContext(name, edition(name).operations, clock, **known)  # type: ignore[arg-type]


def rules(exchanges: Sequence[JournalEntry], clock: str = "manual", **known: Any) -> list[str]:
    return [remark.rule.id for remark in judge(exchanges, about(clock, **known)).remarks]
