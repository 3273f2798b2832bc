"""Bodies that are not JSON, as clients get them from proxies, crashes and careless servers.

Each kind of accident is a row of a table: what is wrong with the reply, and how it gets so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import methodcaller
from typing import TypeAlias

from hypothesis import strategies as st

from mockserver.api.replies import JSON_TYPE, written
from mockserver.documents.json_scanner import MAX_DEPTH, MAX_INTEGER_DIGITS
from mockserver.strategies.jobs import jobs

_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_EVENTS = "text/event-stream"

_Edit: TypeAlias = Callable[[str], str | bytes]
"""What becomes of the text of a true reply."""


@dataclass(frozen=True, slots=True)
class RawBody:
    """The bytes of a reply, and why no strict reader of JSON takes them.

    `rule` is the one of `documents.json_scanner.RULES` that they break, `why` says it in words.
    `content_type` is what a server sends with them; most say that they are JSON.
    """

    body: bytes
    rule: str
    why: str
    content_type: str = JSON_TYPE


# Replies to GET are on one line, those to POST over several.
_texts = st.builds(written, jobs(), pretty=st.booleans())


def _fixed(
    rule: str, why: str, texts: Mapping[str, str], kind: str = JSON_TYPE
) -> st.SearchStrategy[RawBody]:
    """These texts; `{}` in `why` is the name of each."""
    return st.sampled_from(
        [RawBody(text.encode(), rule, why.format(name), kind) for name, text in texts.items()]
    )


def _edited(
    rule: str, edits: Mapping[str, _Edit], content_type: str = JSON_TYPE
) -> st.SearchStrategy[RawBody]:
    """A true reply with one of these edits; each is named by what is wrong then."""

    def raw(why: str, text: str) -> RawBody:
        edited = edits[why](text)
        body = edited if isinstance(edited, bytes) else edited.encode()
        return RawBody(body, rule, why, content_type)

    return st.builds(raw, st.sampled_from(list(edits)), _texts)


def _with_speed(value: str, text: str) -> str:
    """The reply with this in place of its speed, as it stands."""
    reply = {**json.loads(text), "bytes_per_second": "?"}
    return written(reply, pretty="\n" in text).replace('"?"', value, 1)


def _with_bytes(sequence: bytes, text: str) -> bytes:
    return text.encode().replace(b"job_", b"job_" + sequence, 1)


_EMPTY = {"a line feed": "\n", "a space": " ", "an empty line": "\r\n\r\n", "tabs": "\t\t"}
_PAGES = {
    "502": "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
    "a login": '<!DOCTYPE html>\n<html><body><form action="/login"></form></body></html>',
    "an app": '<!doctype html><html><body><div id="root"></div></body></html>',
}
_PLAIN_TEXTS = {
    "a status": "Bad Gateway",
    "a proxy": "upstream connect error or disconnect/reset before headers",
    "undefined": "undefined",
    "an object": "[object Object]",
    "a stack": "TypeError: Cannot read properties of undefined (reading 'job_id')\n    at x",
}
_OTHER_NOTATIONS: dict[str, _Edit] = {
    "a trailing comma": lambda text: f"{text[:-1].rstrip()},}}",
    "single quotes, as Python prints": lambda text: repr(json.loads(text)),
    "keys without quotes": lambda text: text.replace('"job_id"', "job_id", 1),
    "a comment": lambda text: text.replace("{", "{ // the job\n", 1),
    "a comment before it": lambda text: f"/* the job */{text}",
    "a comma that is missing": lambda text: text.replace(",", " ", 1),
    "a brace too many": lambda text: f"{{{text}",
    "a line feed within a string": lambda text: text.replace("job_", "job_\n", 1),
    "a backslash within a string": lambda text: text.replace("job_", "C:\\models\\", 1),
}
_MORE_AFTER_IT: dict[str, _Edit] = {
    "a second reply after it": lambda text: f"{text}\n{text}",
    "a second reply right after it": lambda text: text + text,
    "a brace after it": lambda text: text + "}",
    "the end of a longer reply after it": lambda text: text + text[len(text) // 2 :],
    "a null character after it": lambda text: text + "\0",
}
_SPEEDS: dict[str, dict[str, str]] = {
    "json:non-finite": {
        "NaN": "a speed that is not a number",
        "Infinity": "an infinite speed",
        "-Infinity": "an infinite speed, below zero",
        "1e999": "a speed beyond a double's range",
    },
    "json:number": {"9" * (MAX_INTEGER_DIGITS + 1): "an integer of too many digits"},
    "json:surrogate": {
        '"\\ud83d"': "the first half of a surrogate pair",
        '"\\ude00"': "the second half of a surrogate pair",
    },
    "json:syntax": {
        "007": "a number with zeros in front",
        ".5": "a number without a digit before its point",
        "+1": "a number with a plus",
        "0x1F": "a hexadecimal number",
        "1,000": "a number with a separator",
        "1_000": "a number with an underscore",
        "True": "a Python value",
        "undefined": "a JavaScript value",
        '"\\x41"': "an escape that JSON does not have",
    },
}
_ENCODINGS: dict[str, _Edit] = {
    "UTF-16, low byte first": methodcaller("encode", "utf-16-le"),
    "UTF-16, high byte first": methodcaller("encode", "utf-16-be"),
    "UTF-16 with a byte order mark": methodcaller("encode", "utf-16"),
    "UTF-32": methodcaller("encode", "utf-32-le"),
}
_NOT_UTF8 = {
    "Latin-1: é is one byte": b"\xe9",
    "a byte that continues nothing": b"\x80",
    "the first byte of two, alone": b"\xc3",
    "a byte that UTF-8 never has": b"\xff",
    "a slash in two bytes": b"\xc0\xaf",
    "half of a surrogate pair in three bytes": b"\xed\xa0\xbd",
    "beyond the last character": b"\xf4\x90\x80\x80",
}


def raw_bodies() -> st.SearchStrategy[RawBody]:
    """Bodies that are not the JSON they should be; most are a true reply with one thing wrong.

    JSON of the wrong shape is not among them: what is no JSON at all has no schema to break. The
    simplest is an empty body.
    """
    kinds = [
        _fixed("json:empty", "{}", {"empty": ""}),
        _fixed("json:empty", "white space alone: {}", _EMPTY),
        _fixed("json:syntax", "an HTML page: {}", _PAGES, _HTML),
        _fixed("json:syntax", "plain text: {}", _PLAIN_TEXTS, _TEXT),
        truncated(),
        _edited("json:syntax", _OTHER_NOTATIONS),
        _edited("json:syntax", {"an event of a stream": "data: {}\n\n".format}, _EVENTS),
        _edited("json:trailing", _MORE_AFTER_IT),
        _with_a_key_twice(),
        _edited("json:bom", {"a byte order mark, then UTF-8": methodcaller("encode", "utf-8-sig")}),
        _edited(
            "json:encoding",
            _ENCODINGS | {why: partial(_with_bytes, odd) for why, odd in _NOT_UTF8.items()},
        ),
        _too_deep(),
    ]
    for rule, values in _SPEEDS.items():
        kinds.append(
            _edited(rule, {why: partial(_with_speed, value) for value, why in values.items()})
        )
    return st.one_of(kinds)


@st.composite
def truncated(draw: st.DrawFn) -> RawBody:
    """A reply that was cut off: it lacks its last brace at least, so no part of it is JSON."""
    body = draw(_texts).encode()
    kept = draw(st.integers(1, len(body) - 1))
    why = f"cut off after {kept} of {len(body)} bytes"
    return RawBody(body[:kept], "json:syntax", why)


@st.composite
def _with_a_key_twice(draw: st.DrawFn) -> RawBody:
    """Which of the two values a reader takes is its own choice."""
    reply, other = draw(jobs()), draw(jobs())
    key = draw(st.sampled_from(list(reply)))
    again = json.dumps({key: other.get(key, reply[key])})
    body = f"{written(reply)[:-1]},{again[1:]}"
    return RawBody(body.encode(), "json:duplicate-key", f"the key {key!r} twice")


@st.composite
def _too_deep(draw: st.DrawFn) -> RawBody:
    depth = draw(st.sampled_from([MAX_DEPTH + 1, 1_000, 10_000]))
    opening, closing = draw(st.sampled_from([("[", "]"), ('{"job":', "}")]))
    body = f"{opening * depth}null{closing * depth}"
    return RawBody(body.encode(), "json:depth", f"nested {depth:,} deep")
