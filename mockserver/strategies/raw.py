"""Replies that are not JSON, or wrong as HTTP, as proxies, crashes and careless servers send them.

Each kind of body is a row of `raw_bodies.toml`, or a function here.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mockserver import resources
from mockserver.api.operations import LIST_STATUS
from mockserver.api.replies import JSON_TYPE, written
from mockserver.documents.json_scanner import MAX_DEPTH, MAX_INTEGER_DIGITS
from mockserver.strategies.jobs import jobs


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


def _with_speed(value: str, text: str) -> str:
    reply = {**json.loads(text), "bytes_per_second": "?"}
    return written(reply, pretty="\n" in text).replace('"?"', value, 1)


def _with_bytes(digits: str, text: str) -> bytes:
    return text.encode().replace(b"job_", b"job_" + bytes.fromhex(digits), 1)


_REMADE: dict[str, Callable[[str], str]] = {
    "trailing comma": lambda text: f"{text[:-1].rstrip()},}}",
    "Python": lambda text: repr(json.loads(text)),
    "longer": lambda text: text + text[len(text) // 2 :],
}
_EDITS: dict[str, Callable[[Any, str], str | bytes]] = {
    "texts": lambda whole, text: whole,
    "around": lambda template, text: template.replace("<reply>", text),
    "instead": lambda pair, text: text.replace(pair[0], pair[1], 1),
    "speeds": _with_speed,
    "encodings": lambda name, text: text.encode(name),
    "bytes": _with_bytes,
    "remade": lambda name, text: _REMADE[name](text),
}
"""By the table's word: what becomes of the text of a true reply."""

_KINDS: list[dict[str, Any]] = tomllib.loads(
    (resources.folder("strategies") / "raw_bodies.toml").read_text(encoding="utf-8")
)["kinds"]
_TOO_MANY_DIGITS = {"an integer of too many digits": "9" * (MAX_INTEGER_DIGITS + 1)}


def raw_bodies() -> st.SearchStrategy[RawBody]:
    """Bodies that are not the JSON they should be; most are a true reply with one thing wrong.

    JSON of the wrong shape is not among them: what is no JSON at all has no schema to break. The
    simplest is an empty body.
    """
    kinds = [*_KINDS, {"rule": "json:number", "speeds": _TOO_MANY_DIGITS}]
    return st.one_of(*map(_of_kind, kinds), truncated(), _with_a_key_twice(), _too_deep())


def _of_kind(kind: Mapping[str, Any]) -> st.SearchStrategy[RawBody]:
    rows = [(why, edit) for edit in _EDITS for why in kind.get(edit, ())]

    def raw(row: tuple[str, str], text: str) -> RawBody:
        why, edit = row
        edited = _EDITS[edit](kind[edit][why], text)
        body = edited if isinstance(edited, bytes) else edited.encode()
        return RawBody(body, kind["rule"], why, kind.get("type", JSON_TYPE))

    replies = st.just("") if "texts" in kind else _texts
    return st.builds(raw, st.sampled_from(rows), replies)


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


_HTML = "text/html; charset=utf-8"
_UNEXPECTED = f"Unexpected endpoint or method. (GET {LIST_STATUS.path})"
_STATUSES = (500, 404, 429, 401, 403, 400, 502, 503)

_ERRORS: dict[str, Any] = {
    "an error that is text": {"error": _UNEXPECTED},
    "an error object": {"error": {"type": "internal_error", "message": "out of memory"}},
    "an error object without a type": {"error": {"message": "out of memory"}},
    "an error of null": {"error": None},
    "a list of errors": {"errors": [{"message": "out of memory"}]},
}
_BODIES: dict[str, tuple[str, str]] = {
    "no body": ("", JSON_TYPE),
    "an HTML page": ("<html><body><h1>Bad Gateway</h1></body></html>", _HTML),
    "an HTML page that is called JSON": ("<html><body>Bad Gateway</body></html>", JSON_TYPE),
    "null": ("null", JSON_TYPE),
    "a list": ("[]", JSON_TYPE),
    "text as JSON": ('"Bad Gateway"', JSON_TYPE),
    "half of an object": ('{"error": {"type": "intern', JSON_TYPE),
    **{name: (written(error), JSON_TYPE) for name, error in _ERRORS.items()},
}


@dataclass(frozen=True, slots=True)
class OddReply:
    """A whole reply, which is no answer to what was asked; `why` says what it is."""

    status: int
    content_type: str
    body: bytes
    why: str


def odd_replies(good: bytes) -> st.SearchStrategy[OddReply]:
    """Refusals with any body, the `good` one too, and 200 with an error.

    The simplest is 200 with an error that is text, as LM Studio answers unknown paths.
    """
    said_200 = st.sampled_from(list(_ERRORS)).map(lambda name: _reply(200, name))
    refused = st.builds(_reply, st.sampled_from(_STATUSES), st.sampled_from(list(_BODIES)))
    with_good = st.sampled_from(_STATUSES).map(
        lambda status: OddReply(status, JSON_TYPE, good, f"{status} with a body that is right")
    )
    return st.one_of(said_200, refused, with_good)


def _reply(status: int, name: str) -> OddReply:
    body, content_type = _BODIES[name]
    return OddReply(status, content_type, body.encode(), f"{status} with {name}")
