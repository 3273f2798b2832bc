"""Credentials are taken out of what is written down; that there was one is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from mockserver.conduct.exchange import Headers

__all__ = ["HIDDEN", "Redaction", "credential"]

HIDDEN = "[hidden]"

_HEADERS = frozenset(
    ("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key")
)
_PARAMETERS = re.compile(
    r"((?:^|[?&;])(?:[\w.~-]*(?:token|secret|password)|[\w.~-]*api[-_]?key)=)[^&;#]*", re.IGNORECASE
)
_MEMBERS = re.compile(
    rb'("(?:[^"\\]*(?:token|secret|password)|[^"\\]*api[-_]?key)"\s*:\s*")(?:[^"\\]|\\.)*',
    re.IGNORECASE,
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9-]*) +\S")
_SHOWN_START = 10


def credential(value: str) -> str:
    """The credential in the value of an Authorization header, without its scheme."""
    scheme, _, rest = value.strip().partition(" ")
    return rest.strip() or scheme


class Redaction:
    """Takes secrets out: known ones wherever they stand, others by the name that they go by.

    Of a known secret, the ten characters that a refusal repeats (O) are hidden as well.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {one for one in secrets if one}
        starts = {one[:_SHOWN_START] for one in known if len(one) > _SHOWN_START}
        spelt = {form for one in known | starts for form in (one, quote(one, safe=""))}
        ordered = sorted(spelt, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        self._known_bytes = (
            re.compile(b"|".join(re.escape(one.encode()) for one in ordered)) if ordered else None
        )

    def headers(self, headers: Headers) -> Headers:
        """Values of headers that bear credentials are hidden; a scheme such as Bearer stays."""
        return tuple((name, self._value(name, value)) for name, value in headers)

    def target(self, target: str) -> str:
        """A path or a query."""
        return self._text(_PARAMETERS.sub(rf"\g<1>{HIDDEN}", target))

    def body(self, body: bytes) -> bytes:
        """A body; also members of JSON that are called a token, a secret, a password or a key."""
        if self._known_bytes is not None:
            body = self._known_bytes.sub(HIDDEN.encode(), body)
        return _MEMBERS.sub(rb"\g<1>" + HIDDEN.encode(), body)

    def _value(self, name: str, value: str) -> str:
        if name.lower() not in _HEADERS:
            return self._text(value)
        scheme = _SCHEME.match(value)
        return f"{scheme[1]} {HIDDEN}" if scheme else HIDDEN

    def _text(self, text: str) -> str:
        return text if self._known is None else self._known.sub(HIDDEN, text)
