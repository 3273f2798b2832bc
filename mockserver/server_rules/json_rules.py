"""The rules of JSON itself, which its reader finds to be broken."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterator

from mockserver.contract import RULES as OF_SCHEMAS
from mockserver.contract.validator import of_text
from mockserver.findings.finding import Finding
from mockserver.findings.rule import Rule
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.examples import answer, example_job
from mockserver.server_rules.rule_group import RuleGroup
from mockserver.server_rules.values import clipped

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
