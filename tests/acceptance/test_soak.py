"""Many threads at many sessions of one live server: nothing is lost, mixed up or left behind."""

import http.client
import json
import random
import socket
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from mockserver.server.config import ServerConfig
from mockserver.server.mock_server import MockServer
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from support.leaks import grown_bytes, leaving_nothing
from support.serving import DOWNLOAD, JOB, STATUS

DEADLINE_S = 60
THREADS, SESSIONS, ROUNDS = 64, 20, 25
MODELS = ("ibm/granite-4-micro", "a/b", "c/d")
FAULTS: tuple[dict[str, Any], ...] = (
    {"operation": "job_status", "reply": {"status": 503}},
    {"operation": "job_status", "violate": "required"},
    {"operation": "list_status", "truncate": "50%"},
    {"when": {"probability": "30%"}, "headers": {"X-Fault": "1"}},
    {"delay": "1s", "when": {"request": 1}},
)
FINE = {200, 404, 503}


class Worker:
    """A client of one session that polls and steers it, and remembers what it sent."""

    def __init__(self, port: int, prefix: str, number: int) -> None:
        self.prefix = prefix
        self.number = number
        self.random = random.Random(number)
        self.sent: list[str] = []
        self.faults: list[int] = []
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
        self.problems: list[str] = []

    def run(self, rounds: int) -> None:
        try:
            for _ in range(rounds):
                self.poll()
                self.steer()
        finally:
            self.connection.close()

    def ask(self, method: str, path: str, data: Any = None) -> tuple[int, bytes]:
        body = None if data is None else json.dumps(data)
        headers = {} if data is None else {"Content-Type": "application/json"}
        self.connection.request(method, self.prefix + path, body, headers)
        reply = self.connection.getresponse()
        return reply.status, reply.read()

    def marked(self, method: str, path: str, data: Any = None) -> None:
        """A request of the API with a mark of its own."""
        mark = f"m={self.number}.{len(self.sent)}"
        self.sent.append(mark)
        status, _ = self.ask(method, f"{path}?{mark}", data)
        if status not in FINE:
            self.problems.append(f"{status} {method} {path}")

    def poll(self) -> None:
        self.marked("GET", JOB)
        if self.random.random() < 0.3:
            self.marked("GET", STATUS)
        if self.random.random() < 0.2:
            self.marked("POST", DOWNLOAD, {"model": self.random.choice(MODELS)})

    def steer(self) -> None:
        match self.random.choice(("advance", "fire", "arm", "disarm", "read", "look")):
            case "advance":
                self.control("POST", "/clock", {"advance": self.random.randrange(2_000)})
            case "fire":
                self.control("POST", "/events", {"name": "resume"})
            case "arm":
                answer = self.control("POST", "/faults", self.random.choice(FAULTS), also=429)
                self.faults += [answer["id"]] if "id" in answer else []
            case "disarm" if self.faults:
                self.control("DELETE", f"/faults/{self.faults.pop()}", also=404)
            case "read":
                self.control("GET", "/journal?limit=20")
            case "look":
                self.control("GET", "/state")

    def control(self, method: str, path: str, data: Any = None, also: int = 200) -> Any:
        status, body = self.ask(method, f"/_mock{path}", data)
        if status not in (200, 201, also):
            self.problems.append(f"{status} {method} {path}: {body!r}")
        return json.loads(body)


class Resetter(Worker):
    """One that begins its session anew where others poll."""

    def poll(self) -> None:
        self.control("POST", "/reset")


def entries_of(port: int, prefix: str) -> list[dict[str, Any]]:
    worker = Worker(port, prefix, -1)
    found: list[dict[str, Any]] = []
    while True:
        after = found[-1]["number"] if found else 0
        page = worker.control("GET", f"/journal?after={after}")
        if not page["entries"]:
            worker.connection.close()
            assert page["dropped"] == 0
            assert page["requests"] == len(found)
            return found
        found += page["entries"]


def is_in_order(entries: list[dict[str, Any]], workers: list[Worker]) -> None:
    """Holds a session's journal to what its clients sent."""
    assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))
    received = [entry["received_at"] for entry in entries]
    assert received == sorted(received)
    assert all(entry["status"] in FINE for entry in entries)
    queries = [entry["query"] for entry in entries]
    assert sorted(queries) == sorted(mark for worker in workers for mark in worker.sent)
    for worker in workers:
        own = [query for query in queries if query.startswith(f"m={worker.number}.")]
        assert own == worker.sent
    bytes_of: dict[str, int] = defaultdict(int)
    for entry in entries:
        fault = entry["fault"]
        if entry["method"] == "POST" or (fault is not None and "late" in fault["words"]):
            continue  # these show a later instant than that of their arrival
        for job in entry["jobs"]:
            assert job["downloaded_bytes"] >= bytes_of[job["job_id"]]
            bytes_of[job["job_id"]] = job["downloaded_bytes"]
    assert any(bytes_of.values())


def worked(workers: list[Worker], rounds: int = ROUNDS) -> None:
    with ThreadPoolExecutor(len(workers)) as pool:
        for done in [pool.submit(worker.run, rounds) for worker in workers]:
            done.result(timeout=DEADLINE_S)
    assert [problem for worker in workers for problem in worker.problems] == []


def open_sessions(server: MockServer, number: int) -> list[str]:
    asking = Worker(server.port, "", -1)
    body = {"name": "keeps-failing", "clock": {"kind": "manual"}, "with_download": True}
    opened = [asking.control("POST", "/sessions", body) for _ in range(number)]
    asking.connection.close()
    return [session["url"].removeprefix(server.url) for session in opened]


def test_many_threads_at_many_sessions(caplog: pytest.LogCaptureFixture) -> None:
    with leaving_nothing(), MockServer("healthy", clock="manual") as server:
        prefixes = open_sessions(server, SESSIONS)
        workers = [
            Worker(server.port, prefixes[number % SESSIONS], number) for number in range(THREADS)
        ]
        worked(workers)
        for prefix in prefixes:
            own = [worker for worker in workers if worker.prefix == prefix]
            is_in_order(entries_of(server.port, prefix), own)
        assert entries_of(server.port, "") == []
    assert caplog.records == []


def test_a_session_that_is_reset_meanwhile_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    with MockServer("healthy", clock="manual") as server:
        prefixes = open_sessions(server, 4)
        workers = [Worker(server.port, prefixes[number % 4], number) for number in range(16)]
        resetting = [Resetter(server.port, prefix, THREADS) for prefix in prefixes]
        worked([*workers, *resetting])
        for prefix in prefixes:
            entries = entries_of(server.port, prefix)
            numbers = [entry["number"] for entry in entries]
            assert numbers == list(range(1, len(numbers) + 1))
            marks = {mark for worker in workers if worker.prefix == prefix for mark in worker.sent}
            assert {entry["query"] for entry in entries} <= marks
            received = [entry["received_at"] for entry in entries]
            assert received == sorted(received)
    assert caplog.records == []


def test_sessions_that_expire_leave_no_memory() -> None:
    config = ServerConfig("healthy", clock="manual")
    seconds = 0.0
    sessions = Sessions(Session(config), monotonic=lambda: seconds)

    def some(count: int) -> None:
        nonlocal seconds
        for number in range(count):
            seconds += 1.0
            opened = sessions.open(config, expires_after_s=10.0)
            assert sessions.find(opened.id) is opened
            assert len(sessions.all()) <= min(number + 1, 10) or number < 10
        seconds += 11.0
        assert sessions.all() == ()

    some(1_000)  # so many ids are remembered, and the first ones load and cache what all share
    grown = grown_bytes(partial(some, 50), partial(some, 300))
    assert grown < 50_000  # one session takes more than 5,000


def test_a_thousand_opened_and_closed_leave_nothing() -> None:
    with leaving_nothing(), MockServer("healthy", clock="manual") as server:
        asking = Worker(server.port, "", -1)

        def some(number: int) -> None:
            for _ in range(number):
                opened = asking.control("POST", "/sessions")
                asking.prefix = f"/_session/{opened['id']}"
                assert asking.ask("GET", JOB)[0] == 200
                asking.prefix = ""
                assert asking.control("DELETE", f"/sessions/{opened['id']}") == {"removed": 1}

        some(800)  # the ids of ended sessions are remembered for a while
        grown = grown_bytes(partial(some, 50), partial(some, 150))
        assert asking.control("GET", "/sessions") == {"sessions": []}
        asking.connection.close()
    assert grown < 80_000


def test_clients_that_leave_in_mid_request_leave_nothing() -> None:
    with leaving_nothing(), MockServer("healthy", clock="manual") as server:
        request = f"GET {JOB} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for number in range(300):
            with socket.create_connection(("127.0.0.1", server.port), DEADLINE_S) as client:
                client.sendall(request[: number % len(request)])
