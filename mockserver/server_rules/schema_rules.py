"""The rules of the pages' tables, which the validator finds to be broken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from mockserver.api.operations import LIST_STATUS
from mockserver.contract.json_data import shown
from mockserver.findings.finding import Finding
from mockserver.findings.rule import Rule, RuleGroup
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.examples import answer, example_job, job_list, reported
from mockserver.server_rules.job_rules import is_already_downloaded
from mockserver.server_rules.schema_check import MAX_KINDS, ViolationKind, unknown_members
from mockserver.server_rules.values import Path, clipped, starred

TABLES = RuleGroup("The tables of the pages")
DRIFT = RuleGroup("What the pages do not know")
"""Where a server knows more than its pages."""

_REPORT = "Compare the reply with the row of the page, and report it to whoever runs the server."


def _violations(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    for kind in response.violation_kinds:
        if kind.first.rule == rule.id and not kind.is_new:
            yield _finding(rule, kind, response)


def _finding(rule: Rule, kind: ViolationKind, response: CheckedResponse) -> Finding:
    violation = kind.first
    return response.finding(
        rule,
        violation.expected,
        violation.found,
        pointer=clipped(violation.pointer),
        place=kind.place,
        page=violation.page,
        line=violation.line,
        count=kind.count,
    )


TABLES.rule("required", "error", "D")(
    "Every member that the page demands is there.",
    why="Clients that read the member without asking whether it is there crash on it.",
    advice="Read it as one that may be missing, until the server sends it.",
    example=reported(status=...),
)(_violations)
TABLES.rule("absent", "error", "D")(
    "A member is there only where the value of another one allows it.",
    why="Clients tell by this member what state a job is in, and are misled.",
    advice="Decide by `status` alone, and ignore the member.",
    example=reported("paused", bytes_per_second=10.5),
)(_violations)
TABLES.rule("dependentRequired", "error", "D")(
    "Two members that come together are both there.",
    why="A client that finds one of the two counts on the other.",
    advice="Ask for each of the two by itself.",
)(_violations)
TABLES.rule("type", "error", "D")(
    "A value is of the JSON type that the page says.",
    why="Typed clients (Rust, Go, Swift) refuse the whole reply for one value of another type.",
    advice="Do not count with the value before a look at its type; null counts as another type.",
    example=reported(total_size_bytes="1000"),
)(_violations)
TABLES.rule("const", "error", "D")(
    "A value that the page fixes is that one.",
    why="Clients sort jobs by this value, and put the job into the wrong place.",
    advice=_REPORT,
    example=(
        answer(json.loads(job_list().body) | {"paused": [example_job("failed")]}, LIST_STATUS.id),
    ),
)(_violations)
TABLES.rule("enum", "error", "D")(
    "A value that the page lists words for is text, in the case of the page.",
    why="Clients compare words exactly: `COMPLETED` is no end for them, and they poll for ever.",
    advice="Take what is not one of the words for neither success nor failure.",
    example=reported(status=7),
)(_violations)
TABLES.rule("format", "error", "D")(
    "A time is a date-time as RFC 3339 defines it.",
    why="Parsers of times refuse the text, or each of them reads another instant.",
    advice="Survive a time that cannot be read: show none.",
    example=reported(started_at="yesterday"),
)(_violations)
TABLES.rule("pattern", "error", "D")(
    "A text starts as the page says.",
    why="Clients tell by the beginning what kind of text it is.",
    advice=_REPORT,
)(_violations)
TABLES.rule("anyOf", "error", "D")(
    "A value has one of the forms that the page lists.",
    why="Typed clients refuse a value that has none of the forms they know.",
    advice=_REPORT,
)(_violations)


@DRIFT.rule("unknown-field", "drift", "D")(
    "A reply has the members that the page lists.",
    why="The pages do not forbid others, but strict clients refuse what they do not know, and "
    "hopeful ones read it.",
    advice="Nothing is broken. See whether newer pages have the member; clients must ignore it.",
    example=reported(progress=40),
)
def _unknown_field(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    """The first at each place, counted with those like it.

    What stands beside `already_downloaded` has a rule of its own.
    """
    if not response.is_success or is_already_downloaded(response):
        return
    firsts: dict[str, tuple[Path, object]] = {}
    counts: Counter[str] = Counter()
    for path, value in unknown_members(response.payload, response.schema):
        place = starred(path)
        if place in firsts or len(firsts) < MAX_KINDS:
            firsts.setdefault(place, (path, value))
            counts[place] += 1
    for place, (path, value) in firsts.items():
        expected, count = "a member that the page lists", counts[place]
        yield response.finding_at(rule, path, expected, shown(value), count=count)
    if response.surplus:
        expected = "members that the page lists"
        found = f"{response.surplus:,} more that it does not"
        yield response.finding(rule, expected, found, count=response.surplus)


@DRIFT.rule("unknown-value", "drift", "D")(
    "A value is one of those that the page lists.",
    why="A server that is newer than its pages may have more statuses; clients that know four "
    "either crash or poll for ever.",
    advice="Take an unknown status for neither success nor failure: poll on, with a deadline.",
    example=reported(status="queued"),
)
def _unknown_value(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    for kind in response.violation_kinds:
        if kind.is_new:
            yield _finding(rule, kind, response)
