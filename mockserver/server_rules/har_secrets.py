"""The credentials of a recorded request and its reply, so that none is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import parse_qsl, unquote_plus

from mockserver.http.message import Headers, Request
from mockserver.http.redaction import HIDDEN, Redaction, bears_credentials, credential

_SHORTEST = 4
_SHORTEST_UNNAMED = 8
_REPEATED = 10
"""So many characters of a token stand in the refusal of it."""
_MAX = 50
_MAX_ROUNDS = 5
_COOKIES = ("cookie", "set-cookie")
_HARMLESS = re.compile(r"[A-Za-z_]+|[0-9.]+|job_[0-9a-f]{10}|[0-9TZ:.+-]{10,}")
"""Words, numbers, ids and times: what a reply is full of, and to hide it would spoil the reply."""
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\([\"\\/])")


def redaction_of(request: Request, sent: Headers, received: Headers, body: bytes) -> Redaction:
    """What takes out all that this exchange shows to be secret.

    That is whatever goes by the name of a credential, and any cookie or value of the query that
    looks like one. To look for a secret takes long, so that only those are looked for of which
    something is in the path or in the reply: at most 50 of them.
    """
    candidates = set(_candidates(request, (*sent, *received)))
    secrets = sorted(each for each in candidates if len(each) >= _SHORTEST)
    if not secrets:
        return Redaction()
    shown = "\n".join([request.path, *(value for _, value in received), body.decode("latin-1")])
    plain = _plain(shown)

    def is_shown(secret: str) -> bool:
        start = secret[:_REPEATED]  # and as latin-1 shows UTF-8
        spelt = start.encode("utf-8", "replace").decode("latin-1")
        return start in shown or _plain(spelt) in plain

    return Redaction(islice(filter(is_shown, secrets), _MAX))


def _candidates(request: Request, headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in headers:
        if name.lower() in _COOKIES:
            parts = (part.partition("=")[2] for part in re.split(r"[;\n]", value))
            yield from filter(_is_likely, (part.strip().strip('"') for part in parts))
        elif bears_credentials(name, value) and HIDDEN not in value:
            yield credential(value)
    by_name = Redaction()
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        if _is_likely(value) or by_name.target(f"?{name}=x") != f"?{name}=x":
            yield value


def _is_likely(value: str) -> bool:
    return len(value) >= _SHORTEST_UNNAMED and _HARMLESS.fullmatch(value) is None


def _plain(text: str) -> str:
    """Text without the escapes of JSON and of URLs, which may be escaped again."""

    def unescaped(match: re.Match[str]) -> str:
        if match[2]:
            return match[2]
        return chr(int(match[1], 16)).encode("utf-8", "replace").decode("latin-1")

    text = _ESCAPE.sub(unescaped, text)
    for _ in range(_MAX_ROUNDS):
        unquoted = unquote_plus(text, "latin-1")
        if unquoted == text:
            break
        text = unquoted
    return text
