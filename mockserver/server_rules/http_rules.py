"""The rules for HTTP: whether a whole response came, its status and type, an error's shape."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockserver.api.operations import is_below_prefix
from mockserver.contract.json_data import shown
from mockserver.findings.finding import Finding
from mockserver.findings.rule import Rule, RuleGroup
from mockserver.http.exchange import FailureKind
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.examples import answer, error, example_job, failed, unexpected
from mockserver.server_rules.situation_rules import path_asked, unexpected_endpoint
from mockserver.server_rules.values import clipped

HTTP = RuleGroup("HTTP")

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)
_NO_DISK = {"type": "internal_error", "message": "no disk"}


def _fails(rule: Rule, response: CheckedResponse, *kinds: FailureKind) -> Iterator[Finding]:
    """The rule bears the name of the kind of failure that breaks it, unless kinds are given."""
    failure = response.observation.failure
    if failure is not None and failure.kind in (kinds or (rule.id,)):
        yield response.finding(rule, "a whole reply", clipped(failure.message))


@HTTP.rule("no-reply", "error", "D")(
    "The server answers.",
    why="Clients that take a refused connection for a failed download give up too early.",
    advice="See whether the server runs, and whether host and port are right: 127.0.0.1:1234 "
    "unless set otherwise.",
    example=failed("refused"),
)
def _no_reply(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    yield from _fails(rule, response, "refused", "dns", "tls")
    if response.observation.failure is None and response.observation.status is None:
        yield response.finding(rule, "a reply", "nothing")


HTTP.rule("timeout", "error", "G")(
    "The server answers in time.",
    why="Clients without a timeout hang; others poll again while the first poll is under way.",
    advice="See whether the machine is busy with a model, or give the check a longer timeout.",
    example=failed("timeout"),
)(_fails)
HTTP.rule("broken-off", "error", "D")(
    "A reply comes to its end.",
    why="Half a reply is no JSON, and clients report a broken server for a broken connection.",
    advice="Look for a crash in the server's log, or a proxy that closes connections.",
    example=failed("broken-off"),
)(_fails)
HTTP.rule("too-large", "warning", "G")(
    "A reply is small enough to be read at every poll.",
    why="Clients read all of it, each second.",
    advice="Ask for one job instead of the list.",
    example=failed("too-large"),
)(_fails)
HTTP.rule("bad-http", "error", "D")(
    "A reply is HTTP.",
    why="No client can read it.",
    advice="See whether something else listens at this port, or whether it wants https.",
    example=failed("bad-http"),
)(_fails)
HTTP.rule("bad-encoding", "error", "D")(
    "A body decodes as its Content-Encoding says.",
    why="No client can read it.",
    advice="Look for a proxy that compresses replies.",
    example=failed("bad-encoding"),
)(_fails)


def _is_redirect(response: CheckedResponse) -> bool:
    return 300 <= response.status < 400


@HTTP.rule("redirect", "warning", "G")(
    "The server answers where it is asked, without a redirect.",
    why="Most clients do not follow redirects, or drop the token when they do.",
    advice="Take the address that Location names for the base URL.",
    example=(answer(b"", status=301, headers=(("Location", "https://127.0.0.1/"),)),),
)
def _redirect(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.is_whole and response.operation is not None and _is_redirect(response):
        location = clipped(response.observation.headers.get("Location") or "")
        yield response.finding(rule, "a reply", f"{response.status} to {shown(location)}")


@HTTP.rule("status-code", "error", "G")(
    "A request that is right gets 200; one for an unknown job or model gets 404.",
    why="Clients that look at the body alone take an error page for a job, and those that look at "
    "the status poll a job that does not exist.",
    advice="Ask once more with the curl command; after 429 and 5xx with a pause that grows.",
    example=error(500, _NO_DISK),
)
def _status_code(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.operation is None or not response.is_answer:
        return
    if not response.has_expected_status:
        expected = " or ".join(map(str, response.operation.statuses))
        yield response.finding(rule, expected, str(response.status))
    elif response.status == 200 and not response.is_error and response.is_job_made_up:
        yield response.finding(rule, "404", "200, and a job of the id that was made up")


@HTTP.rule("content-type", "warning", "D")(
    "JSON is declared as application/json, in UTF-8.",
    why="Libraries that look at the type first do not parse the body at all.",
    advice="Parse the body whatever its type, or set the type in the proxy.",
    example=(answer(example_job(), headers=(("Content-Type", "text/plain"),)),),
)
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


@HTTP.rule("error-in-200", "error", "O")(
    "A reply with `error` has the status of an error, not 200.",
    why="Clients take 200 for success, and find no job in it.",
    advice="Look for `error` before a 200 is believed.",
    example=error(200, _NO_DISK),
)
def _error_in_200(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.has_expected_status and response.status == 200 and response.is_error:
        about = response.document["error"]
        message = about.get("message", about.get("type")) if isinstance(about, dict) else about
        found = shown(clipped(str(message)))
        yield response.finding(rule, "a job", found, pointer="/error")


@HTTP.rule("error-shape", "warning", "G")(
    'An error is {"error": {"type", "message"}}, or {"error": "text"} for an unknown path.',
    why="Clients can show no reason, or crash while they look for it.",
    advice="Read `error.message` if it is there, `error` if it is text, else show the status.",
    example=error(404, ["no such job"]),
)
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


@HTTP.rule("unknown-path-status", "drift", "O")(
    "An unknown path gets 404 under /api/v1, and 200 with an error elsewhere.",
    why="Clients tell by this whether a server has an operation.",
    advice="Look for `error` in the body; the status alone does not tell.",
    example=unexpected(200, "/api/v1/x", None),
)
def _unknown_path_status(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if not response.is_whole or response.operation is not None:
        return
    expected = 404
    if response.observation.is_probe:
        if _is_redirect(response):
            return  # which is a finding where the API is asked for
    else:
        message = unexpected_endpoint(response)
        if message is None:
            return
        expected = 404 if is_below_prefix(path_asked(response, message)) else 200
    if response.status != expected:
        yield response.finding(rule, str(expected), str(response.status))
