"""The table of behaviours is true: each of its rows is asked for by requests, in each edition."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
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

ROOT = Path(__file__).parents[2]
DOWNLOAD = "/api/v1/models/download"
STATUS = f"{DOWNLOAD}/status"
ID = "job_493c7c9ded"
JOB = f"{STATUS}/{ID}"
MODEL = "ibm/granite-4-micro"
SIZE = 2279145003


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

    def model(self, model: str, quantization: str | None = None) -> Any:
        """What POST gives for this model."""
        more = {} if quantization is None else {"quantization": quantization}
        reply = self.post({"model": model, **more})
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


Check = Callable[[World], None]
CHECKS: dict[str, Check] = {}


def check(id_: str) -> Callable[[Check], Check]:
    """Enter what asks for a behaviour; an assertion fails in it where the behaviour is not."""

    def enter(function: Check) -> Check:
        assert id_ not in CHECKS
        CHECKS[id_] = function
        return function

    return enter


def data_of(reply: TestResponse) -> Any:
    return json.loads(reply.data)


def is_error(reply: TestResponse, status: int, **members: str) -> bool:
    """Whether it is an error of this status whose members are these, beside a message."""
    error = data_of(reply)["error"] if reply.status_code == status else None
    return isinstance(error, dict) and {**error, **members} == error and bool(error["message"])


def is_unexpected(reply: TestResponse, status: int, request: str) -> bool:
    expected = {"error": f"Unexpected endpoint or method. ({request})"}
    return reply.status_code == status and data_of(reply) == expected


# ---- Jobs


@check("job-status")
def one_job(world: World) -> None:
    reply = world.play().get()
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert reply.text.startswith(f'{{"job_id":"{ID}","status":"downloading",')


@check("list-of-jobs")
def all_jobs(world: World) -> None:
    reply = world.play("several-jobs").after("8s").get(STATUS)
    assert reply.status_code == 200
    lengths = {status: len(jobs) for status, jobs in data_of(reply).items()}
    assert lengths == {"downloading": 1, "completed": 1, "failed": 1, "paused": 1}
    empty = data_of(world.play().get(STATUS))
    assert [len(empty[status]) for status in ("completed", "failed", "paused")] == [0, 0, 0]


@check("no-list-of-jobs")
def no_list(world: World) -> None:
    asked = world.play("no-list")
    assert is_unexpected(asked.get(STATUS), 404, f"GET {STATUS}")
    assert asked.get().status_code == 200


@check("statuses")
def four_statuses(world: World) -> None:
    seen = set()
    for timeline, after in (("paused-then-resumed", 1), ("failed-midway", 9), ("healthy", 30)):
        asked = world.play(timeline)
        seen.add(asked.job()["status"])
        seen.add(asked.after(f"{after}s").job()["status"])
    seen.add(world.play("paused-for-ever").after("9s").job()["status"])
    assert seen == {"downloading", "paused", "completed", "failed"}


@check("job-ids")
def ten_hex_digits(world: World) -> None:
    asked = world.play("many-jobs")
    made = [job.job_id for job in load(find("many-jobs")).jobs]
    assert len(made) == 1000
    assert all(re.fullmatch(r"job_[0-9a-f]{10}", job_id) for job_id in made)
    assert asked.job(made[0])["job_id"] == made[0]


@check("times")
def milliseconds_and_z(world: World) -> None:
    asked = world.play()
    shown = asked.job()
    done = asked.after("1m").job()
    for text in (shown["started_at"], shown["estimated_completion"], done["completed_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert shown["started_at"] == "2025-10-03T15:33:23.496Z"


@check("byte-counts")
def integers_and_a_fraction(world: World) -> None:
    shown = world.play("fractional-speed").after("5s").job()
    assert type(shown["downloaded_bytes"]) is type(shown["total_size_bytes"]) is int
    assert type(shown["bytes_per_second"]) is float


@check("fields-by-status")
def fields_come_and_go(world: World) -> None:
    asked = world.play("paused-then-resumed")
    basic = {"job_id", "status", "total_size_bytes", "downloaded_bytes", "started_at"}
    of_speed = {"bytes_per_second", "estimated_completion"}
    assert asked.job().keys() == basic | of_speed
    assert asked.after("9s").job().keys() == basic
    assert asked.after("1m").job().keys() == basic | {"completed_at"}


@check("unknown-job")
def not_found(world: World) -> None:
    reply = world.play().get(f"{STATUS}/job_0000000000")
    message = "Download job 'job_0000000000' not found"
    assert reply.status_code == 404
    assert data_of(reply) == {"error": {"type": "job_not_found", "message": message}}


@check("compact-replies")
def one_line(world: World) -> None:
    asked = world.play()
    for target in (JOB, f"{STATUS}/nobody", "/nowhere", "/v1/models"):
        text = asked.get(target).text
        written = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
        assert text == written


@check("frozen-stall")
def nothing_moves(world: World) -> None:
    asked = world.play("stalled-frozen-speed").after("20s")
    first, second = asked.job(), asked.after("10m").job()
    assert first["status"] == second["status"] == "downloading"
    assert first["downloaded_bytes"] == second["downloaded_bytes"] < SIZE
    assert first["bytes_per_second"] == second["bytes_per_second"] > 0


@check("suspended")
def only_by_hand(world: World) -> None:
    asked = world.play("suspended-until-resumed").after("24h")
    assert asked.job()["status"] == "paused"
    with MockServer("suspended-until-resumed", clock="manual", edition=world.edition) as server:
        server.run_until("paused")
        assert server.fire("resume") == (ID,)
        assert server.run_until("completed")


@check("never-completed")
def all_bytes_for_ever(world: World) -> None:
    shown = world.play("stuck-at-100-percent").after("1000h").job()
    assert (shown["status"], shown["downloaded_bytes"]) == ("downloading", SIZE)


@check("forgotten")
def known_and_then_not(world: World) -> None:
    asked = world.play("forgotten-job")
    assert asked.get().status_code == 200
    assert is_error(asked.after("8s").get(), 404, type="job_not_found")


@check("failure-in-mid-transfer")
def bytes_are_kept(world: World) -> None:
    shown = world.play("failed-midway").after("1m").job()
    assert shown["status"] == "failed"
    assert 0 < shown["downloaded_bytes"] < SIZE


# ---- Asking for a model


@check("post-begins-a-job")
def a_job_begins(world: World) -> None:
    asked = world.play()
    reply = asked.post({"model": "qwen/qwen3-4b", "quantization": "Q4_K_M"})
    assert reply.status_code == 200
    begun = data_of(reply)
    assert begun["status"] == "downloading"
    assert asked.job(begun["job_id"])["started_at"] == begun["started_at"]


@check("no-post")
def not_there(world: World) -> None:
    assert is_unexpected(world.play().post(), 404, f"POST {DOWNLOAD}")


@check("pretty-post-reply")
def several_lines(world: World) -> None:
    for timeline in ("healthy", "already-downloaded"):
        text = world.play(timeline).post().text
        assert text == json.dumps(json.loads(text), indent=2)
        assert text.startswith('{\n  "')
        for line in text.splitlines():
            with pytest.raises(ValueError, match=r"Expecting|Extra data"):
                json.loads(line)


@check("already-downloaded")
def it_is_there(world: World) -> None:
    reply = world.play("already-downloaded").post()
    assert (reply.status_code, data_of(reply)) == (200, {"status": "already_downloaded"})


@check("completed-is-downloaded")
def there_though_forgotten(world: World) -> None:
    asked = world.play("completed-then-forgotten")
    assert asked.model(MODEL)["job_id"] == ID
    for after in ("6s", "1h"):
        assert data_of(asked.after(after).post()) == {"status": "already_downloaded"}
    assert asked.get().status_code == 404


@check("same-id-while-it-lasts")
def the_same_again(world: World) -> None:
    asked = world.play()
    first = asked.model(MODEL)
    assert asked.after("5s").model(MODEL) == first
    assert first["job_id"] == ID


@check("same-id-after-failure")
def it_goes_on(world: World) -> None:
    asked = world.play("failed-then-same-id-resumes").after("10s")
    before = asked.job()
    assert before["status"] == "failed"
    assert asked.model(MODEL)["job_id"] == ID
    after = asked.job()
    assert after["status"] == "downloading"
    assert after["downloaded_bytes"] == before["downloaded_bytes"] > 0
    assert after["started_at"] == before["started_at"]
    asked.after("9s")
    assert asked.model(MODEL) == {"status": "already_downloaded"}


@check("post-resumes-what-is-paused")
def it_wakes_up(world: World) -> None:
    asked = world.play("suspended-until-resumed").after("10s")
    assert asked.job()["status"] == "paused"
    shown = asked.model(MODEL)
    assert (shown["job_id"], shown["status"]) == (ID, "downloading")
    assert asked.after("8s").job()["status"] == "completed"


@check("job-on-request")
def unknown_until_then(world: World) -> None:
    asked = world.play("download-on-request").after("5s")
    assert asked.get().status_code == 404
    assert asked.model(MODEL)["job_id"] == ID
    assert asked.job()["downloaded_bytes"] == 0


@check("made-jobs")
def twenty_seconds(world: World) -> None:
    asked, again = world.play(), world.play()
    made = asked.model("qwen/qwen3-4b")
    assert made == again.model("qwen/qwen3-4b")
    assert re.fullmatch(r"job_[0-9a-f]{10}", made["job_id"])
    assert asked.after("19999ms").job(made["job_id"])["status"] == "downloading"
    assert asked.after("1ms").job(made["job_id"])["status"] == "completed"
    other = asked.model("qwen/qwen3-8b")
    assert other["job_id"] != made["job_id"]
    assert other["total_size_bytes"] != made["total_size_bytes"]


@check("quantizations")
def each_its_own(world: World) -> None:
    asked = world.play()
    made = [asked.model("qwen/qwen3-4b", name) for name in ("Q4_K_M", "Q8_0", None)]
    assert asked.model("qwen/qwen3-4b", "Q4_K_M") == made[0]
    assert len({job["job_id"] for job in made}) == 3
    assert len({job["total_size_bytes"] for job in made}) == 3
    assert asked.model(MODEL, "Q8_0")["job_id"] == ID


@check("repository-addresses")
def as_good_as_a_name(world: World) -> None:
    asked = world.play()
    for address in ("https://huggingface.co/", "https://lmstudio.ai/models/"):
        assert asked.model(f"{address}{MODEL}")["job_id"] == ID
        assert asked.model(f"{address}{MODEL}/")["job_id"] == ID
    assert asked.model("qwen/qwen3-4b") == asked.model("https://huggingface.co/qwen/qwen3-4b")


@check("implausible-models")
def no_name(world: World) -> None:
    asked = world.play()
    for model in ("a model that is not one", "", "../etc/passwd", "ibm//granite"):
        reply = asked.post({"model": model})
        assert is_error(reply, 404, type="model_not_found", param="model")


@check("missing-model")
def required(world: World) -> None:
    error = {"type": "invalid_request", "code": "missing_required_parameter", "param": "model"}
    assert is_error(world.play().post({}), 400, **error)


@check("wrong-types")
def named(world: World) -> None:
    asked = world.play()
    values: list[Any] = [5, None, [], {}, True]
    for value in values:
        error = {"type": "invalid_request", "param": "model"}
        assert is_error(asked.post({"model": value}), 400, **error)
    reply = asked.post({"model": MODEL, "quantization": None})
    assert is_error(reply, 400, type="invalid_request", param="quantization")


@check("unrecognized-keys")
def in_these_words(world: World) -> None:
    reply = world.play().post({"model": MODEL, "stop": 1})
    assert is_error(reply, 400, message="Unrecognized key(s) in object: 'stop'")


@check("body-is-no-json")
def nothing_to_read(world: World) -> None:
    asked = world.play()
    bodies: list[Any] = ["{", "", "model=x", '{"model": "a", "model": "b"}', [], "5"]
    for body in bodies:
        assert is_error(asked.post(body), 400, type="invalid_request")


@check("media-type")
def of_another_type(world: World) -> None:
    asked = world.play()
    for kind in ("text/plain", "", "application/json; charset=latin-1"):
        assert is_error(asked.post(kind=kind), 415, type="invalid_request")
    assert asked.post(kind="application/json; charset=utf-8").status_code == 200


# ---- Paths and methods


@check("unknown-path-of-the-api")
def under_the_api(world: World) -> None:
    assert is_unexpected(world.play().get("/api/v1/x"), 404, "GET /api/v1/x")


@check("unknown-path-elsewhere")
def two_hundred(world: World) -> None:
    for path in ("/", "/api/v10/models", "/download-status"):
        assert is_unexpected(world.play().get(path), 200, f"GET {path}")


@check("old-server")
def nothing_is_there(world: World) -> None:
    asked = world.play("old-server")
    assert is_unexpected(asked.get(), 200, f"GET {JOB}")
    for target in (STATUS, "/api/v1/models"):
        reply = asked.get(target)
        assert reply.status_code == 200
        assert data_of(reply)["error"].startswith("Unexpected endpoint or method.")


@check("post-on-a-status-path")
def unsupported(world: World) -> None:
    assert world.play().ask("POST", JOB, {"Content-Type": "application/json"}).status_code == 415


@check("other-methods")
def never_405(world: World) -> None:
    for method in ("PUT", "DELETE", "PATCH", "PROPFIND"):
        assert is_unexpected(world.play().ask(method, JOB), 404, f"{method} {JOB}")


@check("head")
def no_body(world: World) -> None:
    asked = world.play()
    for target in (JOB, f"{STATUS}/nobody", STATUS, "/api/v1/x"):
        head, get = asked.ask("HEAD", target), asked.get(target)
        assert (head.status_code, head.data) == (get.status_code, b"")
        assert head.headers["Content-Type"] == get.headers["Content-Type"]
        if "Unexpected" not in get.text:  # whose body names the method
            assert head.headers["Content-Length"] == str(len(get.data))


@check("options")
def not_a_route(world: World) -> None:
    asked_for = {"Access-Control-Request-Method": "GET", "Origin": "http://a.example"}
    reply = world.play().ask("OPTIONS", JOB, asked_for)
    assert is_unexpected(reply, 404, f"OPTIONS {JOB}")
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert world.play(cors=True).ask("OPTIONS", JOB, asked_for).status_code == 204


@check("slash-at-the-end")
def ignored(world: World) -> None:
    asked = world.play()
    assert asked.get(f"{JOB}/").data == asked.get().data
    assert asked.get(f"{STATUS}/").status_code == asked.get(STATUS).status_code
    assert asked.get(f"{JOB}//").status_code == 404


@check("slashes-at-the-beginning")
def merged(world: World) -> None:
    asked = world.play()
    assert asked.get(f"//{JOB}").data == asked.get().data
    inside = JOB.replace("/v1/", "/v1//")
    assert is_unexpected(asked.get(inside), 404, f"GET {inside}")


@check("query")
def no_part_of_the_path(world: World) -> None:
    asked = world.play()
    assert asked.get(f"{JOB}?x=/y").data == asked.get().data
    assert is_unexpected(asked.get("/api/v1/x?y"), 404, "GET /api/v1/x")


@check("percent-encoding")
def part_of_the_id(world: World) -> None:
    asked = world.play()
    assert asked.get(JOB.replace("job_", "%6Aob_")).data == asked.get().data
    reply = asked.get(f"{STATUS}/a%2Fb")
    assert is_error(reply, 404, message="Download job 'a/b' not found")


@check("malformed-escapes")
def bad_request(world: World) -> None:
    for segment in ("%", "%zz", "%ff"):
        assert is_error(world.play().get(f"{STATUS}/{segment}"), 400, type="invalid_request")


@check("list-of-models")
def models(world: World) -> None:
    asked = world.play()
    assert data_of(asked.get("/api/v1/models")) == {"models": []}
    (model,) = data_of(asked.after("1m").get("/api/v1/models"))["models"]
    assert (model["key"], model["size_bytes"]) == (MODEL, SIZE)


@check("openai-list-of-models")
def models_of_openai(world: World) -> None:
    asked = world.play()
    assert data_of(asked.get("/v1/models")) == {"data": [], "object": "list"}
    (model,) = data_of(asked.after("1m").get("/v1/models"))["data"]
    assert (model["id"], model["object"]) == (MODEL, "model")


# ---- Errors, access, headers


@check("error-objects")
def type_and_message(world: World) -> None:
    asked = world.play(token="secret")
    for reply in (asked.get(), asked.get(f"{STATUS}/%")):
        error = data_of(reply)["error"]
        assert {"type", "message"} <= error.keys() <= {"type", "message", "code", "param"}
    error = data_of(world.play().get(f"{STATUS}/nobody"))["error"]
    assert error.keys() == {"type", "message"}


@check("large-body")
def too_large(world: World) -> None:
    asked = world.play()
    small, large = b"x" * (1 << 20), b"x" * ((1 << 20) + 1)
    assert asked.ask("POST", DOWNLOAD, data=small).status_code != 413
    assert is_error(asked.ask("POST", DOWNLOAD, data=large), 413, type="invalid_request")


@check("default-address")
def where_it_listens(world: World) -> None:
    defaults = {option.name: option.default for option in serve.command.params}
    assert (defaults["host"], defaults["port"]) == ("127.0.0.1", 1234)
    with MockServer(edition=world.edition, clock="manual") as server:
        assert server.url == f"http://127.0.0.1:{server.port}"


@check("no-token")
def everybody_may_ask(world: World) -> None:
    asked = world.play()
    assert asked.get().status_code == 200
    assert asked.get(Authorization="Bearer whatever").status_code == 200


@check("missing-token")
def refused(world: World) -> None:
    asked = world.play(token="sk-lm-abcdefghij")
    assert is_error(asked.get(), 401, type="invalid_request", code="invalid_api_key")
    assert asked.get(Authorization="Bearer sk-lm-abcdefghij").status_code == 200
    assert is_error(world.play("token-refused").get(), 401, code="invalid_api_key")


@check("wrong-token")
def masked(world: World) -> None:
    asked = world.play(token="sk-lm-abcdefghij")
    reply = asked.get(Authorization="Bearer 0123456789abcdef")
    assert is_error(reply, 401, type="invalid_request", code="invalid_api_key")
    assert "0123456789***" in reply.text
    assert "0123456789a" not in reply.text


@check("cors")
def any_page(world: World) -> None:
    reply = world.play(cors=True).get(Origin="http://a.example")
    assert reply.headers.get("Access-Control-Allow-Origin") == "*"


@check("preflight")
def asked_before(world: World) -> None:
    headers = {
        "Origin": "http://a.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, x-a",
    }
    reply = world.play(cors=True).ask("OPTIONS", DOWNLOAD, headers)
    assert (reply.status_code, reply.data) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"].split(",")
    assert reply.headers["Access-Control-Allow-Headers"] == "content-type, x-a"


@check("date-header")
def the_clocks_own(world: World) -> None:
    asked = world.play()
    began_s = rfc3339.to_milliseconds("2025-10-03T15:33:23.496Z") / 1000
    assert asked.get().headers["Date"] == http_date(began_s)
    assert asked.after("1h").get().headers["Date"] == http_date(began_s + 3600)


# ---- The table


BY_ID = {behaviour.id: behaviour for behaviour in BEHAVIOURS}


def worlds() -> list[tuple[str, World, bool]]:
    """Each behaviour in each edition, with its option and without, and whether it is there."""
    found = []
    for behaviour in BEHAVIOURS:
        option = behaviour.option
        for edition in edition_names():
            by_itself = behaviour.holds_in(edition) and (option is None or bool(behaviour.editions))
            for is_on in (True, False) if option else (False,):
                found.append((behaviour.id, World(edition, option, is_on), by_itself or is_on))
    return found


@pytest.mark.parametrize(("id_", "world", "is_there"), worlds(), ids=str)
def test_it_behaves_so_where_the_table_says_and_nowhere_else(
    id_: str, world: World, is_there: bool
) -> None:
    if is_there:
        CHECKS[id_](world)
    else:
        with pytest.raises((AssertionError, KeyError)):
            CHECKS[id_](world)


def test_each_behaviour_has_its_check_and_no_other() -> None:
    assert list(CHECKS) == list(BY_ID)


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
SAID = {
    "job-status": "GET /api/v1/models/download/status/:job_id",
    "list-of-jobs": "GET /api/v1/models/download/status`",
    "statuses": '"downloading" | "paused" | "completed" | "failed"',
    "job-ids": '"job_493c7c9ded"',
    "times": "2025-10-03T15:33:23.496Z",
    "byte-counts": '"bytes_per_second": 9834240.879725136',
    "fields-by-status": "Present when `status` is `downloading`",
    "post-begins-a-job": "POST /api/v1/models/download",
    "already-downloaded": '"already_downloaded"',
    "job-on-request": "The job that fetches the model",
    "repository-addresses": "address of its repository",
    "default-address": "127.0.0.1:1234",
    "no-token": "curl http",
}


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

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--edition", "2025-11"], "did you mean 2025-10"),
            (["--json", "--markdown"], "take one"),
            (["x"], "unexpected extra argument"),
        ],
    )
    def test_wrong_usage(self, run: Run, arguments: list[str], sentence: str) -> None:
        done = run("behaviours", *arguments)
        assert (done.code, done.out) == (2, "")
        assert sentence in done.err

    def test_help_has_examples_and_the_overview_names_it(self, run: Run) -> None:
        _, _, examples = run("behaviours", "--help").out.partition("Examples:")
        assert "mockserver behaviours --edition 2026-01" in examples
        assert "  behaviours " in run("--help").out

    def test_the_readme_has_its_table(self, run: Run) -> None:
        printed = run("behaviours", "--markdown").out
        readme = (ROOT / "README.md").read_text("utf-8")
        shown = re.search(r"<!-- behaviours -->\n(.*?)<!-- /behaviours -->", readme, re.DOTALL)
        assert shown is not None
        assert shown[1] == printed, (
            "the README's table of behaviours is out of date: put what "
            "`mockserver behaviours --markdown` prints between the two comments"
        )
        rows = printed.splitlines()
        assert len(rows) == 2 + len(BEHAVIOURS)
        assert len({row.count("|") for row in rows}) == 1
