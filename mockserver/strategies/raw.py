"""Bodies that are not JSON, as clients get them from proxies, crashes and careless servers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mockserver.documents.json_text import MAX_DEPTH, MAX_INTEGER_DIGITS
from mockserver.strategies.jobs import jobs

__all__ = ["RawBody", "raw_bodies", "truncated"]

_JSON = "application/json; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_EVENTS = "text/event-stream"


@dataclass(frozen=True, slots=True)
class RawBody:
    """The bytes of a reply, and why no strict reader of JSON takes them.

    `rule` is the one of `documents.json_text.RULES` that they break, `why` says it in words.
    `content_type` is what a server sends with them; most say that they are JSON.
    """

    body: bytes
    rule: str
    why: str
    content_type: str = _JSON


def raw_bodies() -> st.SearchStrategy[RawBody]:
    """Bodies that are not the JSON they should be; most are a true reply with one thing wrong.

    JSON of the wrong shape is not among them: what is no JSON at all has no schema to break. The
    simplest is an empty body.
    """
    return st.one_of(
        _empty,
        _pages,
        _texts,
        truncated(),
        _respelt(),
        _with_more(),
        _with_a_value(),
        _with_a_key_twice(),
        _in_another_encoding(),
        _not_utf8(),
        _too_deep(),
    )


_replies = jobs()
_are_pretty = st.booleans()
"""Replies to GET are on one line, those to POST over several."""


def _written(reply: Mapping[str, Any], pretty: bool) -> str:
    return json.dumps(reply, indent=2) if pretty else json.dumps(reply, separators=(",", ":"))


_texts_of_replies = st.builds(_written, _replies, _are_pretty)


def _bodies(
    rule: str, why: str, texts: Mapping[str, str], content_type: str = _JSON
) -> st.SearchStrategy[RawBody]:
    """These texts; `why` may say `{}` for the name of each."""
    return st.sampled_from(
        [
            RawBody(text.encode(), rule, why.format(name), content_type)
            for name, text in texts.items()
        ]
    )


_empty = _bodies("json:empty", "{}", {"empty": ""}, _JSON) | _bodies(
    "json:empty",
    "white space alone: {}",
    {"a line feed": "\n", "a space": " ", "an empty line": "\r\n\r\n", "tabs": "\t\t"},
)

_pages = _bodies(
    "json:syntax",
    "an HTML page: {}",
    {
        "502": "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
        "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
        "a login": '<!DOCTYPE html>\n<html><body><form action="/login"></form></body></html>',
        "an app": '<!doctype html><html><body><div id="root"></div></body></html>',
    },
    _HTML,
)

_texts = _bodies(
    "json:syntax",
    "plain text: {}",
    {
        "a status": "Bad Gateway",
        "a proxy": "upstream connect error or disconnect/reset before headers",
        "undefined": "undefined",
        "an object": "[object Object]",
        "a stack": "TypeError: Cannot read properties of undefined (reading 'job_id')\n    at x",
    },
    _TEXT,
)


@st.composite
def truncated(draw: st.DrawFn) -> RawBody:
    """A reply that was cut off: it lacks its last brace at least, so no part of it is JSON."""
    body = draw(_texts_of_replies).encode()
    kept = draw(st.integers(1, len(body) - 1))
    why = f"cut off after {kept} of {len(body)} bytes"
    return RawBody(body[:kept], "json:syntax", why)


@st.composite
def _respelt(draw: st.DrawFn) -> RawBody:
    """What other notations allow, and JSON does not."""
    reply = draw(_replies)
    text = _written(reply, pretty=draw(_are_pretty))
    respelt = {
        "a trailing comma": f"{text[:-1].rstrip()},}}",
        "single quotes, as Python prints": repr(reply),
        "keys without quotes": text.replace('"job_id"', "job_id", 1),
        "a comment": text.replace("{", "{ // the job\n", 1),
        "a comment before it": f"/* the job */{text}",
        "a comma that is missing": text.replace(",", " ", 1),
        "a brace too many": f"{{{text}",
        "a line feed within a string": text.replace("job_", "job_\n", 1),
        "a backslash within a string": text.replace("job_", "C:\\models\\", 1),
        "an event of a stream": f"data: {text}\n\n",
    }
    name = draw(st.sampled_from(list(respelt)))
    is_stream = name == "an event of a stream"
    return RawBody(respelt[name].encode(), "json:syntax", name, _EVENTS if is_stream else _JSON)


@st.composite
def _with_more(draw: st.DrawFn) -> RawBody:
    """A whole reply, and then something else."""
    text = draw(_texts_of_replies)
    more = {
        "a second reply after it": f"\n{text}",
        "a second reply right after it": text,
        "a brace after it": "}",
        "the end of a longer reply after it": text[len(text) // 2 :],
        "a null character after it": "\0",
    }
    why = draw(st.sampled_from(list(more)))
    return RawBody((text + more[why]).encode(), "json:trailing", why)


_VALUES = {
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


@st.composite
def _with_a_value(draw: st.DrawFn) -> RawBody:
    """A reply with a value that JSON has no form for."""
    reply = draw(_replies)
    rule = draw(st.sampled_from(list(_VALUES)))
    value = draw(st.sampled_from(list(_VALUES[rule])))
    text = _written({**reply, "bytes_per_second": "?"}, pretty=draw(_are_pretty))
    return RawBody(text.replace('"?"', value, 1).encode(), rule, _VALUES[rule][value])


@st.composite
def _with_a_key_twice(draw: st.DrawFn) -> RawBody:
    """Which of the two values a reader takes is its own choice."""
    reply, other = draw(_replies), draw(_replies)
    key = draw(st.sampled_from(list(reply)))
    text = _written(reply, pretty=False)
    again = json.dumps({key: other.get(key, reply[key])})
    body = f"{text[:-1]},{again[1:]}"
    return RawBody(body.encode(), "json:duplicate-key", f"the key {key!r} twice")


@st.composite
def _in_another_encoding(draw: st.DrawFn) -> RawBody:
    text = draw(_texts_of_replies)
    encodings = {
        "utf-8-sig": ("json:bom", "a byte order mark, then UTF-8"),
        "utf-16-le": ("json:encoding", "UTF-16, low byte first"),
        "utf-16-be": ("json:encoding", "UTF-16, high byte first"),
        "utf-16": ("json:encoding", "UTF-16 with a byte order mark"),
        "utf-32-le": ("json:encoding", "UTF-32"),
    }
    encoding = draw(st.sampled_from(list(encodings)))
    return RawBody(text.encode(encoding), *encodings[encoding])


@st.composite
def _not_utf8(draw: st.DrawFn) -> RawBody:
    sequences = {
        "Latin-1: é is one byte": b"\xe9",
        "a byte that continues nothing": b"\x80",
        "the first byte of two, alone": b"\xc3",
        "a byte that UTF-8 never has": b"\xff",
        "a slash in two bytes": b"\xc0\xaf",
        "half of a surrogate pair in three bytes": b"\xed\xa0\xbd",
        "beyond the last character": b"\xf4\x90\x80\x80",
    }
    body = draw(_texts_of_replies).encode()
    why = draw(st.sampled_from(list(sequences)))
    return RawBody(body.replace(b"job_", b"job_" + sequences[why], 1), "json:encoding", why)


@st.composite
def _too_deep(draw: st.DrawFn) -> RawBody:
    depth = draw(st.sampled_from([MAX_DEPTH + 1, 1_000, 10_000]))
    opening, closing = draw(st.sampled_from([("[", "]"), ('{"job":', "}")]))
    body = f"{opening * depth}null{closing * depth}"
    return RawBody(body.encode(), "json:depth", f"nested {depth:,} deep")
