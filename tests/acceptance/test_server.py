"""What the app answers, request by request, without a socket."""

import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from mockserver import contract
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.documents.source import Source
from mockserver.errors import TimelineError, UnknownName, UnreadableFile
from mockserver.server.app import create_app
from mockserver.server.handlers import HANDLERS, OperationReply
from mockserver.server.middleware import RequestContext
from mockserver.timeline.clock import ManualClock
from mockserver.timeline.find import find
from mockserver.timeline.model import FLOATING_EPOCH_MS, Timeline
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load

LIST = "/api/v1/models/download/status"
PAYLOADS = Path(__file__).parents[2] / "fixtures/payloads/valid/2025-10"
DOCUMENTED = PAYLOADS / "list_status/documented-example.json"
HEALTHY_TIMELINE = load(find("healthy"))
HEALTHY = HEALTHY_TIMELINE.jobs[0].job_id


def client(
    timeline: Timeline | str = "healthy", clock: ManualClock | None = None, **options: Any
) -> FlaskClient:
    return create_app(timeline, clock=clock or ManualClock(), **options).test_client()


def data(reply: TestResponse) -> Any:
    return json.loads(reply.data)


def test_the_documentations_examples_are_answered() -> None:
    timeline = load(find("spec-example"))
    asked = client("spec-example", ManualClock(timeline.epoch_ms))
    assert data(asked.get(LIST)) == json.loads(DOCUMENTED.read_text("utf-8"))
    assert asked.get(f"{LIST}/job_493c7c9ded").text == (
        '{"job_id":"job_493c7c9ded","status":"completed","total_size_bytes":2279145003,'
        '"downloaded_bytes":2279145003,"started_at":"2025-10-03T15:33:23.496Z",'
        '"completed_at":"2025-10-03T15:43:12.102Z"}'
    )


def test_a_client_sees_the_whole_script_go_by() -> None:
    clock = ManualClock()
    timeline = load(find("paused-then-resumed"))
    asked = client(timeline, clock)
    seen = []
    for _ in range(6):
        job = data(asked.get(f"{LIST}/{timeline.jobs[0].job_id}"))
        seen.append(f"{job['status']} {job['downloaded_bytes'] * 100 // job['total_size_bytes']} %")
        clock.advance("5s")
    pulled = ["downloading 0 %", "downloading 24 %", "paused 39 %"]
    assert seen == [*pulled, "downloading 49 %", "downloading 74 %", "completed 100 %"]


def test_the_same_clock_gives_the_same_bytes_in_every_run() -> None:
    assert client().get(LIST).data == client().get(LIST).data
    assert data(client().get(f"{LIST}/{HEALTHY}"))["started_at"] == "2025-10-03T15:33:23.496Z"


def test_without_a_clock_a_floating_timeline_begins_now() -> None:
    app = create_app()
    body = data(app.test_client().get(f"{LIST}/{HEALTHY}"))
    assert body["status"] == "downloading"
    assert body["started_at"] > "2025-10-03T15:33:23.496Z"


def test_without_a_clock_a_timeline_that_names_its_instant_begins_there() -> None:
    body = data(create_app("spec-example").test_client().get(LIST))
    assert body["downloading"][0]["estimated_completion"].startswith("2025-10-06T22:24:2")


def test_a_clock_that_has_moved_on_already_is_where_a_floating_timeline_begins() -> None:
    clock = ManualClock()
    clock.advance("1h")
    body = data(client(clock=clock).get(f"{LIST}/{HEALTHY}"))
    assert (body["status"], body["downloaded_bytes"]) == ("downloading", 0)


def test_a_job_that_has_not_started_is_not_found_either() -> None:
    timeline = load(find("spec-example"))
    asked = client(timeline, ManualClock(1_759_776_233_604))
    assert asked.get(f"{LIST}/job_222ebe6763").status_code == 404
    assert data(asked.get(LIST))["paused"] == []


NOT_FOUND = (
    *("GET /api/v1/x", "GET /api/v1", "GET /api/v1/", "GET /api/v1/models/download-status"),
    *("GET /api/v1/models/download", "POST /api/v1/models/download"),
    *(f"PUT {LIST}", f"OPTIONS {LIST}", f"PROPFIND {LIST}", f"GET {LIST}//"),
    *(f"DELETE {LIST}/{HEALTHY}", f"GET {LIST}/{HEALTHY}/events"),
    *(f"GET {LIST}//{HEALTHY}", f"GET {LIST}/{HEALTHY}//"),
)
ELSEWHERE = (
    *("GET /api//v1/models/download/status", "GET /api/v10/models", "GET /", "POST /nowhere"),
    *("GET /caf%C3%A9%20%zz%0A", "GET /static/x.js"),
)


@pytest.mark.parametrize(
    ("request_line", "status"),
    [*((line, 404) for line in NOT_FOUND), *((line, 200) for line in ELSEWHERE)],
)
def test_what_is_not_ours_is_unexpected(request_line: str, status: int) -> None:
    method, path = request_line.split(" ")
    reply = client().open(path, method=method)
    assert reply.status_code == status
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert data(reply) == {"error": f"Unexpected endpoint or method. ({request_line})"}


def test_a_percent_encoded_id_is_decoded() -> None:
    source = Source("t.yaml", "jobs: [{job_id: 'é 1%?', total_size_bytes: 1, script: [paused]}]")
    reply = client(load(source)).get(f"{LIST}/%C3%A9%201%25%3F")
    assert data(reply)["job_id"] == "é 1%?"
    assert "é" in reply.text


def test_the_edition_is_the_timelines_own_unless_given() -> None:
    text = find("healthy").text + "edition: 2026-01\n"
    timeline = load(Source("healthy.yaml", text))
    assert client(timeline).get(LIST).status_code == 404
    assert client(timeline, edition="2025-10").get(LIST).status_code == 200


def test_what_cannot_be_had_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 2025-10"):
        create_app(edition="2025-1")
    with pytest.raises(UnknownName, match="did you mean healthy"):
        create_app("helthy")
    with pytest.raises(UnreadableFile):
        create_app(tmp_path / "none.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("jobs: []\n", encoding="utf-8")
    with pytest.raises(TimelineError, match="at least one job"):
        create_app(broken)


def test_an_invalid_reply_of_our_own_is_a_500_that_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(call: RequestContext) -> OperationReply:
        return OperationReply(200, {"job_id": "job_1", "status": "paused", "completed_at": "soon"})

    monkeypatch.setitem(HANDLERS, "job_status", broken)
    with caplog.at_level(logging.ERROR):
        reply = client().get(f"{LIST}/{HEALTHY}")
    assert reply.status_code == 500
    assert data(reply)["error"]["type"] == "mockserver_error"
    assert "job_status (2025-10)" in data(reply)["error"]["message"]
    assert "/completed_at" in data(reply)["error"]["message"]
    assert "/completed_at" in caplog.text


def test_a_defect_of_our_own_is_a_500_in_json(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(call: RequestContext) -> OperationReply:
        raise ZeroDivisionError

    monkeypatch.setitem(HANDLERS, "job_status", broken)
    reply = client().get(f"{LIST}/{HEALTHY}")
    assert reply.status_code == 500
    assert data(reply)["error"]["type"] == "mockserver_error"
    assert "ZeroDivisionError" in caplog.text


def test_each_request_is_reported() -> None:
    seen: list[JournalEntry] = []
    asked = client(on_request=seen.append)
    asked.get(LIST)
    asked.head(f"{LIST}/{HEALTHY}/")
    asked.get(f"{LIST}/unknown")
    asked.post("/api/v1/%41?b=c")
    states = Playback.of(load(find("healthy"))).at(FLOATING_EPOCH_MS)
    assert [
        (entry.method, entry.path, entry.status, entry.operation, entry.states) for entry in seen
    ] == [
        ("GET", LIST, 200, "list_status", states),
        ("HEAD", f"{LIST}/{HEALTHY}/", 200, "job_status", states),
        ("GET", f"{LIST}/unknown", 404, "job_status", ()),
        ("POST", "/api/v1/%41", 404, None, ()),
    ]


def test_a_report_that_fails_takes_no_reply_away(caplog: pytest.LogCaptureFixture) -> None:
    def fail(exchange: JournalEntry) -> None:
        raise OSError("the terminal is gone")

    assert client(on_request=fail).get(LIST).status_code == 200
    assert "the terminal is gone" in caplog.text


def test_jobs_that_are_not_listed_are_not_reported_with_the_list() -> None:
    seen: list[JournalEntry] = []
    timeline = load(find("spec-example"))
    client(timeline, ManualClock(timeline.epoch_ms), on_request=seen.append).get(LIST)
    assert [state.job_id for state in seen[0].states] == ["job_c0b7159ee6", "job_222ebe6763"]


@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=5).map(sorted))
def test_replies_are_what_the_timeline_says_and_valid(after: list[int]) -> None:
    timeline = load(find("paused-then-resumed"))
    clock = ManualClock()
    asked = client(timeline, clock)
    for milliseconds in after:
        clock.advance_to(FLOATING_EPOCH_MS + milliseconds)
        states = Playback.of(timeline).at(clock.now())
        listed, alone = asked.get(LIST), asked.get(f"{LIST}/{states[0].job_id}")
        assert data(listed) == list_payload(states)
        assert data(alone) == job_payload(states[0])
        assert contract.violations_in_body(listed.data, "list_status") == []
        assert contract.violations_in_body(alone.data, "job_status") == []


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "X"]),
    st.lists(
        st.sampled_from(
            ["/", "api", "v1", "models", "download", "status", HEALTHY, "%", "%2e", ".."]
        )
        | st.text(max_size=4),
        max_size=8,
    ).map("/".join),
)
def test_no_request_is_redirected_or_breaks_the_server(method: str, path: str) -> None:
    # Not through Flask's client, which takes paths to pieces before it sends them.
    environ = EnvironBuilder(method=method).get_environ()
    raw = ("/" + path).encode("utf-8", "replace").decode("latin-1")
    environ |= {"PATH_INFO": unquote(raw, "latin-1"), "REQUEST_URI": raw}
    body, status, _ = run_wsgi_app(create_app(HEALTHY_TIMELINE), environ)
    assert status[:3] in ("200", "404", "400" if "%" in path else "404")
    assert (b"".join(body) == b"") == (method == "HEAD")
