"""The rules for HTTP: whether a whole response came, its status and type, an error's shape."""

import re
from collections.abc import Iterator

from mockserver.api.operations import is_below_prefix
from mockserver.contract.json_data import shown
from mockserver.findings.finding import Finding, Rule
from mockserver.http.message import FailureKind
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.examples import answer, error, example_job, failed, unexpected
from mockserver.server_rules.rule_group import RuleGroup
from mockserver.server_rules.situation_rules import unexpected_endpoint
from mockserver.server_rules.values import clipped

HTTP = RuleGroup("HTTP")

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)
_FAILURES: list[FailureKind] = ["timeout", "broken-off", "too-large", "bad-http", "bad-encoding"]
_NO_DISK = {"type": "internal_error", "message": "no disk"}


def _fails(rule: Rule, response: CheckedResponse, *kinds: FailureKind) -> Iterator[Finding]:
    """The rule bears the name of the kind of failure that breaks it, unless kinds are given."""
    failure = response.observation.failure
    if failure is not None and failure.kind in (kinds or (rule.id,)):
        yield response.finding(rule, "a whole reply", clipped(failure.message))


@HTTP.rule("no-reply", failed("refused"))
def _no_reply(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    yield from _fails(rule, response, "refused", "dns", "tls")
    if response.observation.failure is None and response.observation.status is None:
        yield response.finding(rule, "a reply", "nothing")


for _kind in _FAILURES:
    HTTP.rule(_kind, failed(_kind))(_fails)


def _is_redirect(response: CheckedResponse) -> bool:
    return 300 <= response.status < 400


@HTTP.rule("redirect", answer(b"", status=301, headers=(("Location", "https://127.0.0.1/"),)))
def _redirect(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.is_whole and response.operation is not None and _is_redirect(response):
        location = clipped(response.observation.headers.get("Location") or "")
        yield response.finding(rule, "a reply", f"{response.status} to {shown(location)}")


@HTTP.rule("status-code", error(500, _NO_DISK))
def _status_code(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.operation is None or not response.is_answer:
        return
    if not response.has_expected_status:
        expected = " or ".join(map(str, response.operation.statuses))
        yield response.finding(rule, expected, str(response.status))
    elif response.status == 200 and not response.is_error and response.is_job_made_up:
        yield response.finding(rule, "404", "200, and a job of the id that was made up")


@HTTP.rule("content-type", answer(example_job(), headers=(("Content-Type", "text/plain"),)))
def _content_type(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if not response.is_answer or not response.body:
        return  # an empty one need not be declared
    value, expected = response.observation.headers.get("Content-Type"), "application/json"
    if value is None:
        yield response.finding(rule, expected, "no Content-Type")
    elif value.partition(";")[0].strip().lower() != expected:
        yield response.finding(rule, expected, shown(value))
    elif (charset := _CHARSET.search(value)) and charset[1].lower() not in ("utf-8", "utf8"):
        yield response.finding(rule, "UTF-8", shown(value))


@HTTP.rule("error-in-200", error(200, _NO_DISK))
def _error_in_200(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.has_expected_status and response.status == 200 and response.is_error:
        about = response.document["error"]
        message = about.get("message", about.get("type")) if isinstance(about, dict) else about
        found = shown(clipped(str(message)))
        yield response.finding(rule, "a job", found, pointer="/error")


@HTTP.rule("error-shape", error(404, ["no such job"]))
def _error_shape(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if not response.has_expected_status or response.status == 200 or response.text_error:
        return
    data = response.document
    about = data.get("error") if isinstance(data, dict) else data
    if isinstance(data, dict) and isinstance(about, str) and about:
        return
    if not isinstance(data, dict) or not isinstance(about, dict):
        is_missing = isinstance(data, dict) and "error" not in data
        found = "nothing" if is_missing else shown(about)
        yield response.finding(rule, "an object, or text", found, pointer="/error")
        return
    for member, is_needed in (("type", True), ("message", True), ("code", False), ("param", False)):
        value = about.get(member)
        if not isinstance(value, str) and (value is not None or is_needed):
            found = shown(value) if member in about else "nothing"
            yield response.finding(rule, f"`{member}` as text", found, pointer=f"/error/{member}")


@HTTP.rule("unknown-path-status", unexpected(200, "/api/v1/x", None))
def _unknown_path_status(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if not response.is_whole or response.operation is not None:
        return
    expected = 404
    if response.observation.is_probe:
        if _is_redirect(response):
            return  # which is a finding where the API is asked for
    else:
        said = unexpected_endpoint(response)
        if said is None:
            return
        expected = 404 if is_below_prefix(said[1]) else 200
    if response.status != expected:
        yield response.finding(rule, str(expected), str(response.status))
