"""The journal as the control API shows it."""

import json
import time
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote

import pytest

from mockserver import MockServer
from mockserver.timeline.clock import WallClock
from mockserver.timeline.model import FLOATING_EPOCH_MS
from support.control import DOWNLOAD, LIST, Control, control
from support.waiting import in_thread

DEADLINE = 10
JOB = "job_493c7c9ded"


@pytest.fixture
def session() -> Control:
    return control()


class TestJournal:
    def test_an_entry_shows_the_request_and_the_reply(self) -> None:
        session = control(with_download=True)
        session.post("/clock", {"advance": "2s"})
        sent = {"model": "ibm/granite-4-micro", "api_key": "abc"}
        session.api(f"{DOWNLOAD}?token=abc&x=%31", "POST", json=sent)
        session.api(f"{LIST}/{JOB}")
        first, second = session.get("/journal")["entries"]
        assert (first["number"], first["received_at"]) == (1, "2025-10-03T15:33:25.496Z")
        assert (first["method"], first["path"]) == ("POST", DOWNLOAD)
        assert first["query"] == "token=[hidden]&x=%31"
        assert first["operation"] == "download"
        assert json.loads(first["body"]["text"]) == {**sent, "api_key": "[hidden]"}
        assert (first["status"], first["reply"]["status"]) == (400, 400)
        assert "api_key" in first["reply"]["body"]["text"]
        assert (second["operation"], second["job_id"]) == ("job_status", JOB)
        assert second["jobs"][0]["status"] == "downloading"
        assert json.loads(second["reply"]["body"]["text"])["job_id"] == JOB
        assert second["took_ms"] >= 0
        assert second["fault"] is None

    def test_credentials_are_hidden_wherever_they_stand(self) -> None:
        token = "s3cr3t/t0ken+with=signs"
        session = control(token=token)
        bearer = {"Authorization": f"Bearer {token}"}
        session.api(f"/{token}?a={token}", headers={**bearer, "X-Echo": token})
        session.api("/x", "POST", data=f"a={token}", headers={**bearer, "Cookie": "a=b"})
        session.api(f"{LIST}/{quote(token, safe='')}", headers=bearer)
        session.api("/x", "s3cr3t/t0ken", headers=bearer)
        session.api(LIST, headers={"Authorization": "Bearer wr0ng-t0ken-of-a-client"})
        text = json.dumps(session.get("/journal"))
        for secret in (token, "s3cr3t", "wr0ng", "a=b"):
            assert secret not in text
        assert text.count("Bearer [hidden]") >= 3

    def test_a_short_token_is_hidden_as_a_word_and_not_as_letters(self) -> None:
        session = control(token="a")
        session.api(f"{LIST}/{JOB}?x=a", headers={"Authorization": "Bearer a"})
        first = session.get("/journal")["entries"][0]
        assert first["path"] == f"{LIST}/{JOB}"
        assert first["query"] == "x=[hidden]"
        assert ["Authorization", "Bearer [hidden]"] in first["headers"]

    def test_bytes_that_are_no_text_are_shown_in_base64(self, session: Control) -> None:
        session.api("/x", "POST", data=b"\xff\x00", content_type="application/octet-stream")
        shown = {"size": 2, "base64": "/wA=", "truncated": False}
        assert session.get("/journal")["entries"][0]["body"] == shown

    def test_of_a_long_body_the_beginning_is_kept(self, session: Control) -> None:
        session.api("/x", "POST", data="ü" * 10_000 + "x")
        body = session.get("/journal")["entries"][0]["body"]
        assert (body["size"], body["truncated"]) == (20_001, True)
        assert set(body["text"]) == {"ü"}

    def test_the_fault_that_struck_is_named(self, session: Control) -> None:
        session.post("/faults", {"when": {"request": 1}, "reply": {"status": 503}})
        cut = {"when": {"request": 2}, "disconnect": {"at": "before headers"}}
        session.post("/faults", cut)
        session.api()
        with pytest.raises(ConnectionResetError):
            session.api()
        session.api()
        first, second, third = session.get("/journal")["entries"]
        assert first["fault"] == {"id": 1, "words": "1st request: 503 Service Unavailable"}
        assert (first["status"], second["status"], third["status"]) == (503, None, 200)
        assert (second["fault"]["id"], second["reply"], third["fault"]) == (2, None, None)
        assert second["took_ms"] is not None

    def test_it_is_read_in_pieces(self, session: Control) -> None:
        for _ in range(5):
            session.api()
        page = session.get("/journal?after=1&limit=2")
        assert [entry["number"] for entry in page["entries"]] == [2, 3]
        assert (page["requests"], page["dropped"]) == (5, 0)
        assert session.get("/journal?after=5")["entries"] == []
        assert len(session.get("/journal?limit=1000")["entries"]) == 5
        assert session.get("/journal?after=9007199254740991")["entries"] == []

    def test_it_is_emptied(self, session: Control) -> None:
        session.api()
        session.api()
        assert session.ask("DELETE", "/journal").json == {"removed": 2}
        assert session.get("/journal") == {"requests": 2, "dropped": 2, "entries": []}
        session.api()
        assert session.get("/journal")["entries"][0]["number"] == 3

    def test_a_request_in_flight_is_there_and_can_be_let_go(self) -> None:
        session = control(clock=WallClock(FLOATING_EPOCH_MS, 1e-9))
        session.post("/faults", {"delay": "10s"})
        other = Control(session.client.application.test_client())
        waiting, replies = in_thread(lambda: other.api().status_code)
        until = time.monotonic() + DEADLINE
        while not (entries := session.get("/journal")["entries"]) and time.monotonic() < until:
            time.sleep(0.001)
        assert [(entry["status"], entry["took_ms"]) for entry in entries] == [(None, None)]
        session.post("/clock", {"advance": "1m"})
        waiting.join(DEADLINE)
        assert replies == [200]
        entry = session.get("/journal")["entries"][0]
        assert (entry["status"], entry["took_ms"] is None) == (200, False)


def test_it_tells_the_connection_and_whether_the_token_was_another() -> None:
    def ask(connection: HTTPConnection, token: str) -> None:
        connection.request("GET", LIST, headers={"Authorization": f"Bearer {token}"})
        connection.getresponse().read()

    with MockServer("healthy", clock="manual") as server:
        with (
            closing(HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)) as kept,
            closing(HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)) as other,
        ):
            for connection, token in ((kept, "sesame"), (other, "sesame"), (kept, "open")):
                ask(connection, token)
        first, second, third = server.requests
    assert first.connection is not None
    assert first.connection == third.connection != second.connection
    assert first.credential == second.credential != third.credential
    assert "sesame" not in repr(first)
    assert str(first.credential) not in repr(first)
