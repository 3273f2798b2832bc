"""One client's connection to the proxy: its requests go on, and replies come back, as bytes."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from mockserver.remote.clock import Clock
from mockserver.remote.framing import Body, Head, Malformed, end_of_head, read_request_head
from mockserver.remote.passage import Passage
from mockserver.remote.tunnel import tunnel
from mockserver.remote.upstream import (
    AT_ONCE,
    MAX_HEAD,
    Broken,
    Replies,
    Upstream,
    unreached,
)

__all__ = ["Relay"]

_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_DROPPED = 64 << 20


class _ClientGone(Exception):
    """Nobody takes the reply any more."""


class Relay:
    """Serves a client until it goes, or a reply has no other end than the connection's.

    `tell` is told of each request when its reply has passed.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream: Upstream,
        tell: Callable[[Passage], None],
        clock: Clock,
        number: int,
    ) -> None:
        self._reader, self._writer = reader, writer
        self._upstream, self._tell, self._clock = upstream, tell, clock
        self._number = number
        self._ahead = b""
        self._is_sent = self._has_all_come = self._ends_at_once = False

    async def serve(self) -> None:
        """Request by request."""
        goes_on = True
        try:
            while goes_on:
                head = await self._next_head()
                goes_on = head is not None and await self._pass(head)
        except (OSError, _ClientGone, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:  # the proxy stops
            self._ends_at_once = True
            raise
        finally:
            await self._part()

    async def refuse(self) -> None:
        """Say that there are too many connections, and end this one."""
        try:
            await self._answer(503, "there are too many connections")
        except _ClientGone:
            pass
        except asyncio.CancelledError:
            self._ends_at_once = True
            raise
        finally:
            await self._part()

    async def _next_head(self) -> Head | None:
        """None when there is none, or it was refused."""
        data = self._ahead
        async with asyncio.timeout(self._upstream.patience.idle_s):
            while not (rest := data.lstrip(b"\r\n")) or (end := end_of_head(rest)) < 0:
                if len(data) > MAX_HEAD:
                    await self._answer(431, "the request's head is too long")
                    return None
                more = await self._reader.read(AT_ONCE)
                if not more:
                    return None
                data += more
        try:
            head = read_request_head(rest[:end])
            Body.of_request(head)
        except Malformed as error:
            await self._answer(400, f"this is no request that can be passed on: {error}")
            return None
        self._ahead = rest[end:]
        return head

    async def _pass(self, head: Head) -> bool:
        """One request and its reply; whether another one can follow."""
        clock = self._clock
        passage = Passage(head, self._number, clock.now_ms(), clock.monotonic_s())
        try:
            return await self._exchange(head, passage)
        except (_ClientGone, asyncio.CancelledError):
            passage.is_client_gone = True
            raise
        finally:
            self._end(passage)

    def _end(self, passage: Passage) -> None:
        """Report it, once."""
        if not passage.has_ended:
            passage.has_ended = True
            passage.took_s = self._clock.monotonic_s() - passage.asked_s
            self._tell(passage)

    async def _exchange(self, head: Head, passage: Passage) -> bool:
        try:
            reader, writer = await self._upstream.connect()
        except (OSError, TimeoutError) as error:
            passage.trouble = unreached(error)
            await self._fail(passage, 502)
            return False
        self._is_sent = False
        sending: asyncio.Task[None] | None = None
        try:
            writer.write(self._request_head(head))
            replies = Replies(reader, self._upstream.patience)
            sending = asyncio.create_task(self._send_body(head, writer, passage, replies))
            stays = await self._reply(head, replies, passage)
            if passage.status == 101:
                sending.cancel()
                await asyncio.wait([sending])
                await self._send(replies.left())
                writer.write(self._ahead)
                self._ahead = b""
                ends = (self._reader, self._writer), (reader, writer)
                await tunnel(*ends, self._upstream.patience.silence_s)
            self._end(passage)
            return stays and self._is_sent and not head.is_last
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        except Broken as error:
            if self._has_all_come and error.trouble.kind == "timeout":
                raise _ClientGone from None
            passage.trouble = error.trouble
            if passage.status is None:
                await self._fail(passage, 504 if error.trouble.kind == "timeout" else 502)
            elif error.by_reset:
                self._reset()
            return False
        finally:
            if sending is not None:
                sending.cancel()
                with suppress(asyncio.CancelledError, OSError, _ClientGone):
                    await sending
            writer.close()

    def _request_head(self, head: Head) -> bytes:
        address = self._upstream.address
        start = head.start
        method, target, version = start.split(b" ")
        if address.prefix and target.startswith(b"/"):
            start = b" ".join((method, address.prefix.encode() + target, version))
        upgrades = head.wants_upgrade
        connection = b"Connection: Upgrade" if upgrades else b"Connection: close"
        host = b"Host: " + self._upstream.authority.encode("latin-1", "replace")
        return head.passed_on(host, connection, start=start, without="host")

    async def _send_body(
        self, head: Head, writer: asyncio.StreamWriter, passage: Passage, replies: Replies
    ) -> None:
        """Pass the request's body on as it comes.

        Then listen: a client that says that nothing more comes, or goes, has that passed on, and
        the reply is not waited for much longer.
        """
        body = Body.of_request(head)
        try:
            while not body.is_done:
                data = self._ahead or await self._read()
                if not data:
                    break
                used, payload = body.take(data)
                self._ahead = data[used:]
                passage.request.add(payload)
                writer.write(data[:used])
                await writer.drain()
            self._is_sent = body.is_done
            while len(self._ahead) < MAX_HEAD:
                data = await self._read()
                if not data:
                    self._has_all_come = True
                    replies.hurry(self._upstream.patience.gone_s)
                    if writer.can_write_eof() and not head.wants_upgrade:
                        writer.write_eof()
                    return
                self._ahead += data
        except (Malformed, OSError):
            pass  # what the server makes of it is its reply

    async def _read(self) -> bytes:
        """What the client sends next; nothing when it has gone."""
        try:
            return await self._reader.read(AT_ONCE)
        except OSError:
            return b""

    async def _reply(self, head: Head, replies: Replies, passage: Passage) -> bool:
        """Pass the reply back as it comes; whether the connection can serve another one.

        Those before the final one, such as 100 Continue, are passed on at once.
        """
        reply = await replies.head()
        while reply.status < 200 and reply.status != 101:
            if head.minor:  # HTTP/1.0 knows none of them
                await self._send(reply.passed_on())
            reply = await replies.head()
        if reply.status == 101:
            passage.status, passage.headers = reply.status, reply.headers
            await self._send(_with(reply, [b"Connection: Upgrade"]))
            return False
        try:
            body = Body.of_reply(reply, head.method)
        except Malformed as error:
            raise Broken("bad-http", f"it has {error}") from None
        passage.status, passage.headers = reply.status, reply.headers
        stays = body.framing != "close" and not (head.minor == 0 and body.framing == "chunked")
        more = [b"Connection: close"] if head.is_last or not stays else []
        if not more and head.minor == 0:
            more = [b"Connection: keep-alive"]
        await self._send(_with(reply, more))
        return await self._reply_body(body, replies, passage) and stays

    async def _reply_body(self, body: Body, replies: Replies, passage: Passage) -> bool:
        """Pass it back as it comes; whether it had an end of its own."""
        while not body.is_done:
            try:
                data = await replies.read()
            except Broken as error:  # only a reset tells the client that more was to come
                error.by_reset |= body.framing == "close"
                raise
            if not data:
                if body.framing == "close":
                    return False
                raise Broken("broken-off", "the connection ended before the reply did")
            try:
                used, payload = body.take(data)
            except Malformed as error:
                await self._send(data)
                raise Broken("bad-http", f"it has {error}") from None
            passage.reply.add(payload)
            await self._send(data[:used])
        return True

    async def _fail(self, passage: Passage, status: int) -> None:
        """Say that there is no reply, and whose words these are."""
        trouble = passage.trouble
        assert trouble is not None
        server = self._upstream.address
        passage.own = f"no reply from {server}: {trouble.message}"
        await self._answer(status, passage.own)

    async def _answer(self, status: int, message: str) -> None:
        error = {"type": "mockserver_error", "message": f"the mockserver proxy: {message}"}
        body = json.dumps({"error": error}).encode()
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            "Content-Type: application/json; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        await self._send("\r\n".join((*lines, "", "")).encode() + body)

    async def _send(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError:
            raise _ClientGone from None

    def _reset(self) -> None:
        """Break the client's connection as the server's broke."""
        self._ends_at_once = True
        one = self._writer.get_extra_info("socket")
        with suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)

    async def _part(self) -> None:
        """Close it; what a client still sends is dropped first, or it would lose the reply."""
        try:
            if not self._ends_at_once and self._writer.can_write_eof():
                self._writer.write_eof()
                left = _DROPPED
                async with asyncio.timeout(self._upstream.patience.linger_s):
                    while left > 0 and (data := await self._reader.read(AT_ONCE)):
                        left -= len(data)
        except OSError:
            pass  # it has gone, or waits
        finally:
            self._writer.close()


def _with(reply: Head, more: list[bytes]) -> bytes:
    """The head with more headers at its end."""
    return reply.passed_on()[:-2] + b"\r\n".join((*more, b"", b""))
