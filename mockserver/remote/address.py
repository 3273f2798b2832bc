"""Where a server is: its base URL, read strictly, without the credentials in it."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from mockserver.errors import BadAddress

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_USERINFO = re.compile(r"^((?:[A-Za-z][A-Za-z0-9+.-]*://)?).*@", re.DOTALL)
_API = re.compile(r"/(?:api/)?v[01](?:/.*)?$")
_HOST = re.compile(r"[^\s/?#@\\<>\"{}|^`%]+")
_KEPT = "/%:@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password, decoded."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Address:
    """A server's base URL in parts; `prefix` is the path in front of the API's own, mostly empty.

    As text it is without credentials, and can be shown.
    """

    scheme: str
    host: str
    port: int | None
    prefix: str = ""
    credentials: Credentials | None = None

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port is not None else "")

    def target(self, path: str) -> str:
        """The path as it is sent."""
        return self.prefix + path

    def __str__(self) -> str:
        return self.origin + self.prefix


def without_credentials(text: str) -> str:
    """Whatever was given as a URL, without what may be a user and a password in it."""
    return _USERINFO.sub(r"\1", text)


def read_address(text: str) -> Address:
    """A base URL such as `http://127.0.0.1:1234`; without a scheme, `http`.

    Raises BadAddress for anything else, also for the address of one of the server's APIs.
    """
    shown = without_credentials(text)
    given = text if _SCHEME.match(text) else f"http://{text}"
    try:
        parts = urlsplit(given)
        host = parts.hostname
    except ValueError:
        raise BadAddress(shown, "its host cannot be read") from None
    try:
        port = parts.port
    except ValueError:
        raise BadAddress(shown, "its port is no number up to 65535") from None
    if parts.scheme not in ("http", "https"):
        raise BadAddress(shown, "its scheme is neither http nor https")
    if not host or not _HOST.fullmatch(host):
        raise BadAddress(shown, "it names no host")
    if port == 0:
        raise BadAddress(shown, "nobody listens on port 0")
    if parts.query or parts.fragment:
        raise BadAddress(shown, "a base URL has neither a query nor a fragment")
    credentials = None
    if parts.username or parts.password:
        credentials = Credentials(unquote(parts.username or ""), unquote(parts.password or ""))
    prefix = quote(parts.path.rstrip("/"), safe=_KEPT)
    address = Address(parts.scheme, host, port, prefix, credentials)
    if (api := _API.search(prefix)) is not None:
        base = address.origin + prefix[: api.start()]
        raise BadAddress(shown, f"{api[0]} belongs to an API, and a base URL ends before it", base)
    return address
