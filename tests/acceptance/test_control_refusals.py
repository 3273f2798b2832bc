"""What the control API refuses: how it says so, and that nothing has changed."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.control import Control, control, problem, refused

JOB = "job_493c7c9ded"
NO_JSON = "the body is not JSON: line 1, column "


@pytest.fixture
def session() -> Control:
    """A session in which something has happened already."""
    session = control("suspended-until-resumed", edition="2026-01")
    session.post("/clock", {"advance": "1s"})
    session.post("/faults", {"when": {"request": 7}, "reply": {"status": 503}})
    session.api()
    return session


# A request, its body, what it is told: status, pointer, suggestion, parts of the other facts.
CASES = json.loads((Path(__file__).parent / "control_refusals.json").read_text("utf-8"))
TOO_MUCH = {"timeline": {"jobs": [0] * 100_000}}
TOO_LONG = "GET /journal?after=" + "9" * 5000


@pytest.mark.parametrize(
    ("request_", "body", "told"),
    [
        *CASES,
        ("PUT /timeline", TOO_MUCH, {"status": 422, "pointer": "/timeline"}),
        (TOO_LONG, None, {"status": 400, "message": "the query parameter after is"}),
    ],
)
def test_what_is_wrong_with_a_path_a_query_or_a_body(
    session: Control, request_: str, body: Any, told: dict[str, Any]
) -> None:
    method, path = request_.split()
    facts = refused(session, method, path, body)
    assert facts["status"] == told["status"]
    assert facts.get("suggestion") == told.get("suggestion")
    assert facts.get("pointer") == told.get("pointer", facts.get("pointer"))
    for name in told.keys() - {"status", "suggestion", "pointer"}:
        assert told[name] in facts[name]
    assert "None" not in facts["message"]


DEEP = b'{"name": ' + b"[" * 600 + b"]" * 600 + b"}"
TEXTS: list[tuple[bytes, int, str, str]] = [
    (b"", 400, "the body is missing", ""),
    (b"name: resume", 400, NO_JSON + "1: unexpected 'name'", ""),
    (b'{"name": NaN}', 400, NO_JSON + "10: NaN", "/name"),
    (b'{"name": Infinity}', 400, NO_JSON + "10: Infinity", "/name"),
    (b'{"name": "a", "name": "b"}', 400, NO_JSON + "15: duplicate key 'name'", "/name"),
    (b"[" * 100_000, 400, "nested more than 200 deep", "/0" * 200),
    (DEEP, 400, "nested more than 200 deep", "/name" + "/0" * 199),
    (b'\xef\xbb\xbf{"name": "a"}', 400, "byte order mark", ""),
    (b'{"name": "\xff"}', 400, "is not UTF-8", ""),
    (b'{"name": "\\ud800"}', 400, "surrogate", "/name"),
    ('{"name": "a"}'.encode("utf-16"), 400, "UTF-16", ""),
    (b'{"name": "a"} {}', 400, NO_JSON, ""),
    (b'{"name": "a",}', 400, NO_JSON, ""),
    (b'{"name": 1e999}', 400, NO_JSON, "/name"),
    (b" " * (1 << 20) + b"{}", 413, "the body is too large", ""),
]


@pytest.mark.parametrize(("text", "status", "message", "pointer"), TEXTS, ids=range(len(TEXTS)))
def test_a_text_that_is_not_json(
    session: Control, text: bytes, status: int, message: str, pointer: str
) -> None:
    facts = refused(session, "POST", "/events", data=text, content_type="application/json")
    assert facts["status"] == status
    assert message in facts["message"]
    assert facts.get("pointer", "") == pointer
    assert len(facts["message"]) < 200


def test_a_body_of_just_the_limit_is_read(session: Control) -> None:
    text = json.dumps({"advance": 1}).encode()
    padded = text + b" " * ((1 << 20) - len(text))
    reply = session.ask("POST", "/clock", data=padded, content_type="application/json")
    assert reply.status_code == 200


NO_JSON_TYPES = [
    *(None, "", "text/plain", "application/x-www-form-urlencoded", "application/yaml", "text/json"),
    *("multipart/form-data; boundary=x", "application/jsonx", "json"),
]


@pytest.mark.parametrize("kind", NO_JSON_TYPES)
@pytest.mark.parametrize("path", ["/clock", "/events", "/faults", "/sessions"])
def test_a_content_type_that_is_wrong(session: Control, kind: str | None, path: str) -> None:
    facts = refused(session, "POST", path, data='{"advance": "1s"}', content_type=kind)
    assert (facts["status"], facts["expected"]) == (415, "application/json")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_a_content_type_that_is_right(session: Control, kind: str) -> None:
    reply = session.ask("POST", "/clock", data='{"advance": "1s"}', content_type=kind)
    assert reply.status_code == 200


def test_a_timeline_as_yaml_is_refused(session: Control) -> None:
    text = "timeline:\n  jobs: [{total_size_bytes: 1, script: [paused]}]\n"
    facts = refused(session, "PUT", "/timeline", data=text, content_type="application/yaml")
    assert (facts["status"], facts["expected"]) == (415, "application/json")
    facts = refused(session, "PUT", "/timeline", data=text, content_type="application/json")
    assert facts["status"] == 400


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/state", "GET, HEAD"),
        ("OPTIONS", "/state", "GET, HEAD"),
        ("PATCH", "/clock", "GET, HEAD, POST"),
        ("DELETE", "/clock", "GET, HEAD, POST"),
        ("GET", "/reset", "POST"),
        ("HEAD", "/reset", "POST"),
        ("POST", "/timeline", "PUT"),
        ("BREW", "/faults", "DELETE, GET, HEAD, POST"),
        ("get", "/faults/1", "DELETE"),
    ],
)
def test_a_method_that_is_wrong(session: Control, method: str, path: str, allowed: str) -> None:
    before = session.known()
    reply = session.ask(method, path)
    assert reply.status_code == 405
    assert reply.headers["Allow"] == allowed
    if method != "HEAD":
        status, facts = problem(reply)
        assert (status, facts["expected"]) == (405, allowed)
        assert facts["message"] == f"the control API has no {method.upper()} /_mock{path}"
    assert session.known() == before


@pytest.mark.parametrize("path", ["/state", "/%73tate", "/state/", "/%73%74%61%74%65/"])
def test_paths_that_mean_the_same_are_the_same(session: Control, path: str) -> None:
    assert session.get(path) == session.get("/state")


def test_a_head_is_a_get_without_its_body(session: Control) -> None:
    head, get = session.ask("HEAD", "/state"), session.ask("GET", "/state")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers == get.headers


@pytest.mark.parametrize("change", [{"run_until": "paused"}, {"advance": "1s", "speed": 3}])
def test_what_is_right_changes_something(session: Control, change: Any) -> None:
    before = session.known()
    session.post("/clock", change)
    assert session.known() != before


@pytest.mark.parametrize(
    "request_", [("POST", "/reset"), ("PUT", "/timeline", {"name": "healthy"})]
)
def test_where_no_timeline_can_begin_the_old_one_goes_on(request_: Any) -> None:
    session = control()
    session.api()
    session.post("/faults", {"delay": "1s"})
    session.post("/clock", {"advance_to": "9999-01-01T00:00:00Z"})
    facts = refused(session, *request_)
    assert facts["status"] == 409
    assert facts["message"].startswith("the clock shows 9999-01-01T00:00:00.000Z: a timeline")
    session.put({"clock": {"kind": "manual"}})
    assert session.get("/state")["requests"] == 0


def test_there_are_only_so_many_faults(session: Control) -> None:
    job = {"total_size_bytes": 1, "script": ["paused"]}
    session.put({"timeline": {"jobs": [job], "faults": [{"delay": "1s"}] * 1000}})
    facts = refused(session, "POST", "/faults", {"delay": "1s"})
    assert facts["status"] == 429
    assert facts["message"] == "there are 1,000 faults already; take some away"


PATHS = [
    *("../outside", "../outside.yaml", "..\\outside", "{folder}/inside", "{folder}/inside.yaml"),
    *("{folder}/../outside.yaml", "./inside", "inside.yaml", "inside.YAML", "inside/", "/inside"),
    *("..%2Foutside", "%2e%2e%2foutside", "inside\0", "\0", "inside.yaml\0", ".hidden", "..", "."),
    *("~/inside", "file:inside", "$HOME", "INSIDE"),
]


class TestNames:
    """Of a timeline, names alone are taken: no path leads out of the folders."""

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "timelines"
        folder.mkdir()
        text = "jobs: [{total_size_bytes: 1, script: [paused]}]\n"
        for path in (tmp_path / "outside.yaml", folder / "inside.yaml", folder / ".hidden.yaml"):
            path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("MOCKSERVER_TIMELINES", str(folder))
        monkeypatch.chdir(folder)
        return folder

    @pytest.mark.parametrize("name", PATHS)
    def test_a_path_is_an_unknown_name(self, session: Control, folder: Path, name: str) -> None:
        assert session.put({"name": "inside"})["timeline"]["name"] == "inside"
        body = {"name": name.format(folder=folder)}
        for method, path in (("PUT", "/timeline"), ("POST", "/sessions")):
            facts = refused(session, method, path, body)
            assert (facts["status"], facts["pointer"]) == (404, "/name")
            assert facts["message"].startswith("unknown timeline")
            assert str(folder) not in facts["expected"]

    def test_a_link_is_a_name_like_any_other_and_its_target_is_none(self, folder: Path) -> None:
        (folder / "link.yaml").symlink_to(folder.parent / "outside.yaml")
        session = control()
        assert session.put({"name": "link"})["timeline"]["name"] == "link"
        assert refused(session, "PUT", "/timeline", {"name": "outside"})["status"] == 404

    def test_a_name_beside_an_inline_timeline_reads_no_file(self, folder: Path) -> None:
        timeline = {"jobs": [{"total_size_bytes": 5, "script": ["failed"]}]}
        state = control().put({"name": "../outside.yaml", "timeline": timeline})
        assert state["timeline"]["name"] == "outside"
        assert state["jobs"][0]["phase"] == "failed"
