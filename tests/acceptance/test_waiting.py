"""Replies that wait: they hold nothing once there is nobody left to wait for them."""

import json
import socket
from collections.abc import Iterator

import pytest

from mockserver.server.mock_server import MockServer
from support.waiting import WatchedClock

DEADLINE_S = 10
STATUS = "/api/v1/models/download/status"


@pytest.fixture
def server() -> Iterator[MockServer]:
    clock = WatchedClock()
    with MockServer(clock=clock) as server:
        assert clock.is_waited_for()  # by the server's admission
        yield server


def asking(server: MockServer, path: str = STATUS) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), DEADLINE_S)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return connection


def control(server: MockServer, method: str, path: str, body: object = None) -> int:
    client = server.wsgi_client()
    return client.open(f"/_mock{path}", method=method, json=body).status_code


@pytest.mark.parametrize("fault", [{"delay": "24h"}, {"drip": "24h"}])
def test_a_client_that_goes_is_not_waited_for(server: MockServer, fault: dict[str, str]) -> None:
    assert isinstance(server.clock, WatchedClock)
    server.fault(**fault)
    connection = asking(server)
    assert server.clock.is_waited_for()
    connection.close()
    assert server.clock.ended.acquire(timeout=DEADLINE_S)


@pytest.mark.parametrize(
    "ending",
    [("POST", "/reset", None), ("PUT", "/timeline", {"name": "flapping"})],
    ids=lambda ending: ending[1],
)
def test_a_session_that_begins_anew_answers_who_waits(ending: tuple[str, str, object]) -> None:
    with MockServer(clock="wall") as server:
        server.fault(delay="24h")
        with asking(server) as connection:
            while not server.requests:
                pass  # until it has come
            assert control(server, *ending) == 200
            assert connection.recv(15) == b"HTTP/1.1 200 OK"


def test_a_session_that_ends_answers_who_waits() -> None:
    with MockServer(clock="wall") as server:
        client = server.wsgi_client()
        opened = client.post("/_mock/sessions").get_json()
        prefix = f"/_session/{opened['id']}"
        assert client.post(f"{prefix}/_mock/faults", json={"delay": "24h"}).status_code == 201
        with asking(server, prefix + STATUS) as connection:
            while not client.get(f"{prefix}/_mock/journal").get_json()["entries"]:
                pass  # until it has come
            assert control(server, "DELETE", f"/sessions/{opened['id']}") == 200
            assert connection.recv(15) == b"HTTP/1.1 200 OK"


def test_a_timeline_whose_replies_would_be_enormous_is_refused() -> None:
    job = {"total_size_bytes": 5, "copies": 10_000}
    script = [{"paused": {"report": {"x": "y" * 1_000}}}]
    document = {"timeline": {"jobs": [{**job, "script": script}]}}
    assert len(json.dumps(document)) < 2_000
    with MockServer(clock="manual") as server:
        reply = server.wsgi_client().put("/_mock/timeline", json=document)
        assert reply.status_code == 422
        assert "at most 4,000,000 characters" in reply.get_json()["error"]["expected"]
        assert server.timeline.name == "healthy"


def test_an_edition_that_was_given_stays() -> None:
    with MockServer(clock="manual", edition="2026-01") as server:
        client = server.wsgi_client()
        for path, method in (("/_mock/timeline", "PUT"), ("/_mock/sessions", "POST")):
            reply = client.open(path, method=method, json={"name": "flapping"})
            assert reply.get_json()["edition"] == "2026-01"
    with MockServer("no-list", clock="manual") as server:
        reply = server.wsgi_client().put("/_mock/timeline", json={"name": "flapping"})
        assert reply.get_json()["edition"] == "2025-10"


def test_what_lies_beyond_the_end_of_time_never_happens() -> None:
    with MockServer(clock="manual", with_download=True) as server:
        client = server.wsgi_client()
        server.clock.advance_to("9999-12-31T23:59:59.990Z")
        made = client.post("/api/v1/models/download", json={"model": "a/b"}).get_json()
        wanted = {"run_until": "completed", "job_id": made["job_id"]}
        assert client.post("/_mock/clock", json=wanted).status_code == 409


def test_a_control_token_is_hidden_like_any_other() -> None:
    with MockServer(clock="manual", control_token="control-secret-1") as server:
        client = server.wsgi_client()
        query = "a=%63ontrol-secret-1&t%6fken=abc"
        client.get(f"{STATUS}?{query}", headers={"X-A": "control-secret-1"})
        written = repr(server.requests)
    assert "secret-1" not in written
    assert "abc" not in written
