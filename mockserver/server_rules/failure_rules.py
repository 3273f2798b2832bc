"""The rules for whether a whole response comes at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.findings.finding import Finding
from mockserver.findings.rule import Provenance, Rule, RuleGroup, Severity
from mockserver.http.exchange import FailureKind
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.examples import failed
from mockserver.server_rules.values import clipped

FAILURES = RuleGroup("HTTP")


def _fails_as(*kinds: FailureKind) -> Callable[[Rule, CheckedResponse], Iterator[Finding]]:
    """The check of a rule that a failure of one of these kinds breaks."""

    def check(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
        failure = response.observation.failure
        if failure is not None and failure.kind in kinds:
            yield response.finding(rule, "a whole reply", clipped(failure.message))

    return check


@FAILURES.rule(
    "no-reply",
    "error",
    "D",
    sentence="The server answers.",
    why="Clients that take a refused connection for a failed download give up too early.",
    advice="See whether the server runs, and whether host and port are right: 127.0.0.1:1234 "
    "unless set otherwise.",
    example=failed("refused"),
)
def _no_reply(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    yield from _fails_as("refused", "dns", "tls")(rule, response)
    if response.observation.failure is None and response.observation.status is None:
        yield response.finding(rule, "a reply", "nothing")


def _failure(kind: FailureKind, severity: Severity, provenance: Provenance, **facts: str) -> None:
    """A rule that bears the name of the kind of failure that breaks it."""
    add = FAILURES.rule(kind, severity, provenance, example=failed(kind), **facts)
    add(_fails_as(kind))


_failure(
    "timeout",
    "error",
    "G",
    sentence="The server answers in time.",
    why="Clients without a timeout hang; others poll again while the first poll is under way.",
    advice="See whether the machine is busy with a model, or give the check a longer timeout.",
)
_failure(
    "broken-off",
    "error",
    "D",
    sentence="A reply comes to its end.",
    why="Half a reply is no JSON, and clients report a broken server for a broken connection.",
    advice="Look for a crash in the server's log, or a proxy that closes connections.",
)
_failure(
    "too-large",
    "warning",
    "G",
    sentence="A reply is small enough to be read at every poll.",
    why="Clients read all of it, each second.",
    advice="Ask for one job instead of the list.",
)
_failure(
    "bad-http",
    "error",
    "D",
    sentence="A reply is HTTP.",
    why="No client can read it.",
    advice="See whether something else listens at this port, or whether it wants https.",
)
_failure(
    "bad-encoding",
    "error",
    "D",
    sentence="A body decodes as its Content-Encoding says.",
    why="No client can read it.",
    advice="Look for a proxy that compresses replies.",
)
