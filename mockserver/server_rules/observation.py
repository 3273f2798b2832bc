"""An exchange with a server, as whoever asked saw it, what it was about, and the jobs it shows.

What a response says is read with no trust in it.
"""

from dataclasses import dataclass
from typing import Any, cast

from mockserver.api.operations import about
from mockserver.documents import json_text
from mockserver.findings.finding import Finding, Occurrence, Rule
from mockserver.http.message import NO_HEADERS, Exchange, Failure, Headers
from mockserver.server_rules.values import is_number
from mockserver.timeline.model import JobState, Status

BYTE_COUNTS = ("downloaded_bytes", "total_size_bytes", "bytes_per_second")
"""The members of a job that are numbers."""

ENDED = ("completed", "failed")
"""The statuses in which a job stays."""

_MAX_ID = 200
_MAX_NUMBER = 1e18


@dataclass(frozen=True, slots=True)
class Observation:
    """A request, and the response as far as it came. No secret is in it.

    `at_ms` is when the response was there, in milliseconds since 1970. `operation` is the
    documented one that was asked for, `job_id` or `model` what it was asked about. The response's
    body is whole and decoded from its Content-Encoding. `curl` is the command that asks the same.
    `is_probe`: it asks for a job or a path that does not exist, to see how the server says so.
    """

    exchange: Exchange
    at_ms: int = 0
    operation: str | None = None
    job_id: str | None = None
    model: str | None = None
    curl: str = ""
    is_probe: bool = False

    @property
    def number(self) -> int:
        return self.exchange.number

    @property
    def status(self) -> int | None:
        """None when no response began."""
        return self.exchange.status

    @property
    def headers(self) -> Headers:
        """Those of the response."""
        response = self.exchange.response
        return NO_HEADERS if response is None else response.headers

    @property
    def body(self) -> bytes:
        response = self.exchange.response
        return b"" if response is None else response.body.start

    @property
    def failure(self) -> Failure | None:
        return self.exchange.failure

    @property
    def took_s(self) -> float:
        return self.exchange.took_s or 0.0

    @property
    def begun_ms(self) -> int:
        """When it was asked for."""
        return self.at_ms - round(self.took_s * 1000)

    def finding(self, rule: Rule, expected: str, found: str, **about: Any) -> Finding:
        """The rule, broken by this response; `about` are other fields of a finding.

        Its place is the pointer, unless it is given.
        """
        now = Occurrence(self.number, self.at_ms)
        about = {"place": about.get("pointer", ""), "operation": self.operation, **about}
        about["job_id"] = about.get("job_id") or self.job_id
        about |= {"expected": expected, "found": found, "curl": self.curl}
        return Finding(rule, first=now, last=now, **about)


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job as a response shows it; a number is None where there is none."""

    job_id: str
    status: str
    downloaded_bytes: float | None = None
    total_size_bytes: float | None = None
    bytes_per_second: float | None = None


def members(observation: Observation) -> dict[str, Any]:
    """The members of a JSON object; none where the response is anything else."""
    is_whole = observation.failure is None
    payload = json_text.loads_or_none(observation.body) if is_whole else None
    return payload if isinstance(payload, dict) else {}


def job_shown(observation: Observation) -> ShownJob | None:
    """The job of a successful `job_status` or `download`, if it has a status and an id."""
    if observation.status != 200:
        return None
    return _shown(members(observation), observation.job_id)


def jobs_listed(observation: Observation) -> dict[str, ShownJob]:
    """By their ids, the jobs of a successful `list_status` that can be asked for."""
    if observation.status != 200:
        return {}
    lists = [value for value in members(observation).values() if isinstance(value, list)]
    found = (_shown(item) for items in lists for item in items if isinstance(item, dict))
    return {job.job_id: job for job in found if job is not None}


def states_in(observation: Observation) -> tuple[JobState, ...]:
    """The jobs that a response shows: their status as it was told, known or not."""
    kind, jobs = about(observation.operation), list[ShownJob | None]()
    if kind == "jobs":
        jobs += jobs_listed(observation).values()
    elif kind in ("job", "model"):
        jobs.append(job_shown(observation))
    return tuple(
        JobState(
            job.job_id,
            cast(Status, job.status),
            total_size_bytes=int(job.total_size_bytes or 0),
            downloaded_bytes=int(job.downloaded_bytes or 0),
            started_at_ms=0,
        )
        for job in filter(None, jobs)
    )


def _shown(data: dict[str, Any], asked: str | None = None) -> ShownJob | None:
    job_id, status = data.get("job_id", asked), data.get("status")
    if not isinstance(job_id, str) or not isinstance(status, str):
        return None
    numbers = (_number(data.get(name)) for name in BYTE_COUNTS)
    return ShownJob(job_id, status, *numbers) if 0 < len(job_id) <= _MAX_ID else None


def _number(value: object) -> float | None:
    return value if is_number(value) and 0 <= value < _MAX_NUMBER else None
