"""POST /api/v1/models/download as a client sees it: requests, replies, and many at once."""

import json
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from mockserver import contract, resources
from mockserver.client_rules.journal_entry import JournalEntry
from mockserver.documents.source import Source
from mockserver.server.app import create_app
from mockserver.server.mock_server import MockServer
from mockserver.strategies.scripts import Document
from mockserver.timeline.clock import ManualClock
from mockserver.timeline.find import find
from mockserver.timeline.job_fields import MAX_JOBS
from mockserver.timeline.model import Timeline
from mockserver.timeline.reader import load
from support.process import DEADLINE_S
from support.serving import DOWNLOAD, ID, MODEL, STATUS, ask
from support.timelines import loaded, short_documents, written
from support.waiting import together

OTHER = "qwen/qwen3-4b"
JSON = "application/json"


class Client:
    """A client of a mock whose clock stands until a test moves it."""

    def __init__(self, timeline: Timeline | str = "healthy", **options: Any) -> None:
        played = load(find(timeline)) if isinstance(timeline, str) else timeline
        self.clock = ManualClock(played.epoch_ms)
        app = create_app(played, clock=self.clock, **{"edition": "2026-01", **options})
        self.flask: FlaskClient = app.test_client()

    def post(self, model: Any = MODEL, **more: Any) -> TestResponse:
        return self.flask.post(DOWNLOAD, json={"model": model, **more})

    def job(self, job_id: str) -> TestResponse:
        return self.flask.get(f"{STATUS}/{job_id}")


def data(reply: TestResponse) -> Any:
    return json.loads(reply.data)


def valid(reply: TestResponse) -> Any:
    """The data of a successful reply that keeps to the contract."""
    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    found = data(reply)
    assert contract.violations(found, "download", edition="2026-01") == []
    return found


# ---- Replies


def test_the_list_shows_a_made_job_where_there_is_one() -> None:
    client = Client(edition="2025-10", with_download=True)
    made = valid(client.post(OTHER))
    for status in ("downloading", "completed"):
        listed = data(client.flask.get(STATUS))
        assert contract.violations(listed, "list_status", edition="2025-10") == []
        assert [job["job_id"] for job in listed[status]] == [ID, made["job_id"]]
        client.clock.advance("20s")


def test_the_path_takes_posts_alone_and_is_the_same_with_a_slash_or_an_escape() -> None:
    client = Client()
    assert client.flask.get(DOWNLOAD).status_code == client.flask.head(DOWNLOAD).status_code == 404
    for path in (f"{DOWNLOAD}/", "/api/v1/models/%64ownload", f"{DOWNLOAD}?x=y"):
        assert valid(client.flask.post(path, json={"model": MODEL}))["job_id"] == ID


def test_a_request_is_reported_with_its_job() -> None:
    seen: list[JournalEntry] = []
    client = Client(on_request=seen.append)
    client.post()
    client.post("not a model")
    assert [(entry.operation, entry.status, entry.job_id, len(entry.states)) for entry in seen] == [
        ("download", 200, ID, 1),
        ("download", 404, None, 0),
    ]


@pytest.mark.parametrize(
    ("body", "kind", "status", "words"),
    [
        (b"{", JSON, 400, "not valid JSON"),
        (b'{"model": "m"}', "text/plain", 415, "send application/json"),
        (b'{"model": "no model"}', JSON, 404, "'no model' not found"),
        (b'{"model": "' + b"x" * (1 << 20) + b'"}', JSON, 413, "1,048,576 bytes"),
    ],
    ids=lambda case: repr(case)[:40],
)
def test_objections_are_error_objects_and_nothing_begins(
    body: bytes, kind: str | None, status: int, words: str
) -> None:
    seen: list[JournalEntry] = []
    client = Client("download-on-request", on_request=seen.append)
    reply = client.flask.post(DOWNLOAD, data=body, content_type=kind)
    error = data(reply)["error"]
    assert reply.status_code == status
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert words in error["message"]
    assert error["type"] == ("model_not_found" if status == 404 else "invalid_request")
    assert (seen[0].operation, seen[0].job_id, seen[0].states) == ("download", None, ())
    assert client.job(ID).status_code == 404


# ---- Made jobs


def test_there_is_a_limit_to_jobs() -> None:
    timeline = loaded({"total_size_bytes": 9, "copies": MAX_JOBS - 1, "script": ["paused"]})
    client = Client(timeline)
    last = valid(client.post("a/first"))
    for _ in range(2):
        reply = client.post("a/second")
        assert reply.status_code == 503
        assert data(reply)["error"]["type"] == "mockserver_error"
    # Nothing is lost: the last one that was made goes on, and can be asked for again.
    assert valid(client.post("a/first")) == last
    client.clock.advance("20s")
    assert data(client.job(last["job_id"]))["status"] == "completed"


# ---- Many at once


def send(server: MockServer, model: str) -> tuple[int, Any]:
    return ask(server.url + DOWNLOAD, "POST", {"model": model})


@pytest.mark.parametrize(
    ("timeline", "model"), [("healthy", OTHER), ("download-on-request", MODEL)]
)
def test_of_many_requests_for_a_model_comes_one_job(timeline: str, model: str) -> None:
    with MockServer(timeline, clock="manual", edition="2026-01") as server:
        replies = together(32, lambda _: send(server, model))
        again = send(server, model)
    assert replies == [again] * 32
    assert again[0] == 200
    assert again[1]["status"] == "downloading"


def test_many_models_at_once_are_as_many_jobs() -> None:
    with MockServer(clock="manual", edition="2026-01") as server:
        replies = together(32, lambda index: send(server, f"many/model-{index % 16}"))
        ids = [body["job_id"] for _, body in replies]
        for job_id in set(ids):
            with urlopen(server.job_url(job_id), timeout=DEADLINE_S) as reply:
                assert json.load(reply)["job_id"] == job_id
    assert ids[:16] == ids[16:]
    assert len(set(ids)) == 16


def test_many_requests_resume_a_job_once() -> None:
    with MockServer("keeps-failing", clock="manual", with_download=True) as server:
        server.run_until("failed")
        replies = together(32, lambda _: send(server, MODEL))
        for status, body in replies:
            assert (status, body["job_id"], body["status"]) == (200, ID, "downloading")
        assert server.run_until("failed")


# ---- Whatever the timeline


@pytest.mark.parametrize("name", sorted(resources.timeline_files()))
def test_the_reply_is_valid_for_the_model_of_each_bundled_timeline(name: str) -> None:
    """Faults aside, which answer in their own way."""
    timeline = load(find(name))
    (job,) = (job for job in timeline.jobs if job.job_id == ID)
    bare = Timeline(name, timeline.jobs, timeline.epoch_ms, timeline.edition)
    for after in ("0s", "1s", "6s", "9s", "12s", "30s", "1h"):
        client = Client(bare, edition=timeline.edition, with_download=True)
        client.clock.advance(after)
        reply = client.post(job.model)
        state_is_off = any(step.overrides.off_contract for step in job.steps)
        body = data(reply) if state_is_off else valid(reply)
        assert reply.status_code == 200
        if body == {"status": "already_downloaded"}:
            continue
        assert client.job(body["job_id"]).status_code == 200
        assert name in ("forgotten-then-new-id", "forgotten-job") or body["job_id"] == ID


@settings(max_examples=60)
@given(st.data(), short_documents)
def test_any_model_of_any_timeline_at_any_instants(
    data_: st.DataObject, document: Document
) -> None:
    """Over HTTP: never an error of the mock's, and the id is known at that instant."""
    document.pop("faults", None)
    for number, job in enumerate(document["jobs"]):
        job["model"] = data_.draw(st.sampled_from([MODEL, "two words", f"m/{number}"]))
    timeline = load(Source("drawn.yaml", written(document, 3)))
    client = Client(timeline, edition=timeline.edition, with_download=True)
    off_contract = any(step.overrides.off_contract for job in timeline.jobs for step in job.steps)
    models = [job.model for job in timeline.jobs]
    for wait_ms in data_.draw(st.lists(st.integers(0, 12), min_size=1, max_size=5)):
        if wait_ms:
            client.clock.advance(wait_ms)
        reply = client.post(data_.draw(st.sampled_from(models)))
        assert reply.status_code == 200, reply.text
        if off_contract:
            continue
        body = valid(reply)
        if body != {"status": "already_downloaded"}:
            assert client.job(quote(body["job_id"], safe="")).status_code == 200
