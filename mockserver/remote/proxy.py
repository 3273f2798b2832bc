"""A proxy in front of a real server: it changes nothing, and looks at all that passes.

with Proxy("http://127.0.0.1:1234") as proxy:
    my_client(proxy.url)
print(proxy.traffic.report(), proxy.traffic.verdict())
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from mockserver.errors import BadAddress
from mockserver.net.live_server import HttpServer
from mockserver.remote.access import Access
from mockserver.remote.address import read_address
from mockserver.remote.edition import AUTO
from mockserver.remote.forwarded import ForwardedRequest
from mockserver.remote.proxy_handler import ProxyHandler
from mockserver.remote.proxy_traffic import ProxyTraffic
from mockserver.remote.time_source import SYSTEM_TIME, TimeSource
from mockserver.remote.upstream import ProxyDeadlines, Upstream

__all__ = ["Proxy"]

_log = logging.getLogger(__name__)


class Proxy(HttpServer):
    """Listens from `start` to `stop`, or as a context manager.

    Passed on as they are: method, target, headers but those about the connection, and bodies, as
    their bytes come; `Host` becomes the server's. `access` says how the server's certificate is
    trusted; clients bear their own tokens. Port 0 takes a free one. Clients beyond
    `max_connections` get a 503 in the proxy's own name; `on_full` is told that number when the
    first of them comes, and again only after there was room. Raises BadAddress for a URL that
    cannot be used, UnreadableFile for certificates, UnknownName for an edition; `start` raises
    AddressUnavailable.
    """

    def __init__(
        self,
        upstream: str,
        *,
        edition: str = AUTO,
        host: str = "127.0.0.1",
        port: int = 0,
        access: Access | None = None,
        deadlines: ProxyDeadlines | None = None,
        traffic: ProxyTraffic | None = None,
        max_connections: int = ProxyHandler.max_connections,
        on_full: Callable[[int], None] = lambda most: None,
        clock: TimeSource = SYSTEM_TIME,
    ) -> None:
        address = read_address(upstream)
        if address.credentials is not None:
            reason = "a proxy shows no credentials of its own: the client bears them"
            raise BadAddress(str(address), reason)
        self.upstream = str(address)
        self.traffic = traffic or ProxyTraffic(self.upstream, edition, clock=clock)
        context = (access or Access()).ssl_context()
        server = Upstream(address, context, deadlines or ProxyDeadlines())
        handler = ProxyHandler(server, self._report, on_full, clock)
        handler.max_connections = max_connections
        super().__init__(handler, host, port)

    def _report(self, forwarded: ForwardedRequest) -> None:
        try:
            self.traffic.take(forwarded)
        except Exception:  # the client gets its response, whatever becomes of the report
            _log.exception("a request that passed cannot be looked at")
