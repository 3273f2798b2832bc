"""The credentials of a recorded request and its reply, so that none is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl

from mockserver.conduct.secrets import HIDDEN, Redaction, credential
from mockserver.conformance.recorded import Request
from mockserver.conformance.seen import Headers

__all__ = ["redaction_of"]

_SHORTEST = 4
_SHORTEST_UNNAMED = 8
_COOKIES = ("cookie", "set-cookie")
_HARMLESS = re.compile(r"[A-Za-z_]+|[0-9.]+|job_[0-9a-f]{10}|[0-9TZ:.+-]{10,}")
"""Words, numbers, ids and times: what a reply is full of, and to hide it would spoil the reply."""


def redaction_of(request: Request, sent: Headers, received: Headers) -> Redaction:
    """What takes out all that this exchange shows to be secret.

    That is whatever goes by the name of a credential, and any cookie or value of the query that
    looks like one.
    """
    return Redaction(
        {
            *(one for one in _named(request, (*sent, *received)) if len(one) >= _SHORTEST),
            *(one for one in _unnamed(request, (*sent, *received)) if _is_likely(one)),
        }
    )


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
