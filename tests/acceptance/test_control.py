"""The control API: what each request answers, and what it changes."""

import json
from pathlib import Path

import pytest

from mockserver.timeline.clock import ManualClock, PollClock
from mockserver.timeline.model import FLOATING_EPOCH_MS
from support.control import DOWNLOAD, LIST, Control, control, problem

JOB = "job_493c7c9ded"
START = "2025-10-03T15:33:23.496Z"

INLINE = json.loads(Path(__file__).with_name("two_jobs.json").read_text("utf-8"))
STATE = json.loads(Path(__file__).with_name("session_state.json").read_text("utf-8"))
TEXTS = [
    *("plain", "a: b # c", "*alias", "&anchor", "<<", "yes", "1e3", "0x10", "2025-10-03", "~"),
    *("!!python/object/apply:os.system [id]", "line\nbreak\r\n\x85\u2028\u2029", "🦙 ü"),
    *("\x00\x07\x7f\x9f\ufeff\ufffe\uffff", '"quoted"', "x" * 2000, "*anchor", "{{7*7}}"),
    *("!!python/object/apply:os.system ['id']", "!!timestamp 2025-01-01", "${jndi:ldap://x}"),
    *("<script>alert(1)</script>", "\\u0041\\"),
]


@pytest.fixture
def session() -> Control:
    return control()


class TestIndex:
    def test_it_lists_what_there_is_with_urls_that_answer(self, session: Control) -> None:
        index = session.get("")
        assert index["session"]["control"] == "http://localhost/_mock"
        listed = {(entry["method"], entry["url"]) for entry in index["endpoints"]}
        assert ("POST", "http://localhost/_mock/clock") in listed
        for method, url in listed:
            if method == "GET" and "{" not in url:
                path = url.removeprefix("http://localhost/_mock")
                assert session.ask("GET", path).status_code == 200, path

    def test_in_a_session_the_urls_are_the_sessions(self) -> None:
        inside = control().open()
        index = inside.get("")
        assert index["session"]["url"] == f"http://localhost{inside.base}"
        urls = [entry["url"] for entry in index["endpoints"]]
        assert all(url.startswith(f"http://localhost{inside.base}/_mock") for url in urls)
        assert not any("/sessions" in url for url in urls)

    def test_health(self, session: Control) -> None:
        session.open()
        health = session.get("/health")
        assert (health["status"], health["sessions"]) == ("ok", 1)
        assert health["uptime_s"] >= 0

    def test_the_timelines_have_names_that_can_be_played(self, session: Control) -> None:
        names = [entry["name"] for entry in session.get("/timelines")["timelines"]]
        assert "healthy" in names
        assert names == sorted(names)
        for name in names:
            assert session.put({"name": name})["timeline"]["name"] == name

    def test_the_schemas_are_those_of_the_pages(self, session: Control) -> None:
        listed = session.get("/schemas")["schemas"]
        assert {entry["edition"] for entry in listed} == {"2025-10", "2026-01"}
        for entry in listed:
            schema = session.get(entry["url"].removeprefix("http://localhost/_mock"))
            assert schema["x-operation"]["id"] == entry["operation"]
            assert schema["x-operation"]["part"] == entry["part"]


class TestState:
    def test_it_tells_all_of_the_session(self) -> None:
        assert control().get("/state") == STATE

    def test_asking_the_control_api_leaves_no_trace(self) -> None:
        session = control(clock=PollClock("1s"))
        before = session.known()
        session.ask("GET", "/nope")
        session.ask("OPTIONS", "/state")
        session.ask("HEAD", "/state")
        assert session.known() == before


class TestClock:
    def test_it_moves_by_a_duration_or_milliseconds(self, session: Control) -> None:
        assert session.post("/clock", {"advance": "1m30s"})["now"] == "2025-10-03T15:34:53.496Z"
        passed_ms = 90_000
        for advance, ms in (
            (4, 4),
            (500.0, 500),
            ("0.0s", 0),
            (0, 0),
            ("0.001h1.5m0.025s5ms", 93_630),
        ):
            passed_ms += ms
            moved = session.post("/clock", {"advance": advance})
            assert moved["now_ms"] == FLOATING_EPOCH_MS + passed_ms

    def test_it_moves_to_an_instant(self, session: Control) -> None:
        later = session.post("/clock", {"advance_to": "2025-10-03T17:34:00+02:00"})
        assert later["now"] == "2025-10-03T15:34:00.000Z"
        assert session.get("/state")["jobs"][0]["phase"] == "completed"

    def test_it_runs_until_a_job_is_so(self, session: Control) -> None:
        session.post("/clock", {"run_until": "paused"})
        assert session.api().get_json()["paused"][0]["job_id"] == JOB
        again = session.post("/clock", {"run_until": "paused", "job_id": JOB})
        assert again["now"] == session.get("/clock")["now"]

    def test_it_runs_at_a_speed_and_stops(self, session: Control) -> None:
        assert session.post("/clock", {"speed": 2.5, "paused": True})["speed"] == 2.5
        stopped = session.get("/clock")
        assert (stopped["paused"], stopped["now"]) == (True, START)
        moved = session.post("/clock", {"advance": 5})
        assert (moved["paused"], moved["now_ms"]) == (True, FLOATING_EPOCH_MS + 5)
        assert session.post("/clock", {"paused": False})["paused"] is False

    def test_one_request_may_move_it_and_more(self, session: Control) -> None:
        changed = session.post("/clock", {"advance": "1s", "speed": 1e-6, "paused": True})
        assert changed["now_ms"] == FLOATING_EPOCH_MS + 1000
        assert (changed["speed"], changed["paused"]) == (1e-6, True)


class TestEvents:
    @pytest.mark.parametrize("job_id", ["", None], ids=["no job", "a null job"])
    def test_one_happens_to_all_jobs_or_to_one(self, session: Control, job_id: str | None) -> None:
        session.put({"timeline": INLINE})
        assert session.get("/events") == {"happened": [], "known": ["go-on"]}
        assert session.get("/state")["awaited"] == ["go-on"]
        assert session.post("/events", {"name": "go-on", "job_id": "a"})["changed"] == []
        sent = {"name": "go-on"} if job_id == "" else {"name": "go-on", "job_id": job_id}
        assert session.post("/events", sent) == {"changed": ["b"], "now": START}
        happened = session.get("/events")["happened"]
        assert happened == [{"name": "go-on", "at": START, "job_id": None}]
        assert session.get("/state")["awaited"] == []
        assert [job["phase"] for job in session.get("/state")["jobs"]] == ["paused", "failed"]


class TestTimeline:
    def test_one_is_played_by_its_name(self) -> None:
        session = control(clock=ManualClock())
        session.post("/clock", {"advance": "1h"})
        session.api()
        state = session.put({"name": "old-server", "clock": {"kind": "manual"}})
        assert state["timeline"]["name"] == "old-server"
        assert (state["clock"]["now"], state["requests"]) == (START, 0)
        assert state == session.get("/state")

    def test_one_is_sent_as_json(self, session: Control) -> None:
        state = session.put({"timeline": INLINE, "name": "mine"})
        assert state["timeline"] == {"name": "mine", "description": INLINE["description"]}
        assert [job["job_id"] for job in state["jobs"]] == ["a", "b"]
        assert session.put({"timeline": INLINE})["timeline"]["name"] == "inline"

    def test_other_settings_alone_play_the_same_one_again(self, session: Control) -> None:
        session.post("/clock", {"advance": "3s"})
        state = session.put({"clock": {"kind": "poll", "step": "250ms"}, "edition": "2026-01"})
        assert state["timeline"]["name"] == "paused-then-resumed"
        assert (state["clock"]["kind"], state["clock"]["step_ms"]) == ("poll", 250)
        assert state["clock"]["now"] == START
        assert (state["edition"], "download" in state["operations"]) == ("2026-01", True)
        session.api(f"{LIST}/{JOB}")
        assert session.get("/clock")["now_ms"] == FLOATING_EPOCH_MS + 250
        state = session.put({"name": "spec-example", "clock": {"kind": "wall", "speed": 1e-6}})
        assert (state["clock"]["kind"], state["clock"]["speed"]) == ("wall", 1e-6)
        # What JSON calls an integer is a step.
        assert session.put({"clock": {"kind": "poll", "step": 250.0}})["clock"]["step_ms"] == 250
        session.api()
        assert isinstance(session.get("/clock")["now_ms"], int)

    def test_a_token_and_cors_are_settings_too(self, session: Control) -> None:
        session.put({"token": "s3cr3t", "cors": True, "with_download": True})
        refused = session.api()
        assert refused.status_code == 401
        assert refused.headers["Access-Control-Allow-Origin"] == "*"
        assert session.api(headers={"Authorization": "Bearer s3cr3t"}).status_code == 200
        assert "s3cr3t" not in json.dumps(session.known())
        session.put({"token": None, "cors": False})
        assert session.api().status_code == 200
        assert "download" in session.get("/state")["operations"]

    @pytest.mark.parametrize("text", TEXTS)
    def test_text_is_text_whatever_it_means_in_yaml(self, session: Control, text: str) -> None:
        report = {"note": text, "note " + text[:900]: [text, {text[:900]: text}]}
        job = {"total_size_bytes": 1, "script": [{"paused": {"report": report}}]}
        state = session.put({"timeline": {"description": text, "jobs": [job]}})
        assert state["timeline"]["description"] == text
        shown = session.api().get_json()["paused"][0]
        assert {key: shown[key] for key in report} == report

    def test_the_users_own_timelines_are_found_by_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "mine.json").write_text(json.dumps(INLINE), encoding="utf-8")
        (tmp_path / "broken.yaml").write_text("jobs: [", encoding="utf-8")
        monkeypatch.setenv("MOCKSERVER_TIMELINES", str(tmp_path))
        session = control()
        assert {"name": "mine", "bundled": False} in session.get("/timelines")["timelines"]
        assert session.put({"name": "mine"})["jobs"][0]["job_id"] == "a"
        status, facts = problem(session.ask("PUT", "/timeline", {"name": "broken"}))
        assert (status, facts["pointer"]) == (422, "/name")
        assert "broken.yaml:1:" in facts["message"]
        assert "\n" not in facts["message"]


class TestReset:
    def test_all_begins_again(self) -> None:
        session = control("already-downloaded")
        session.put({"timeline": INLINE, "clock": {"kind": "manual"}})
        before = session.known()
        session.post("/clock", {"advance": "1h"})
        session.post("/events", {"name": "go-on"})
        session.post("/faults", {"reply": {"status": 503}})
        session.api()
        state = session.post("/reset")
        assert session.known() == before
        assert state == before[0]

    def test_jobs_that_a_post_made_are_gone(self) -> None:
        session = control("healthy", with_download=True)
        session.api(DOWNLOAD, "POST", json={"model": "some/model"})
        assert len(session.get("/state")["jobs"]) == 2
        assert len(session.post("/reset")["jobs"]) == 1

    def test_a_fault_of_the_timeline_counts_anew(self) -> None:
        session = control("server-error-then-fine")
        job = f"{LIST}/{session.get('/state')['jobs'][0]['job_id']}"
        replies = [session.api(job).status_code for _ in range(5)]
        session.post("/reset")
        assert [session.api(job).status_code for _ in range(5)] == replies
        assert len(set(replies)) > 1


class TestFaults:
    def test_one_that_is_added_counts_from_then_on(self, session: Control) -> None:
        session.api()
        armed = session.post("/faults", {"when": {"request": 2}, "reply": {"status": 503}})
        assert armed == {
            "id": 1,
            "words": "2nd request: 503 Service Unavailable",
            "requests": 0,
            "strikes": 0,
            "armed_at": START,
        }
        assert [session.api().status_code for _ in range(3)] == [200, 503, 200]
        assert session.get("/faults") == {"faults": [{**armed, "requests": 3, "strikes": 1}]}

    def test_they_are_taken_away_one_by_one_or_all(self) -> None:
        session = control("server-error-then-fine")
        own = len(session.get("/faults")["faults"])
        added = [session.post("/faults", {"reply": {"status": 500 + n}})["id"] for n in range(3)]
        assert session.ask("DELETE", f"/faults/{added[1]}").json == {"removed": 1}
        ids = [entry["id"] for entry in session.get("/faults")["faults"]]
        assert ids == [*range(1, own + 1), added[0], added[2]]
        assert session.post("/faults", {"reply": {"status": 503}})["id"] == added[2] + 1
        assert session.ask("DELETE", "/faults").json == {"removed": own + 3}
        assert session.get("/faults") == {"faults": []}
        assert session.api().status_code == 200

    def test_while_nobody_can_connect_the_control_api_can_be_asked(self, session: Control) -> None:
        session.post("/faults", {"refuse": True, "when": {"for": "10s"}})
        assert session.get("/state")["refusing"] is True
        with pytest.raises(ConnectionRefusedError):
            session.api()
        session.post("/clock", {"advance": "10s"})
        assert session.get("/state")["refusing"] is False
        assert session.api().status_code == 200
