"""The table of behaviours is true: each of its rows is asked for by requests, in each edition."""

from __future__ import annotations

import inspect
import json
import re
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.http import http_date
from werkzeug.test import TestResponse

from mockserver import contract
from mockserver.api.behaviours import BEHAVIOURS, Behaviour
from mockserver.cli import serve
from mockserver.documents import rfc3339
from mockserver.resources import edition_names, timeline_files
from mockserver.server.app import create_app
from mockserver.server.mock_server import MockServer
from mockserver.timeline.clock import ManualClock
from mockserver.timeline.find import find
from mockserver.timeline.reader import load
from support.process import Run
from support.serving import DOWNLOAD, ID, JOB, MODEL, SIZE, STATUS

ROOT = Path(__file__).parents[2]


class Asked:
    """A mock on a manual clock, as a client sees it."""

    def __init__(self, timeline: str, edition: str, **options: Any) -> None:
        loaded = load(find(timeline))
        self.clock = ManualClock(loaded.epoch_ms)
        app = create_app(loaded, edition=edition, clock=self.clock, **options)
        self._client = app.test_client()

    def after(self, duration: str) -> Asked:
        self.clock.advance(duration)
        return self

    def ask(
        self, method: str, target: str, headers: dict[str, str] | None = None, data: bytes = b""
    ) -> TestResponse:
        """A request whose target is sent as it stands."""
        sent = {"PATH_INFO": target.partition("?")[0], "REQUEST_URI": target, "RAW_URI": target}
        return self._client.open(
            method=method, headers=headers or {}, data=data, environ_overrides=sent
        )

    def get(self, target: str = JOB, **headers: str) -> TestResponse:
        return self.ask("GET", target, {key.replace("_", "-"): headers[key] for key in headers})

    def post(self, body: Any = None, kind: str = "application/json") -> TestResponse:
        """POST for the usual model, or with another body: text as it is, else JSON."""
        asked = {"model": MODEL} if body is None else body
        data = asked if isinstance(asked, str) else json.dumps(asked)
        return self.ask("POST", DOWNLOAD, {"Content-Type": kind}, data.encode())

    def job(self, job_id: str = ID) -> Any:
        return data_of(self.get(f"{STATUS}/{job_id}"))

    def model(self, model: str, **quantization: str) -> Any:
        """What POST gives for this model."""
        reply = self.post({"model": model, **quantization})
        assert reply.status_code != 200 or not contract.violations_in_body(
            reply.data, "download", edition="2026-01"
        )
        return data_of(reply)


@dataclass(frozen=True)
class World:
    """Where a behaviour is looked for: an edition, and whether its option is switched on."""

    edition: str
    option: str | None
    is_on: bool

    def __str__(self) -> str:
        return f"{self.edition}-{'on' if self.is_on else 'off'}"

    def play(self, timeline: str = "healthy", **options: Any) -> Asked:
        """A mock, with those of the options that this world lets through."""
        if self.option == "with_download":
            options["with_download"] = self.is_on
        elif self.option is not None and not self.is_on:
            options.pop(self.option, None)
        return Asked(timeline, self.edition, **options)


def data_of(reply: TestResponse) -> Any:
    return json.loads(reply.data)


def is_error(reply: TestResponse, status: int, **members: str) -> bool:
    """Whether it is an error of this status whose members are these, beside a message."""
    error = data_of(reply)["error"] if reply.status_code == status else None
    return isinstance(error, dict) and {**error, **members} == error and bool(error["message"])


def is_unexpected(reply: TestResponse, status: int, request: str) -> bool:
    expected = {"error": f"Unexpected endpoint or method. ({request})"}
    return reply.status_code == status and data_of(reply) == expected


class Looks(World):
    """How to look for each behaviour, by its id; an assertion fails where it is not."""

    # ---- Jobs

    def job_status(self) -> None:
        reply = self.play().get()
        assert reply.status_code == 200
        assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
        assert reply.text.startswith(f'{{"job_id":"{ID}","status":"downloading",')

    def list_of_jobs(self) -> None:
        reply = self.play("several-jobs").after("8s").get(STATUS)
        assert reply.status_code == 200
        lengths = {status: len(jobs) for status, jobs in data_of(reply).items()}
        assert lengths == {"downloading": 1, "completed": 1, "failed": 1, "paused": 1}
        empty = data_of(self.play().get(STATUS))
        assert [len(empty[status]) for status in ("completed", "failed", "paused")] == [0, 0, 0]

    def no_list_of_jobs(self) -> None:
        asked = self.play("no-list")
        assert is_unexpected(asked.get(STATUS), 404, f"GET {STATUS}")
        assert asked.get().status_code == 200

    def statuses(self) -> None:
        seen = set()
        for timeline, after in (("paused-then-resumed", 1), ("failed-midway", 9), ("healthy", 30)):
            asked = self.play(timeline)
            seen.add(asked.job()["status"])
            seen.add(asked.after(f"{after}s").job()["status"])
        seen.add(self.play("paused-for-ever").after("9s").job()["status"])
        assert seen == {"downloading", "paused", "completed", "failed"}

    def job_ids(self) -> None:
        asked = self.play("many-jobs")
        made = [job.job_id for job in load(find("many-jobs")).jobs]
        assert len(made) == 1000
        assert all(re.fullmatch(r"job_[0-9a-f]{10}", job_id) for job_id in made)
        assert asked.job(made[0])["job_id"] == made[0]

    def times(self) -> None:
        asked = self.play()
        shown = asked.job()
        done = asked.after("1m").job()
        for text in (shown["started_at"], shown["estimated_completion"], done["completed_at"]):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
        assert shown["started_at"] == "2025-10-03T15:33:23.496Z"

    def byte_counts(self) -> None:
        shown = self.play("fractional-speed").after("5s").job()
        assert type(shown["downloaded_bytes"]) is type(shown["total_size_bytes"]) is int
        assert type(shown["bytes_per_second"]) is float

    def fields_by_status(self) -> None:
        asked = self.play("paused-then-resumed")
        basic = {"job_id", "status", "total_size_bytes", "downloaded_bytes", "started_at"}
        of_speed = {"bytes_per_second", "estimated_completion"}
        assert asked.job().keys() == basic | of_speed
        assert asked.after("9s").job().keys() == basic
        assert asked.after("1m").job().keys() == basic | {"completed_at"}

    def unknown_job(self) -> None:
        reply = self.play().get(f"{STATUS}/job_0000000000")
        message = "Download job 'job_0000000000' not found"
        assert reply.status_code == 404
        assert data_of(reply) == {"error": {"type": "job_not_found", "message": message}}

    def compact_replies(self) -> None:
        asked = self.play()
        for target in (JOB, f"{STATUS}/nobody", "/nowhere", "/v1/models"):
            text = asked.get(target).text
            written = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
            assert text == written

    def frozen_stall(self) -> None:
        asked = self.play("stalled-frozen-speed").after("20s")
        first, second = asked.job(), asked.after("10m").job()
        assert first["status"] == second["status"] == "downloading"
        assert first["downloaded_bytes"] == second["downloaded_bytes"] < SIZE
        assert first["bytes_per_second"] == second["bytes_per_second"] > 0

    def suspended(self) -> None:
        asked = self.play("suspended-until-resumed").after("24h")
        assert asked.job()["status"] == "paused"
        with MockServer("suspended-until-resumed", clock="manual", edition=self.edition) as server:
            server.run_until("paused")
            assert server.fire("resume") == (ID,)
            assert server.run_until("completed")

    def never_completed(self) -> None:
        shown = self.play("stuck-at-100-percent").after("1000h").job()
        assert (shown["status"], shown["downloaded_bytes"]) == ("downloading", SIZE)

    def forgotten(self) -> None:
        asked = self.play("forgotten-job")
        assert asked.get().status_code == 200
        assert is_error(asked.after("8s").get(), 404, type="job_not_found")

    def failure_in_mid_transfer(self) -> None:
        shown = self.play("failed-midway").after("1m").job()
        assert shown["status"] == "failed"
        assert 0 < shown["downloaded_bytes"] < SIZE

    # ---- Asking for a model

    def post_begins_a_job(self) -> None:
        asked = self.play()
        reply = asked.post({"model": "qwen/qwen3-4b", "quantization": "Q4_K_M"})
        assert reply.status_code == 200
        begun = data_of(reply)
        assert begun["status"] == "downloading"
        assert asked.job(begun["job_id"])["started_at"] == begun["started_at"]

    def no_post(self) -> None:
        assert is_unexpected(self.play().post(), 404, f"POST {DOWNLOAD}")

    def pretty_post_reply(self) -> None:
        for timeline in ("healthy", "already-downloaded"):
            text = self.play(timeline).post().text
            assert text == json.dumps(json.loads(text), indent=2)
            assert text.startswith('{\n  "')
            for line in text.splitlines():
                with pytest.raises(ValueError, match=r"Expecting|Extra data"):
                    json.loads(line)

    def already_downloaded(self) -> None:
        reply = self.play("already-downloaded").post()
        assert (reply.status_code, data_of(reply)) == (200, {"status": "already_downloaded"})

    def completed_is_downloaded(self) -> None:
        asked = self.play("completed-then-forgotten")
        assert asked.model(MODEL)["job_id"] == ID
        for after in ("6s", "1h"):
            assert data_of(asked.after(after).post()) == {"status": "already_downloaded"}
        assert asked.get().status_code == 404

    def same_id_while_it_lasts(self) -> None:
        asked = self.play()
        first = asked.model(MODEL)
        assert asked.after("5s").model(MODEL) == first
        assert first["job_id"] == ID

    def same_id_after_failure(self) -> None:
        asked = self.play("failed-then-same-id-resumes").after("10s")
        before = asked.job()
        assert before["status"] == "failed"
        assert asked.model(MODEL)["job_id"] == ID
        after = asked.job()
        assert after["status"] == "downloading"
        assert after["downloaded_bytes"] == before["downloaded_bytes"] > 0
        assert after["started_at"] == before["started_at"]
        asked.after("9s")
        assert asked.model(MODEL) == {"status": "already_downloaded"}

    def post_resumes_what_is_paused(self) -> None:
        asked = self.play("suspended-until-resumed").after("10s")
        assert asked.job()["status"] == "paused"
        shown = asked.model(MODEL)
        assert (shown["job_id"], shown["status"]) == (ID, "downloading")
        assert asked.after("8s").job()["status"] == "completed"

    def job_on_request(self) -> None:
        asked = self.play("download-on-request").after("5s")
        assert asked.get().status_code == 404
        assert asked.model(MODEL)["job_id"] == ID
        assert asked.job()["downloaded_bytes"] == 0

    def made_jobs(self) -> None:
        asked, again = self.play(), self.play()
        made = asked.model("qwen/qwen3-4b")
        assert made == again.model("qwen/qwen3-4b")
        assert re.fullmatch(r"job_[0-9a-f]{10}", made["job_id"])
        assert asked.after("19999ms").job(made["job_id"])["status"] == "downloading"
        assert asked.after("1ms").job(made["job_id"])["status"] == "completed"
        other = asked.model("qwen/qwen3-8b")
        assert other["job_id"] != made["job_id"]
        assert other["total_size_bytes"] != made["total_size_bytes"]

    def quantizations(self) -> None:
        asked = self.play()
        kinds = [{"quantization": "Q4_K_M"}, {"quantization": "Q8_0"}, {}]
        made = [asked.model("qwen/qwen3-4b", **kind) for kind in kinds]
        assert asked.model("qwen/qwen3-4b", **kinds[0]) == made[0]
        assert len({job["job_id"] for job in made}) == 3
        assert len({job["total_size_bytes"] for job in made}) == 3
        assert asked.model(MODEL, **kinds[1])["job_id"] == ID

    def repository_addresses(self) -> None:
        asked = self.play()
        for address in ("https://huggingface.co/", "https://lmstudio.ai/models/"):
            assert asked.model(f"{address}{MODEL}")["job_id"] == ID
            assert asked.model(f"{address}{MODEL}/")["job_id"] == ID
        assert asked.model("qwen/qwen3-4b") == asked.model("https://huggingface.co/qwen/qwen3-4b")

    def implausible_models(self) -> None:
        asked = self.play()
        for model in ("a model that is not one", "", "../etc/passwd", "ibm//granite"):
            reply = asked.post({"model": model})
            assert is_error(reply, 404, type="model_not_found", param="model")

    def missing_model(self) -> None:
        error = {"type": "invalid_request", "code": "missing_required_parameter", "param": "model"}
        assert is_error(self.play().post({}), 400, **error)

    def wrong_types(self) -> None:
        asked = self.play()
        values: list[Any] = [5, None, [], {}, True]
        for value in values:
            error = {"type": "invalid_request", "param": "model"}
            assert is_error(asked.post({"model": value}), 400, **error)
        reply = asked.post({"model": MODEL, "quantization": None})
        assert is_error(reply, 400, type="invalid_request", param="quantization")

    def unrecognized_keys(self) -> None:
        reply = self.play().post({"model": MODEL, "stop": 1})
        assert is_error(reply, 400, message="Unrecognized key(s) in object: 'stop'")

    def body_is_no_json(self) -> None:
        asked = self.play()
        bodies: list[Any] = ["{", "", "model=x", '{"model": "a", "model": "b"}', [], "5"]
        for body in bodies:
            assert is_error(asked.post(body), 400, type="invalid_request")

    def media_type(self) -> None:
        asked = self.play()
        for kind in ("text/plain", "", "application/json; charset=latin-1"):
            assert is_error(asked.post(kind=kind), 415, type="invalid_request")
        assert asked.post(kind="application/json; charset=utf-8").status_code == 200

    # ---- Paths and methods

    def unknown_path_of_the_api(self) -> None:
        assert is_unexpected(self.play().get("/api/v1/x"), 404, "GET /api/v1/x")

    def unknown_path_elsewhere(self) -> None:
        for path in ("/", "/api/v10/models", "/download-status"):
            assert is_unexpected(self.play().get(path), 200, f"GET {path}")

    def old_server(self) -> None:
        asked = self.play("old-server")
        assert is_unexpected(asked.get(), 200, f"GET {JOB}")
        for target in (STATUS, "/api/v1/models"):
            reply = asked.get(target)
            assert reply.status_code == 200
            assert data_of(reply)["error"].startswith("Unexpected endpoint or method.")
        assert is_unexpected(asked.post(), 200, f"POST {DOWNLOAD}")

    def post_on_a_status_path(self) -> None:
        assert self.play().ask("POST", JOB, {"Content-Type": "application/json"}).status_code == 415

    def other_methods(self) -> None:
        for method in ("PUT", "DELETE", "PATCH", "PROPFIND"):
            assert is_unexpected(self.play().ask(method, JOB), 404, f"{method} {JOB}")

    def head(self) -> None:
        asked = self.play()
        for target in (JOB, f"{STATUS}/nobody", STATUS, "/api/v1/x"):
            head, get = asked.ask("HEAD", target), asked.get(target)
            assert (head.status_code, head.data) == (get.status_code, b"")
            assert head.headers["Content-Type"] == get.headers["Content-Type"]
            if "Unexpected" not in get.text:  # whose body names the method
                assert head.headers["Content-Length"] == str(len(get.data))

    def options(self) -> None:
        asked_for = {"Access-Control-Request-Method": "GET", "Origin": "http://a.example"}
        reply = self.play().ask("OPTIONS", JOB, asked_for)
        assert is_unexpected(reply, 404, f"OPTIONS {JOB}")
        assert "Access-Control-Allow-Origin" not in reply.headers
        assert self.play(cors=True).ask("OPTIONS", JOB, asked_for).status_code == 204

    def slash_at_the_end(self) -> None:
        asked = self.play()
        assert asked.get(f"{JOB}/").data == asked.get().data
        assert asked.get(f"{STATUS}/").status_code == asked.get(STATUS).status_code
        assert asked.get(f"{JOB}//").status_code == 404

    def slashes_at_the_beginning(self) -> None:
        asked = self.play()
        assert asked.get(f"//{JOB}").data == asked.get().data
        inside = JOB.replace("/v1/", "/v1//")
        assert is_unexpected(asked.get(inside), 404, f"GET {inside}")

    def query(self) -> None:
        asked = self.play()
        assert asked.get(f"{JOB}?x=/y").data == asked.get().data
        assert is_unexpected(asked.get("/api/v1/x?y"), 404, "GET /api/v1/x")

    def percent_encoding(self) -> None:
        asked = self.play()
        assert asked.get(JOB.replace("job_", "%6Aob_")).data == asked.get().data
        reply = asked.get(f"{STATUS}/a%2Fb")
        assert is_error(reply, 404, message="Download job 'a/b' not found")

    def malformed_escapes(self) -> None:
        for segment in ("%", "%zz", "%ff"):
            assert is_error(self.play().get(f"{STATUS}/{segment}"), 400, type="invalid_request")

    def list_of_models(self) -> None:
        asked = self.play()
        assert data_of(asked.get("/api/v1/models")) == {"models": []}
        (model,) = data_of(asked.after("1m").get("/api/v1/models"))["models"]
        assert (model["key"], model["size_bytes"]) == (MODEL, SIZE)

    def openai_list_of_models(self) -> None:
        asked = self.play()
        assert data_of(asked.get("/v1/models")) == {"data": [], "object": "list"}
        (model,) = data_of(asked.after("1m").get("/v1/models"))["data"]
        assert (model["id"], model["object"]) == (MODEL, "model")

    # ---- Errors, access, headers

    def error_objects(self) -> None:
        asked = self.play(token="secret")
        for reply in (asked.get(), asked.get(f"{STATUS}/%")):
            error = data_of(reply)["error"]
            assert {"type", "message"} <= error.keys() <= {"type", "message", "code", "param"}
        error = data_of(self.play().get(f"{STATUS}/nobody"))["error"]
        assert error.keys() == {"type", "message"}

    def large_body(self) -> None:
        asked = self.play()
        small, large = b"x" * (1 << 20), b"x" * ((1 << 20) + 1)
        assert asked.ask("POST", DOWNLOAD, data=small).status_code != 413
        assert is_error(asked.ask("POST", DOWNLOAD, data=large), 413, type="invalid_request")

    def default_address(self) -> None:
        defaults = {option.name: option.default for option in serve.command.params}
        assert (defaults["host"], defaults["port"]) == ("127.0.0.1", 1234)
        with MockServer(edition=self.edition, clock="manual") as server:
            assert server.url == f"http://127.0.0.1:{server.port}"

    def no_token(self) -> None:
        asked = self.play()
        assert asked.get().status_code == 200
        assert asked.get(Authorization="Bearer whatever").status_code == 200

    def missing_token(self) -> None:
        asked = self.play(token="sk-lm-abcdefghij")
        assert is_error(asked.get(), 401, type="invalid_request", code="invalid_api_key")
        assert asked.get(Authorization="Bearer sk-lm-abcdefghij").status_code == 200
        asked = self.play("token-refused")
        for reply in (asked.get(), asked.get(STATUS), asked.get("/api/v1/models"), asked.post()):
            assert is_error(reply, 401, code="invalid_api_key")

    def wrong_token(self) -> None:
        asked = self.play(token="sk-lm-abcdefghij")
        reply = asked.get(Authorization="Bearer 0123456789abcdef")
        assert is_error(reply, 401, type="invalid_request", code="invalid_api_key")
        assert "0123456789***" in reply.text
        assert "0123456789a" not in reply.text

    def cors(self) -> None:
        reply = self.play(cors=True).get(Origin="http://a.example")
        assert reply.headers.get("Access-Control-Allow-Origin") == "*"

    def preflight(self) -> None:
        headers = {
            "Origin": "http://a.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type, x-a",
        }
        reply = self.play(cors=True).ask("OPTIONS", DOWNLOAD, headers)
        assert (reply.status_code, reply.data) == (204, b"")
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert "POST" in reply.headers["Access-Control-Allow-Methods"].split(",")
        assert reply.headers["Access-Control-Allow-Headers"] == "content-type, x-a"

    def date_header(self) -> None:
        asked = self.play()
        began_s = rfc3339.to_milliseconds("2025-10-03T15:33:23.496Z") / 1000
        assert asked.get().headers["Date"] == http_date(began_s)
        assert asked.after("1h").get().headers["Date"] == http_date(began_s + 3600)


# ---- The table


BY_ID = {behaviour.id: behaviour for behaviour in BEHAVIOURS}


def worlds() -> list[tuple[str, Looks, bool]]:
    """Each behaviour in each edition, with its option and without, and whether it is there."""
    found = []
    for behaviour in BEHAVIOURS:
        option = behaviour.option
        for edition in edition_names():
            by_itself = behaviour.holds_in(edition) and (option is None or bool(behaviour.editions))
            for is_on in (True, False) if option else (False,):
                found.append((behaviour.id, Looks(edition, option, is_on), by_itself or is_on))
    return found


@pytest.mark.parametrize(("id_", "world", "is_there"), worlds(), ids=str)
def test_it_behaves_so_where_the_table_says_and_nowhere_else(
    id_: str, world: Looks, is_there: bool
) -> None:
    with nullcontext() if is_there else pytest.raises((AssertionError, KeyError)):
        getattr(world, id_.replace("-", "_"))()


def test_each_behaviour_is_looked_for_and_no_other() -> None:
    looks = [name.replace("_", "-") for name in vars(Looks) if not name.startswith("_")]
    assert looks == list(BY_ID)


def test_where_an_edition_differs_it_is_looked_for_in_both() -> None:
    there = {(id_, world.edition): is_there for id_, world, is_there in worlds() if not world.is_on}
    assert there["no-list-of-jobs", "2026-01"]
    assert not there["no-list-of-jobs", "2025-10"]
    assert not there["list-of-jobs", "2026-01"]
    assert there["no-post", "2025-10"]
    assert not there["post-begins-a-job", "2025-10"]
    assert not there["cors", "2026-01"]


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=list(BY_ID))
def test_a_row_is_well_formed(behaviour: Behaviour) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", behaviour.id)
    assert behaviour.sentence.endswith(".")
    assert "|" not in behaviour.sentence + behaviour.source
    assert behaviour.known
    assert list(behaviour.known) == sorted(behaviour.known, key="DOG".index)
    assert all(source.strip() == source != "" for source in behaviour.known.values())
    assert set(behaviour.editions) < set(edition_names())
    assert behaviour.timeline is None or behaviour.timeline in timeline_files()
    if behaviour.option is not None:
        assert behaviour.option in inspect.signature(create_app).parameters
        assert behaviour.option in inspect.signature(MockServer).parameters


def test_no_two_rows_say_the_same() -> None:
    assert len(BY_ID) == len({behaviour.sentence for behaviour in BEHAVIOURS}) == len(BEHAVIOURS)


# What the line of a page must say for it to be a row's source.
SAID = json.loads(Path(__file__).with_name("documented_lines.json").read_text("utf-8"))


def test_what_is_documented_is_on_the_line_that_is_named() -> None:
    documented = {row.id: row.known["D"] for row in BEHAVIOURS if "D" in row.known}
    assert documented.keys() == SAID.keys()
    for id_, source in documented.items():
        page, _, line = source.rpartition(":")
        lines = (ROOT / "schemas" / page).read_text("utf-8").splitlines()
        assert SAID[id_] in lines[int(line) - 1], source
    example = (ROOT / "schemas/2025-10/download-status.md").read_text("utf-8").splitlines()[11:19]
    assert not any("Authorization" in line for line in example)


# ---- The command


class TestCommand:
    def test_it_lists_what_there_is(self, run: Run) -> None:
        done = run("behaviours")
        assert (done.code, done.err) == (0, "")
        lines = done.out.splitlines()
        shown = [line.split()[0] for line in lines[:-1] if not line.startswith(" ")]
        assert shown == list(BY_ID)
        at = next(i for i, line in enumerate(lines) if line.startswith("already-downloaded "))
        assert [cell.strip() for cell in lines[at].split("  ")[-2:]] == [
            "D, O",
            "edition 2026-01 or option with_download, timeline already-downloaded",
        ]
        assert "2026-01/download.md:43; that body" in lines[at + 2]
        assert lines[-1] == f"{len(BY_ID)} behaviours: D documented, O observed, G guessed"

    def test_of_one_edition(self, run: Run) -> None:
        for edition in edition_names():
            done = run("behaviours", "--edition", edition, "--json")
            ids = [row["id"] for row in json.loads(done.out)]
            assert ids == [row.id for row in BEHAVIOURS if row.holds_in(edition)]
            assert len(ids) < len(BEHAVIOURS)

    def test_json_has_every_fact(self, run: Run) -> None:
        found = {row["id"]: row for row in json.loads(run("behaviours", "--json").out)}
        assert found["already-downloaded"] == {
            "id": "already-downloaded",
            "sentence": BY_ID["already-downloaded"].sentence,
            "known": [
                {"provenance": "D", "source": "2026-01/download.md:43"},
                {"provenance": "O", "source": "that body, without a job id"},
            ],
            "editions": ["2026-01"],
            "option": "with_download",
            "timeline": "already-downloaded",
        }
        assert found["head"]["editions"] == list(edition_names())
        assert list(found) == list(BY_ID)

    def test_the_readme_has_its_table(self, run: Run) -> None:
        printed = run("behaviours", "--markdown").out
        readme = (ROOT / "README.md").read_text("utf-8")
        shown = re.search(r"<!-- behaviours -->\n(.*?)<!-- /behaviours -->", readme, re.DOTALL)
        assert shown is not None
        assert shown[1] == printed, "put what `behaviours --markdown` prints into the README"
        rows = printed.splitlines()
        assert len(rows) == 2 + len(BEHAVIOURS)
        assert len({row.count("|") for row in rows}) == 1
