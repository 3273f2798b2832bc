"""What the control API refuses: how it says so, and that nothing has changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.control import Control, control, problem, refused

JOB = "job_493c7c9ded"
NO_JSON = "the body is not JSON: line 1, column "


@pytest.fixture
def one() -> Control:
    """A session in which something has happened already."""
    one = control("suspended-until-resumed", edition="2026-01")
    one.post("/clock", {"advance": "1s"})
    one.post("/faults", {"when": {"request": 7}, "reply": {"status": 503}})
    one.api()
    return one


BODIES: list[tuple[str, str, Any, dict[str, Any]]] = [
    # method and path; body; status, pointer, a part of the message, of what is expected; suggestion
    ("POST", "/clock", {}, {"status": 400, "pointer": "", "message": "the body is empty"}),
    (
        "POST",
        "/clock",
        {"advanc": "1s"},
        {"status": 400, "pointer": "/advanc", "suggestion": "advance", "expected": "one of adv"},
    ),
    ("POST", "/clock", {"a/b~c": 1}, {"status": 400, "pointer": "/a~1b~0c", "message": "'a/b~c'"}),
    ("POST", "/clock", [], {"status": 400, "pointer": "", "expected": "an object"}),
    ("POST", "/clock", "10s", {"status": 400, "pointer": "", "message": 'the body is "10s"'}),
    ("POST", "/clock", {"advance": "10"}, {"status": 400, "pointer": "/advance"}),
    ("POST", "/clock", {"advance": "8s\n"}, {"status": 400, "pointer": "/advance"}),
    ("POST", "/clock", {"advance": "0.0001s"}, {"status": 400, "pointer": "/advance"}),
    ("POST", "/clock", {"advance": ""}, {"status": 400, "expected": "a duration such as 8s"}),
    ("POST", "/clock", {"advance": -1}, {"status": 400, "message": "/advance is -1"}),
    ("POST", "/clock", {"advance": 1.5}, {"status": 400, "expected": "whole milliseconds"}),
    ("POST", "/clock", {"advance": True}, {"status": 400, "pointer": "/advance"}),
    ("POST", "/clock", {"advance": None}, {"status": 400, "pointer": "/advance"}),
    ("POST", "/clock", {"advance": 10**18}, {"status": 400, "pointer": "/advance"}),
    (
        "POST",
        "/clock",
        {"advance": 253_402_300_000_000},
        {"status": 409, "pointer": "/advance", "message": "the years 1970 to 9999"},
    ),
    ("POST", "/clock", {"advance_to": "soon"}, {"status": 400, "expected": "RFC 3339"}),
    ("POST", "/clock", {"advance_to": 5}, {"status": 400, "pointer": "/advance_to"}),
    (
        "POST",
        "/clock",
        {"advance_to": "2025-10-03T15:33:24.495Z"},
        {"status": 409, "pointer": "/advance_to", "message": "cannot go back: it shows 2025-10-03"},
    ),
    (
        "POST",
        "/clock",
        {"advance": 1, "advance_to": "2030-01-01T00:00:00Z"},
        {"status": 400, "pointer": "/advance_to", "expected": "at most one"},
    ),
    (
        "POST",
        "/clock",
        {"run_until": "completed", "speed": 2, "advance": "1s"},
        {"status": 400, "pointer": "/run_until", "message": "advance and run_until are two moves"},
    ),
    (
        "POST",
        "/clock",
        {"run_until": "complete"},
        {"status": 400, "pointer": "/run_until", "suggestion": "completed"},
    ),
    (
        "POST",
        "/clock",
        {"run_until": "completed", "speed": 2, "paused": True},
        {"status": 409, "pointer": "/run_until", "message": "until the event 'resume'"},
    ),
    (
        "POST",
        "/clock",
        {"run_until": "paused", "job_id": "job_493c7c9dee"},
        {"status": 404, "pointer": "/job_id", "suggestion": JOB, "expected": JOB},
    ),
    ("POST", "/clock", {"job_id": JOB}, {"status": 400, "message": "/run_until is missing"}),
    ("POST", "/clock", {"speed": 0}, {"status": 400, "expected": "more than 0"}),
    ("POST", "/clock", {"speed": 1_000_001}, {"status": 400, "expected": "at most 1,000,000"}),
    ("POST", "/clock", {"speed": "2"}, {"status": 400, "expected": "a number"}),
    ("POST", "/clock", {"paused": 1}, {"status": 400, "expected": "true or false"}),
    (
        "POST",
        "/events",
        {"name": "resme"},
        {"status": 404, "pointer": "/name", "suggestion": "resume", "expected": "one of resume"},
    ),
    (
        "POST",
        "/events",
        {"name": "resume", "job_id": "x"},
        {"status": 404, "pointer": "/job_id", "message": "unknown job 'x'"},
    ),
    ("POST", "/events", {"job_id": JOB}, {"status": 400, "message": "/name is missing"}),
    ("POST", "/events", {"name": ""}, {"status": 400, "expected": "at least 1 characters"}),
    ("POST", "/events", {"name": 5}, {"status": 400, "expected": "text"}),
    ("PUT", "/timeline", {}, {"status": 400, "expected": "at least one of name, timeline"}),
    (
        "PUT",
        "/timeline",
        {"name": "healty"},
        {"status": 404, "pointer": "/name", "suggestion": "healthy"},
    ),
    (
        "PUT",
        "/timeline",
        {"name": "healthy", "clock": {"kind": "manaul"}},
        {"status": 400, "pointer": "/clock/kind", "suggestion": "manual"},
    ),
    ("PUT", "/timeline", {"clock": {}}, {"status": 400, "message": "/clock/kind is missing"}),
    ("PUT", "/timeline", {"clock": "wall"}, {"status": 400, "pointer": "/clock"}),
    (
        "PUT",
        "/timeline",
        {"clock": {"kind": "wall", "spede": 1}},
        {"status": 400, "pointer": "/clock/spede", "suggestion": "speed"},
    ),
    (
        "PUT",
        "/timeline",
        {"clock": {"kind": "manual", "speed": 1}},
        {"status": 422, "pointer": "/clock/speed", "message": "a manual clock has no speed"},
    ),
    (
        "PUT",
        "/timeline",
        {"clock": {"kind": "wall", "step": "1s"}},
        {"status": 422, "pointer": "/clock/step", "expected": "a poll clock"},
    ),
    (
        "PUT",
        "/timeline",
        {"clock": {"kind": "poll", "step": "0s"}},
        {"status": 400, "pointer": "/clock/step"},
    ),
    (
        "PUT",
        "/timeline",
        {"edition": "2025"},
        {
            "status": 400,
            "pointer": "/edition",
            "suggestion": "2025-10",
            "expected": '"2025-10", "2026-01"',
        },
    ),
    ("PUT", "/timeline", {"token": "a b"}, {"status": 400, "expected": "printable ASCII"}),
    ("PUT", "/timeline", {"token": "ab\n"}, {"status": 400, "pointer": "/token"}),
    ("PUT", "/timeline", {"token": ""}, {"status": 400, "pointer": "/token"}),
    ("PUT", "/timeline", {"timeline": "jobs: []"}, {"status": 400, "pointer": "/timeline"}),
    ("PUT", "/timeline", {"timeline": {}}, {"status": 422, "pointer": "/timeline"}),
    (
        "PUT",
        "/timeline",
        {"timeline": {"jobs": [{"total_size_bytes": 1, "script": ["pausd"]}]}},
        {"status": 422, "pointer": "/timeline/jobs/0/script/0", "suggestion": "paused"},
    ),
    (
        "PUT",
        "/timeline",
        {"timeline": {"jobs": [{"total_size_bytes": 1, "script": ["gone"]}], "jbos": 1}},
        {"status": 422, "pointer": "/timeline/jbos", "suggestion": "jobs"},
    ),
    (
        "PUT",
        "/timeline",
        {"timeline": {"jobs": [{"total_size_bytes": 1, "script": ["gone"], "copies": 10_001}]}},
        {"status": 422, "pointer": "/timeline/jobs/0/copies", "expected": "from 1 to 10,000"},
    ),
    (
        "PUT",
        "/timeline",
        {"timeline": {"jobs": [{"total_size_bytes": 1, "script": ["gone"], "copies": 9_999}] * 2}},
        {"status": 422, "pointer": "/timeline/jobs/1", "message": "too many jobs"},
    ),
    (
        "PUT",
        "/timeline",
        {"timeline": {"jobs": [0] * 100_000}},
        {"status": 422, "pointer": "/timeline"},
    ),
    ("POST", "/faults", {}, {"status": 422, "pointer": "", "message": "does nothing"}),
    ("POST", "/faults", [], {"status": 400, "pointer": ""}),
    (
        "POST",
        "/faults",
        {"reply": {"status": 99}},
        {"status": 422, "pointer": "/reply/status", "expected": "200 to 599"},
    ),
    (
        "POST",
        "/faults",
        {"operaton": "job_status", "delay": "1s"},
        {"status": 422, "pointer": "/operaton", "suggestion": "operation"},
    ),
    (
        "POST",
        "/sessions",
        {"name": "healty"},
        {"status": 404, "pointer": "/name", "suggestion": "healthy"},
    ),
    (
        "POST",
        "/sessions",
        {"expires_after_s": 0},
        {"status": 400, "pointer": "/expires_after_s", "expected": "more than 0"},
    ),
    ("POST", "/sessions", {"expires_after_s": 86_401}, {"status": 400}),
    ("POST", "/sessions", {"expire_after_s": 1}, {"status": 400, "suggestion": "expires_after_s"}),
    ("POST", "/sessions", {"clock": {"kind": "manual", "step": 1}}, {"status": 422}),
    ("POST", "/reset", {"name": "healthy"}, {"status": 400, "message": "takes no body"}),
    ("DELETE", "/faults", {"id": 1}, {"status": 400, "message": "takes no body"}),
]


@pytest.mark.parametrize(("method", "path", "body", "told"), BODIES)
def test_a_body_that_is_wrong(
    one: Control, method: str, path: str, body: Any, told: dict[str, Any]
) -> None:
    facts = refused(one, method, path, data=json.dumps(body), content_type="application/json")
    assert facts["status"] == told.pop("status")
    assert facts.get("suggestion") == told.pop("suggestion", None)
    if "pointer" in told:
        assert facts["pointer"] == told.pop("pointer")
    for name, part in told.items():
        assert part in facts[name]
    assert "None" not in facts["message"]


TEXTS: list[tuple[bytes, int, str, str]] = [
    (b"", 400, "the body is missing", ""),
    (b"name: resume", 400, NO_JSON + "1: unexpected 'name'", ""),
    (b'{"name": NaN}', 400, NO_JSON + "10: NaN", "/name"),
    (b'{"name": Infinity}', 400, NO_JSON + "10: Infinity", "/name"),
    (b'{"name": "a", "name": "b"}', 400, NO_JSON + "15: duplicate key 'name'", "/name"),
    (b"[" * 100_000, 400, "nested more than 200 deep", "/0" * 200),
    (
        b'{"name": ' + b"[" * 600 + b"]" * 600 + b"}",
        400,
        "nested more than 200 deep",
        "/name" + "/0" * 199,
    ),
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
    one: Control, text: bytes, status: int, message: str, pointer: str
) -> None:
    facts = refused(one, "POST", "/events", data=text, content_type="application/json")
    assert facts["status"] == status
    assert message in facts["message"]
    assert facts.get("pointer", "") == pointer
    assert len(facts["message"]) < 200


def test_a_body_of_just_the_limit_is_read(one: Control) -> None:
    text = json.dumps({"advance": 1}).encode()
    padded = text + b" " * ((1 << 20) - len(text))
    reply = one.ask("POST", "/clock", data=padded, content_type="application/json")
    assert reply.status_code == 200


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/yaml",
        "text/json",
        "application/jsonx",
        "json",
    ],
)
@pytest.mark.parametrize("path", ["/clock", "/events", "/faults", "/sessions"])
def test_a_content_type_that_is_wrong(one: Control, kind: str | None, path: str) -> None:
    facts = refused(one, "POST", path, data='{"advance": "1s"}', content_type=kind)
    assert (facts["status"], facts["expected"]) == (415, "application/json")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_a_content_type_that_is_right(one: Control, kind: str) -> None:
    reply = one.ask("POST", "/clock", data='{"advance": "1s"}', content_type=kind)
    assert reply.status_code == 200


def test_a_timeline_as_yaml_is_refused(one: Control) -> None:
    text = "timeline:\n  jobs: [{total_size_bytes: 1, script: [paused]}]\n"
    facts = refused(one, "PUT", "/timeline", data=text, content_type="application/yaml")
    assert (facts["status"], facts["expected"]) == (415, "application/json")
    facts = refused(one, "PUT", "/timeline", data=text, content_type="application/json")
    assert facts["status"] == 400


PATHS = [
    ("GET", "/stat", 404, "the control API has no GET /_mock/stat", "/_mock/state"),
    ("GET", "/%zz", 404, "the control API has no GET /_mock/%zz", None),
    ("GET", "//state", 404, "the control API has no GET /_mock//state", "/_mock/state"),
    ("GET", "/state//", 404, "the control API has no", "/_mock/state"),
    ("GET", "/state/../clock", 404, "the control API has no", None),
    ("GET", "/schemas/2025-1/job_status/response", 404, "unknown edition '2025-1'", "2025-10"),
    ("GET", "/schemas/2025-10/job_statu/response", 404, "unknown operation", "job_status"),
    ("GET", "/schemas/2025-10/job_status/respons", 404, "unknown part 'respons'", "response"),
    ("GET", "/schemas/..%2F2025-10/job_status/response", 404, "unknown edition", "2025-10"),
    ("DELETE", "/faults/9", 404, "unknown fault '9'", None),
    ("DELETE", "/faults/-1", 404, "unknown fault '-1'", None),
    ("DELETE", "/faults/01", 404, "unknown fault '01'", "1"),
    ("DELETE", "/faults/%D9%A1", 404, "unknown fault '\u0661'", None),
    ("DELETE", "/faults/%00", 404, "unknown fault", None),
    ("GET", "/sessions/x", 404, "no such session: 'x' was never opened here", None),
    ("DELETE", "/sessions/x", 404, "no such session: 'x' was never opened here", None),
    ("GET", "/journal?afer=1", 400, "unknown query parameter 'afer'", "after"),
    ("GET", "/journal?after=-1", 400, "the query parameter after is '-1'", None),
    ("GET", "/journal?after=1.0", 400, "the query parameter after is '1.0'", None),
    ("GET", "/journal?after=%D9%A1", 400, "the query parameter after is", None),
    ("GET", "/journal?after=" + "9" * 5000, 400, "the query parameter after is", None),
    ("GET", "/journal?limit=0", 400, "the query parameter limit is '0'", None),
    ("GET", "/journal?limit=1001", 400, "the query parameter limit is '1001'", None),
    ("GET", "/journal?limit=1&limit=2", 400, "'limit' is given twice", None),
    ("GET", "/state?verbose", 400, "unknown query parameter 'verbose'", None),
    ("POST", "/reset?hard=1", 400, "unknown query parameter 'hard'", None),
]


@pytest.mark.parametrize(("method", "path", "status", "message", "suggestion"), PATHS)
def test_a_path_or_a_query_that_is_wrong(
    one: Control, method: str, path: str, status: int, message: str, suggestion: str | None
) -> None:
    facts = refused(one, method, path)
    assert facts["status"] == status
    assert message in facts["message"]
    if suggestion is not None:
        assert facts["suggestion"] == suggestion


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
def test_a_method_that_is_wrong(one: Control, method: str, path: str, allowed: str) -> None:
    before = one.known()
    reply = one.ask(method, path)
    assert reply.status_code == 405
    assert reply.headers["Allow"] == allowed
    if method != "HEAD":
        status, facts = problem(reply)
        assert (status, facts["expected"]) == (405, allowed)
        assert facts["message"] == f"the control API has no {method.upper()} /_mock{path}"
    assert one.known() == before


@pytest.mark.parametrize("path", ["/state", "/%73tate", "/state/", "/%73%74%61%74%65/"])
def test_paths_that_mean_the_same_are_the_same(one: Control, path: str) -> None:
    assert one.get(path) == one.get("/state")


def test_a_head_is_a_get_without_its_body(one: Control) -> None:
    head, get = one.ask("HEAD", "/state"), one.ask("GET", "/state")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers == get.headers


@pytest.mark.parametrize("change", [{"run_until": "paused"}, {"advance": "1s", "speed": 3}])
def test_what_is_right_changes_something(one: Control, change: Any) -> None:
    before = one.known()
    one.post("/clock", change)
    assert one.known() != before


@pytest.mark.parametrize("request_", [("POST", "/reset", None), ("PUT", "/timeline", True)])
def test_where_no_timeline_can_begin_the_old_one_goes_on(request_: Any) -> None:
    one = control()
    one.api()
    one.post("/faults", {"delay": "1s"})
    one.post("/clock", {"advance_to": "9999-01-01T00:00:00Z"})
    method, path, body = request_
    facts = refused(one, method, path, {"name": "healthy"} if body else None)
    assert facts["status"] == 409
    assert facts["message"].startswith("the clock shows 9999-01-01T00:00:00.000Z: a timeline")
    one.put({"clock": {"kind": "manual"}})
    assert one.get("/state")["requests"] == 0


def test_there_are_only_so_many_faults(one: Control) -> None:
    for _ in range(1000 - len(one.get("/faults")["faults"])):
        one.post("/faults", {"delay": "1s"})
    facts = refused(one, "POST", "/faults", {"delay": "1s"})
    assert facts["status"] == 429
    assert facts["message"] == "there are 1,000 faults already; take some away"
