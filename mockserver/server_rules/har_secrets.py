"""The credentials of a recorded request and its reply, so that none is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import parse_qsl, unquote_plus

from mockserver.http.message import Headers, Request
from mockserver.http.redaction import HIDDEN, Redaction, credential

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
    headers = Headers((*sent, *received))
    secrets = {
        *(secret for secret in _named(request, headers) if len(secret) >= _SHORTEST),
        *(value for value in _unnamed(request, headers) if _is_likely(value)),
    }
    if not secrets:
        return Redaction()
    shown = "\n".join([request.path, *(value for _, value in received), body.decode("latin-1")])
    plain = _plain(shown)
    found = (
        secret
        for secret in sorted(secrets)
        if secret[:_REPEATED] in shown or _start(secret) in plain
    )
    return Redaction(islice(found, _MAX))


def _start(secret: str) -> str:
    """How a secret begins in plain text, as latin-1 shows UTF-8."""
    return _plain(secret[:_REPEATED].encode("utf-8", "replace").decode("latin-1"))


def _plain(text: str) -> str:
    """Text without the escapes of JSON and of URLs, which may be escaped again."""
    text = _ESCAPE.sub(lambda match: match[2] or _octets(match[1]), text)
    for _ in range(_MAX_ROUNDS):
        unquoted = unquote_plus(text, "latin-1")
        if unquoted == text:
            break
        text = unquoted
    return text


def _octets(unit: str) -> str:
    return chr(int(unit, 16)).encode("utf-8", "replace").decode("latin-1")


def _named(request: Request, headers: Headers) -> Iterator[str]:
    by_name = Redaction()
    for name, value in headers:
        is_hidden = by_name.headers(((name, value),)) != ((name, value),)
        if is_hidden and name.lower() not in _COOKIES and HIDDEN not in value:
            yield credential(value)
    for name, value in _query(request):
        if by_name.target(f"?{name}=x") != f"?{name}=x":
            yield value


def _unnamed(request: Request, headers: Headers) -> Iterator[str]:
    yield from (value for _, value in _query(request))
    for name, value in headers:
        if name.lower() in _COOKIES:
            yield from _cookies(value)


def _cookies(value: str) -> Iterable[str]:
    parts = re.split(r"[;\n]", value)
    return (part.partition("=")[2].strip().strip('"') for part in parts)


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.query, keep_blank_values=True)


def _is_likely(value: str) -> bool:
    return len(value) >= _SHORTEST_UNNAMED and _HARMLESS.fullmatch(value) is None
