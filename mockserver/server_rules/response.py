"""The response of an HTTP library, held to its page: of requests, httpx or Flask's test client.

None of them is imported: a response is whatever has a status code, headers and a body.

>>> from mockserver.server.app import create_app
>>> from mockserver.server_rules.response import validate_response
>>> client = create_app().test_client()
>>> validate_response(client.get("/api/v1/models/download/status"))
[]
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from mockserver import contract
from mockserver.errors import UnknownName
from mockserver.findings.finding import Finding, Severity, at_least
from mockserver.findings.report import CheckReport
from mockserver.http.message import Body, Exchange, Headers, Request, Response
from mockserver.resources import DEFAULT_EDITION
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.inspector import findings_of, in_order
from mockserver.server_rules.observation import Observation


class LibraryResponse(Protocol):
    """What they all have. The body is `content` or `data`; `request` has `method` and `url`."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Any: ...


def inspect(
    status: int,
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
    body: bytes | str,
    operation: str,
    edition: str = DEFAULT_EDITION,
    *,
    job_id: str | None = None,
    at_ms: int | None = None,
) -> list[Finding]:
    """The findings of one response, the gravest first; empty when all is well.

    `job_id` is the job that was asked for. `at_ms` is when the response came, in milliseconds since
    1970: estimates are compared to it where the response has no Date header. UnknownName when the
    edition has no such operation.

    >>> body = b'{"job_id": "1", "status": "paused", "downloaded_bytes": 2, "total_size_bytes": 1}'
    >>> found = inspect(200, {"Content-Type": "application/json"}, body, "job_status")
    >>> [finding.id for finding in found]
    ['bytes-within-total:/downloaded_bytes']
    """
    about = contract.edition(edition).operation(operation)
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    request = Request(about.method, about.path_for(job_id=job_id or "job"))
    response = Response(status, Headers.of(headers), Body(data, len(data)))
    observation = Observation(Exchange(1, request, response), at_ms or 0, operation, job_id)
    checked = CheckedResponse(observation, edition, knows_time=at_ms is not None)
    return in_order(findings_of(checked))


def validate_response(
    response: LibraryResponse, operation: str | None = None, edition: str = DEFAULT_EDITION
) -> list[Finding]:
    """The findings of one response, the gravest first; empty when all is well.

    Which operation it answers is told by its request, unless it is given. UnknownName for one that
    the edition does not have, ValueError when neither tells.
    """
    method, path = _request_of(response)
    found = None if path is None else operation_at(Request(method, path), edition)
    if operation is None and path is None:
        raise ValueError("the response does not know its request: name the operation")
    if operation is None and found is None:
        operations = contract.edition(edition).operations.values()
        known = [f"{known.method} {known.path}" for known in operations]
        raise UnknownName("operation", f"{method} {path}", known, f"edition {edition}")
    asked, job_id = found or ("", None)
    pairs = response.headers.items() if hasattr(response.headers, "items") else response.headers
    headers = [(str(name), str(value)) for name, value in pairs]
    body = getattr(response, "content" if hasattr(response, "content") else "data")
    return inspect(
        response.status_code,
        headers,
        body if isinstance(body, str) else bytes(body),
        operation or asked,
        edition,
        job_id=job_id if operation in (None, asked) else None,
    )


def assert_conforms(
    checked: LibraryResponse | CheckReport,
    operation: str | None = None,
    edition: str = DEFAULT_EDITION,
    *,
    fail_on: Severity = "error",
) -> None:
    """AssertionError, which tells all findings, when one is at least as grave as `fail_on`.

    What is checked is a response, as `validate_response` takes it, or the report of a whole run,
    which has to have come to its end.
    """
    if isinstance(checked, CheckReport):
        subject, findings = checked.subject, checked.findings
        if not checked.is_whole:
            raise AssertionError(f"the check of {subject} was interrupted")
    else:
        method, path = _request_of(checked)
        subject = f"the reply to {operation or f'{method} {path}'}"
        findings = tuple(validate_response(checked, operation, edition))
    if any(finding.severity in at_least(fail_on) for finding in findings):
        raise AssertionError("\n".join([f"{subject} does not conform:", *_lines(findings)]))


def _lines(findings: Sequence[Finding]) -> Iterable[str]:
    for finding in findings:
        times = f", {finding.count:,} times" if finding.count > 1 else ""
        source = f" ({finding.page}:{finding.line})" if finding.page else ""
        found = f"expected {finding.expected}, found {finding.found}{times}{source}"
        yield f"  {finding.severity}: {finding.id}: {found}"


def _request_of(response: Any) -> tuple[str, str | None]:
    """Method and path, decoded; the path is None where the response does not know its request."""
    try:
        request = response.request
    except (AttributeError, RuntimeError):  # as httpx's when there was none
        return "", None
    url = getattr(request, "url", None)
    if url is None:
        return "", None
    return str(request.method).upper(), urlsplit(str(url)).path


def operation_at(request: Request, edition: str) -> tuple[str, str | None] | None:
    """The operation and the job's id, whatever stands in front of the API's own path."""
    for operation in contract.edition(edition).operations.values():
        pattern = re.sub(r":(\w+)", r"(?P<\1>[^/]+)", operation.path)
        match = re.search(f"{pattern}/?$", request.path)
        if match is not None and operation.method == request.method:
            job_id = match.groupdict().get("job_id")
            return operation.id, None if job_id is None else unquote(job_id)
    return None
