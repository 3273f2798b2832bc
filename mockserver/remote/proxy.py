"""A proxy in front of a real server: it changes nothing, and looks at all that passes.

with Proxy("http://127.0.0.1:1234") as proxy:
    my_client(proxy.url)
print(proxy.traffic.report(), proxy.traffic.verdict())
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import Any, Self

from mockserver.errors import BadAddress
from mockserver.net import listener
from mockserver.remote.access import Access
from mockserver.remote.address import read_address
from mockserver.remote.background import Background
from mockserver.remote.check import AUTO
from mockserver.remote.clock import SYSTEM, Clock
from mockserver.remote.passage import Passage
from mockserver.remote.relay import Relay
from mockserver.remote.traffic import Traffic
from mockserver.remote.upstream import MAX_HEAD, Patience, Upstream

__all__ = ["MOST_CONNECTIONS", "Proxy"]

MOST_CONNECTIONS = 512
"""Clients that are served at once; more of them get a 503 in the proxy's own name."""
_MOST_REFUSED = 64
_PAUSE_S = 0.05

_log = logging.getLogger(__name__)


class _Listening(socket.socket):
    """Remembers whom it accepted last: a task that is cancelled as it accepts tells nobody."""

    last: socket.socket | None = None

    def accept(self) -> tuple[socket.socket, Any]:
        self.last, address = super().accept()
        return self.last, address


class Proxy:
    """Listens from `start` to `stop`, or as a context manager.

    Passed on as they are: method, target, headers but those about the connection, and bodies, as
    their bytes come; `Host` becomes the server's. `access` says how the server's certificate is
    trusted; clients bear their own tokens. Port 0 takes a free one. `full` is told the most
    connections that there may be when another one comes, and again only after one has ended.
    Raises BadAddress for a URL that cannot be used, UnreadableFile for certificates, UnknownName
    for an edition; `start` raises AddressUnavailable.
    """

    def __init__(
        self,
        upstream: str,
        *,
        edition: str = AUTO,
        host: str = "127.0.0.1",
        port: int = 0,
        access: Access | None = None,
        patience: Patience | None = None,
        traffic: Traffic | None = None,
        most_connections: int = MOST_CONNECTIONS,
        full: Callable[[int], None] = lambda most: None,
        clock: Clock = SYSTEM,
    ) -> None:
        address = read_address(upstream)
        if address.credentials is not None:
            reason = "a proxy shows no credentials of its own: the client bears them"
            raise BadAddress(str(address), reason)
        self.upstream = str(address)
        self.traffic = traffic or Traffic(self.upstream, edition, clock=clock)
        self._host, self._port, self._clock = host, port, clock
        context = (access or Access()).ssl_context()
        self._upstream = Upstream(address, context, patience or Patience())
        self._most_connections, self._full, self._is_full = most_connections, full, False
        self._background: Background | None = None
        self._url = ""
        self._numbers = count(1)
        self._writers: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end; a proxy on all interfaces by the loopback one.

        RuntimeError before the first start.
        """
        if not self._url:
            raise RuntimeError("the proxy has not been started")
        return self._url

    def start(self) -> None:
        """Bind and serve; nothing when it runs already."""
        if self._background is not None:
            return
        one = listener.bind(self._host, self._port)
        try:
            listener.listen(one)
        except OSError as error:
            one.close()
            raise listener.unavailable(self._host, self._port, error) from error
        host, self._port = one.getsockname()[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        self._url = (
            f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"
        )
        self._background = Background()
        self._background.run(self._listen(one))

    def stop(self) -> None:
        """End every connection; nothing when it does not run."""
        background, self._background = self._background, None
        if background is not None:
            background.run(self._unlisten())
            background.close()

    async def _listen(self, one: socket.socket) -> None:
        listening = _Listening(fileno=one.detach())
        listening.setblocking(False)
        self._accepting = asyncio.create_task(self._accept_all(listening))

    async def _unlisten(self) -> None:
        self._accepting.cancel()
        await asyncio.gather(self._accepting, return_exceptions=True)
        tasks = list(self._writers.values())
        for writer, task in list(self._writers.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # so that transports can say that they are closed

    async def _accept_all(self, one: _Listening) -> None:
        """Not asyncio's own server: one that is closed as it accepts loses a connection."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    connection, _ = await loop.sock_accept(one)
                except OSError:  # no room for one more, or it has gone already
                    await asyncio.sleep(_PAUSE_S)
                    continue
                ends = await asyncio.open_connection(sock=connection, limit=MAX_HEAD)
                one.last = None
                self._accept(*ends)
        finally:
            if one.last is not None:
                one.last.close()
            listener.close(one)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_full, was_full = len(self._writers) >= self._most_connections, self._is_full
        self._is_full = is_full
        if is_full and not was_full:
            self._full(self._most_connections)
        if len(self._writers) >= self._most_connections + _MOST_REFUSED:
            writer.transport.abort()
            return
        # asyncio does so only for sockets that name their protocol.
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        number = next(self._numbers)
        relay = Relay(reader, writer, self._upstream, self._tell, self._clock, number)
        task = asyncio.get_running_loop().create_task(relay.refuse() if is_full else relay.serve())
        self._writers[writer] = task  # which keeps the task, too
        task.add_done_callback(lambda _: self._writers.pop(writer, None))

    def _tell(self, passage: Passage) -> None:
        try:
            self.traffic.take(passage)
        except Exception:  # the client gets its reply, whatever becomes of the report
            _log.exception("a request that passed cannot be looked at")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
