"""Replies as apps spoil them: broken off, in drips, with lengths that are not true."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest

from mockserver.faults.effect import At, By
from mockserver.net.live_server import LiveServer
from mockserver.net.wsgi import InjectedDisconnect
from support import raw

WAYS: list[By] = ["close", "reset"]
WHY = "on purpose"
NO_BODY = [(b"HEAD", "200 OK"), (b"GET", "204 No"), (b"GET", "304 Not")]


def replying(
    body: Callable[[], Iterable[bytes]], *headers: tuple[str, str], status: str = "200 Fine"
) -> WSGIApplication:
    """An app with this reply."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, list(headers))
        return body()

    return app


def raising(error: Exception, *parts: bytes) -> Callable[[], Iterator[bytes]]:
    """A body that breaks after these parts."""

    def body() -> Iterator[bytes]:
        yield from parts
        raise error

    return body


def fails(error: Exception) -> WSGIApplication:
    """An app that breaks when it is called."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 Fine", [("Content-Length", "4")])
        raise error

    return app


def broken(app: WSGIApplication, sent: bytes = raw.GET) -> tuple[bytes, str]:
    """What the client gets, and how it ends."""
    with LiveServer(app) as server, raw.connected(server) as client:
        client.sendall(sent)
        return raw.until_broken(client)


def replied(app: WSGIApplication) -> raw.Reply:
    with LiveServer(app) as server:
        (reply,) = raw.exchanged(server, raw.post(b"", raw.CLOSE))
        return reply


LENGTH = ("Content-Length", "4")
DATE = ("Date", "then")


class TestSevered:
    @pytest.mark.parametrize("by", WAYS)
    @pytest.mark.parametrize("at", ["before headers", "in headers", "after headers", "in body"])
    def test_in_the_app_it_sends_nothing(self, at: At, by: By) -> None:
        assert broken(fails(InjectedDisconnect(WHY, at, by))) == (b"", by)

    @pytest.mark.parametrize("by", WAYS)
    @pytest.mark.parametrize("at", ["after headers", "in body"])
    def test_before_the_body_it_sends_the_head(self, at: At, by: By) -> None:
        app = replying(raising(InjectedDisconnect(WHY, at, by), b""), LENGTH)
        received, end = broken(app)
        assert end == by
        assert received.startswith(b"HTTP/1.1 200 Fine\r\nContent-Length: 4\r\n")
        assert received.endswith(b"\r\n\r\n")

    @pytest.mark.parametrize("by", WAYS)
    def test_in_the_headers_it_sends_half_of_them(self, by: By) -> None:
        after = raising(InjectedDisconnect(WHY, "after headers"))
        whole, _ = broken(replying(after, LENGTH, DATE))
        half = replying(raising(InjectedDisconnect(WHY, "in headers", by)), LENGTH, DATE)
        assert broken(half) == (whole[: len(whole) // 2], by)

    @pytest.mark.parametrize("by", WAYS)
    @pytest.mark.parametrize("at", ["before headers", "in headers", "after headers", "in body"])
    def test_later_it_sends_what_came(self, at: At, by: By) -> None:
        app = replying(raising(InjectedDisconnect(WHY, at, by), b"a", b"b"), LENGTH)
        received, end = broken(app)
        assert end == by
        assert received.endswith(b"\r\n\r\nab")

    @pytest.mark.parametrize("by", WAYS)
    @pytest.mark.parametrize("headers", [(), (("Transfer-Encoding", "chunked"),)])
    def test_without_a_length_too(self, by: By, headers: tuple[tuple[str, str], ...]) -> None:
        received, end = broken(replying(raising(InjectedDisconnect(WHY, by=by), b"ab"), *headers))
        assert end == by
        assert received.endswith(b"\r\n\r\nab")
        assert b"Content-Length" not in received

    @pytest.mark.parametrize("by", WAYS)
    @pytest.mark.parametrize(("method", "status"), NO_BODY)
    def test_where_there_is_no_body(self, method: bytes, status: str, by: By) -> None:
        app = replying(raising(InjectedDisconnect(WHY, "after headers", by)), status=status)
        received, end = broken(app, raw.GET.replace(b"GET", method))
        assert end == by
        assert received.endswith(b"\r\n\r\n")

    @pytest.mark.parametrize("error", [ConnectionError, BrokenPipeError, ConnectionRefusedError])
    def test_any_other_resets_in_the_app_and_closes_later(
        self, error: type[ConnectionError]
    ) -> None:
        assert broken(fails(error(WHY))) == (b"", "reset")
        received, end = broken(replying(raising(error(WHY), b"ab"), LENGTH))
        assert (received[-2:], end) == (b"ab", "close")
        received, end = broken(replying(raising(error(WHY)), LENGTH))
        assert (received[-4:], end) == (b"\r\n\r\n", "close")

    def test_an_app_that_has_begun_nothing_sends_nothing(self) -> None:
        def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
            yield from raising(InjectedDisconnect(WHY, "in body", "reset"))()

        assert broken(app) == (b"", "reset")

    @pytest.mark.parametrize("at", ["app", "body"])
    def test_a_close_is_no_reset_whatever_is_unread(self, at: str) -> None:
        error = InjectedDisconnect(WHY)
        app = fails(error) if at == "app" else replying(raising(error, b"ab"), LENGTH)
        assert broken(app, raw.GET * 10_000)[1] == "close"
        assert broken(app, raw.post(b"x" * (2 << 20), f"Content-Length: {2 << 20}"))[1] == "close"

    @pytest.mark.parametrize("by", WAYS)
    def test_it_breaks_a_used_connection_and_no_other(self, by: By) -> None:
        def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
            if environ["PATH_INFO"] == "/break":
                raise InjectedDisconnect(WHY, by=by)
            start_response("200 OK", [])
            return [b"ok"]

        with (
            LiveServer(app) as server,
            raw.connected(server) as client,
            raw.connected(server) as other,
        ):
            for connection in (client, other):
                connection.sendall(raw.GET)
                assert connection.recv(65536).endswith(b"ok")
            client.sendall(raw.GET.replace(b"/ ", b"/break "))
            assert raw.until_broken(client) == (b"", by)
            other.sendall(raw.GET)
            assert other.recv(65536).endswith(b"ok")

    def test_nothing_is_said_of_it(
        self, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        broken(fails(InjectedDisconnect(WHY)))
        broken(replying(raising(InjectedDisconnect(WHY), b"ab"), LENGTH))
        assert caplog.records == []
        assert capfd.readouterr() == ("", "")


class TestParts:
    def test_each_is_sent_at_once(self) -> None:
        go_on = threading.Semaphore(0)

        def dripping() -> Iterator[bytes]:
            for byte in (b"a", b"", b"b", b"c", b"d"):
                yield byte
                if byte:
                    assert go_on.acquire(timeout=raw.DEADLINE_S)

        with LiveServer(replying(dripping, LENGTH)) as server, raw.connected(server) as client:
            client.sendall(raw.GET)
            assert client.recv(65536).endswith(b"\r\n\r\na")
            for expected in (b"b", b"c", b"d"):
                go_on.release()
                assert client.recv(65536) == expected
            go_on.release()
            client.sendall(raw.GET)
            assert client.recv(65536).endswith(b"\r\n\r\na")
            go_on.release(4)

    def test_without_a_length_they_are_gathered(self) -> None:
        reply = replied(replying(lambda: [b"a", b"", b"bc"]))
        assert (reply.headers["content-length"], reply.body) == ("3", b"abc")

    def test_what_is_written_comes_first(self) -> None:
        def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
            write: Any = start_response("200 OK", [])
            write(b"a")
            write(b"b")
            return [b"c"]

        assert replied(app).body == b"abc"

    def test_the_app_is_told_when_the_client_is_gone(self) -> None:
        closed = threading.Event()

        def endless() -> Iterator[bytes]:
            try:
                while True:
                    yield b"x" * 65536
            finally:
                closed.set()

        app = replying(endless, ("Content-Length", "1000000000000"))
        with LiveServer(app) as server:
            with raw.connected(server) as client:
                client.sendall(raw.GET)
                assert client.recv(65536)
            assert closed.wait(raw.DEADLINE_S)


class TestHeaders:
    @pytest.mark.parametrize(
        ("length", "stays"),
        [("4", True), ("0004", True), ("3", False), ("5", False), ("-4", False), ("x", False)],
    )
    def test_a_length_is_sent_as_it_is(self, length: str, stays: bool) -> None:
        app = replying(lambda: [b"ab", b"cd"], ("Content-Length", length))
        with LiveServer(app) as server, raw.connected(server) as client:
            client.sendall(raw.GET * 2)
            if stays:
                client.shutdown(socket.SHUT_WR)
            received = raw.until_closed(client)
        assert f"\r\nContent-Length: {length}\r\n".encode() in received
        assert received.count(b"HTTP/1.1 ") == received.count(b"abcd") == 1 + stays

    def test_chunks_of_the_apps_own_are_sent_as_they_are(self) -> None:
        app = replying(lambda: [b"2\r\nab\r\n", b"0\r\n\r\n"], ("Transfer-Encoding", "chunked"))
        received, end = broken(app, raw.GET * 2)
        assert (received.count(b"HTTP/1.1 "), end) == (1, "close")
        assert received.endswith(b"\r\n\r\n2\r\nab\r\n0\r\n\r\n")

    @pytest.mark.parametrize("value", ["close", "Close", "x, close"])
    def test_the_app_may_have_the_connection_closed(self, value: str) -> None:
        received, end = broken(replying(lambda: [b"ab"], ("Connection", value)), raw.GET * 2)
        (reply,) = raw.replies(received)
        assert (reply.headers["connection"], reply.body, end) == (value, b"ab", "close")

    @pytest.mark.parametrize(("method", "status"), NO_BODY)
    @pytest.mark.parametrize("headers", [(), (LENGTH,)])
    def test_where_there_is_no_body_the_connection_stays(
        self, method: bytes, status: str, headers: tuple[tuple[str, str], ...]
    ) -> None:
        app = replying(lambda: [b"ab", b"cd"], *headers, status=status)
        with LiveServer(app) as server, raw.connected(server) as client:
            client.sendall(raw.GET.replace(b"GET", method) * 2)
            client.shutdown(socket.SHUT_WR)
            received = raw.until_closed(client)
        assert received.count(b"HTTP/1.1 ") == received.count(b"\r\n\r\n") == 2
        assert b"ab" not in received
        assert received.count(b"Content-Length: ") == 2 * len(headers)

    def test_the_date_is_the_apps_and_the_server_too_where_it_names_one(self) -> None:
        reply = replied(replying(list, ("date", "then"), ("SERVER", "theirs")))
        assert (reply.headers["date"], reply.headers["server"]) == ("then", "theirs")
        reply = replied(replying(list))
        assert "date" not in reply.headers
        assert reply.headers["server"] == "mockserver"


class TestDefects:
    @pytest.mark.parametrize(
        "app",
        [
            fails(ValueError("a defect")),
            replying(raising(ValueError("a defect"))),
            replying(list, status="fine"),
            replying(list, ("X", "\u20ac")),
            lambda environ, start_response: [b"nothing begun"],
        ],
    )
    def test_an_app_that_fails_is_logged_and_answered_for(
        self, app: WSGIApplication, caplog: pytest.LogCaptureFixture
    ) -> None:
        (reply,) = raw.replies(broken(app)[0])
        assert reply.status == 500
        assert reply.data["error"]["type"] == "mockserver_error"
        assert [record.message for record in caplog.records] == ["the app failed"]

    def test_one_that_fails_later_ends_where_it_is(self, caplog: pytest.LogCaptureFixture) -> None:
        received, end = broken(replying(raising(ValueError("a defect"), b"ab"), LENGTH))
        assert (received[-2:], end) == (b"ab", "close")
        assert len(caplog.records) == 1
