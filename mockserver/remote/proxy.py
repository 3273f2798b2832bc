"""A proxy in front of a real server: it changes nothing, and looks at all that passes.

with Proxy("http://127.0.0.1:1234") as proxy:
    my_client(proxy.url)
print(proxy.traffic.report(), proxy.traffic.verdict())
"""

import logging
import ssl
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from mockserver.errors import BadAddress
from mockserver.http.message import Failure
from mockserver.net.connection import Connection, Handler, NextStep
from mockserver.net.framing import BodyReader
from mockserver.net.live_server import LiveServer
from mockserver.net.raw_head import (
    MalformedMessage,
    RawHead,
    RequestRefused,
    encode_head,
    error_response,
    read_request_head,
)
from mockserver.net.reader import ClientDisconnected
from mockserver.remote.access import Access
from mockserver.remote.address import Address, read_address
from mockserver.remote.duplex import Duplex
from mockserver.remote.forwarded import BodyCopy, ForwardedRequest
from mockserver.remote.proxy_traffic import ProxyTraffic
from mockserver.remote.time_source import SYSTEM_TIME
from mockserver.remote.upstream import ProxyDeadlines, UpstreamError, connect, unreachable

_log = logging.getLogger(__name__)


class Proxy(LiveServer):
    """Listens from `start` to `stop`, or as a context manager.

    Passed on as they are: method, target, headers but those about the connection, and bodies, as
    their bytes come; `Host` becomes the server's. `access` says how the server's certificate is
    trusted; clients bear their own tokens. Port 0 takes a free one. Clients beyond
    `max_connections` get a 503 in the proxy's own name; `on_full` is told that number when the
    first of them comes, and again only after there was room. Raises BadAddress for a URL that
    cannot be used, UnreadableFile for certificates; `start` raises AddressUnavailable.
    """

    def __init__(
        self,
        upstream: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        access: Access | None = None,
        deadlines: ProxyDeadlines | None = None,
        traffic: ProxyTraffic | None = None,
        max_connections: int = Handler.max_connections,
        on_full: Callable[[int], None] = lambda most: None,
    ) -> None:
        address = read_address(upstream)
        if address.credentials is not None:
            reason = "a proxy shows no credentials of its own: the client bears them"
            raise BadAddress(str(address), reason)
        self.upstream = str(address)
        self.traffic = traffic or ProxyTraffic(self.upstream)
        context = (access or Access()).ssl_context()
        handler = _ProxyHandler(
            address, context, self.traffic, on_full, deadlines=deadlines or ProxyDeadlines()
        )
        handler.max_connections = max_connections
        super().__init__(handler, host, port)


@dataclass(eq=False)
class _ProxyHandler(Handler):
    """Forwards, and has the traffic take each request once its response has passed.

    Heads are read as bytes, not by h11: what one side gets wrong is to reach the other as it is.
    """

    full_message = "there are too many connections"

    address: Address
    context: ssl.SSLContext | None
    traffic: ProxyTraffic
    told_full: Callable[[int], None]
    deadlines: ProxyDeadlines = field(kw_only=True)

    def on_full(self, most: int) -> None:
        self.told_full(most)

    def refusal(self, error: RequestRefused) -> bytes:
        return error_response(error.status, "mockserver_error", f"the mockserver proxy: {error}")

    def handle(self, head: bytes, connection: Connection) -> NextStep:
        try:
            request = read_request_head(head)
            body = BodyCopy(BodyReader.of_request(request))
        except MalformedMessage as error:
            message = f"this is no request that can be passed on: {error}"
            raise RequestRefused(400, message) from error
        began_ms, began_s = SYSTEM_TIME.now_ms(), SYSTEM_TIME.monotonic_s()
        forwarded = ForwardedRequest(request, body, connection.number, began_ms, began_s)
        try:
            return self._forward(forwarded, connection)
        except ClientDisconnected:
            forwarded.is_client_gone = True
            raise
        finally:
            forwarded.took_s = SYSTEM_TIME.monotonic_s() - began_s
            self._report(forwarded)

    def _report(self, forwarded: ForwardedRequest) -> None:
        try:
            self.traffic.take(forwarded)
        except Exception:  # the client gets its response, whatever becomes of the report
            _log.exception("a request that passed cannot be looked at")

    def _forward(self, forwarded: ForwardedRequest, connection: Connection) -> NextStep:
        try:
            server = connect(self.address, self.context, self.deadlines)
        except OSError as error:
            return self._fail(forwarded, unreachable(error), 502, connection)
        head = self._request_head(forwarded.head)
        duplex = Duplex(connection, server, self.deadlines, head, forwarded)
        with closing(duplex):
            try:
                stays = _respond(forwarded, duplex) and duplex.is_sent
            except UpstreamError as error:
                if duplex.has_client_ended and error.failure.kind == "timeout":
                    raise ClientDisconnected from None
                if forwarded.response_head is None:
                    status = 504 if error.failure.kind == "timeout" else 502
                    return self._fail(forwarded, error.failure, status, connection)
                forwarded.failure = error.failure
                return "reset" if error.by_reset else "linger"
        return "keep-alive" if stays and not forwarded.head.is_last else "linger"

    def _request_head(self, head: RawHead) -> bytes:
        address = self.address
        start = head.start
        method, target, version = start.split(b" ")
        if address.prefix and target.startswith(b"/"):
            start = b" ".join((method, address.prefix.encode() + target, version))
        authority = address.origin.partition("://")[2]
        host = b"Host: " + authority.encode("latin-1", "replace")
        hop = b"Connection: Upgrade" if head.wants_upgrade else b"Connection: close"
        return encode_head(start, host, hop, *head.forwarded_lines(without="host"))

    def _fail(
        self, forwarded: ForwardedRequest, failure: Failure, status: int, connection: Connection
    ) -> NextStep:
        """Say that there is no response, and whose words these are."""
        forwarded.failure = failure
        forwarded.own_error = f"no reply from {self.address}: {failure.message}"
        connection.send(self.refusal(RequestRefused(status, forwarded.own_error)))
        return "linger"


def _respond(forwarded: ForwardedRequest, duplex: Duplex) -> bool:
    """Pass the response back as it comes; whether the connection can serve another one.

    Those before the final one, such as 100 Continue, are passed on at once.
    """
    request, response = forwarded.head, duplex.read_head()
    while response.status < 200 and response.status != 101:
        if request.minor:  # HTTP/1.0 knows none of them
            duplex.send(encode_head(response.start, *response.forwarded_lines()))
        response = duplex.read_head()
    try:
        body = BodyReader.of_response(response, request.method)
    except MalformedMessage as error:
        raise UpstreamError("bad-http", f"it has {error}") from None
    forwarded.response_head, forwarded.response_body = response, BodyCopy(body)
    stays = body.framing != "close" and not (request.minor == 0 and body.framing == "chunked")
    lines = response.forwarded_lines()
    if response.status == 101:
        duplex.send(encode_head(response.start, *lines, b"Connection: Upgrade"))
        duplex.tunnel()
        return False
    if request.is_last or not stays:
        lines.append(b"Connection: close")
    elif request.minor == 0:
        lines.append(b"Connection: keep-alive")
    duplex.send(encode_head(response.start, *lines))
    _respond_body(forwarded.response_body, duplex)
    return stays


def _respond_body(body: BodyCopy, duplex: Duplex) -> None:
    """Pass it back as it comes."""
    ends_with_connection = body.reader.framing == "close"
    while not body.is_done:
        try:
            data = duplex.read()
        except UpstreamError as error:  # only a reset tells the client that more was to come
            error.by_reset |= ends_with_connection
            raise
        if not data:
            if ends_with_connection:
                return
            raise UpstreamError("broken-off", "the connection ended before the reply did")
        try:
            used = body.take(data)
        except MalformedMessage as error:
            duplex.send(data)
            raise UpstreamError("bad-http", f"its body cannot be read: {error}") from None
        duplex.send(data[:used])
