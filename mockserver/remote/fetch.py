"""One request to a server, and what came of it: always a record, within limits, never a secret."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Self
from urllib.request import getproxies, proxy_bypass

import httpx

from mockserver import __version__
from mockserver.errors import BadAddress
from mockserver.http.content_encoding import ACCEPTED, BadEncoding, Decoder, decoder_of
from mockserver.http.exchange import Exchange, Failure
from mockserver.http.message import NO_HEADERS, Body, Headers, Request, Response
from mockserver.remote.access import Access, reading
from mockserver.remote.address import Address, read_address, without_credentials
from mockserver.remote.ask import Ask
from mockserver.remote.background import Background
from mockserver.remote.curl import curl_command
from mockserver.remote.time_source import SYSTEM_TIME, TimeSource
from mockserver.remote.trouble import trouble_of
from mockserver.server_rules.observation import Observation

__all__ = ["Fetcher", "Limits", "Received"]

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a reply may take, in real seconds, and how large its body may be, decoded or not.

    `connect_s` is for the connection, `read_s` for any silence, `total_s` for all of it. A head
    may have about 100 KiB.
    """

    connect_s: float = 5.0
    read_s: float = 10.0
    total_s: float = 30.0
    body_bytes: int = 16 * _MIB


@dataclass(slots=True)
class Received:
    """A reply as it came, secrets and all; `body` is decoded from its Content-Encoding."""

    status: int | None = None
    headers: Headers = NO_HEADERS
    body: bytes = b""
    trouble: Failure | None = None
    at_ms: int = 0
    took_s: float = 0.0


class Fetcher:
    """Sends requests to one server, each on a connection of its own; several threads may.

    Redirects are not followed, and no cookie is kept. Raises BadAddress for a URL or a proxy that
    cannot be used, UnreadableFile for certificates that cannot be.
    """

    def __init__(
        self,
        url: str | Address,
        access: Access | None = None,
        limits: Limits | None = None,
        clock: TimeSource = SYSTEM_TIME,
    ) -> None:
        self.address = url if isinstance(url, Address) else read_address(url)
        self.limits = limits or Limits()
        self._access = access or Access()
        self._clock = clock
        self._redaction = self._access.redaction(self.address)
        self._body_redaction = self._access.body_redaction(self.address)
        self._numbers = count(1)
        self._client = _client(self.address, self._access, self.limits)
        self._background = Background()

    def fetch(self, ask: Ask) -> Observation:
        """Ask, and say what was seen, numbered from 1 and with every known secret taken out."""
        return self.seen(ask, self.receive(ask))

    def receive(self, ask: Ask) -> Received:
        """Ask, and give the reply as it came. Never raises for what a server does."""
        received = Received()
        began_s = self._clock.monotonic_s()
        try:
            self._background.run(self._receive(ask, received))
        except TimeoutError:
            words = f"not all of it came within {self.limits.total_s:g} s"
            received.trouble = Failure("timeout", words)
        except BadEncoding as error:
            received.trouble = Failure("bad-encoding", str(error))
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            received.trouble = trouble_of(error)
        received.took_s = self._clock.monotonic_s() - began_s
        received.at_ms = self._clock.now_ms()
        return received

    def seen(self, ask: Ask, received: Received) -> Observation:
        """The record of a request and its reply, without secrets."""
        hidden = self._redaction
        trouble = received.trouble
        if trouble is not None:
            trouble = Failure(trouble.kind, hidden.target(trouble.message + self._by_way_of()))
        headers = tuple((hidden.target(name), value) for name, value in received.headers)
        path, _, query = hidden.target(self.address.target(ask.path)).partition("?")
        response = None
        if received.status is not None:
            body = self._body_redaction.body(received.body)
            response = Response(received.status, hidden.headers(headers), Body(body, len(body)))
        return Observation(
            Exchange(
                number=next(self._numbers),
                request=Request(ask.method, path, query),
                response=response,
                failure=trouble,
                took_s=received.took_s,
            ),
            at_ms=received.at_ms,
            operation=ask.operation,
            job_id=ask.job_id and hidden.target(ask.job_id),
            model=ask.model and hidden.target(ask.model),
            curl=self._curl(ask),
        )

    def _by_way_of(self) -> str:
        if self._access.proxy is not None:
            return f", by way of the proxy {without_credentials(self._access.proxy)}"
        proxy = _environments_proxy(self.address)
        if proxy is None:
            return ""
        return f", by way of the environment's proxy {without_credentials(proxy)}"

    def close(self) -> None:
        """End all connections."""
        self._background.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _receive(self, ask: Ask, received: Received) -> None:
        request = self._request(ask)
        body = bytearray()
        try:
            async with asyncio.timeout(self.limits.total_s):
                response = await self._client.send(request, stream=True)
                try:
                    received.status = response.status_code
                    received.headers = _headers(response)
                    decoder = decoder_of(response.headers.get_list("Content-Encoding"))
                    received.trouble = await self._read(response, decoder, body)
                finally:
                    await response.aclose()
        finally:
            received.body = bytes(body)

    async def _read(
        self, response: httpx.Response, decoder: Decoder | None, body: bytearray
    ) -> Failure | None:
        """All of the body into `body`, as far as there is room."""
        most, came = self.limits.body_bytes, 0
        async for data in response.aiter_raw():
            came += len(data)
            for piece in [data] if decoder is None else decoder.decoded(data):
                body += piece[: most - len(body)]
                if len(body) >= most:
                    break
            if came > most or len(body) >= most:
                return Failure("too-large", f"its body is larger than {most:,} bytes")
        if decoder is not None:
            decoder.end()
        return None

    def _request(self, ask: Ask) -> httpx.Request:
        sent = (*self._access.sent_headers(self.address), *ask.headers)
        url = self.address.origin + self.address.target(ask.path)
        self._client.cookies.clear()
        headers = httpx.Headers(list(sent))
        return self._client.build_request(ask.method, url, headers=headers, content=ask.body)

    def _curl(self, ask: Ask) -> str:
        body = None if ask.body is None else ask.body.decode(errors="replace")
        command = curl_command(self._access, self.address, ask.method, ask.path, body)
        return self._redaction.target(command)


def _headers(response: httpx.Response) -> Headers:
    raw = response.headers.raw
    return Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _environments_proxy(address: Address) -> str | None:
    """The proxy that the environment names for this server."""
    proxies = getproxies()
    if proxy_bypass(address.host):
        return None
    return proxies.get(address.scheme) or proxies.get("all")


@contextmanager
def _reading_environment() -> Iterator[None]:
    path = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or "certificates"
    with reading(path, "a PEM file of certificates, as SSL_CERT_FILE has to name one"):
        yield


def _client(address: Address, access: Access, limits: Limits) -> httpx.AsyncClient:
    context = access.ssl_context()
    if context is None and address.scheme == "http":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and made in no time
    try:
        httpx.URL(str(address))
    except httpx.InvalidURL as error:
        raise BadAddress(str(address), str(error).lower()) from None
    if context is None:
        with _reading_environment():
            context = httpx.create_ssl_context()
    try:
        return httpx.AsyncClient(
            verify=context,
            proxy=access.proxy,
            timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s),
            limits=httpx.Limits(max_keepalive_connections=0),
            headers=_OWN_HEADERS,
        )
    except ImportError:
        reason = "a SOCKS proxy needs the package socksio, which `pip install httpx[socks]` brings"
    except (httpx.InvalidURL, ValueError):
        reason = "a proxy's is such as http://proxy.example:3128"
    shown = "the environment's proxy" if access.proxy is None else access.proxy
    raise BadAddress(without_credentials(shown), reason)


_OWN_HEADERS: Mapping[str, str] = {
    "User-Agent": f"mockserver/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": ACCEPTED,
    "Connection": "close",
}
