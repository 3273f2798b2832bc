"""A client's connection and one to the server, both served by one thread."""

import math
import selectors
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress

from mockserver.http.message import FailureKind
from mockserver.net import raw_head
from mockserver.net.connection import Connection
from mockserver.net.reader import MAX_REQUEST_HEAD, READ_SIZE, ClientDisconnected
from mockserver.remote.forwarded import ForwardedRequest
from mockserver.remote.upstream import ProxyDeadlines, UpstreamError

_MAX_RESPONSE_HEAD = 64 << 10
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Duplex:
    """Reads from the server and writes to the client; meanwhile the request passes.

    So a server that responds before it has read all of a request blocks nobody, which a reader that
    waits for one end at a time would. After the body it still listens: a client that says that
    nothing more comes, or goes, has that passed on, and the response is not waited for much longer.
    """

    def __init__(
        self,
        client: Connection,
        server: socket.socket,
        deadlines: ProxyDeadlines,
        head: bytes,
        forwarded: ForwardedRequest,
    ) -> None:
        self._client, self._server, self._shutdown = client.socket, server, client.shutdown
        self._deadlines, self._silence_s = deadlines, deadlines.silence_s
        self._ahead = client.reader.ahead  # what the client has sent and was not passed on yet
        self._body = forwarded.body
        self._is_tunnel = False
        self._to_server, self._from_server = bytearray(head), b""
        self._is_listening = self._can_send = True
        self._client_ended_s = -math.inf
        self._is_tls = isinstance(server, ssl.SSLSocket)  # which cannot end one way alone
        # Before an upgrade is agreed on, nothing is said of an end.
        self._may_half_close = not (forwarded.head.wants_upgrade or self._is_tls)
        client.socket.setblocking(False)
        server.setblocking(False)
        self._unsubscribe = self._shutdown.subscribers.add(self._shut_server)
        if self._shutdown.is_set():
            self._shut_server()

    @property
    def has_client_ended(self) -> bool:
        """Whether the client has gone, or has said that nothing more comes."""
        return self._client_ended_s > 0

    @property
    def is_sent(self) -> bool:
        """Whether the server has taken all of the request."""
        return self._body.is_done and not self._to_server

    def close(self) -> None:
        """End the connection to the server."""
        self._unsubscribe()
        self._server.close()

    def read_head(self) -> raw_head.RawHead:
        """The server's next head, which may be that of 100 Continue. Raises as `read` does."""
        data = self.read()
        while (end := raw_head.end_of_head(data)) < 0:
            if len(data) > _MAX_RESPONSE_HEAD:
                raise UpstreamError("too-large", "its head is larger than what is read")
            more = self.read()
            if not more:
                kind: FailureKind = "bad-http" if data else "broken-off"
                raise UpstreamError(kind, "the connection ended before the reply did")
            data += more
        self._from_server = data[end:]
        try:
            return raw_head.read_response_head(data[:end])
        except raw_head.MalformedMessage as error:
            raise UpstreamError("bad-http", f"it has {error}") from None

    def read(self) -> bytes:
        """What the server sends next; nothing at the end. UpstreamError, or ClientDisconnected
        when the proxy stops."""
        data, self._from_server = self._from_server, b""
        began_s = time.monotonic()
        while not data:
            try:
                data = self._server.recv(READ_SIZE)
                break
            except _NOT_NOW:
                pass
            except OSError:
                raise UpstreamError("broken-off", "the connection broke", by_reset=True) from None
            # A client that ends in the meantime has the wait begin anew, and be a short one.
            if not self._wait(lambda: max(began_s, self._client_ended_s) + self._silence_s):
                raise UpstreamError("timeout", "nothing came for too long")
        if not data and self._shutdown.is_set():
            raise ClientDisconnected
        return data

    def send(self, data: bytes) -> None:
        """To the client. Raises ClientDisconnected."""
        left = memoryview(data)
        deadline = time.monotonic() + self._deadlines.send_s
        while left:
            try:
                left = left[self._client.send(left) :]
            except BlockingIOError:
                if not self._wait(lambda: deadline, selectors.EVENT_WRITE, of_server=0):
                    raise ClientDisconnected from None
            except OSError:
                raise ClientDisconnected from None

    def tunnel(self) -> None:
        """Pass on what each end says to the other, until both have said that nothing more comes.

        After the first of them has, the other one has `silence_s`; one that breaks ends both.
        """
        self._is_tunnel, self._may_half_close = True, not self._is_tls
        self._silence_s = self._deadlines.silence_s if self.has_client_ended else math.inf
        with suppress(UpstreamError, ClientDisconnected, OSError):
            while data := self.read():
                self.send(data)
            self._client.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + self._deadlines.silence_s
            while self._is_listening and self._wait(lambda: deadline, of_server=0):
                pass

    def _wait(
        self,
        deadline: Callable[[], float],
        of_client: int = 0,
        of_server: int = selectors.EVENT_READ,
    ) -> bool:
        """Wait for these events, or for something of the request to pass; false if too late."""
        if self._pass_on():
            return True
        rest_s = deadline() - time.monotonic()
        if rest_s <= 0:
            return False
        of_client |= selectors.EVENT_READ * self._has_room()
        of_server |= selectors.EVENT_WRITE * (self._can_send and bool(self._to_server))
        with selectors.DefaultSelector() as selector:
            for end, events in ((self._client, of_client), (self._server, of_server)):
                if events:
                    selector.register(end, events)
            selector.select(min(rest_s, 3600.0))
        return True

    def _has_room(self) -> bool:
        """Whether the client is listened to: what it sends may be the next request already."""
        return self._is_listening and not self._to_server and len(self._ahead) < MAX_REQUEST_HEAD

    def _pass_on(self) -> bool:
        """Take a step with what the client sends; whether there was one to take."""
        if self._take_ahead() or self._flush():
            return True
        if not self._has_room():
            return False
        try:
            data = self._client.recv(READ_SIZE)
        except BlockingIOError:
            return False
        except OSError:
            data = b""  # it has gone
        self._ahead += data
        if not data:
            self._is_listening, self._client_ended_s = False, time.monotonic()
            most_s = self._deadlines.silence_s if self._is_tunnel else self._deadlines.gone_s
            self._silence_s = min(self._silence_s, most_s)
        return True

    def _take_ahead(self) -> bool:
        if not self._ahead or (self._body.is_done and not self._is_tunnel):
            return False
        used = len(self._ahead)
        if not self._is_tunnel:
            try:
                used = self._body.take(self._ahead)
            except raw_head.MalformedMessage:
                # What the server makes of half a body is its response.
                self._is_listening = False
                self._ahead.clear()
                return True
        self._to_server += self._ahead[:used]
        del self._ahead[:used]
        return True

    def _flush(self) -> bool:
        """Give the server what it takes now, and the end, once it has come; whether it took any."""
        try:
            if self._to_server and self._can_send:
                del self._to_server[: self._server.send(self._to_server)]
                return True
            if self.has_client_ended and self._may_half_close:
                self._may_half_close = False
                self._server.shutdown(socket.SHUT_WR)
        except _NOT_NOW:
            pass
        except OSError:  # its response may have come all the same
            self._can_send = self._is_listening = False
        return False

    def _shut_server(self) -> None:
        with suppress(OSError):  # by no SSLSocket's method: it would take its state from the reader
            socket.socket.shutdown(self._server, socket.SHUT_RDWR)
