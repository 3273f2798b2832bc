"""The rules of JSON itself, which its reader finds to be broken."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mockserver.contract import RULES as OF_SCHEMAS
from mockserver.contract.validator import of_text
from mockserver.documents.json_scanner import MAX_DEPTH, MAX_INTEGER_DIGITS
from mockserver.findings.finding import Finding
from mockserver.findings.rule import Rule, RuleGroup, Severity
from mockserver.server_rules.checked_response import CheckedResponse
from mockserver.server_rules.examples import answer, example_job
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


def _json(
    id_: str, why: str, advice: str, body: bytes | None = None, severity: Severity = "error"
) -> None:
    example = () if body is None else (answer(body),)
    facts = {"why": why, "advice": advice, "example": example}
    check = _of_mark if id_ == "json:bom" else _of_text
    JSON_TEXT.rule(id_, severity, "D")(OF_SCHEMAS[id_], **facts)(check)


_json(
    "json:empty",
    "Clients that parse each body fail with a message that names no cause.",
    "Look whether a proxy or a crash cut the reply off before its body.",
    b"",
)
_json(
    "json:bom",
    "Most parsers of JSON refuse the text for its first character.",
    "Let the server, or the proxy before it, write UTF-8 without a byte order mark.",
    b"\xef\xbb\xbf" + _JOB,
    "warning",
)
_json(
    "json:encoding",
    "Clients fail, or show broken letters.",
    "Look for a proxy that re-codes replies, or a name that is not UTF-8.",
    _JOB.replace(b"paused", b"paus\xe9"),
)
_json(
    "json:syntax",
    "No client can read the reply.",
    "Ask once more with the curl command; a reply that was cut off shows in its last line.",
    _JOB[:-20],
)
_json(
    "json:trailing",
    "Some parsers read the first value only, others refuse all of it.",
    "Look whether two replies were written into one another.",
    _JOB + b"{}",
)
_json(
    "json:duplicate-key",
    "Parsers differ in which of the two values they take.",
    "Compare the reply with the row of the page, and report it to whoever runs the server.",
    _JOB[:-1] + b', "status": "failed"}',
)
_json(
    "json:non-finite",
    "NaN and Infinity are no JSON: strict parsers refuse the reply, others count with them.",
    "A speed or an estimate divided by zero is the usual cause.",
    _JOB.replace(b"400", b"NaN"),
)
_json(
    "json:depth",
    "Parsers have such limits too, and some of them crash.",
    f"This program reads {MAX_DEPTH} levels; nothing in the API needs more than four.",
    b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}",
    "warning",
)
_json(
    "json:number",
    "Parsers round such a number, or refuse it.",
    f"This program reads {MAX_INTEGER_DIGITS:,} digits; no count of bytes needs them.",
    _JOB.replace(b"1000", b"1" * 2000),
    "warning",
)
_json(
    "json:surrogate",
    "Text with half a character cannot be written as UTF-8 again, and clients crash on it.",
    "Look for a name that was cut in the middle of an emoji.",
    _JOB.replace(b"paused", rb"\ud83d"),
)
_json(
    "json:type",
    "What JSON has no form for cannot be sent.",
    "It comes from Python data, never from a reply: hand in what json.loads returns.",
)
