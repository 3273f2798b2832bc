"""The server behind the proxy: how it is reached, and its replies as their bytes come."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass

from mockserver.http.exchange import Failure, FailureKind
from mockserver.remote.address import Address
from mockserver.remote.framing import Head, Malformed, end_of_head, read_reply_head

__all__ = [
    "AT_ONCE",
    "MAX_HEAD",
    "Broken",
    "Patience",
    "Reader",
    "Replies",
    "Upstream",
    "unreached",
]

MAX_HEAD = 64 * 1024
"""Bytes of a request's or a reply's head."""
AT_ONCE = 64 * 1024
"""Bytes that are read at once."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Real seconds: for a connection to the server, for any silence of it, for a client that sends
    nothing, for one that still sends after its reply, and for a reply to one that says that nothing
    more comes, as one does that has gone."""

    connect_s: float = 5.0
    silence_s: float = 600.0
    idle_s: float = 600.0
    linger_s: float = 1.0
    gone_s: float = 5.0


class Reader(asyncio.StreamReader):
    """Gives all that came before the connection broke, such as a reply to half a request."""

    failure: Exception | None = None

    def set_exception(self, exc: Exception) -> None:
        """Keep it until what has come is read."""
        self.failure = exc
        self.feed_eof()

    async def read(self, n: int = -1) -> bytes:
        """OSError, if the connection broke, only at the end."""
        data = await super().read(n)
        if not data and self.failure is not None:
            raise self.failure
        return data


@dataclass(frozen=True, slots=True)
class Upstream:
    """The server behind the proxy."""

    address: Address
    context: ssl.SSLContext | None
    patience: Patience

    @property
    def authority(self) -> str:
        return self.address.origin.partition("://")[2]

    async def connect(self) -> tuple[Reader, asyncio.StreamWriter]:
        """OSError or TimeoutError when it cannot be had."""
        address, is_tls = self.address, self.address.scheme == "https"
        context = self.context or (ssl.create_default_context() if is_tls else None)
        port = address.port or (443 if is_tls else 80)
        async with asyncio.timeout(self.patience.connect_s):
            loop = asyncio.get_running_loop()
            reader = Reader(limit=MAX_HEAD)
            protocol = asyncio.StreamReaderProtocol(reader)
            transport, _ = await loop.create_connection(
                lambda: protocol, address.host, port, ssl=context if is_tls else None
            )
            return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


class Broken(Exception):
    """The server's reply ends too early, or is no HTTP."""

    def __init__(self, kind: FailureKind, words: str, *, by_reset: bool = False) -> None:
        super().__init__(words)
        self.trouble = Failure(kind, words)
        self.by_reset = by_reset


class Replies:
    """What the server sends on one connection. Raises Broken where that is no reply."""

    def __init__(self, reader: asyncio.StreamReader, patience: Patience) -> None:
        self._reader, self._silence_s = reader, patience.silence_s
        self._waiting: asyncio.Timeout | None = None
        self._ahead = b""

    async def head(self) -> Head:
        """The next head, which may be that of 100 Continue."""
        data = self._ahead
        while (end := end_of_head(data)) < 0:
            if len(data) > MAX_HEAD:
                raise Broken("too-large", "its head is larger than what is read")
            self._ahead = b""
            more = await self.read()
            if not more:
                kind: FailureKind = "bad-http" if data else "broken-off"
                raise Broken(kind, "the connection ended before the reply did")
            data += more
        self._ahead = data[end:]
        try:
            return read_reply_head(data[:end])
        except Malformed as error:
            raise Broken("bad-http", f"it has {error}") from None

    async def read(self) -> bytes:
        """What has come already, or what comes next; nothing at the end."""
        if data := self.left():
            return data
        try:
            async with asyncio.timeout(self._silence_s) as self._waiting:
                return await self._reader.read(AT_ONCE)
        except TimeoutError:
            raise Broken("timeout", "nothing came for too long") from None
        except OSError:
            raise Broken("broken-off", "the connection broke", by_reset=True) from None
        finally:
            self._waiting = None

    def hurry(self, silence_s: float) -> None:
        """Wait no longer than that from now on, also where `read` is waiting already."""
        self._silence_s = min(self._silence_s, silence_s)
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time() + self._silence_s)

    def left(self) -> bytes:
        """What has come after the last head, once."""
        data, self._ahead = self._ahead, b""
        return data


def unreached(error: Exception) -> Failure:
    """Why there is no connection."""
    match error:
        case TimeoutError():
            return Failure("timeout", "no connection in time")
        case ssl.SSLError():
            return Failure("tls", "no TLS handshake")
        case socket.gaierror():
            return Failure("dns", "the host's name has no address")
        case ConnectionRefusedError():
            return Failure("refused", "nobody listens there")
    return Failure("refused", "no connection")
