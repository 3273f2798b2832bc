"""How a server is reached and what is shown to it: headers, a proxy, certificates."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from mockserver.conduct.secrets import Redaction, credential
from mockserver.conformance.seen import Headers
from mockserver.errors import BadHeader, UnreadableFile
from mockserver.remote.address import Address

__all__ = ["Access", "is_secret"]

_SHORTEST_SECRET = 4
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Access:
    """What a server asks of those who come to it, and the way there.

    `token` goes into `Authorization: Bearer`; `headers` are added to each request. `proxy` is a
    URL; without it the environment's proxies hold. `cacert` is a PEM file with the authorities to
    trust, `cert` and `key` are PEM files to show; `insecure` trusts anybody.

    Raises BadHeader for a header or a token that HTTP has no form for.
    """

    token: str | None = field(default=None, repr=False)
    headers: Headers = field(default=(), repr=False)
    proxy: str | None = field(default=None, repr=False)
    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    insecure: bool = False

    def __post_init__(self) -> None:
        token = () if self.token is None else (("Authorization", self.token),)
        for name, value in (*self.headers, *token):
            if not _NAME.fullmatch(name):
                raise BadHeader(name, "its name is not one")
            if not _VALUE.fullmatch(value):
                raise BadHeader(name, "its value is not printable ASCII text")

    def sent_headers(self, address: Address) -> Headers:
        """The headers of each request: those given, and the one that bears the credentials."""
        if any(name.lower() == "authorization" for name, _ in self.headers):
            return self.headers
        if self.token is not None:
            return (*self.headers, ("Authorization", f"Bearer {self.token}"))
        if address.credentials is not None:
            return (*self.headers, ("Authorization", f"Basic {_basic(address)}"))
        return self.headers

    def redaction(self, address: Address) -> Redaction:
        """Takes out of a reply what was shown to the server.

        A secret of fewer than four characters is not looked for: it would be found in any reply.
        """
        return Redaction([one for one in self._secrets(address) if len(one) >= _SHORTEST_SECRET])

    def ssl_context(self) -> ssl.SSLContext | None:
        """What `cacert`, `cert`, `key` and `insecure` come to; None where nothing is asked for.

        UnreadableFile when a file is missing, or is not what it is given as.
        """
        if not (self.cacert or self.cert or self.insecure):
            return None
        if self.cacert is None:
            context = ssl.create_default_context()
        else:
            with _reading(self.cacert, "a PEM file of certificates"):
                context = ssl.create_default_context(cafile=self.cacert)
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.cert is not None:
            with _reading(self.cert, "a PEM file of a certificate with its key, unencrypted"):
                context.load_cert_chain(self.cert, self.key, password=lambda: b"")
        return context

    def _secrets(self, address: Address) -> Iterator[str]:
        if self.token is not None:
            yield self.token
        if address.credentials is not None:
            yield from (address.credentials.password, _basic(address))
        if self.proxy is not None:
            yield unquote(urlsplit(self.proxy).password or "")
        for name, value in self.headers:
            if is_secret(name, value):
                yield from (value, credential(value))
                for part in re.split(r"[;,]\s*", value):  # the cookies
                    yield part.partition("=")[2]


def is_secret(name: str, value: str) -> bool:
    """Whether a header of this name bears credentials."""
    return Redaction().headers(((name, value),)) != ((name, value),)


def _basic(address: Address) -> str:
    assert address.credentials is not None
    pair = f"{address.credentials.user}:{address.credentials.password}"
    return base64.b64encode(pair.encode()).decode()


@contextmanager
def _reading(path: str, what: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError:
        raise UnreadableFile(path, f"not {what}") from None
    except OSError as error:
        raise UnreadableFile(path, (error.strerror or str(error)).lower()) from None
