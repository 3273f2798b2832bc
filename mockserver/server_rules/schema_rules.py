"""The rules of JSON itself and of the pages' tables, which reader and validator find broken."""

import json
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator

from mockserver.api.operations import LIST_STATUS
from mockserver.contract import RULES as OF_SCHEMAS
from mockserver.contract.json_data import shown
from mockserver.contract.validator import of_text
from mockserver.findings.finding import Finding, Rule
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.examples import answer, example_job, job_list, reported
from mockserver.server_rules.job_rules import is_already_downloaded
from mockserver.server_rules.rule_group import RuleGroup
from mockserver.server_rules.schema_check import MAX_KINDS, UNKNOWN_VALUE, unknown_members
from mockserver.server_rules.values import Path, clipped, starred

JSON_TEXT = RuleGroup("JSON")
"""What RFC 8259 demands of a body; the pages say that it is JSON."""

_JOB = json.dumps(example_job()).encode()


def _of_text(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    error = response.text_error
    violation = None if error is None else of_text(error)
    if violation is not None and violation.rule == rule.id:
        where = clipped(violation.pointer)
        # A text that is no JSON has no array to ask whether a number is an index.
        place = "/".join("*" if token.isdecimal() else token for token in where.split("/"))
        found = clipped(violation.found)
        yield response.finding(rule, violation.expected, found, pointer=where, place=place)


def _of_mark(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    if response.has_byte_order_mark and response.has_expected_status:
        expected = "JSON text from its first byte on"
        yield response.finding(rule, expected, "a byte order mark")


_EXAMPLES = {
    "json:empty": b"",
    "json:bom": BOM_UTF8 + _JOB,
    "json:encoding": _JOB.replace(b"paused", b"paus\xe9"),
    "json:syntax": _JOB[:-20],
    "json:trailing": _JOB + b"{}",
    "json:duplicate-key": _JOB[:-1] + b', "status": "failed"}',
    "json:non-finite": _JOB.replace(b"400", b"NaN"),
    "json:depth": b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}",
    "json:number": _JOB.replace(b"1000", b"1" * 2000),
    "json:surrogate": _JOB.replace(b"paused", rb"\ud83d"),
}
for _id, _body in _EXAMPLES.items():
    _check = _of_mark if _id == "json:bom" else _of_text
    JSON_TEXT.rule(_id, answer(_body), sentence=OF_SCHEMAS[_id])(_check)
JSON_TEXT.rule("json:type", sentence=OF_SCHEMAS["json:type"])(_of_text)


TABLES = RuleGroup("The tables of the pages")
DRIFT = RuleGroup("What the pages do not know")
"""Where a server knows more than its pages."""


def _violations(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    for kind in response.violation_kinds:
        if kind.rule == rule.id:
            first = kind.first
            about = {"page": first.page, "line": first.line, "count": kind.count}
            about |= {"pointer": clipped(first.pointer), "place": kind.place}
            yield response.finding(rule, first.expected, first.found, **about)


TABLES.rule("required", reported(status=...))(_violations)
TABLES.rule("absent", reported("paused", bytes_per_second=10.5))(_violations)
TABLES.rule("dependentRequired")(_violations)
TABLES.rule("type", reported(total_size_bytes="1000"))(_violations)
TABLES.rule(
    "const",
    answer(json.loads(job_list().body) | {"paused": [example_job("failed")]}, LIST_STATUS.id),
)(_violations)
TABLES.rule("enum", reported(status=7))(_violations)
TABLES.rule("format", reported(started_at="yesterday"))(_violations)
TABLES.rule("pattern")(_violations)
TABLES.rule("anyOf")(_violations)


@DRIFT.rule("unknown-field", reported(progress=40))
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


DRIFT.rule(UNKNOWN_VALUE, reported(status="queued"))(_violations)
