"""Each of a client's requests is forwarded to the server, and the response comes back, as bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.http.exchange import Failure
from mockserver.net.connection import Connection, NextStep
from mockserver.net.framing import BodyReader
from mockserver.net.raw_head import MalformedMessage, RawHead, read_request_head
from mockserver.net.reader import ClientDisconnected, RequestRefused
from mockserver.net.writer import encode_head, error_response
from mockserver.remote.clock import Clock
from mockserver.remote.duplex import Duplex
from mockserver.remote.forwarded import ForwardedRequest
from mockserver.remote.upstream import ProxyDeadlines, Upstream, UpstreamError, unreachable

__all__ = ["ProxyHandler"]


@dataclass(frozen=True, slots=True)
class ProxyHandler:
    """Forwards; `report` is given each request once its response has passed.

    Heads are read as bytes, not by h11: what one side gets wrong is to reach the other as it is.
    """

    upstream: Upstream
    report: Callable[[ForwardedRequest], None]
    clock: Clock

    @property
    def deadlines(self) -> ProxyDeadlines:
        return self.upstream.deadlines

    def refusal(self, error: RequestRefused) -> bytes:
        return error_response(error.status, "mockserver_error", f"the mockserver proxy: {error}")

    def handle(self, head: bytes, connection: Connection) -> NextStep:
        try:
            request = read_request_head(head)
            body = BodyReader.of_request(request)
        except MalformedMessage as error:
            message = f"this is no request that can be passed on: {error}"
            raise RequestRefused(400, message) from error
        clock = self.clock
        forwarded = ForwardedRequest(
            request, connection.number, clock.now_ms(), clock.monotonic_s()
        )
        try:
            return self._forward(forwarded, body, connection)
        except ClientDisconnected:
            forwarded.is_client_gone = True
            raise
        finally:
            forwarded.took_s = clock.monotonic_s() - forwarded.started_s
            self.report(forwarded)

    def _forward(
        self, forwarded: ForwardedRequest, body: BodyReader, connection: Connection
    ) -> NextStep:
        try:
            server = self.upstream.connect()
        except OSError as error:
            return self._fail(forwarded, unreachable(error), 502, connection)
        copy = forwarded.body.add
        with Duplex(connection, server, body, self.deadlines, copy) as duplex:
            try:
                head = forwarded.head
                duplex.begin(self._request_head(head), upgrades=head.wants_upgrade)
                can_stay = _respond(forwarded, duplex)
            except UpstreamError as error:
                if duplex.has_client_ended and error.failure.kind == "timeout":
                    raise ClientDisconnected from None
                if forwarded.response_head is None:
                    status = 504 if error.failure.kind == "timeout" else 502
                    return self._fail(forwarded, error.failure, status, connection)
                forwarded.failure = error.failure
                return "reset" if error.by_reset else "linger"
            stays = can_stay and duplex.is_sent and not forwarded.head.is_last
        return "keep-alive" if stays else "linger"

    def _request_head(self, head: RawHead) -> bytes:
        address = self.upstream.address
        start = head.start
        method, target, version = start.split(b" ")
        if address.prefix and target.startswith(b"/"):
            start = b" ".join((method, address.prefix.encode() + target, version))
        host = self.upstream.authority.encode("latin-1", "replace")
        hop = b"Upgrade" if head.wants_upgrade else b"close"
        lines = head.forwarded_lines(without="host")
        return encode_head(start, b"Host: " + host, b"Connection: " + hop, *lines)

    def _fail(
        self, forwarded: ForwardedRequest, failure: Failure, status: int, connection: Connection
    ) -> NextStep:
        """Say that there is no response, and whose words these are."""
        forwarded.failure = failure
        server = self.upstream.address
        forwarded.own_error = f"no reply from {server}: {failure.message}"
        connection.send(self.refusal(RequestRefused(status, forwarded.own_error)))
        return "linger"


def _respond(forwarded: ForwardedRequest, duplex: Duplex) -> bool:
    """Pass the response back as it comes; whether the connection can serve another one.

    Those before the final one, such as 100 Continue, are passed on at once.
    """
    request = forwarded.head
    response = duplex.read_head()
    while response.status < 200 and response.status != 101:
        if request.minor:  # HTTP/1.0 knows none of them
            duplex.send(encode_head(response.start, *response.forwarded_lines()))
        response = duplex.read_head()
    if response.status == 101:
        forwarded.response_head = response
        duplex.send(
            encode_head(response.start, *response.forwarded_lines(), b"Connection: Upgrade")
        )
        duplex.tunnel()
        return False
    try:
        body = BodyReader.of_response(response, request.method)
    except MalformedMessage as error:
        raise UpstreamError("bad-http", f"it has {error}") from None
    forwarded.response_head = response
    stays = body.framing != "close" and not (request.minor == 0 and body.framing == "chunked")
    more = [b"Connection: close"] if request.is_last or not stays else []
    if not more and request.minor == 0:
        more = [b"Connection: keep-alive"]
    duplex.send(encode_head(response.start, *response.forwarded_lines(), *more))
    _respond_body(body, forwarded, duplex)
    return stays


def _respond_body(body: BodyReader, forwarded: ForwardedRequest, duplex: Duplex) -> None:
    """Pass it back as it comes."""
    while not body.is_done:
        try:
            data = duplex.read()
        except UpstreamError as error:  # only a reset tells the client that more was to come
            error.by_reset |= body.framing == "close"
            raise
        if not data:
            if body.framing == "close":
                return
            raise UpstreamError("broken-off", "the connection ended before the reply did")
        try:
            used, payload = body.take(data)
        except MalformedMessage as error:
            duplex.send(data)
            raise UpstreamError("bad-http", f"its body cannot be read: {error}") from None
        forwarded.response_body.add(payload)
        duplex.send(data[:used])
