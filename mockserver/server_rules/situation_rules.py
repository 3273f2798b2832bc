"""Situations that explain a whole response: one sentence, where rules would have forty.

When one of these is recognised, no other rule says anything of that response.
"""

import re
from collections.abc import Iterator
from typing import Any

from mockserver.api.operations import LIST_STATUS, PREFIX, is_below_prefix
from mockserver.errors import visible
from mockserver.findings.finding import Finding, Rule
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.examples import answer, error, unexpected
from mockserver.server_rules.rule_group import RuleGroup
from mockserver.server_rules.values import clipped

SITUATIONS = RuleGroup("Situations: one sentence for the whole reply")

_UNEXPECTED = "Unexpected endpoint or method."
_ASKED = re.compile(r"\([A-Z]+ (/[^\s)]*)\)")
_HTML = re.compile(rb"\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_MAX_ENVELOPE = 4096
"""Bytes of a body that can be a mere error; more is not parsed to see whether it is one."""


def _envelope(response: CheckedResponse) -> dict[str, Any]:
    """The members of a small body that is an object, as an error is."""
    data = response.document if len(response.body) <= _MAX_ENVELOPE else None
    return data if isinstance(data, dict) else {}


def unexpected_endpoint(response: CheckedResponse) -> tuple[str, str] | None:
    """The server's own sentence for a path that it does not have, if the body is that.

    And the path that it says it was asked at: a proxy may have changed it on its way.
    """
    message = _envelope(response).get("error") if response.is_whole else None
    if not isinstance(message, str) or not message.startswith(_UNEXPECTED):
        return None
    asked = _ASKED.search(message)
    return message, asked[1] if asked else response.observation.exchange.request.path


def _unexpected(
    rule: Rule, response: CheckedResponse, expected: str, *, is_elsewhere: bool = False
) -> Iterator[Finding]:
    """The rule, broken where the server says that it has no such path.

    `is_elsewhere`: it was asked at one that shows that the base URL did not end before the API's.
    """
    said = unexpected_endpoint(response)
    if said is None:
        return
    message, path = said
    if (not is_below_prefix(path) or path.count(PREFIX) > 1) is is_elsewhere:
        found = f"{response.status}: {clipped(message)}"
        yield response.finding(rule, expected, found, pointer="/error")


@SITUATIONS.rule("old-server", unexpected(200))
def _old_server(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.observation.operation is not None and response.status == 200:
        yield from _unexpected(rule, response, "LM Studio 0.4 or later")


@SITUATIONS.rule(
    "wrong-base-url", unexpected(200, "/v1/api/v1/models/download/status/job_493c7c9ded")
)
def _wrong_base_url(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.observation.operation is not None and response.status != 401:
        yield from _unexpected(rule, response, f"a request below {PREFIX}", is_elsewhere=True)


@SITUATIONS.rule("another-server", answer({"detail": "Not Found"}, status=404))
def _another_server(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if not _is_missing(response) or "error" in _envelope(response) or _is_html(response):
        return
    body = response.body
    found = f"404: {_start(body)}" if body else "404 without a body"
    yield response.finding(rule, "an error as LM Studio writes it", found)


@SITUATIONS.rule("html-page", answer(b"<!doctype html><title>502</title>", status=502))
def _html_page(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.is_whole and response.status != 401 and _is_html(response):
        found = f"{response.status} and HTML: {_start(response.body)}"
        yield response.finding(rule, "JSON", found)


@SITUATIONS.rule(
    "token-refused", error(401, {"type": "invalid_request", "code": "invalid_api_key"})
)
def _token_refused(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.is_whole and response.status == 401:
        yield response.finding(rule, "a reply to the request", "401")


@SITUATIONS.rule("list-missing", unexpected(404, operation=LIST_STATUS.id))
def _list_missing(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if not _is_missing(response) or response.about != "jobs" or "error" not in _envelope(response):
        return
    if unexpected_endpoint(response) is None:
        yield response.finding(rule, "the operation", "404")
    yield from _unexpected(rule, response, "the operation")


@SITUATIONS.rule("operation-missing", unexpected(404))
def _operation_missing(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if _is_missing(response) and response.about != "jobs":
        yield from _unexpected(rule, response, "the operation")


@SITUATIONS.rule("unknown-path-200", unexpected(200, "/download-status", None))
def _unknown_path_200(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    said = unexpected_endpoint(response)
    if said is None or response.observation.operation is not None or response.status != 200:
        return
    if not is_below_prefix(said[1]):
        yield from _unexpected(rule, response, "a path of the API", is_elsewhere=True)


ELSEWHERE = ("old-server", "wrong-base-url", "another-server")
"""Situations that hold for all responses of a server: what answers is not the API of the pages."""


def _is_missing(response: CheckedResponse) -> bool:
    """Whether an operation that has to be there gets 404."""
    return response.is_whole and response.status == 404 and response.operation is not None


def _is_html(response: CheckedResponse) -> bool:
    return _HTML.match(response.body[:200]) is not None


def _start(body: bytes) -> str:
    """The first characters of a body, safe to show."""
    return clipped(visible(body[:60].decode("utf-8", "replace").strip()))
