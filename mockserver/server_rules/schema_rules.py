"""The rules of the schemas and of JSON itself, as rules for a server."""

from __future__ import annotations

from mockserver.contract import RULES
from mockserver.documents.json_text import MAX_DEPTH, MAX_INTEGER_DIGITS
from mockserver.findings.rule import Rule, Severity

__all__ = ["DRIFT_RULES", "JSON_RULES", "SCHEMA_RULES"]

_REPORT = "Compare the reply with the row of the page, and report it to whoever runs the server."

_ABOUT_SCHEMA: dict[str, tuple[str, str, str]] = {
    "required": (
        "Every member that the page demands is there.",
        "Clients that read the member without asking whether it is there crash on it.",
        "Read it as one that may be missing, until the server sends it.",
    ),
    "absent": (
        "A member is there only where the value of another one allows it.",
        "Clients tell by this member what state a job is in, and are misled.",
        "Decide by `status` alone, and ignore the member.",
    ),
    "dependentRequired": (
        "Two members that come together are both there.",
        "A client that finds one of the two counts on the other.",
        "Ask for each of the two by itself.",
    ),
    "type": (
        "A value is of the JSON type that the page says.",
        "Typed clients (Rust, Go, Swift) refuse the whole reply for one value of another type.",
        "Do not count with the value before a look at its type; null counts as another type.",
    ),
    "const": (
        "A value that the page fixes is that one.",
        "Clients sort jobs by this value, and put the job into the wrong place.",
        _REPORT,
    ),
    "enum": (
        "A value that the page lists words for is text, in the case of the page.",
        "Clients compare words exactly: `COMPLETED` is no end for them, and they poll for ever.",
        "Take what is not one of the words for neither success nor failure.",
    ),
    "format": (
        "A time is a date-time as RFC 3339 defines it.",
        "Parsers of times refuse the text, or each of them reads another instant.",
        "Survive a time that cannot be read: show none.",
    ),
    "pattern": (
        "A text starts as the page says.",
        "Clients tell by the beginning what kind of text it is.",
        _REPORT,
    ),
    "anyOf": (
        "A value has one of the forms that the page lists.",
        "Typed clients refuse a value that has none of the forms they know.",
        _REPORT,
    ),
}

_ABOUT_JSON: dict[str, tuple[Severity, str, str]] = {
    "json:empty": (
        "error",
        "Clients that parse each body fail with a message that names no cause.",
        "Look whether a proxy or a crash cut the reply off before its body.",
    ),
    "json:bom": (
        "warning",
        "Most parsers of JSON refuse the text for its first character.",
        "Let the server, or the proxy before it, write UTF-8 without a byte order mark.",
    ),
    "json:encoding": (
        "error",
        "Clients fail, or show broken letters.",
        "Look for a proxy that re-codes replies, or a name that is not UTF-8.",
    ),
    "json:syntax": (
        "error",
        "No client can read the reply.",
        "Ask once more with the curl command; a reply that was cut off shows in its last line.",
    ),
    "json:trailing": (
        "error",
        "Some parsers read the first value only, others refuse all of it.",
        "Look whether two replies were written into one another.",
    ),
    "json:duplicate-key": (
        "error",
        "Parsers differ in which of the two values they take.",
        _REPORT,
    ),
    "json:non-finite": (
        "error",
        "NaN and Infinity are no JSON: strict parsers refuse the reply, others count with them.",
        "A speed or an estimate divided by zero is the usual cause.",
    ),
    "json:depth": (
        "warning",
        "Parsers have such limits too, and some of them crash.",
        f"This program reads {MAX_DEPTH} levels; nothing in the API needs more than four.",
    ),
    "json:number": (
        "warning",
        "Parsers round such a number, or refuse it.",
        f"This program reads {MAX_INTEGER_DIGITS:,} digits; no count of bytes needs them.",
    ),
    "json:surrogate": (
        "error",
        "Text with half a character cannot be written as UTF-8 again, and clients crash on it.",
        "Look for a name that was cut in the middle of an emoji.",
    ),
    "json:type": (
        "error",
        "What JSON has no form for cannot be sent.",
        "It comes from Python data, never from a reply: hand in what json.loads returns.",
    ),
}

SCHEMA_RULES = tuple(
    Rule(id_, "error", "D", sentence, why, advice)
    for id_, (sentence, why, advice) in _ABOUT_SCHEMA.items()
)
"""What the tables of the pages demand."""

JSON_RULES = tuple(
    Rule(id_, severity, "D", RULES[id_], why, advice)
    for id_, (severity, why, advice) in _ABOUT_JSON.items()
)
"""What RFC 8259 demands of a body; the pages say that it is JSON."""

DRIFT_RULES = (
    Rule(
        "unknown-field",
        "drift",
        "D",
        "A reply has the members that the page lists.",
        "The pages do not forbid others, but strict clients refuse what they do not know, and "
        "hopeful ones read it.",
        "Nothing is broken. See whether newer pages have the member; clients must ignore it.",
    ),
    Rule(
        "unknown-value",
        "drift",
        "D",
        "A value is one of those that the page lists.",
        "A server that is newer than its pages may have more statuses; clients that know four "
        "either crash or poll for ever.",
        "Take an unknown status for neither success nor failure: poll on, with a deadline.",
    ),
)
"""Where a server knows more than its pages."""
