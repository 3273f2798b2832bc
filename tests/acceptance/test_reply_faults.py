"""Each kind of fault as its bytes arrive, armed over HTTP, and as the journal tells of it."""

import json
import logging
import select
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

import pytest

from mockserver import contract, violations
from mockserver.faults.when import When
from mockserver.server.mock_server import MockServer
from support.process import DEADLINE_S
from support.raw import until_broken
from support.serving import DOWNLOAD, JOB, STATUS, ask

MODEL = {"model": "ibm/granite-4-micro"}
UTF_8 = "; charset=utf-8"
PLACES = ("before headers", "in headers", "after headers", "in body")


@dataclass(frozen=True)
class Wire:
    """A reply as bytes, and how the connection ended."""

    received: bytes
    end: str

    @property
    def head(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    def header(self, name: str) -> str | None:
        return message_from_bytes(self.head.partition(b"\r\n")[2])[name]


class Client:
    """A client of one session, and its control API."""

    def __init__(self, server: MockServer, base: str = "") -> None:
        self.server = server
        self.base = base

    def connect(self, path: str = JOB) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.server.port), DEADLINE_S)
        head = f"GET {self.base}{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        return connection

    def get(self, path: str = JOB) -> Wire:
        with self.connect(path) as connection:
            return Wire(*until_broken(connection))

    def control(self, path: str, data: Any = None) -> Any:
        url = f"{self.server.url}{self.base}/_mock{path}"
        status, answer = ask(url, "GET" if data is None else "POST", data)
        assert status < 300, answer
        return answer

    def arm(self, **fault: Any) -> int:
        return int(self.control("/faults", fault)["id"])

    def strikes(self, id_: int) -> int:
        (found,) = (fault for fault in self.control("/faults")["faults"] if fault["id"] == id_)
        return int(found["strikes"])

    def last(self) -> Any:
        """The journal's last entry."""
        return self.control("/journal")["entries"][-1]

    def struck(self, id_: int, words: str, times: int = 1) -> None:
        """Holds the last request to have been struck by this fault, in these words."""
        fault = self.last()["fault"]
        assert fault is not None
        assert fault["id"] == id_
        assert words in fault["words"]
        assert self.strikes(id_) == times


@pytest.fixture
def client() -> Iterator[Client]:
    with MockServer("healthy", clock="manual") as server:
        yield Client(server)


class TestReply:
    def test_status_and_headers(self, client: Client) -> None:
        reply = {"status": 503, "headers": {"Retry-After": "2", "X-A": "e"}}
        id_ = client.arm(reply=reply)
        wire = client.get()
        assert wire.status == 503
        assert (wire.header("Retry-After"), wire.header("X-A")) == ("2", "e")
        assert wire.header("Content-Length") == str(len(wire.body))
        client.struck(id_, "503 Service Unavailable")
        assert client.last()["status"] == 503

    @pytest.mark.parametrize(
        ("reply", "kind", "body"),
        [
            ({"status": 200}, None, ""),
            ({"status": 204}, None, ""),
            ({"status": 302, "headers": {"Location": "/x"}}, None, ""),
            ({"body": ""}, f"text/plain{UTF_8}", ""),
            ({"body": "busy"}, f"text/plain{UTF_8}", "busy"),
            ({"body": '{"job_id": '}, f"text/plain{UTF_8}", '{"job_id": '),
            ({"body": "<p>", "headers": {"Content-Type": "text/html"}}, "text/html", "<p>"),
            ({"body": "<p>é", "headers": {"content-type": "text/html"}}, "text/html", "<p>é"),
            ({"body": [], "headers": {"content-type": "x/y"}}, "x/y", "[]"),
            ({"body": [1, None]}, f"application/json{UTF_8}", "[1,null]"),
            ({"body": {"a": [1, None, "é"]}}, f"application/json{UTF_8}", '{"a":[1,null,"é"]}'),
            ({"body": False}, f"application/json{UTF_8}", "false"),
        ],
    )
    def test_the_body_and_its_type(
        self, client: Client, reply: dict[str, Any], kind: str | None, body: str
    ) -> None:
        id_ = client.arm(operation="job_status", reply=reply)
        wire = client.get()
        status = reply.get("status", 200)
        assert (wire.status, wire.header("Content-Type")) == (status, kind)
        assert wire.body == body.encode()
        assert wire.end == "close"
        assert client.last()["reply"]["body"]["size"] == len(body.encode())
        client.struck(id_, str(status))

    def test_changed_and_removed_headers(self, client: Client) -> None:
        for changed, words in (
            ({"Content-Type": "text/html", "X-New": "1"}, "with Content-Type: text/html"),
            ({"content-type": None}, "without content-type"),
            ({"Date": None}, "without Date"),
        ):
            id_ = client.arm(operation="job_status", headers=changed)
            wire = client.get()
            assert {name: wire.header(name) for name in changed} == changed
            assert json.loads(wire.body)["status"] == "downloading"
            client.struck(id_, words)
            client.control("/reset", {})


class TestTime:
    @pytest.mark.parametrize(("kind", "words"), [("delay", "answered 8 s late"), ("drip", "8 s")])
    def test_a_manual_clock_is_moved(self, client: Client, kind: str, words: str) -> None:
        id_ = client.arm(**{kind: "8s"})
        before = client.control("/clock")["now_ms"]
        job = json.loads(client.get().body)
        assert client.control("/clock")["now_ms"] == before + 8_000
        assert job["status"] == "downloading"
        assert (job["downloaded_bytes"] > 0) == (kind == "delay")
        client.struck(id_, words)

    def test_a_drip_at_high_speed_is_whole(self) -> None:
        with MockServer("paused-for-ever", speed=10_000) as server:
            client = Client(server)
            id_ = client.arm(operation="job_status", drip="1000s")
            wire = client.get()
            assert wire.header("Content-Length") == str(len(wire.body))
            assert json.loads(wire.body)["job_id"] == "job_493c7c9ded"
            assert wire.end == "close"
            client.struck(id_, "16 min 40 s")

    def test_a_drip_comes_byte_by_byte(self) -> None:
        with MockServer("healthy") as server:
            client = Client(server)
            client.arm(operation="job_status", drip="24h")
            with client.connect() as connection:
                received = b""
                while not received.partition(b"\r\n\r\n")[2]:
                    received += arrived_while_moving(client, connection, "5m")
                whole = int(Wire(received, "").header("Content-Length") or "")
                assert len(received.partition(b"\r\n\r\n")[2]) < whole
                seen = 0
                while len(received.partition(b"\r\n\r\n")[2]) < whole:
                    received += arrived_while_moving(client, connection, "5m")
                    seen += 1
                assert seen >= whole / 4
                rest, end = until_broken(connection)
                assert (rest, end) == (b"", "close")


def arrived_while_moving(client: Client, connection: socket.socket, by: str) -> bytes:
    """What has come before or after the clock was moved on; perhaps nothing yet."""
    client.control("/clock", {"advance": by})
    return connection.recv(65536) if select.select([connection], [], [], 0)[0] else b""


class TestLength:
    @pytest.mark.parametrize(
        ("share", "kept"), [("40%", 0.4), ("0%", 0.0), ("1%", 0.01), (7, 7), (0, 0), (10_000, None)]
    )
    def test_truncate(self, client: Client, share: Any, kept: float | None) -> None:
        whole = client.get().body
        id_ = client.arm(operation="job_status", truncate=share)
        wire = client.get()
        length = len(whole) if kept is None else int(kept if kept >= 1 else kept * len(whole))
        assert wire.body == whole[:length]
        assert wire.header("Content-Length") == str(length)
        assert wire.end == "close"
        assert client.last()["fault"]["id"] == id_

    @pytest.mark.parametrize("kind", ["longer", "shorter"])
    def test_a_false_content_length(self, client: Client, kind: str) -> None:
        whole = client.get().body
        id_ = client.arm(operation="job_status", content_length=kind)
        wire = client.get()
        announced = int(wire.header("Content-Length") or "")
        assert (announced > len(whole)) == (kind == "longer")
        assert announced != len(whole)
        assert wire.body == whole
        assert wire.end == "close"
        assert client.last()["fault"]["id"] == id_


class TestDisconnect:
    @pytest.mark.parametrize("by", ["close", "reset"])
    @pytest.mark.parametrize("at", PLACES)
    def test_at_each_place_in_each_way(
        self,
        client: Client,
        at: str,
        by: str,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        caplog.set_level(logging.DEBUG)
        usual = client.get()
        id_ = client.arm(operation="job_status", disconnect={"at": at, "by": by})
        wire = client.get()
        assert wire.end == by
        if at == "before headers":
            assert wire.received == b""
        elif at == "in headers":
            assert usual.head.startswith(wire.received[:15])
            assert 0 < len(wire.received) < len(usual.head)
        else:
            assert wire.header("Content-Length") == str(len(usual.body))
            half = usual.body[: len(usual.body) // 2]
            assert wire.body == (half if at == "in body" else b"")
        entry = client.last()
        assert (entry["reply"] is None) == (at in ("before headers", "in headers"))
        assert entry["fault"]["id"] == id_
        assert ("is reset" in entry["fault"]["words"]) == (by == "reset")
        assert client.strikes(id_) == 1
        ask(f"{client.server.url}/_mock/faults", "DELETE")
        assert client.get().body == usual.body
        assert "Traceback" not in caplog.text
        assert capfd.readouterr() == ("", "")


class TestWhich:
    def test_a_probability_draws_the_same_in_every_run(self) -> None:
        rounds, expected = 60, When(probability=0.3, seed=7)
        drawn = []
        for _ in range(2):
            with MockServer("healthy", clock="manual") as server:
                client = Client(server)
                when = {"probability": "30%", "seed": 7}
                id_ = client.arm(operation="job_status", when=when, reply={"status": 500})
                drawn.append([client.get().status == 500 for _ in range(rounds)])
                assert client.strikes(id_) == sum(drawn[-1])
        assert drawn[0] == drawn[1]
        assert drawn[0] == [expected.covers(number, 0) for number in range(1, rounds + 1)]
        assert 0 < sum(drawn[0]) < rounds

    def test_an_operation_and_a_path_with_a_star(self, client: Client) -> None:
        client.arm(operation="list_status", reply={"status": 500})
        client.arm(path="/api/*/status/job_4*", reply={"status": 501})
        client.arm(path="/v1/models", reply={"status": 502})
        paths = (STATUS, JOB, f"{STATUS}/job_x", "/v1/models", "/v1/models/", "/api/v1/models")
        assert [client.get(path).status for path in paths] == [500, 501, 404, 502, 502, 200]

    def test_a_window_and_a_number_count_from_when_it_was_armed(self, client: Client) -> None:
        client.get()
        client.control("/clock", {"advance": "1s"})
        window = client.arm(when={"after": "2s", "for": "3s"}, reply={"status": 500})
        third = client.arm(when={"request": 3}, reply={"status": 501})
        seen = []
        for _ in range(7):
            seen.append(client.get().status)
            client.control("/clock", {"advance": "1s"})
        assert seen == [200, 200, 500, 500, 500, 200, 200]
        assert (client.strikes(window), client.strikes(third)) == (3, 0)

    def test_the_nth_request(self, client: Client) -> None:
        id_ = client.arm(operation="job_status", when={"request": "2-3"}, reply={"status": 500})
        other = client.get(STATUS).status
        assert [other] + [client.get().status for _ in range(4)] == [200, 200, 500, 500, 200]
        assert client.strikes(id_) == 2
        (fault,) = client.control("/faults")["faults"]
        assert fault["requests"] == 4

    def test_those_of_one_session_touch_no_other(self, client: Client) -> None:
        opened = [client.control("/sessions", {"clock": {"kind": "manual"}}) for _ in range(2)]
        bases = [session["url"].removeprefix(client.server.url) for session in opened]
        ours, theirs = (Client(client.server, base) for base in bases)
        ours.arm(reply={"status": 500})
        ours.arm(when={"for": "1h"}, refuse=True)
        client.arm(operation="list_status", disconnect="before headers")
        assert theirs.get().status == 200
        assert theirs.get(STATUS).status == 200
        assert client.get().status == 200
        assert ours.get().end == "reset"
        assert theirs.control("/faults") == {"faults": []}
        assert [entry["fault"] for entry in theirs.control("/journal")["entries"]] == [None, None]


OPERATIONS = [("2025-10", "job_status"), ("2025-10", "list_status"), ("2026-01", "download")]
PHASES = ("downloading", "paused", "failed", "completed")
SCRIPT = {
    "downloading": [{"downloading": {"for": "9s", "to": "90%"}}, "gone"],
    "paused": ["paused"],
    "failed": ["failed"],
    "completed": [{"downloading": {"for": "1s", "to": "100%"}}, "completed"],
}


def in_phase(client: Client, phase: str, edition: str) -> None:
    """The session plays a job that is so, and answers as this edition."""
    job = {"job_id": "job_493c7c9ded", "total_size_bytes": 1000, "script": SCRIPT[phase], **MODEL}
    url = f"{client.server.url}/_mock/timeline"
    body = {"timeline": {"edition": edition, "jobs": [job]}, "clock": {"kind": "manual"}}
    assert ask(url, "PUT", body)[0] == 200
    if phase == "completed":
        client.control("/clock", {"run_until": "completed"})


def answered(client: Client, operation: str) -> Any:
    if operation == "download":
        status, data = ask(client.server.url + DOWNLOAD, "POST", MODEL)
        assert status == 200
        return data
    wire = client.get(JOB if operation == "job_status" else STATUS)
    assert wire.status == 200
    return json.loads(wire.body)


@pytest.mark.parametrize(
    ("edition", "operation", "rule"),
    [
        (edition, operation, rule)
        for edition, operation in OPERATIONS
        for rule in contract.rules_of(contract.validator(operation, edition).schema)
    ],
)
def test_violate_breaks_one_rule_where_it_can(
    client: Client, edition: str, operation: str, rule: str
) -> None:
    check = contract.validator(operation, edition)
    struck = 0
    for phase in PHASES:
        in_phase(client, phase, edition)
        usual = answered(client, operation)
        assert violations(usual, operation, edition=edition) == []
        id_ = client.arm(operation=operation, violate=rule)
        found = violations(answered(client, operation), operation, edition=edition)
        if contract.mutant_of(usual, check, rule) is None:
            assert found == []
            assert client.last()["fault"] is None
            assert client.strikes(id_) == 0
        else:
            assert [violation.rule for violation in found] == [rule]
            assert client.last()["fault"]["id"] == id_
            assert client.strikes(id_) == 1
            struck += 1
    assert struck


def test_violate_at_a_pointer(client: Client) -> None:
    where = {"rule": "type", "pointer": "/downloaded_bytes"}
    id_ = client.arm(operation="job_status", violate=where)
    (found,) = violations(json.loads(client.get().body), "job_status")
    assert (found.rule, found.pointer) == ("type", "/downloaded_bytes")
    client.struck(id_, "type")


def test_an_error_has_no_rule_to_break(client: Client) -> None:
    id_ = client.arm(operation="job_status", violate="type")
    usual = client.get(f"{STATUS}/job_unknown")
    assert usual.status == 404
    assert client.last()["fault"] is None
    assert client.strikes(id_) == 0
