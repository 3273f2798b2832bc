"""An exchange with a server, as whoever asked saw it, and what it was about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mockserver.findings.finding import Finding, Occurrence
from mockserver.findings.rule import Rule
from mockserver.http.exchange import Exchange, Failure
from mockserver.http.message import NO_HEADERS, Body, Headers


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
    def method(self) -> str:
        return self.exchange.request.method

    @property
    def target(self) -> str:
        """Path and query as they were sent."""
        return self.exchange.request.target

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

    def finding(self, rule: Rule, expected: str, found: str, **about: Any) -> Finding:
        """The rule, broken by this response; `about` are other fields of a finding.

        Its place is the pointer, unless it is given.
        """
        now = Occurrence(self.number, self.at_ms)
        about = {"place": about.get("pointer", ""), "operation": self.operation, **about}
        about["job_id"] = about.get("job_id") or self.job_id
        about |= {"expected": expected, "found": found, "curl": self.curl}
        return Finding(rule, first=now, last=now, **about)

    def with_body(self, body: bytes) -> Observation:
        """The same, with another body of the response."""
        response = self.exchange.response
        assert response is not None
        response = replace(response, body=Body(body, len(body)))
        return replace(self, exchange=replace(self.exchange, response=response))
