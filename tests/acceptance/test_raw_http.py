"""Requests as no library would send them, byte by byte: what is understood, what is refused."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from wsgiref.types import WSGIApplication

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.net.live_server import LiveServer
from mockserver.net.reader import MAX_BODY, Deadlines
from mockserver.net.wsgi import WsgiHandler
from mockserver.server.app import create_app
from support.raw import (
    CHUNKED,
    CLOSE,
    GET,
    connected,
    exchanged,
    is_well,
    mirror,
    post,
    refused,
    replies,
    unharmed,
    until_broken,
    until_closed,
)


@pytest.fixture
def live(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[LiveServer]:
    with unharmed(caplog, capfd) as server:
        yield server


class TestEnvironment:
    def test_all_that_a_request_says(self, live: LiveServer) -> None:
        headers = [
            "Content-Length: 3",
            "Content-Type: text/x",
            "X-A: 1",
            "x-a:  2 ",
            "X_A: 3",
            "X-B: é",
        ]
        sent = post(b"xyz", *headers, CLOSE).replace(b"POST /", b"PoST /a%2fb/%C3%A9%ff?q=%20&r")
        expected = {
            "REQUEST_METHOD": "PoST",
            "PATH_INFO": "/a/b/\xc3\xa9\xff",
            "QUERY_STRING": "q=%20&r",
            "REQUEST_URI": "/a%2fb/%C3%A9%ff?q=%20&r",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(live.port),
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "x",
            "CONTENT_TYPE": "text/x",
            "CONTENT_LENGTH": "3",
            "HTTP_X_A": "1,2",
            "HTTP_X_B": "\xe9",
            "body": "xyz",
            "wsgi.multithread": True,
        }
        (reply,) = exchanged(live, sent)
        assert {name: reply.data[name] for name in expected} == expected

    def test_an_absolute_target_names_the_host(self, live: LiveServer) -> None:
        sent = b"GET http://other:1/a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        (reply,) = exchanged(live, sent)
        assert reply.data["PATH_INFO"] == "/a"
        assert reply.data["REQUEST_URI"] == "http://other:1/a?b"
        assert reply.data["HTTP_HOST"] == "other:1"

    def test_a_tunnel_is_not_opened(self, live: LiveServer) -> None:
        sent = b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n" + GET
        (reply,) = exchanged(live, sent)
        assert reply.headers["connection"] == "close"

    def test_no_upgrade_takes_place(self, live: LiveServer) -> None:
        sent = GET[:-2] + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n" + GET
        assert [reply.status for reply in exchanged(live, sent, ends=True)] == [200, 200]


class TestBody:
    @pytest.mark.parametrize(
        ("sent", "body"),
        [
            (post(b"abc", "Content-Length: 3"), "abc"),
            (post(b"abc", "Content-Length: 3, 3"), "abc"),
            (post(b"abc", "Content-Length: 3", "Content-Length: 3"), "abc"),
            (post(b"abc", "Content-Length: 0003"), "abc"),
            (post(b"", "Content-Length: 0"), ""),
            (post(b""), ""),
            (post(b"3\r\nabc\r\n0\r\n\r\n", CHUNKED), "abc"),
            (post(b"1\r\na\r\n002\r\nbc\r\n0\r\n\r\n", CHUNKED.upper()), "abc"),
            (post(b"3;x=y;z\r\nabc\r\n0;q\r\n\r\n", CHUNKED), "abc"),
            (post(b"3\r\nabc\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n", CHUNKED), "abc"),
        ],
    )
    def test_it_ends_where_it_says(self, live: LiveServer, sent: bytes, body: str) -> None:
        first, second = exchanged(live, sent + GET, ends=True)
        assert (first.data["body"], first.data["REQUEST_METHOD"]) == (body, "POST")
        assert (second.data["body"], second.data["REQUEST_METHOD"]) == ("", "GET")

    def test_every_byte_may_come_by_itself(self, live: LiveServer) -> None:
        sent = post(b"3;x\r\nabc\r\n0\r\nX-T: 1\r\n\r\n", CHUNKED, CLOSE)
        with connected(live) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            for byte in sent:
                client.sendall(bytes([byte]))
            (reply,) = replies(until_closed(client))
        assert reply.data["body"] == "abc"

    def test_the_largest_is_read(self, live: LiveServer) -> None:
        body = b"x" * MAX_BODY
        (whole,) = exchanged(live, post(body, f"Content-Length: {MAX_BODY}", CLOSE))
        chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (MAX_BODY, body)
        (parts,) = exchanged(live, post(chunked, CHUNKED, CLOSE))
        assert len(whole.data["body"]) == len(parts.data["body"]) == MAX_BODY

    @pytest.mark.parametrize("size", [MAX_BODY + 1, 2 << 20, 16 << 20])
    @pytest.mark.parametrize("is_chunked", [True, False])
    def test_a_larger_one_is_not_but_the_reply_arrives(
        self, live: LiveServer, size: int, is_chunked: bool
    ) -> None:
        chunked = post(b"%x\r\n%b\r\n0\r\n\r\n" % (size, b"x" * size), CHUNKED)
        plain = post(b"x" * size, f"Content-Length: {size}")
        (reply,) = exchanged(live, chunked if is_chunked else plain)
        assert (reply.status, reply.data["body"]) == (413, "")
        assert reply.headers["connection"] == "close"

    @pytest.mark.parametrize("length", ["1048577", "9" * 20])
    def test_one_that_is_announced_too_large_is_not_waited_for(
        self, live: LiveServer, length: str
    ) -> None:
        (reply,) = exchanged(live, post(b"", f"Content-Length: {length}"))
        assert reply.status == 413

    def test_a_client_that_asks_first_is_told_to_go_on(self, live: LiveServer) -> None:
        with connected(live) as client:
            client.sendall(post(b"", "Content-Length: 2", "Expect: 100-continue", CLOSE))
            assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.sendall(b"ab")
            (reply,) = replies(until_closed(client))
        assert reply.data["body"] == "ab"

    @pytest.mark.parametrize(
        "sent",
        [
            post(b"ab", "Content-Length: 2", "Expect: 100-continue", CLOSE),
            post(b"", "Content-Length: 0", "Expect: 100-continue", CLOSE),
            post(b"", "Content-Length: 2097152", "Expect: 100-continue"),
            post(b"ab", "Content-Length: 2", "Expect: 100-continue").replace(b"1.1", b"1.0"),
        ],
    )
    def test_but_only_where_its_body_will_be_read(self, live: LiveServer, sent: bytes) -> None:
        (reply,) = exchanged(live, sent)
        assert reply.status in (200, 413)

    def test_a_client_that_asks_first_is_told_no(self, live: LiveServer) -> None:
        with connected(live) as client:
            client.sendall(post(b"", "Content-Length: 2097152", "Expect: 100-continue"))
            client.sendall(b"x" * 2097152)
            (reply,) = replies(until_closed(client))
        assert reply.status == 413


class TestMalformed:
    @pytest.mark.parametrize(
        ("status", "sent"),
        [
            (400, b"nonsense\r\n\r\n"),
            (400, b"GET\r\n\r\n"),
            (400, b"GET /\r\n\r\n"),
            (400, b"GET / HTTP/1.1 x\r\nHost: x\r\n\r\n"),
            (400, b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n"),
            (400, b" GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
            (400, b"G(T / HTTP/1.1\r\nHost: x\r\n\r\n"),
            (400, b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n"),
            (400, b"GET / http/1.1\r\nHost: x\r\n\r\n"),
            (400, b"GET / HTTP/11\r\nHost: x\r\n\r\n"),
            (505, b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
            (505, b"GET / HTTP/0.9\r\nHost: x\r\n\r\n"),
            (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\nHost x\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\nHost: x\r\nX-\xe9: y\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n"),
            (400, b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\r\nHost: x\r\n\r\n"),
            (400, b"\0" * 100),
            (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(128))),
            (400, b"GET http://[x HTTP/1.1\r\nHost: x\r\n\r\n"),
        ],
    )
    def test_a_head_is_refused(self, live: LiveServer, status: int, sent: bytes) -> None:
        assert refused(live, sent) == status
        assert refused(live, sent + GET) == status

    @pytest.mark.parametrize(
        ("status", "headers"),
        [
            (400, ["Content-Length: -1"]),
            (400, ["Content-Length: +5"]),
            (400, ["Content-Length: 5 5"]),
            (400, ["Content-Length: 0x5"]),
            (400, ["Content-Length: 5.0"]),
            (400, ["Content-Length: \xb2"]),
            (400, ["Content-Length: \xd9\xa5"]),
            (400, ["Content-Length: "]),
            (400, ["Content-Length: x"]),
            (400, ["Content-Length: 5, 6"]),
            (400, ["Content-Length: 5", "Content-Length: 6"]),
            (400, [f"Content-Length: {10**30}"]),
            (400, ["Content-Length: 5", CHUNKED]),
            (400, [CHUNKED, "Content-Length: 5"]),
            (501, [CHUNKED, CHUNKED]),
            (501, ["Transfer-Encoding: gzip, chunked"]),
            (501, ["Transfer-Encoding: identity"]),
            (501, ["Transfer-Encoding: "]),
        ],
    )
    def test_a_length_is_refused(self, live: LiveServer, status: int, headers: list[str]) -> None:
        assert refused(live, post(b"5\r\nhello\r\n0\r\n\r\n", *headers)) == status

    def test_chunks_are_not_of_http_1_0(self, live: LiveServer) -> None:
        sent = post(b"0\r\n\r\n", CHUNKED).replace(b"HTTP/1.1", b"HTTP/1.0")
        assert refused(live, sent) == 400

    @pytest.mark.parametrize(
        "body",
        [
            b"x\r\n",
            b"-1\r\n",
            b"+3\r\nabc\r\n0\r\n\r\n",
            b"0x3\r\nabc\r\n0\r\n\r\n",
            b"\r\nabc",
            b" 3\r\nabc\r\n0\r\n\r\n",
            b"3\r\nabcd\r\n0\r\n\r\n",
            b"3\r\nab\r\n0\r\n\r\n",
            b"3\r\nabcxy0\r\n\r\n",
            b"3\nabc\r\n0\r\n\r\n",
            b"3 x\r\nabc\r\n0\r\n\r\n",
            b"f" * 21 + b"\r\n",
            b"0\r\nnonsense\r\n\r\n",
            b"0\r\nX: a\0b\r\n\r\n",
            b"\xd9\xa3\r\nabc\r\n0\r\n\r\n",
        ],
    )
    def test_a_chunk_is_refused(self, live: LiveServer, body: bytes) -> None:
        assert refused(live, post(body, CHUNKED)) == 400

    @pytest.mark.parametrize(
        "body", [b"1;" + b"x" * 100_000, b"0\r\n" + b"X: y\r\n" * 50_000, b"0" * 100_000]
    )
    def test_endless_lines_in_a_body_are_refused(self, live: LiveServer, body: bytes) -> None:
        assert refused(live, post(body, CHUNKED)) in (400, 431)

    @pytest.mark.parametrize(
        "sent",
        [
            b"GET / HTTP/1.1\nHost: x\n\n",
            b"GET / HTTP/1.1\r\nHost: x\n\r\n",
            b"\r\n\r\n\n" + GET,
            b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
        ],
    )
    def test_what_is_odd_and_clear_is_answered(self, live: LiveServer, sent: bytes) -> None:
        first, second = exchanged(live, sent + GET, ends=True)
        assert (first.status, second.status) == (200, 200)


VALID = [
    GET,
    post(b"abc", "Content-Length: 3"),
    post(b"3;x\r\nabc\r\n0\r\nX-T: 1\r\n\r\n", CHUNKED, "Expect: 100-continue"),
    b"GET http://x/api/v1/models/download/status?a=%20 HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\r\n",
]


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """A valid request with some bytes deleted, doubled, flipped or put in."""
    mutant = bytearray(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 6))):
        begin = draw(st.integers(0, max(0, len(mutant) - 1)))
        end = begin + draw(st.integers(1, 8))
        match draw(st.sampled_from(["delete", "double", "flip", "insert"])):
            case "delete":
                del mutant[begin:end]
            case "double":
                mutant[begin:begin] = mutant[begin:end]
            case "flip":
                mutant[begin:end] = bytes(
                    byte ^ draw(st.integers(1, 255)) for byte in mutant[begin:end]
                )
            case _:
                mutant[begin:begin] = draw(
                    st.binary(max_size=8) | st.sampled_from([b"\r\n", b"\n", b": ", b"\r\n\r\n"])
                )
    return bytes(mutant)


class TestAnything:
    @pytest.mark.parametrize("make", [lambda: mirror, create_app], ids=["mirror", "flask"])
    def test_is_answered_or_closed_and_harms_nobody(
        self,
        make: Callable[[], WSGIApplication],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        @given(st.binary(max_size=200) | mutants(), st.booleans())
        def check(sent: bytes, ends: bool) -> None:
            with connected(server) as client:
                client.sendall(sent)
                if ends:
                    client.shutdown(socket.SHUT_WR)
                for reply in replies(until_broken(client)[0]):
                    assert reply.status in (100, 200, 400, 404, 408, 413, 431, 501, 505)
            assert is_well(server)

        short = Deadlines(idle_s=0.02, head_s=0.02, body_s=0.02)
        monkeypatch.setattr(WsgiHandler, "deadlines", short)
        with unharmed(caplog, capfd, make()) as server:
            check()
