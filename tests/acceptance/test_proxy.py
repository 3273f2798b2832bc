"""A proxy between clients and servers of every kind: it changes nothing, and sees what passes."""

import gzip
import json
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockserver import MockServer
from mockserver.documents.source import Source
from mockserver.errors import AddressUnavailable, BadAddress, NothingToRecord, UnknownName
from mockserver.remote.access import Access
from mockserver.remote.forwarded import MAX_CHECKED, CheckedExchange
from mockserver.remote.proxy import Proxy
from mockserver.remote.proxy_traffic import ProxyTraffic
from mockserver.remote.upstream import ProxyDeadlines
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load
from support.hostile import (
    Handle,
    Hostile,
    for_ever,
    hostile,
    resetting,
    sending,
    sending_then_silent,
)
from support.process import Running, started
from support.raw import DEADLINE_S, received_until, until_broken, until_closed
from support.serving import DOWNLOAD, STATUS, ask
from support.tools import needed

JOB = "job_493c7c9ded"
ONE = f"{STATUS}/{JOB}"
TOKEN = "sk-lm-Vq3xR8tK:w7Zp-and-more"
PATIENT = ProxyDeadlines()
QUICK = ProxyDeadlines(connect_s=2.0, silence_s=0.1, linger_s=0.1)
HURRIED = ProxyDeadlines(gone_s=0.1, linger_s=0.1)
OK = b"HTTP/1.1 200 OK\r\n"
NOTHING = OK + b"Content-Length: 0\r\n\r\n"
HALF = OK + b"Content-Length: 10\r\n\r\nhalf"
UPGRADE = b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: odd\r\n\r\n"
UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: odd\r\nConnection: Upgrade\r\n\r\n"
GET = f"GET {ONE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


class Watched:
    """A proxy, and what has passed, which can be waited for."""

    def __init__(self, upstream: str, records: bool = False, **options: Any) -> None:
        self.upstream, self.passed = upstream, list[CheckedExchange]()
        self._came = threading.Condition()
        self.traffic = ProxyTraffic(upstream, watch=self._watch, records=records)
        self.proxy = Proxy(upstream, traffic=self.traffic, **options)

    @property
    def url(self) -> str:
        return self.proxy.url

    def wait(self, number: int = 1) -> list[CheckedExchange]:
        with self._came:
            assert self._came.wait_for(lambda: len(self.passed) >= number, DEADLINE_S)
            return self.passed

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", int(self.url.rpartition(":")[2])), DEADLINE_S)

    def asked(self, sent: bytes) -> bytes:
        """All that comes back until the proxy closes."""
        with self.connect() as client:
            client.sendall(sent)
            return until_closed(client)

    def is_told_that_the_client_went_away(self) -> None:
        """Which is nobody's fault."""
        (passed,) = self.wait()
        assert passed.unchecked == "the client went away"
        assert self.traffic.report().findings == ()

    def _watch(self, checked: CheckedExchange) -> None:
        with self._came:
            self.passed.append(checked)
            self._came.notify_all()


@contextmanager
def before(upstream: str, **options: Any) -> Iterator[Watched]:
    watched = Watched(upstream, **options)
    with watched.proxy:
        yield watched


@contextmanager
def mocked(
    timeline: str = "healthy", edition: str | None = None, records: bool = False
) -> Iterator[tuple[MockServer, Watched]]:
    """A mock on a clock that stands, and a proxy before it."""
    with (
        MockServer(timeline, clock="manual", edition=edition) as server,
        before(server.url, records=records) as watched,
    ):
        yield server, watched


@contextmanager
def between(
    handle: Handle, deadlines: ProxyDeadlines = PATIENT
) -> Iterator[tuple[Watched, Hostile]]:
    with hostile(handle) as server, before(server.url, deadlines=deadlines) as watched:
        yield watched, server


def through(
    handle: Handle, sent: bytes = GET, deadlines: ProxyDeadlines = PATIENT
) -> tuple[bytes, CheckedExchange, Watched]:
    """What comes back for what was sent, and the one exchange that has passed."""
    with between(handle, deadlines) as (proxy, _):
        came = proxy.asked(sent)
        (passed,) = proxy.wait()
    return came, passed, proxy


def body_of(reply: bytes) -> bytes:
    return reply.partition(b"\r\n\r\n")[2]


def failure_kind(passed: CheckedExchange) -> str | None:
    failure = passed.observation.failure
    return None if failure is None else failure.kind


class TestUnchanged:
    def test_a_request_comes_as_it_was_sent(self) -> None:
        sent = (
            b"POST /api/v1/odd%2Fpath?q=%41&q=;x HTTP/1.1\r\n"
            b"hOST: somewhere\r\nX-Odd:  two  spaces \r\nX-Odd: caf\xe9\r\nx_under: 1\r\n"
            b"Keep-Alive: 5\r\nX-Hop: gone\r\nConnection: close, x-hop\r\n"
            b"Content-Length: 5\r\nAuthorization: Bearer abc\r\n\r\n\0\xff\r\n!"
        )
        whole = threading.Event()

        def handle(client: socket.socket, over: threading.Event, request: bytes) -> None:
            body = body_of(request)
            while len(body) < 5:
                body += client.recv(100)
            bodies.append(body)
            whole.set()
            sending(NOTHING)(client, over, request)

        bodies: list[bytes] = []
        with between(handle) as (proxy, server):
            proxy.asked(sent)
            assert whole.wait(DEADLINE_S)
        head = server.requests[0].partition(b"\r\n\r\n")[0].split(b"\r\n")
        authority = server.url.removeprefix("http://").encode()
        assert head == [
            b"POST /api/v1/odd%2Fpath?q=%41&q=;x HTTP/1.1",
            b"Host: " + authority,
            b"Connection: close",
            *(b"X-Odd:  two  spaces ", b"X-Odd: caf\xe9", b"x_under: 1", b"Content-Length: 5"),
            b"Authorization: Bearer abc",
        ]
        assert bodies == [b"\0\xff\r\n!"]

    @pytest.mark.parametrize(
        ("head", "body"),
        [
            (b"Content-Length: 3\r\n", b"\0\xff\n"),
            (b"Transfer-Encoding: chunked\r\nTrailer: X\r\n", b"3;a=b\r\nabc\r\n0\r\nX: 1\r\n\r\n"),
            (b"Content-Encoding: gzip\r\n", gzip.compress(b'{"a": 1}', mtime=0)),
            (b"X-Odd:  caf\xe9 \r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n", b"to the end"),
            (b"Content-Length: 0\r\n", b""),
        ],
    )
    @pytest.mark.parametrize("status", [b"200 OK", b"404", b"599 Odd Reason \xe9"])
    def test_a_reply_comes_as_it_was_sent(self, status: bytes, head: bytes, body: bytes) -> None:
        reply = b"HTTP/1.1 " + status + b"\r\n" + head + b"\r\n" + body
        end = b"Connection: close\r\n\r\n"
        assert through(sending(reply))[0] == reply.replace(
            b"\r\n\r\n" + body, b"\r\n" + end + body, 1
        )

    def test_bytes_come_while_the_server_still_writes(self) -> None:
        has_come = threading.Event()

        def handle(client: socket.socket, over: threading.Event, request: bytes) -> None:
            client.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            assert has_come.wait(DEADLINE_S)
            client.sendall(b"3\r\ntwo\r\n0\r\n\r\n")

        with between(handle) as (proxy, _), proxy.connect() as client:
            client.sendall(GET)
            received_until(client, b"one\r\n")
            has_come.set()
            assert until_closed(client) == b"3\r\ntwo\r\n0\r\n\r\n"

    @pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified", b"HEAD"])
    def test_replies_without_a_body_leave_the_connection_open(self, status: bytes) -> None:
        method = b"HEAD" if status == b"HEAD" else b"GET"
        line = b"200 OK" if status == b"HEAD" else status
        reply = b"HTTP/1.1 " + line + b"\r\nContent-Length: 7\r\n\r\n"
        with between(sending(reply)) as (proxy, server), proxy.connect() as client:
            for number in range(3):
                client.sendall(method + b" / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert received_until(client, b"\r\n\r\n") == reply
                assert len(server.requests) == number + 1

    def test_requests_that_come_at_once_are_answered_one_by_one(self) -> None:
        with mocked() as (server, proxy):
            first = f"GET {ONE} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
            post = b"POST /odd HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            came = proxy.asked(first + post + b"2\r\n{}\r\n0\r\n\r\n" + first + GET)
            assert [entry.path for entry in server.requests] == [ONE, "/odd", ONE, ONE]
            assert server.requests[1].request.body.start == b"{}"
        assert came.count(b"HTTP/1.1 200 ") == 4
        assert came.count(b"Connection: close") == 1

    def test_http_1_0_gets_a_reply_that_it_can_read(self) -> None:
        with mocked() as (_, proxy):
            came = proxy.asked(f"GET {ONE} HTTP/1.0\r\n\r\n".encode())
        assert came.startswith(OK)
        assert json.loads(body_of(came))["job_id"] == JOB

    def test_100_continue_comes_before_the_body_is_sent(self) -> None:
        def handle(client: socket.socket, over: threading.Event, request: bytes) -> None:
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            client.sendall(OK + b"Content-Length: 3\r\n\r\n" + client.recv(3))

        with between(handle) as (proxy, _), proxy.connect() as client:
            client.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.sendall(b"abc")
            client.shutdown(socket.SHUT_WR)
            assert until_closed(client).endswith(b"\r\n\r\nabc")

    def test_another_protocol_passes_both_ways(self) -> None:
        def handle(client: socket.socket, over: threading.Event, request: bytes) -> None:
            assert b"Connection: Upgrade\r\nUpgrade: odd" in request
            client.sendall(UPGRADED + b"hello ")
            client.sendall(client.recv(100).upper())

        with between(handle) as (proxy, _), proxy.connect() as client:
            client.sendall(UPGRADE)
            received_until(client, b"hello ")
            client.sendall(b"and good bye")
            assert until_closed(client) == b"AND GOOD BYE"

    def test_another_protocol_that_ends_one_way_first(self) -> None:
        def handle(client: socket.socket, over: threading.Event, request: bytes) -> None:
            client.sendall(UPGRADED)
            said = until_closed(client)
            client.sendall(said[::-1] * 100_000)

        with between(handle) as (proxy, _), proxy.connect() as client:
            client.sendall(UPGRADE + b"good bye")
            client.shutdown(socket.SHUT_WR)
            assert until_closed(client).endswith(b"\r\n\r\n" + b"eyb doog" * 100_000)

    @pytest.mark.parametrize(
        "head", [b"Content-Length : 3\r\n", b"Content-Length: 3, 3\r\nContent-Length: 3\r\n"]
    )
    def test_a_length_that_is_said_oddly_is_kept_to(self, head: bytes) -> None:
        came, passed, _ = through(sending_then_silent(OK + head + b"\r\nabc"), deadlines=QUICK)
        assert failure_kind(passed) is None
        assert came.endswith(b"\r\n\r\nabc")
        assert b"Content-Length: 3" in came

    def test_a_base_path_goes_before_the_target(self) -> None:
        with hostile(sending(NOTHING)) as server, before(f"{server.url}/lm") as proxy:
            proxy.asked(GET)
        assert server.requests[0].startswith(f"GET /lm{ONE} HTTP/1.1\r\n".encode())


class TestBroken:
    @pytest.mark.parametrize(
        ("reply", "kind"),
        [
            (b"Content-Length: 10\r\n\r\nhalf", "broken-off"),
            (b"Transfer-Encoding: chunked\r\n\r\nff\r\nhalf", "broken-off"),
            (b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nhalf", "bad-http"),
            (b"Content-Length: 1\r\n\r\n", "broken-off"),
        ],
    )
    def test_half_a_reply_stays_half_a_reply(self, reply: bytes, kind: str) -> None:
        came, passed, _ = through(sending(OK + reply))
        assert (body_of(came), failure_kind(passed)) == (body_of(reply), kind)
        assert passed.entry.reply is None

    def test_a_reset_stays_a_reset(self) -> None:
        with between(resetting(HALF)) as (proxy, _):
            with proxy.connect() as client:
                client.sendall(GET)
                came, end = until_broken(client)
            (passed,) = proxy.wait()
        assert end == "reset"
        assert not came or came.endswith(b"half")
        assert failure_kind(passed)

    @pytest.mark.parametrize(
        ("handle", "status", "kind"),
        [
            (sending(), 502, "broken-off"),
            (sending(b"SSH-2.0-odd\r\n\r\n"), 502, "bad-http"),
            (sending(b"HTTP/1.1 200 OK\r\nX: "), 502, "bad-http"),
            (sending(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000), 502, "too-large"),
            (sending(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 502, "bad-http"),
            (sending(OK + b"Content-Length: +3\r\n\r\nabc"), 502, "bad-http"),
            (sending(OK + b"Content-Length: 3,\r\n\r\nabc"), 502, "bad-http"),
            (sending_then_silent(), 504, "timeout"),
        ],
    )
    def test_no_reply_is_said_by_the_proxy_in_its_own_name(
        self, handle: Handle, status: int, kind: str
    ) -> None:
        came, passed, proxy = through(handle, deadlines=QUICK)
        assert failure_kind(passed) == kind
        assert came.startswith(f"HTTP/1.1 {status} ".encode())
        error = json.loads(body_of(came))["error"]
        assert error["type"] == "mockserver_error"
        assert proxy.upstream in error["message"]
        assert "mockserver proxy" in error["message"]
        assert passed.own_error is not None
        assert passed.observation.status is None

    def test_a_server_that_is_down_and_comes_back(self) -> None:
        with MockServer() as server:
            url = server.url
        with before(url) as proxy:
            status, answer = ask(proxy.url + ONE)
            assert (status, answer["error"]["type"]) == (502, "mockserver_error")
            assert "nobody listens there" in answer["error"]["message"]
            with server:
                assert ask(proxy.url + ONE)[0] == 200
        assert [finding.id for finding in proxy.traffic.report().findings] == ["no-reply"]

    def test_silence_in_mid_reply(self) -> None:
        came, passed, _ = through(sending_then_silent(HALF), deadlines=QUICK)
        assert body_of(came) == b"half"
        assert failure_kind(passed)

    def test_a_client_that_goes_away_is_told_to_the_server(self) -> None:
        has_gone = threading.Event()

        def handle(client: socket.socket, over: threading.Event, request: bytes) -> None:
            assert client.recv(1) == b""
            has_gone.set()

        with between(handle) as (proxy, _):
            with proxy.connect() as client:
                client.sendall(GET)
            assert has_gone.wait(DEADLINE_S)

    def test_an_early_reply_is_read_although_the_connection_broke(self) -> None:
        reply = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"
        head = f"POST {DOWNLOAD} HTTP/1.1\r\nHost: x\r\nContent-Length: {8 << 20}\r\n\r\n".encode()
        came, passed, _ = through(resetting(reply), head + b"y" * (8 << 20))
        assert body_of(came) == b"big"
        assert (passed.observation.status, passed.observation.failure) == (413, None)

    def test_silence_in_a_reply_without_a_length_is_a_reset(self) -> None:
        silent = sending_then_silent(OK + b"\r\nhalf")
        with between(silent, QUICK) as (proxy, _), proxy.connect() as client:
            client.sendall(GET)
            assert until_broken(client)[1] == "reset"
            assert failure_kind(proxy.wait()[0])

    @pytest.mark.parametrize("is_reset", [False, True])
    @pytest.mark.parametrize("begun", [b"", HALF])
    def test_a_client_that_has_gone_is_not_waited_for(self, begun: bytes, is_reset: bool) -> None:
        with between(sending_then_silent(begun), HURRIED) as (proxy, server):
            with proxy.connect() as client:
                client.sendall(GET)
                if begun:
                    assert client.recv(1000)
                if is_reset:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            proxy.is_told_that_the_client_went_away()
            assert server.requests

    def test_a_client_that_only_sends_no_more_gets_its_reply(self) -> None:
        reply = OK + b"Content-Length: 3\r\n\r\nabc"
        with between(sending(reply)) as (proxy, _), proxy.connect() as client:
            client.sendall(GET)
            client.shutdown(socket.SHUT_WR)
            assert until_closed(client).endswith(b"abc")

    def test_a_client_that_goes_in_mid_reply_ends_it(self) -> None:
        has_broken = threading.Event()

        def handle(client: socket.socket, over: threading.Event, request: bytes) -> None:
            try:
                for_ever(OK + b"\r\n", b"x" * 65536)(client, over, request)
            except OSError:
                has_broken.set()

        with between(handle) as (proxy, _):
            with proxy.connect() as client:
                client.sendall(GET)
                assert client.recv(1000)
            assert has_broken.wait(DEADLINE_S)
            proxy.is_told_that_the_client_went_away()

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            (b"GARBAGE\r\n\r\n", 400),
            (b"GET / HTTP/2.0\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nno header\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nContent-Length: 3, 4\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nContent-Length : 5\r\n\r\nabcde", 400),
            (b"POST / HTTP/1.1\r\n Content-Length: 5\r\n\r\nabcde", 400),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\xa0\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000, 431),
        ],
    )
    def test_what_is_no_request_is_not_passed_on(self, sent: bytes, status: int) -> None:
        with between(sending(OK + b"\r\n")) as (proxy, server):
            assert proxy.asked(sent).startswith(f"HTTP/1.1 {status} ".encode())
            assert ask(proxy.url + "/")[0] == 200
        assert len(server.requests) == 1


class TestFull:
    def test_too_many_connections_are_told_and_room_is_used_again(self) -> None:
        told: list[int] = []
        few = {"deadlines": QUICK, "max_connections": 2, "on_full": told.append}
        with hostile(sending(NOTHING)) as server, before(server.url, **few) as proxy:
            with proxy.connect() as client, proxy.connect() as other:
                for _ in range(2):
                    came = proxy.asked(GET)
                    assert came.startswith(b"HTTP/1.1 503 ")
                    assert b"mockserver_error" in came
                client.sendall(GET)
                other.sendall(GET)
                assert until_closed(client) + until_closed(other)
            until = time.monotonic() + DEADLINE_S
            while not proxy.asked(GET).startswith(OK[:12]):
                assert time.monotonic() < until
        assert told[0] == 2


class TestLarge:
    def test_a_huge_reply_passes_whole_and_is_kept_in_part(self) -> None:
        size = 24 << 20

        def handle(client: socket.socket, over: threading.Event, request: bytes) -> None:
            client.sendall(OK + f"Content-Length: {size}\r\n\r\n".encode())
            for _ in range(size >> 16):
                client.sendall(b"x" * 65536)

        came, passed, proxy = through(handle)
        assert len(body_of(came)) == size
        assert passed.unchecked == "a body larger than 1 MiB"
        assert len(passed.observation.body) <= MAX_CHECKED
        assert passed.entry.reply is not None
        assert passed.entry.reply.body.size == size
        assert passed.findings == ()
        assert proxy.traffic.report().notes == ("1 not checked: a body larger than 1 MiB",)

    def test_a_small_reply_that_unpacks_to_a_huge_one(self) -> None:
        bomb = gzip.compress(b" " * (64 << 20))
        head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
        came, passed, _ = through(sending(head + bomb))
        assert body_of(came) == bomb
        assert (len(passed.observation.body), bool(passed.unchecked)) == (MAX_CHECKED, True)

    def test_a_huge_request_passes_whole(self) -> None:
        size = 16 << 20

        def handle(client: socket.socket, over: threading.Event, request: bytes) -> None:
            came = len(body_of(request))
            while came < size:
                came += len(client.recv(1 << 20))
            sending(OK + b"Content-Length: 2\r\n\r\nok")(client, over, request)

        lines = (
            f"POST {DOWNLOAD} HTTP/1.1",
            "Connection: close",
            f"Content-Length: {size}",
            "",
            "",
        )
        came, passed, _ = through(handle, "\r\n".join(lines).encode() + b"y" * size)
        assert body_of(came) == b"ok"
        assert passed.entry.request.body.size == size
        assert len(passed.entry.request.body.start) < 20_000

    def test_many_requests_take_no_more_room(self) -> None:
        with mocked(records=True) as (_, proxy), proxy.connect() as client:
            for _ in range(100):
                client.sendall(f"GET {ONE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                received_until(client, b"}")
        assert proxy.traffic.requests == 100
        assert proxy.traffic.recording().text.count("- downloading") <= 2


class TestJudged:
    def test_a_good_client_and_a_good_server(self) -> None:
        with MockServer(edition="2026-01", clock="poll") as server, before(server.url) as proxy:
            status, model = "downloading", server.timeline.jobs[0].model
            job = ask(proxy.url + DOWNLOAD, "POST", {"model": model})[1]["job_id"]
            while status == "downloading":
                status = ask(f"{proxy.url}{STATUS}/{job}")[1]["status"]
        verdict, report = proxy.traffic.verdict(), proxy.traffic.report()
        assert [str(finding) for finding in verdict.errors] == []
        assert (report.findings, report.asked["download"]) == ((), 1)
        assert report.tracks[0].points[-1].status == "completed"

    @pytest.mark.parametrize(
        ("timeline", "path", "times", "rule"),
        [
            ("failed-at-once", ONE, 9, "poll-after-end"),
            ("healthy", "/api/v1/download-status", 1, "unknown-path"),
            ("healthy", f"{STATUS}/undefined", 1, "empty-job-id"),
            ("token-refused", ONE, 9, "no-token"),
            ("healthy", ONE, 30, "poll-too-fast"),
        ],
    )
    def test_a_client_that_makes_mistakes(
        self, timeline: str, path: str, times: int, rule: str
    ) -> None:
        with mocked(timeline) as (_, proxy):
            for _ in range(times):
                ask(proxy.url + path)
        rules = {finding.rule.id for finding in proxy.traffic.verdict().remarks}
        assert rule in rules

    def test_a_path_that_the_server_answers_is_no_mistake(self) -> None:
        with between(sending(OK + b"Content-Length: 2\r\n\r\n{}")) as (proxy, _):
            ask(f"{proxy.url}/api/v1/something-new")
            ask(f"{proxy.url}/v1/chat/completions", "POST", {})
        assert proxy.traffic.verdict().remarks == ()
        assert proxy.traffic.report().notes == ("2 not checked: a path that no page has",)

    def test_a_server_that_breaks_its_pages(self) -> None:
        fault = {"operation": "job_status", "violate": {"rule": "required", "pointer": "/job_id"}}
        with mocked() as (server, proxy):
            server.fault(fault)
            ask(proxy.url + ONE)
            ask(proxy.url + STATUS)
        assert [finding.id for finding in proxy.traffic.report().findings] == ["required:/job_id"]

    def test_gzip_is_looked_into(self) -> None:
        body = gzip.compress(b'{"status": "paused"}')
        head = b"Content-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n"
        came, passed, _ = through(sending(OK + head + body))
        assert body_of(came) == body
        assert [finding.id for finding in passed.findings][:1] == ["required:/job_id"]
        assert passed.entry.states[0].status == "paused"

    def test_no_secret_is_kept(self) -> None:
        def handle(client: socket.socket, over: threading.Event, request: bytes) -> None:
            body = b'{"status": "paused", "again": "%s"}' % TOKEN.encode()
            head = b"Content-Type: application/json\r\nSet-Cookie: k=secret-cookie\r\n\r\n"
            sending(OK + head + body)(client, over, request)

        with hostile(handle) as server, before(server.url, records=True) as proxy:
            bearer = {"Authorization": f"Bearer {TOKEN}", "Cookie": "k=secret-cookie"}
            assert TOKEN in str(ask(f"{proxy.url}{ONE}?token=in-the-query-1", **bearer))
        kept = str((proxy.passed, proxy.traffic.entries(), proxy.traffic.report()))
        kept += proxy.traffic.recording().text
        for secret in (TOKEN, TOKEN[:10], "secret-cookie", "in-the-query-1"):
            assert secret not in kept
        assert TOKEN in str(server.requests)

    def test_what_a_server_repeats_is_not_written(self) -> None:
        secrets = ("a-cookie", "an/other", "my-api-key", "of-no-scheme", "tiny", "in-the-target")
        said = json.dumps({"status": "paused", "downloaded_bytes": 1000, "again": secrets})
        headers = b"".join(b"X-Again: %s\r\n" % secret.encode() for secret in secrets)
        reply = OK + b"Content-Type: application/json\r\n" + headers + b"\r\n" + said.encode()
        lines = (
            f"GET http://user:in-the-target@x{ONE} HTTP/1.1",
            'Cookie: k=a-cookie; l="an%2Fother"; n=1; m=1000',
            "X-Api-Key: my-api-key",
            "Proxy-Authorization: of-no-scheme",
            "X-My-Token: tiny",
            "Connection: close",
        )
        with hostile(sending(reply)) as server, before(server.url, records=True) as proxy:
            assert proxy.asked("\r\n".join((*lines, "", "")).encode()).endswith(said.encode())
            (passed,) = proxy.wait()
        kept = str((proxy.passed, proxy.traffic.entries())) + proxy.traffic.recording().text
        assert [secret for secret in secrets if secret in kept] == []
        assert passed.entry.states[0].downloaded_bytes == 1000

    def test_what_is_polled_is_recorded(self) -> None:
        with mocked("several-jobs", records=True) as (server, proxy):
            jobs = [job.job_id for job in server.timeline.jobs][:2]
            for job_id in jobs:
                ask(f"{proxy.url}{STATUS}/{job_id}")
            ask(f"{proxy.url}{STATUS}/job_0000000000")
            told = ask(f"{proxy.url}{STATUS}/{jobs[0]}")[1]
        timeline = load(Source("x.yaml", proxy.traffic.recording().text))
        assert [job.job_id for job in timeline.jobs] == jobs
        state = Playback.of(timeline).job_at(jobs[0], timeline.epoch_ms + 60_000)
        assert state is not None
        assert state.downloaded_bytes == told["downloaded_bytes"]

    def test_a_server_without_a_list_is_one_of_the_newer_pages(self) -> None:
        with mocked(edition="2026-01", records=True) as (_, proxy):
            ask(proxy.url + ONE)
            for _ in range(9):
                assert ask(proxy.url + STATUS)[0] == 404
        assert proxy.traffic.report().findings == ()
        remarks = proxy.traffic.verdict().remarks
        assert "list-not-in-edition" in {finding.rule.id for finding in remarks}
        assert load(Source("x", proxy.traffic.recording().text)).edition == "2026-01"

    def test_nothing_was_polled(self) -> None:
        with pytest.raises(NothingToRecord):
            ProxyTraffic("http://127.0.0.1:1", records=True).recording()


class TestStops:
    def test_whatever_is_under_way_ends_with_it(self) -> None:
        with between(sending_then_silent(HALF)) as (proxy, _):
            with proxy.connect() as idle, proxy.connect() as client:
                client.sendall(GET)
                received_until(client, b"half")
                proxy.proxy.stop()
                assert (until_closed(client), until_closed(idle)) == (b"", b"")
            assert proxy.wait()[0].unchecked == "the client went away"
            proxy.proxy.start()
            proxy.connect().close()
            proxy.proxy.stop()
            proxy.proxy.stop()


class TestTls:
    def test_a_server_whose_certificate_nobody_trusts(self, tmp_path: Path) -> None:
        openssl = needed(lambda: shutil.which("openssl"), "openssl")
        words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
        files = ("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem"))
        names = ("-addext", "subjectAltName=IP:127.0.0.1")
        subprocess.run(
            [openssl, *words.split(), *names, *files], check=True, capture_output=True, timeout=60
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
        reply = sending(OK + b"Content-Length: 2\r\n\r\n{}")
        found = {}
        for access in (None, Access(cacert=str(tmp_path / "cert.pem")), Access(insecure=True)):
            with hostile(reply, context) as server, Proxy(server.url, access=access) as proxy:
                found[access] = ask(proxy.url + "/")
        (refused, answer), *trusted = found.values()
        assert (refused, trusted) == (502, [(200, {}), (200, {})])
        assert "no TLS handshake" in answer["error"]["message"]


class TestRefused:
    def test_what_cannot_be_used(self) -> None:
        with pytest.raises(BadAddress, match="credentials"):
            Proxy("http://user:password@127.0.0.1:1")
        with pytest.raises(BadAddress):
            Proxy("ftp://127.0.0.1")
        with pytest.raises(UnknownName):
            ProxyTraffic("http://127.0.0.1:1", "2024-01")
        with MockServer() as server, pytest.raises(AddressUnavailable, match="in use"):
            Proxy("http://127.0.0.1:1", port=server.port).start()


class TestCommand:
    @contextmanager
    def running(
        self, folder: Path, upstream: str, *arguments: str
    ) -> Iterator[tuple[str, Running]]:
        """`mockserver proxy`, and where it is."""
        line = ("proxy", "--port", "0", "--upstream", upstream, *arguments)
        with started(*line, cwd=folder, env={}) as running:
            first = (running.err if "--json" in arguments else running.out).readline()
            is_json = "--log-json" in arguments
            yield json.loads(first)["url"] if is_json else first.split()[0], running

    def test_says_what_both_did_wrong_and_writes_files(self, tmp_path: Path) -> None:
        files = ("--record", "mine.yaml", "--report", "out.json")
        with MockServer() as server, self.running(tmp_path, server.url, *files) as (url, running):
            assert ask(url + ONE, Authorization=f"Bearer {TOKEN}")[0] == 200
            ask(f"{url}/api/v1/download-status")
            done = running.stop(signal.SIGINT)
        out, err = done.out, done.err
        assert (done.code, "Traceback" in err) == (1, False)
        assert f"200 GET {ONE}" in out
        assert "unknown-path: the client made 1 mistake in 2 requests" in out
        assert "nothing found" in out
        assert "mock_server.expect" not in out
        assert TOKEN[:10] not in out + err
        assert load(Source("x", (tmp_path / "mine.yaml").read_text())).jobs[0].job_id == JOB
        assert json.loads((tmp_path / "out.json").read_text())["findings"] == []

    def test_json_lines_for_a_script(self, tmp_path: Path) -> None:
        with (
            MockServer() as server,
            self.running(tmp_path, server.url, "--log-json") as (url, running),
        ):
            ask(url + ONE)
            done = running.stop(signal.SIGINT)
        request, stopped = map(json.loads, done.out.splitlines())
        assert (done.code, done.err) == (0, "")
        assert (request["operation"], request["status"]) == ("job_status", 200)
        assert (stopped["requests"], stopped["findings"]) == (1, [])

    def test_json_at_the_end(self, tmp_path: Path) -> None:
        with (
            hostile(sending(OK + b"\r\n[]")) as server,
            self.running(tmp_path, server.url, "--json") as (url, running),
        ):
            ask(url + ONE)
            done = running.stop(signal.SIGINT)
        found = json.loads(done.out)
        assert (done.code, found["verdict"]["errors"]) == (1, 0)
        assert found["report"]["findings"]
