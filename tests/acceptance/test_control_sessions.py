"""Sessions beside the server's own: each sees itself alone, and ends."""

from itertools import count
from typing import Any
from urllib.parse import quote

import pytest

from mockserver.server.app import MockApp
from mockserver.server.config import ServerConfig
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.timeline.clock import Clock, ManualClock, PollClock
from support.control import DOWNLOAD, LIST, Control, control, problem

HOST = "http://localhost"
JOB = "job_493c7c9ded"


class RealTime:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def server(limit: int = 1000, **settings: Any) -> tuple[Control, Sessions, RealTime]:
    """A server whose real time passes by hand, and whose sessions are called s1, s2, …"""
    time, ids = RealTime(), count(1)
    own = Session(ServerConfig(clock="manual", **settings))
    sessions = Sessions(own, limit=limit, monotonic=time, make_id=lambda: f"s{next(ids)}")
    return Control(MockApp(sessions).test_client()), sessions, time


@pytest.fixture
def own() -> Control:
    return server()[0]


class TestOpening:
    def test_one_is_as_the_servers_own_unless_it_is_said_otherwise(self) -> None:
        session, _, _ = server(timeline="failed-midway", edition="2026-01", token="s3cr3t")
        opened = session.post("/sessions")
        assert opened == {
            "id": "s1",
            "url": f"{HOST}/_session/s1",
            "control": f"{HOST}/_session/s1/_mock",
            "timeline": "failed-midway",
            "edition": "2026-01",
            "expires_in_s": 900.0,
        }
        inside = Control(session.client, "/_session/s1")
        assert inside.get("/clock")["kind"] == "manual"
        assert inside.api().status_code == 401
        assert inside.api(headers={"Authorization": "Bearer s3cr3t"}).status_code != 401

    def test_every_setting_can_be_said(self) -> None:
        session, _, _ = server()
        said = {"name": "stalled-frozen-speed", "edition": "2026-01", "token": "abc", "cors": True}
        clock = {"kind": "poll", "step": "2s"}
        inside = session.open({**said, "clock": clock, "expires_after_s": 5.5})
        state = inside.get("/state")
        assert state["timeline"]["name"] == "stalled-frozen-speed"
        assert (state["edition"], state["clock"]["step_ms"]) == ("2026-01", 2000)
        assert state["session"]["expires_in_s"] == 5.5

    def test_an_empty_body_with_any_type_says_nothing(self) -> None:
        session, _, _ = server()
        assert session.ask("POST", "/sessions", content_type="text/plain").status_code == 201
        assert session.ask("POST", "/sessions", {}).status_code == 201

    def test_there_are_only_so_many(self) -> None:
        session, sessions, _ = server(limit=2)
        session.open()
        session.open()
        status, facts = problem(session.ask("POST", "/sessions"))
        assert status == 429
        assert facts["message"] == ("there are 2 sessions already; close one, or let one expire")
        assert [entry["id"] for entry in session.get("/sessions")["sessions"]] == ["s1", "s2"]
        assert len(sessions.all()) == 2


class TestApart:
    """What happens in one session is seen in no other."""

    @pytest.mark.parametrize("clock", [ManualClock(), PollClock("1s")], ids=["manual", "poll"])
    def test_nothing_is_shared(self, clock: Clock) -> None:
        own = control(clock=clock, with_download=True)
        first, second = own.open(), own.open({"name": "suspended-until-resumed"})
        before = own.known(), first.known()
        assert before[1][0]["clock"]["kind"] == before[0][0]["clock"]["kind"]

        second.post("/clock", {"run_until": "paused"})
        second.post("/events", {"name": "resume"})
        second.post("/faults", {"reply": {"status": 503}})
        assert second.api().status_code == 503
        second.ask("DELETE", "/faults")
        second.api(DOWNLOAD, "POST", json={"model": "some/model"})
        assert len(second.get("/state")["jobs"]) == 2
        second.put({"edition": "2026-01", "token": "abc", "cors": True})
        second.post("/reset")
        second.post("/clock", {"advance": "1h"})

        after = own.known(), first.known()
        for state, _, _ in (*before, *after):
            del state["session"]  # which says how long it has left
        assert after == before
        assert own.api().status_code == first.api().status_code == 200
        assert own.get("/journal")["requests"] == first.get("/journal")["requests"] == 1

    def test_what_happens_in_the_servers_own_is_not_seen_either(self, own: Control) -> None:
        inside = own.open()
        before = inside.known()
        own.post("/clock", {"advance": "1h"})
        own.post("/faults", {"refuse": True})
        own.put({"name": "failed-midway"})
        own.api()
        assert inside.known() == before
        assert inside.api().status_code == 200

    def test_a_session_below_a_session_is_none(self, own: Control) -> None:
        first, second = own.open(), own.open()
        nested = Control(own.client, first.base + second.base)
        assert nested.ask("GET", "/state").json == {
            "error": f"Unexpected endpoint or method. (GET {second.base}/_mock/state)"
        }
        assert second.get("/journal")["requests"] == 0
        assert first.get("/journal")["entries"][0]["path"] == f"{second.base}/_mock/state"
        for method, path in (("GET", ""), ("POST", ""), ("GET", "/s2"), ("DELETE", "/s2")):
            status, facts = problem(first.ask(method, f"/sessions{path}"))
            assert status == 404
            assert facts["expected"].startswith(f"{HOST}/_mock/sessions")
        assert len(own.get("/sessions")["sessions"]) == 2

    def test_the_journal_shows_paths_inside_the_session(self, own: Control) -> None:
        inside = own.open()
        inside.api(f"{LIST}?a=b")
        entry = inside.get("/journal")["entries"][0]
        assert (entry["path"], entry["query"], entry["operation"]) == (LIST, "a=b", "list_status")


class TestEnding:
    def test_one_is_closed(self, own: Control) -> None:
        inside = own.open()
        assert own.ask("DELETE", "/sessions/s1").json == {"removed": 1}
        assert own.get("/sessions") == {"sessions": []}
        message = "no such session: 's1' was closed"
        for reply in (
            inside.api(),
            inside.ask("GET", "/state"),
            inside.ask("POST", "/clock", {"advance": "1s"}),
            inside.api("/%zz"),
            own.ask("GET", "/sessions/s1"),
            own.ask("DELETE", "/sessions/s1"),
        ):
            assert problem(reply) == (404, {"message": message})

    def test_one_expires_when_nobody_asks_it_anything(self) -> None:
        own, _, time = server()
        inside = own.open({"expires_after_s": 10})
        time.now_s += 9
        assert inside.api().status_code == 200
        time.now_s += 9
        assert own.get("/sessions/s1")["expires_in_s"] == 1
        assert inside.get("/clock")["kind"] == "manual"
        time.now_s += 9
        assert own.get("/sessions/s1")["expires_in_s"] == 1
        time.now_s += 1
        message = "no such session: 's1' has expired, after 10 s without a request"
        assert problem(inside.api()) == (404, {"message": message})
        assert problem(own.ask("DELETE", "/sessions/s1")) == (404, {"message": message})
        assert own.get("/health")["sessions"] == 0


class TestIds:
    @pytest.mark.parametrize(
        "id_", ["a", "a b", "ü🦙", "a/b", "..", ".", "%", "a%2Fb", "_mock", "?#"]
    )
    def test_a_name_of_any_characters_is_an_id(self, id_: str) -> None:
        own, sessions, _ = server()
        sessions.open(sessions.own.config, id_=id_)
        url = own.get("/sessions")["sessions"][0]["url"]
        inside = Control(own.client, url.removeprefix(HOST))
        assert inside.get("/state")["session"]["id"] == id_
        inside.api()
        assert inside.get("/journal")["requests"] == 1
        assert own.get(f"/sessions/{quote(id_, safe='')}")["id"] == id_
        assert own.ask("DELETE", f"/sessions/{quote(id_, safe='')}").json == {"removed": 1}

    @pytest.mark.parametrize("path", ["", "/", "//api", "/%zz/a", "/%ff", "/.."])
    def test_an_id_that_is_odd_or_missing_is_no_session(self, own: Control, path: str) -> None:
        status, facts = problem(own.client.get(f"/_session{path}"))
        assert status == 404
        assert facts["message"].startswith("no s")
        assert own.get("/journal")["requests"] == 0
