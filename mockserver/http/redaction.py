"""Credentials are taken out of what is written down; that there was one is kept."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote_plus

from mockserver.http.message import Headers

HIDDEN = "[hidden]"

_NAME = r"(?:token|secret|password|api[-_]?key|access[-_]?key)"
_HEADERS = re.compile(rf"auth|cookie|{_NAME}", re.IGNORECASE)
_USER = re.compile(r"((?:^|:)//)[^/?#\s\"]*@")
_PARAMETER = re.compile(r"((?:^|[?&;])([^=&;?#\s\"]*)=)[^&;#\s\"]*")
_MEMBERS = re.compile(
    rb'("[^"\\]*(?:auth|authorization|' + _NAME.encode() + rb')"\s*:\s*")(?:[^"\\]|\\.)*',
    re.IGNORECASE | re.DOTALL,
)
_NAMED = re.compile(rf"(?:auth|authorization|{_NAME})$", re.IGNORECASE)
_SCHEMES = ("basic", "bearer", "digest", "negotiate", "token", "apikey")
_SCHEME = re.compile(rf"\s*({'|'.join(_SCHEMES)}) +\S", re.IGNORECASE)
_SHOWN_START = 10
_SHORT = 8
_SHORTEST_COOKIE = 4
_SPELT = 100
_REST = r"[^\s\"&]*"
_NUMERIC = re.compile(r"[0-9.eE+-]*")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_TIME = re.compile(rb'"\d{4}-\d\d-\d\d[Tt][^"]*"')
_ESCAPED_IN_JSON = '"\\/'


def credential(value: str) -> str:
    """The credential in the value of an Authorization header, without its scheme."""
    scheme, _, rest = value.strip().partition(" ")
    return rest.strip() or scheme


def credentials_in(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What a request's headers bear: the values of its cookies, and those of its secret headers.

    A cookie of fewer than four characters, such as `on`, is a choice and no secret.
    """
    for name, value in headers:
        if name.lower() == "cookie":
            cookies = (pair.partition("=")[2].strip().strip('"') for pair in value.split(";"))
            long = [cookie for cookie in cookies if len(cookie) >= _SHORTEST_COOKIE]
            yield from long
            yield from map(unquote_plus, long)
        elif _HEADERS.search(name):
            yield credential(value)


def bears_credentials(name: str, value: str) -> bool:
    """Whether a header's value is not written down as it is."""
    return Redaction().headers(((name, value),)) != ((name, value),)


class Redaction:
    """Takes secrets out: known ones wherever they stand, others by the name that they go by.

    A known secret is found however its characters are escaped, as in a URL or in JSON. The ten
    characters of it that a refusal repeats (O) are hidden as well. A short one, such as a test's
    `t`, is found where it stands by itself, not within a word. Of a very long one, what follows
    its first characters up to a space, a quotation mark or an ampersand is taken for the rest.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset(each for each in secrets if each and each.lower() not in _SCHEMES)
        self._known, self._known_bytes = _patterns(self._secrets)

    def headers(self, headers: Iterable[tuple[str, str]]) -> Headers:
        """Values of headers that bear credentials are hidden; a scheme such as Bearer stays."""
        return Headers((name, self._value(name, value)) for name, value in headers)

    def target(self, target: str) -> str:
        """A path, a query or a URL, which loses its user and password."""
        return self.text(_PARAMETER.sub(_without_value, _USER.sub(rf"\1{HIDDEN}@", target)))

    def body(self, body: bytes) -> bytes:
        """A body; also what JSON or a form calls a token, a secret, a password or a key."""
        if self._known_bytes is not None:
            body = self._known_bytes.sub(HIDDEN.encode(), body)
        if body[:1] not in (b"{", b"["):
            form = body.decode("latin-1")
            body = _PARAMETER.sub(_without_value, form).encode("latin-1")
        return _MEMBERS.sub(rb"\g<1>" + HIDDEN.encode(), body)

    def reply_body(self, body: bytes) -> bytes:
        """The body of somebody who may not know the secrets: JSON stays JSON.

        There a secret of fewer than eight characters, or one that is spelt as numbers are, is
        looked for within strings alone, and not in those that are a time: a token `1000` leaves the
        number 1000 as it is, where it says nothing of the token.
        """
        if body.lstrip()[:1] not in (b"{", b"["):
            return self.body(body)
        weak = {each for each in self._secrets if len(each) < _SHORT or _NUMERIC.fullmatch(each)}
        body = Redaction(self._secrets - weak).body(body)
        return _STRING.sub(Redaction(weak)._within_string, body) if weak else body

    def _within_string(self, match: re.Match[bytes]) -> bytes:
        is_time = _TIME.fullmatch(match[0])
        return match[0] if is_time else self.text(match[0].decode("latin-1")).encode("latin-1")

    def _value(self, name: str, value: str) -> str:
        if not _HEADERS.search(name):
            return self.target(value)  # such as the address in a Referer
        scheme = _SCHEME.match(value)
        return f"{scheme[1]} {HIDDEN}" if scheme else HIDDEN

    def text(self, text: str) -> str:
        """Any other text, without the known secrets."""
        return text if self._known is None else self._known.sub(HIDDEN, text)


def _without_value(match: re.Match[str]) -> str:
    """A parameter, without its value if its name says that it is a credential."""
    return match[1] + HIDDEN if _NAMED.search(unquote_plus(match[2])) else match[0]


@lru_cache(maxsize=64)
def _patterns(known: frozenset[str]) -> tuple[re.Pattern[str] | None, re.Pattern[bytes] | None]:
    if not known:
        return None, None
    starts = {secret[:_SHOWN_START] for secret in known if len(secret) > _SHOWN_START}
    ordered = sorted(known | starts, key=len, reverse=True)
    pattern = "|".join(map(_pattern, ordered))
    return re.compile(pattern), re.compile(pattern.encode())


def _pattern(secret: str) -> str:
    spelt = "".join(map(_spellings, secret[:_SPELT]))
    if len(secret) < _SHORT:
        return rf"(?<![A-Za-z0-9]){spelt}(?![A-Za-z0-9])"
    return spelt + (_REST if len(secret) > _SPELT else "")


def _spellings(character: str) -> str:
    """A pattern for a character as it is, percent-encoded, or escaped in JSON, in either case."""
    octets = "".join(rf"%(?:25)*(?i:{octet:02x})" for octet in character.encode())
    units = character.encode("utf-16-be").hex()
    escape = "".join(rf"\\u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4))
    forms = [re.escape(character), octets, escape]
    if character == " ":
        forms.append(r"\+")
    if character in _ESCAPED_IN_JSON:  # first, lest half of the escape be left
        forms.insert(0, re.escape("\\" + character))
    return f"(?:{'|'.join(forms)})"
