"""An HTTP client that gives up in time: httpx in an event loop of its own.

Whoever waits for a response may do so in a thread that has a loop already, and several may.
"""

import asyncio
import os
import ssl
import threading
from contextlib import aclosing
from dataclasses import dataclass, field

import httpx

from mockserver import __version__
from mockserver.errors import BadAddress
from mockserver.http.content_encoding import ACCEPTED, BadEncoding, Decoder, decoder_of
from mockserver.http.message import NO_HEADERS, Failure, Headers, Request
from mockserver.remote.access import Access, reading
from mockserver.remote.address import Address, without_credentials
from mockserver.remote.failures import failure_of

_CLOSING_S = 2.0
_OWN_HEADERS = {
    "User-Agent": f"mockserver/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": ACCEPTED,
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """How long a response may take, in real seconds, and how large its body may be, decoded or not.

    `connect_s` is for the connection, `read_s` for any silence, `total_s` for all of it. A head
    may have about 100 KiB.
    """

    connect_s: float = 5.0
    read_s: float = 10.0
    total_s: float = 30.0
    body_bytes: int = 16 * 1024 * 1024


@dataclass(slots=True)
class Received:
    """A response as it came, secrets and all; `body` is decoded from its Content-Encoding."""

    status: int | None = None
    headers: Headers = NO_HEADERS
    body: bytearray = field(default_factory=bytearray)
    failure: Failure | None = None


class HttpClient:
    """Sends requests to one server, from its making to `close`, as `Fetcher` says."""

    def __init__(self, address: Address, access: Access, limits: RequestLimits) -> None:
        self._address, self._access, self._limits = address, access, limits
        self._client = _client(address, access, limits)
        self._loop = asyncio.new_event_loop()
        # A daemon, because a look-up of a host's name cannot be ended.
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="mockserver:remote", daemon=True
        )
        self._thread.start()

    def send(self, request: Request) -> Received:
        """Ask, and give the response as it came. Never raises for what a server does."""
        received = Received()
        future = asyncio.run_coroutine_threadsafe(self._receive(request, received), self._loop)
        try:
            future.result()
        except TimeoutError:
            message = f"not all of it came within {self._limits.total_s:g} s"
            received.failure = Failure("timeout", message)
        except BadEncoding as error:
            received.failure = Failure("bad-encoding", str(error))
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            received.failure = failure_of(error)
        finally:
            future.cancel()  # when the wait is interrupted
        return received

    def close(self) -> None:
        """End all that still runs."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result(_CLOSING_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLOSING_S)
        if not self._thread.is_alive():
            self._loop.close()

    async def _receive(self, request: Request, received: Received) -> None:
        async with asyncio.timeout(self._limits.total_s):
            response = await self._client.send(self._built(request), stream=True)
            async with aclosing(response):
                received.status = response.status_code
                received.headers = Headers(
                    (name.decode("latin-1"), value.decode("latin-1"))
                    for name, value in response.headers.raw
                )
                decoder = decoder_of(received.headers.get_all("Content-Encoding"))
                received.failure = await self._read(response, decoder, received.body)

    async def _read(
        self, response: httpx.Response, decoder: Decoder | None, body: bytearray
    ) -> Failure | None:
        """All of the body into `body`, as far as there is room."""
        most, came = self._limits.body_bytes, 0
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

    def _built(self, request: Request) -> httpx.Request:
        self._client.cookies.clear()
        headers = [*self._access.sent_headers(self._address), *request.headers]
        url = self._address.origin + self._address.target(request.target)
        content = request.body.start or None
        return self._client.build_request(
            request.method, url, headers=httpx.Headers(headers), content=content
        )


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _client(address: Address, access: Access, limits: RequestLimits) -> httpx.AsyncClient:
    context = access.ssl_context()
    if context is None and address.scheme == "http":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, and made in no time
    try:
        httpx.URL(str(address))
    except httpx.InvalidURL as error:
        raise BadAddress(str(address), str(error).lower()) from None
    if context is None:
        path = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or "certificates"
        with reading(path, "a PEM file of certificates, as SSL_CERT_FILE has to name one"):
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
