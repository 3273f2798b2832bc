"""One request to servers that behave badly: always a record, in time, in bounds."""

import gzip
import shutil
import socket
import ssl
import subprocess
import time
import zlib
from contextlib import ExitStack
from pathlib import Path

import pytest

from mockserver.errors import UnreadableFile
from mockserver.http.message import Failure, FailureKind
from mockserver.remote.access import Access
from mockserver.remote.fetch import FOR_LIST, Fetcher
from mockserver.remote.http_client import RequestLimits
from mockserver.server_rules.observation import Observation
from support.hostile import (
    Handle,
    dripping,
    for_ever,
    hostile,
    resetting,
    sending,
    sending_then_silent,
)
from support.tools import needed

LIMITS = RequestLimits(connect_s=2.0, read_s=2.0, total_s=0.5, body_bytes=100_000)
SOON_S = 4.0
NOBODY = Access()
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SIZED = OK + b"Content-Length: 10000000000\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BODY = b'{"job_id": "job_0123456789", "status": "paused"}'
TWO_LENGTHS = OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n12"
GZIPPED = b"Content-Encoding: gzip\r\n\r\n"
ZIPPED, EMPTY, LARGE = (gzip.compress(data) for data in (BODY, b"", bytes(16_000_000)))


def encoded(coding: bytes, body: bytes) -> bytes:
    return OK + b"Content-Encoding: %b\r\nContent-Length: %d\r\n\r\n%b" % (coding, len(body), body)


def seen_of(handle: Handle, limits: RequestLimits = LIMITS) -> Observation:
    began_s = time.monotonic()
    with hostile(handle) as server:
        seen = fetched(server.url, limits=limits)
        assert time.monotonic() - began_s < SOON_S
    return seen


def fetched(url: str, access: Access = NOBODY, limits: RequestLimits = LIMITS) -> Observation:
    with Fetcher(url, access, limits) as fetcher:
        return fetcher.fetch(FOR_LIST)


def failure_of(seen: Observation) -> Failure:
    assert seen.failure is not None
    return seen.failure


BAD: dict[str, tuple[Handle, FailureKind, int | None]] = {
    "endless body": (for_ever(SIZED, b" " * 65536), "too-large", 200),
    "endless chunks": (for_ever(CHUNKED, b"1000\r\n" + b" " * 4096 + b"\r\n"), "too-large", 200),
    "endless body without a length": (for_ever(OK + b"\r\n", b" " * 65536), "too-large", 200),
    "endless head": (for_ever(OK, b"X-Again: and again\r\n" * 100), "too-large", None),
    "endless header": (for_ever(OK + b"X-Long: ", b"x" * 4096), "too-large", None),
    "endless status line": (for_ever(b"HTTP/1.1 200 ", b"x" * 4096), "too-large", None),
    "endless trailers": (for_ever(CHUNKED + b"0\r\n", b"X-Again: x\r\n" * 100), "too-large", 200),
    "endless chunk head": (for_ever(CHUNKED + b"5;x=", b"x" * 4096), "too-large", 200),
    "endless 1xx": (for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50), "timeout", None),
    "silence": (sending_then_silent(), "timeout", None),
    "silence in the head": (sending_then_silent(OK), "timeout", None),
    "silence in the body": (sending_then_silent(SIZED + b"{"), "timeout", 200),
    "dripping head": (dripping(OK + b"X-Slow: ", b"x"), "timeout", None),
    "dripping body": (dripping(SIZED, b" "), "timeout", 200),
    "dripping gzip": (dripping(OK + GZIPPED, EMPTY), "timeout", 200),
    "gzip bomb": (sending(encoded(b"gzip", gzip.compress(bytes(50_000_000)))), "too-large", 200),
    "gzip bomb in members": (sending(encoded(b"gzip", LARGE * 640)), "too-large", 200),
    "gzip of nothing, for ever": (for_ever(OK + GZIPPED, EMPTY * 1000), "too-large", 200),
    "gzip garbage": (sending(encoded(b"gzip", b"\x1f\x8bgarbage" * 9)), "bad-encoding", 200),
    "gzip, and then garbage": (sending(encoded(b"gzip", ZIPPED + b"garbage")), "bad-encoding", 200),
    "half a gzip": (sending(encoded(b"gzip", ZIPPED[:-9])), "bad-encoding", 200),
    "gzip that is none": (sending(encoded(b"gzip", BODY)), "bad-encoding", 200),
    "brotli": (sending(encoded(b"br", BODY)), "bad-encoding", 200),
    "twice encoded": (sending(encoded(b"gzip, gzip", gzip.compress(ZIPPED))), "bad-encoding", 200),
    "no HTTP": (sending(b"220 mail.example ESMTP\r\n\r\n"), "bad-http", None),
    "binary": (sending(bytes(range(256)) * 100), "bad-http", None),
    "TLS on a plain port": (sending(b"\x15\x03\x01\x00\x02\x02\x46"), "bad-http", None),
    "nothing at all": (sending(), "broken-off", None),
    "half a head": (sending(OK), "broken-off", None),
    "half a body": (sending(SIZED + BODY), "broken-off", 200),
    "no last chunk": (sending(CHUNKED + b"5\r\n12345\r\n"), "broken-off", 200),
    "a wrong chunk": (sending(CHUNKED + b"zz\r\n12345\r\n"), "bad-http", 200),
    "a chunk longer than it says": (sending(CHUNKED + b"2\r\n12345\r\n0\r\n\r\n"), "bad-http", 200),
    "two lengths": (sending(TWO_LENGTHS), "bad-http", None),
    "reset at once": (resetting(), "broken-off", None),
    "reset in the body": (resetting(SIZED + BODY), "broken-off", 200),
}


@pytest.mark.parametrize("name", BAD)
def test_whatever_a_server_does_becomes_a_record(name: str) -> None:
    handle, kind, status = BAD[name]
    seen = seen_of(handle)
    failure = failure_of(seen)
    assert (failure.kind, seen.status) == (kind, status)
    assert failure.message
    assert failure.message.isprintable()
    assert len(seen.body) <= LIMITS.body_bytes


def test_no_more_is_read_than_the_limit() -> None:
    sent: list[int] = []
    seen = seen_of(for_ever(SIZED, b" " * 65536, sent), RequestLimits())
    assert len(seen.body) == 16 * 1024 * 1024
    assert sum(sent) < 64 * 1024 * 1024


BYTEWISE = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY)
GOOD: dict[str, bytes] = {
    "plain": OK + b"\r\n" + BODY,
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
    "gzip": encoded(b"gzip", gzip.compress(BODY)),
    "gzip in capitals": encoded(b"GZIP", gzip.compress(BODY)),
    "gzip in members": encoded(b"gzip", gzip.compress(BODY[:9]) + gzip.compress(BODY[9:])),
    "deflate": encoded(b"deflate", zlib.compress(BODY)),
    "identity": encoded(b"identity", BODY),
    "after 1xx": b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK + b"\r\n" + BODY,
    "chunks of byte byte": CHUNKED + BYTEWISE + b"0\r\n\r\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_whole_reply(name: str) -> None:
    seen = seen_of(sending(GOOD[name]))
    assert (seen.status, seen.body, seen.failure) == (200, BODY, None)


def test_headers_are_as_they_came() -> None:
    seen = seen_of(sending(OK + b"X-Twice: 1\r\nx-tWice: \xff\r\n\r\n" + BODY))
    assert seen.headers[1:] == (("X-Twice", "1"), ("x-tWice", "ÿ"))


def test_a_redirect_is_reported_and_not_followed() -> None:
    seen = seen_of(sending(b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n"))
    assert (seen.status, seen.headers.get("location"), seen.failure) == (302, "/again", None)


def test_no_cookie_comes_back() -> None:
    reply = OK + b"Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    with hostile(sending(reply)) as server, Fetcher(server.url) as fetcher:
        assert [fetcher.fetch(FOR_LIST).number for _ in range(2)] == [1, 2]
    assert len(server.requests) == 2
    assert not any(b"cookie" in request.lower() for request in server.requests)


class TestNoConnection:
    def test_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        seen = fetched(f"http://127.0.0.1:{port}")
        assert (failure_of(seen).kind, seen.status) == ("refused", None)

    def test_no_such_host(self) -> None:
        assert (
            failure_of(fetched("http://no-such-host.invalid", limits=RequestLimits())).kind == "dns"
        )

    def test_a_server_that_accepts_nobody(self) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            address = listener.getsockname()
            limits = RequestLimits(connect_s=0.2, read_s=0.3, total_s=0.5)
            with ExitStack() as stack:
                for _ in range(3):
                    filler = stack.enter_context(socket.socket())
                    filler.setblocking(False)
                    filler.connect_ex(address)
                seen = fetched(f"http://127.0.0.1:{address[1]}", limits=limits)
        assert failure_of(seen).kind == "timeout"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and its key, in one PEM file."""
    openssl = needed(lambda: shutil.which("openssl"), "openssl")
    folder = tmp_path_factory.mktemp("certificate")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    about = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(
        [openssl, *words.split(), *about, *files], check=True, capture_output=True, timeout=60
    )
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


class TestTls:
    def seen(self, certificate: Path, access: Access, *, asks_back: bool = False) -> Observation:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        if asks_back:
            context.load_verify_locations(certificate)
            context.verify_mode = ssl.CERT_REQUIRED
        with hostile(sending(OK + b"\r\n" + BODY), context) as server:
            return fetched(server.url, access)

    def test_a_certificate_of_nobody_known(self, certificate: Path) -> None:
        seen = self.seen(certificate, Access())
        assert failure_of(seen).kind == "tls"
        assert "not trusted: self-signed certificate" in failure_of(seen).message

    @pytest.mark.parametrize("is_insecure", [True, False])
    def test_one_that_is_trusted(self, certificate: Path, is_insecure: bool) -> None:
        access = Access(insecure=True) if is_insecure else Access(cacert=str(certificate))
        seen = self.seen(certificate, access)
        assert (seen.status, seen.failure) == (200, None)
        assert ("-k" if is_insecure else "--cacert") in seen.curl

    def test_a_client_certificate(self, certificate: Path) -> None:
        access = Access(cacert=str(certificate), cert=str(certificate))
        assert self.seen(certificate, access, asks_back=True).status == 200
        without = self.seen(certificate, Access(cacert=str(certificate)), asks_back=True)
        assert failure_of(without).kind in ("tls", "broken-off")

    def test_a_server_without_tls(self) -> None:
        with hostile(sending(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
            seen = fetched(server.url.replace("http:", "https:"))
        assert failure_of(seen).kind in ("tls", "timeout")

    @pytest.mark.parametrize("is_own", [True, False])
    @pytest.mark.parametrize("text", [None, "no certificate"])
    def test_files_that_are_none(self, tmp_path: Path, is_own: bool, text: str | None) -> None:
        path = tmp_path / "given.pem"
        if text is not None:
            path.write_text(text)
        access = Access(cert=str(path)) if is_own else Access(cacert=str(path))
        with pytest.raises(UnreadableFile, match=r"given\.pem: (no such file|not a PEM file)"):
            Fetcher("https://127.0.0.1", access)


class TestProxy:
    def test_requests_go_by_way_of_it(self) -> None:
        with hostile(sending(OK + b"\r\n" + BODY)) as proxy:
            access = Access(proxy=proxy.url.replace("//", "//me:hidden-word@"))
            seen = fetched("http://far.invalid:1234", access)
        assert seen.body == BODY
        assert proxy.requests[0].startswith(b"GET http://far.invalid:1234/api/v1/models")
        assert "hidden-word" not in repr(seen)
        assert f"-x {proxy.url}" in seen.curl

    def test_that_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with hostile(sending(OK + b"\r\n" + BODY)) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url)
            assert fetched("http://far.invalid:1234").body == BODY

    def test_one_that_refuses(self) -> None:
        reply = sending(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        with hostile(reply) as proxy:
            seen = fetched("https://far.invalid:1234", Access(proxy=proxy.url))
        assert failure_of(seen).kind == "refused"
        assert "407" in failure_of(seen).message
        assert proxy.url in failure_of(seen).message
