"""Requests as no library would send them, byte by byte: what is understood, what is raw.refused."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from wsgiref.types import WSGIApplication

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mockserver.net.live_server import LiveServer
from mockserver.net.reader import MAX_BODY, Deadlines
from mockserver.net.wsgi import WsgiHandler
from mockserver.server.app import create_app
from support import raw

RAW = YAML(typ="safe", pure=True).load(Path(__file__).with_name("raw_requests.yaml"))
TLS_HELLO = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "".join(map(chr, range(128)))


@pytest.fixture
def live(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[LiveServer]:
    with raw.unharmed(caplog, capfd) as server:
        yield server


class TestEnvironment:
    def test_all_that_a_request_says(self, live: LiveServer) -> None:
        headers = ("Content-Length: 3", "Content-Type: text/x", "X-A: 1", "x-a:  2 ", "X_A: 3")
        sent = raw.post(b"xyz", *headers, "X-B: é", raw.CLOSE).replace(
            b"POST /", b"PoST /a%2fb/%C3%A9%ff?q=%20&r"
        )
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
        (reply,) = raw.exchanged(live, sent)
        assert {name: reply.data[name] for name in expected} == expected

    def test_an_absolute_target_names_the_host(self, live: LiveServer) -> None:
        sent = b"GET http://other:1/a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        (reply,) = raw.exchanged(live, sent)
        assert reply.data["PATH_INFO"] == "/a"
        assert reply.data["REQUEST_URI"] == "http://other:1/a?b"
        assert reply.data["HTTP_HOST"] == "other:1"

    def test_a_tunnel_is_not_opened(self, live: LiveServer) -> None:
        sent = b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n" + raw.GET
        (reply,) = raw.exchanged(live, sent)
        assert reply.headers["connection"] == "close"

    def test_no_upgrade_takes_place(self, live: LiveServer) -> None:
        sent = raw.GET[:-2] + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n" + raw.GET
        assert [reply.status for reply in raw.exchanged(live, sent, ends=True)] == [200, 200]


class TestBody:
    @pytest.mark.parametrize(
        ("body", "framed", "headers"), [(b, f, h) for b, f, *h in RAW["bodies"]]
    )
    def test_it_ends_where_it_says(
        self, live: LiveServer, body: str, framed: str, headers: list[str]
    ) -> None:
        first, second = raw.exchanged(
            live, raw.post(framed.encode(), *headers) + raw.GET, ends=True
        )
        assert (first.data["body"], first.data["REQUEST_METHOD"]) == (body, "POST")
        assert (second.data["body"], second.data["REQUEST_METHOD"]) == ("", "GET")

    def test_every_byte_may_come_by_itself(self, live: LiveServer) -> None:
        sent = raw.post(b"3;x\r\nabc\r\n0\r\nX-T: 1\r\n\r\n", raw.CHUNKED, raw.CLOSE)
        with raw.connected(live) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            for byte in sent:
                client.sendall(bytes([byte]))
            (reply,) = raw.replies(raw.until_closed(client))
        assert reply.data["body"] == "abc"

    def test_the_largest_is_read(self, live: LiveServer) -> None:
        body = b"x" * MAX_BODY
        (whole,) = raw.exchanged(live, raw.post(body, f"Content-Length: {MAX_BODY}", raw.CLOSE))
        chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (MAX_BODY, body)
        (parts,) = raw.exchanged(live, raw.post(chunked, raw.CHUNKED, raw.CLOSE))
        assert len(whole.data["body"]) == len(parts.data["body"]) == MAX_BODY

    @pytest.mark.parametrize("size", [MAX_BODY + 1, 2 << 20, 16 << 20])
    @pytest.mark.parametrize("is_chunked", [True, False])
    def test_a_larger_one_is_not_but_the_reply_arrives(
        self, live: LiveServer, size: int, is_chunked: bool
    ) -> None:
        chunked = raw.post(b"%x\r\n%b\r\n0\r\n\r\n" % (size, b"x" * size), raw.CHUNKED)
        plain = raw.post(b"x" * size, f"Content-Length: {size}")
        (reply,) = raw.exchanged(live, chunked if is_chunked else plain)
        assert (reply.status, reply.data["body"]) == (413, "")
        assert reply.headers["connection"] == "close"

    @pytest.mark.parametrize("length", ["1048577", "9" * 20])
    def test_one_that_is_announced_too_large_is_not_waited_for(
        self, live: LiveServer, length: str
    ) -> None:
        (reply,) = raw.exchanged(live, raw.post(b"", f"Content-Length: {length}"))
        assert reply.status == 413

    def test_a_client_that_asks_first_is_told_to_go_on(self, live: LiveServer) -> None:
        with raw.connected(live) as client:
            client.sendall(raw.post(b"", "Content-Length: 2", "Expect: 100-continue", raw.CLOSE))
            assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.sendall(b"ab")
            (reply,) = raw.replies(raw.until_closed(client))
        assert reply.data["body"] == "ab"

    @pytest.mark.parametrize(
        "sent",
        [
            raw.post(b"ab", "Content-Length: 2", "Expect: 100-continue", raw.CLOSE),
            raw.post(b"", "Content-Length: 0", "Expect: 100-continue", raw.CLOSE),
            raw.post(b"", "Content-Length: 2097152", "Expect: 100-continue"),
            raw.post(b"ab", "Content-Length: 2", "Expect: 100-continue").replace(b"1.1", b"1.0"),
        ],
    )
    def test_but_only_where_its_body_will_be_read(self, live: LiveServer, sent: bytes) -> None:
        (reply,) = raw.exchanged(live, sent)
        assert reply.status in (200, 413)

    def test_a_client_that_asks_first_is_told_no(self, live: LiveServer) -> None:
        with raw.connected(live) as client:
            client.sendall(raw.post(b"", "Content-Length: 2097152", "Expect: 100-continue"))
            client.sendall(b"x" * 2097152)
            (reply,) = raw.replies(raw.until_closed(client))
        assert reply.status == 413


class TestMalformed:
    @pytest.mark.parametrize(
        ("status", "head"), [*RAW["heads"], (400, "\0" * 100), (400, TLS_HELLO)]
    )
    def test_a_head_is_refused(self, live: LiveServer, status: int, head: str) -> None:
        sent = head.encode("latin-1")
        assert raw.refused(live, sent) == status
        assert raw.refused(live, sent + raw.GET) == status

    @pytest.mark.parametrize(("status", "headers"), [(s, h) for s, *h in RAW["lengths"]])
    def test_a_length_is_refused(self, live: LiveServer, status: int, headers: list[str]) -> None:
        assert raw.refused(live, raw.post(b"5\r\nhello\r\n0\r\n\r\n", *headers)) == status

    def test_chunks_are_not_of_http_1_0(self, live: LiveServer) -> None:
        sent = raw.post(b"0\r\n\r\n", raw.CHUNKED).replace(b"HTTP/1.1", b"HTTP/1.0")
        assert raw.refused(live, sent) == 400

    @pytest.mark.parametrize("body", RAW["chunks"])
    def test_a_chunk_is_refused(self, live: LiveServer, body: str) -> None:
        assert raw.refused(live, raw.post(body.encode("latin-1"), raw.CHUNKED)) == 400

    @pytest.mark.parametrize(
        "body", [b"1;" + b"x" * 100_000, b"0\r\n" + b"X: y\r\n" * 50_000, b"0" * 100_000]
    )
    def test_endless_lines_in_a_body_are_refused(self, live: LiveServer, body: bytes) -> None:
        assert raw.refused(live, raw.post(body, raw.CHUNKED)) in (400, 431)

    @pytest.mark.parametrize("odd", RAW["odd"])
    def test_what_is_odd_and_clear_is_answered(self, live: LiveServer, odd: str) -> None:
        first, second = raw.exchanged(live, odd.encode() + raw.GET, ends=True)
        assert (first.status, second.status) == (200, 200)


VALID = [
    raw.GET,
    raw.post(b"abc", "Content-Length: 3"),
    raw.post(b"3;x\r\nabc\r\n0\r\nX-T: 1\r\n\r\n", raw.CHUNKED, "Expect: 100-continue"),
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
    @pytest.mark.parametrize("make", [lambda: raw.mirror, create_app], ids=["mirror", "flask"])
    def test_is_answered_or_closed_and_harms_nobody(
        self,
        make: Callable[[], WSGIApplication],
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        @given(st.binary(max_size=200) | mutants(), st.booleans())
        def check(sent: bytes, ends: bool) -> None:
            with raw.connected(server) as client:
                client.sendall(sent)
                if ends:
                    with suppress(OSError):  # a connection that the server has closed already
                        client.shutdown(socket.SHUT_WR)
                for reply in raw.replies(raw.until_broken(client)[0]):
                    assert reply.status in (100, 200, 400, 404, 408, 413, 431, 501, 505)
            assert raw.is_well(server)

        short = Deadlines(idle_s=0.02, head_s=0.02, body_s=0.02)
        monkeypatch.setattr(WsgiHandler, "deadlines", short)
        with raw.unharmed(caplog, capfd, make()) as server:
            check()
