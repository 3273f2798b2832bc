"""How a server is reached and what is shown to it: headers, a proxy, certificates; also by curl."""

import base64
import re
import shlex
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from mockserver.errors import BadHeader, UnreadableFile, visible
from mockserver.http.message import Headers, Request
from mockserver.http.redaction import Redaction, bears_credentials, credential
from mockserver.remote.address import Address, without_credentials

TOKEN_VARIABLE = "LM_API_TOKEN"
"""What LM Studio's own pages call the variable that holds the token."""

_SHORTEST_SECRET = 4
_SHORTEST_VALUE = 8
_HARMLESS = re.compile(
    r"accept(-charset|-encoding|-language)?|cache-control|content-type|host|pragma|user-agent", re.I
)
_FRAMING = re.compile(
    r"(proxy-)?connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade",
    re.I,
)
_WORD = re.compile(r"[a-z_]+|[A-Z][a-z]+")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Access:
    """What a server asks of those who come to it, and the way there.

    `token` goes into `Authorization: Bearer`; `headers` are added to each request. `proxy` is a
    URL; without it the environment's proxies hold. `cacert` is a PEM file with the authorities to
    trust, `cert` and `key` are PEM files to show; `insecure` trusts anybody.

    Raises BadHeader for a header or a token that HTTP has no form for, and for a header that frames
    the request, such as Content-Length.
    """

    token: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
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
            if _FRAMING.fullmatch(name):
                raise BadHeader(name, "it says how a request is sent, which is not yours to choose")

    def sent_headers(self, address: Address) -> Headers:
        """The headers of each request: those given, and the one that bears the credentials."""
        headers = Headers(self.headers)
        if headers.get("Authorization") is not None:
            return headers
        if self.token is not None:
            return Headers((*headers, ("Authorization", f"Bearer {self.token}")))
        if address.credentials is not None:
            return Headers((*headers, ("Authorization", f"Basic {_basic(address)}")))
        return headers

    def redaction(self, address: Address) -> Redaction:
        """Takes out of a reply what was shown to the server.

        A secret of fewer than four characters is not looked for: it would be found in any reply.
        The value of a header whose name says nothing of credentials is looked for when it has eight
        characters or more and is no plain word, such as a status that the pages know.
        """
        return Redaction(each for each in self._secrets(address) if len(each) >= _SHORTEST_SECRET)

    def ssl_context(self) -> ssl.SSLContext | None:
        """What `cacert`, `cert`, `key` and `insecure` come to; None where nothing is asked for.

        UnreadableFile when a file is missing, or is not what it is given as.
        """
        if not (self.cacert or self.cert or self.insecure):
            return None
        with reading(self.cacert or "certificates", "a PEM file of certificates"):
            context = ssl.create_default_context(cafile=self.cacert)
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.cert is not None:
            with reading(self.cert, "a PEM file of a certificate with its key, unencrypted"):
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
            if bears_credentials(name, value):
                yield from (value, credential(value))
                for part in re.split(r"[;,]\s*", value):  # the cookies
                    yield part.partition("=")[2]
            elif _is_secret(name) and len(value) >= _SHORTEST_VALUE and not _WORD.fullmatch(value):
                yield value


def curl_command(access: Access, address: Address, request: Request) -> str:
    """The command that sends the request, on one line, with variables in the place of secrets."""
    words, body = ["curl", *(["-k"] if access.insecure else [])], request.body.start
    proxy = access.proxy and without_credentials(access.proxy)
    files = (("--cacert", access.cacert), ("--cert", access.cert), ("--key", access.key))
    for flag, option in (("-x", proxy), *files):
        words += [flag, shlex.quote(option)] if option else []
    if request.method != ("POST" if body else "GET"):
        words += ["-X", shlex.quote(request.method)]
    for name, value in access.sent_headers(address):
        words += ["-H", _header(name, value)]
    if body:
        data = shlex.quote(body.decode(errors="replace"))
        words += ["-H", "'Content-Type: application/json'", "-d", data]
    url = address.origin + address.target(request.target)
    return visible(" ".join([*words, shlex.quote(url)]))


def _header(name: str, value: str) -> str:
    if not _is_secret(name):
        return shlex.quote(f"{name}: {value}")
    scheme, space, _ = value.partition(" ")
    if name.lower() != "authorization" or not space:
        variable = re.sub(r"\W", "_", name.upper(), flags=re.ASCII)
        return f'"{name}: ${variable}"'
    variable = TOKEN_VARIABLE if scheme.lower() == "bearer" else "CREDENTIALS"
    return f'"{name}: {scheme} ${variable}"'


def _is_secret(name: str) -> bool:
    """Whether a header of this name may bear a secret: any but a few that never do."""
    return _HARMLESS.fullmatch(name) is None


def _basic(address: Address) -> str:
    assert address.credentials is not None
    pair = f"{address.credentials.user}:{address.credentials.password}"
    return base64.b64encode(pair.encode()).decode()


@contextmanager
def reading(path: str, what: str) -> Iterator[None]:
    """UnreadableFile in the place of what the TLS library says of a file."""
    try:
        yield
    except ssl.SSLError:
        raise UnreadableFile(path, f"not {what}") from None
    except OSError as error:
        raise UnreadableFile(path, (error.strerror or str(error)).lower()) from None
