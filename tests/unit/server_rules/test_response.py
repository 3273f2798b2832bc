"""Responses of three libraries, each held to its page."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from flask import Flask

from mockserver import create_app
from mockserver.errors import UnknownName
from mockserver.findings.finding import Finding
from mockserver.findings.report import CheckReport
from mockserver.server_rules.response import LibraryResponse, assert_conforms, validate_response

JOB = "job_493c7c9ded"
STATUS = "/api/v1/models/download/status"
BROKEN: dict[str, Any] = {"job_id": JOB, "status": "downloading"}


def answering(payload: dict[str, Any]) -> Flask:
    """An app that answers everything with this."""
    app = Flask(__name__)

    def view(path: str) -> dict[str, Any]:
        return payload

    app.add_url_rule("/<path:path>", view_func=view)
    return app


def by_flask(app: Flask, path: str) -> LibraryResponse:
    return app.test_client().get(path)


def by_httpx(app: Flask, path: str) -> LibraryResponse:
    with httpx.Client(transport=httpx.WSGITransport(app)) as client:
        return client.get(f"http://127.0.0.1:1234{path}")


@dataclass
class RequestsResponse:
    """A response with the attributes that those of requests have."""

    status_code: int
    headers: dict[str, str]
    content: bytes
    request: SimpleNamespace


def by_requests(app: Flask, path: str) -> LibraryResponse:
    reply = app.test_client().get(path)
    request = SimpleNamespace(method="GET", url=f"http://127.0.0.1:1234{path}?a=b")
    return RequestsResponse(reply.status_code, dict(reply.headers), reply.data, request)


EVERY = pytest.mark.parametrize("ask", [by_flask, by_httpx, by_requests])


@EVERY
def test_what_the_mock_answers_conforms(ask: Callable[[Flask, str], LibraryResponse]) -> None:
    for path in (STATUS, f"{STATUS}/{JOB}", f"{STATUS}/unknown"):
        reply = ask(create_app(), path)
        assert validate_response(reply) == []
        assert_conforms(reply)


@EVERY
def test_what_is_broken_is_told(ask: Callable[[Flask, str], LibraryResponse]) -> None:
    reply = ask(answering(BROKEN), f"{STATUS}/{JOB}")
    found = [finding.id for finding in validate_response(reply)]
    assert found == ["required:/bytes_per_second", "required:/estimated_completion"]
    with pytest.raises(AssertionError) as caught:
        assert_conforms(reply)
    first, second, *_ = str(caught.value).splitlines()
    assert first == f"the reply to GET {STATUS}/{JOB} does not conform:"
    assert second.startswith("  error: required:/bytes_per_second: expected ")
    assert ", found nothing (download-status.md:" in second


def test_the_job_that_was_asked_for_is_known() -> None:
    reply = by_flask(answering({**BROKEN, "status": "paused"}), f"{STATUS}/job_other")
    assert [finding.rule.id for finding in validate_response(reply)] == ["id-is-constant"]


def test_a_base_url_may_have_a_path() -> None:
    assert validate_response(by_flask(answering(BROKEN), f"/lm{STATUS}/{JOB}")) != []


def test_a_path_that_is_no_operation() -> None:
    reply = by_flask(answering(BROKEN), "/api/v1/models/download-status")
    with pytest.raises(UnknownName, match=f"did you mean GET {STATUS}"):
        validate_response(reply)
    assert validate_response(reply, "job_status") != []


def test_an_operation_of_another_edition() -> None:
    reply = by_flask(create_app(), STATUS)
    with pytest.raises(UnknownName):
        validate_response(reply, edition="2026-01")
    with pytest.raises(UnknownName, match="download"):
        validate_response(reply, "download", edition="2025-10")


def test_a_response_that_does_not_know_its_request() -> None:
    reply = httpx.Response(200, json=BROKEN)
    with pytest.raises(ValueError, match="name the operation"):
        validate_response(reply)
    assert len(validate_response(reply, "job_status")) == 2
    with pytest.raises(AssertionError, match="the reply to job_status does not conform"):
        assert_conforms(reply, "job_status")


def test_fail_on_says_what_is_too_much() -> None:
    paused = {**BROKEN, "status": "paused", "novelty": 1}
    reply = httpx.Response(200, json=json.loads(json.dumps(paused)))
    assert_conforms(reply, "job_status", fail_on="warning")
    with pytest.raises(AssertionError, match="drift: unknown-field:/novelty"):
        assert_conforms(reply, "job_status", fail_on="drift")


def _report(findings: tuple[Finding, ...], *, is_whole: bool = True) -> CheckReport:
    return CheckReport(
        subject="http://x",
        edition="2025-10",
        edition_because="",
        findings=findings,
        is_whole=is_whole,
    )


def test_a_report_of_a_whole_run() -> None:
    findings = tuple(validate_response(httpx.Response(200, json=BROKEN), "job_status"))
    assert_conforms(_report(findings=()))
    with pytest.raises(AssertionError, match="http://x does not conform"):
        assert_conforms(_report(findings=findings))
    with pytest.raises(AssertionError, match="interrupted"):
        assert_conforms(_report(findings=(), is_whole=False))
