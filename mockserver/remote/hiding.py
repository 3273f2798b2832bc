"""Secrets taken out of a reply's body: JSON stays JSON, numbers and times stay as sent."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mockserver.http.redaction import Redaction

__all__ = ["BodyRedaction"]

_SHORT = 8
_NUMERIC = re.compile(r"[0-9.eE+-]*")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_TIME = re.compile(rb'"\d{4}-\d\d-\d\d[Tt][^"]*"')


class BodyRedaction:
    """Takes known secrets out of bodies, and what goes by a secret's name.

    In JSON a secret of fewer than eight characters, or one that is spelt as numbers are, is looked
    for within strings alone, and not in those that are a time: a token `1000` leaves the number
    1000 as it is, where it says nothing of the token.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        every = tuple(secrets)
        weak = [one for one in every if len(one) < _SHORT or _NUMERIC.fullmatch(one)]
        self._every = Redaction(every)
        self._strong = Redaction(one for one in every if one not in weak)
        self._weak = Redaction(weak) if weak else None

    def body(self, body: bytes) -> bytes:
        """The body without secrets."""
        if body.lstrip()[:1] not in (b"{", b"["):
            return self._every.body(body)
        body = self._strong.body(body)
        return body if self._weak is None else _STRING.sub(self._hidden, body)

    def _hidden(self, match: re.Match[bytes]) -> bytes:
        assert self._weak is not None
        text = match[0]
        if _TIME.fullmatch(text):
            return text
        return self._weak.text(text.decode("latin-1")).encode("latin-1")
