"""The control API under requests that nobody thought of, on a clock that stands still."""

import json
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, Config, GenerationMode
from schemathesis.specs.openapi.schemas import OpenApiSchema

from mockserver.server.app import create_app
from mockserver.server.control.routes import COMPONENTS, ROUTES
from mockserver.timeline.clock import ManualClock
from support.control import Control, control

TIMELINE = "suspended-until-resumed"
EXAMPLES = 30
EXAMPLES_LONG = 1_000
IS_LONG = settings.default is not None and settings.default.max_examples > 1_000

# What the schema cannot say is 404 (a name), 409 (what the clock shows), 422 (what a timeline's
# reader checks beyond its schema) or 429 (there is no room).
ACCEPTED = {"expected-statuses": ["2xx", "404", "409", "422", "429"]}
REJECTED = {"expected-statuses": ["400", "404", "405", "409", "413", "415", "422"]}
CHECKS = {"positive_data_acceptance": ACCEPTED, "negative_data_rejection": REJECTED}
CONFIG = Config.from_dict({"checks": CHECKS})


@pytest.fixture(scope="module")
def api() -> OpenApiSchema:
    app = create_app(TIMELINE, clock=ManualClock())
    return schemathesis.openapi.from_wsgi("/_mock/openapi.json", app, config=CONFIG)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation_id", [route.id for route in ROUTES])
def test_every_operation_keeps_to_its_description(
    api: OpenApiSchema, operation_id: str, mode: GenerationMode
) -> None:
    operation = api.find_operation_by_id(operation_id)
    session = Control(api.app.test_client())

    def begin_anew() -> None:
        session.put({"name": TIMELINE, "clock": {"kind": "manual"}})
        session.post("/faults", {"delay": "1s"})

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES_LONG if IS_LONG else EXAMPLES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    def keeps_to_it(case: Case[Any]) -> None:
        if operation.method.upper() != "GET":
            begin_anew()
        case.call_and_validate()

    begin_anew()
    try:
        keeps_to_it()
    except Unsatisfiable:
        # Any text is a path's parameter, so that nothing can be wrong without a query or a body.
        assert mode is GenerationMode.NEGATIVE
        assert {parameter.location for parameter in operation.iter_parameters()} <= {"path"}
        assert not operation.body


SEGMENTS = st.sampled_from(
    [*{word for route in ROUTES for word in route.url.split("/")[2:]}, "%zz", ""]
)
PATHS = st.lists(
    SEGMENTS | st.text(max_size=5).map(lambda text: quote(text, "", "utf-8", "replace"))
)
PREFIXES = st.sampled_from(["/_mock", "/_mock/", "//_mock", "/%5Fmock", "/_session/{id}/_mock"])
TARGETS = st.builds(
    lambda prefix, path, query: f"{prefix}/{'/'.join(path)}{query}",
    PREFIXES,
    PATHS,
    st.sampled_from(["", "?", "?after=1", "?limit=0", "?a=%ff&a"]) | st.text(max_size=5),
)
OF_TIMELINES = ["kind", "step", "jobs", "script", "total_size_bytes", "reply", "status", "when"]
KEYS = st.sampled_from(
    [
        *(name for shape in COMPONENTS.values() for name in shape.get("properties", ())),
        *OF_TIMELINES,
        "request",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.sampled_from(["1s", "0s", "healthy", "completed", "resume", "wall", "poll", "2025-10"])
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(), inner, max_size=4)
    ),
    max_leaves=10,
)
BODIES = VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "FROB"])
KINDS = st.sampled_from(["application/json", "application/json", "text/plain", None])


@pytest.fixture(scope="module")
def shared() -> Control:
    session = control(TIMELINE)
    session.open()
    return session


@given(METHODS, TARGETS | st.sampled_from([route.url for route in ROUTES]), BODIES, KINDS)
def test_whatever_is_sent_the_reply_is_json_and_no_defect(
    shared: Control, method: str, target: str, body: bytes, kind: str | None
) -> None:
    if len(shared.get("/sessions")["sessions"]) != 1:
        for entry in shared.get("/sessions")["sessions"]:
            shared.ask("DELETE", f"/sessions/{entry['id']}")
        shared.open()
    as_sent = target.replace("{id}", shared.get("/sessions")["sessions"][0]["id"])
    environ = {"REQUEST_URI": as_sent.encode().decode("latin-1"), "QUERY_STRING": ""}
    reply = shared.client.open(
        "/", method=method, data=body, content_type=kind, environ_overrides=environ
    )
    assert reply.status_code < 500, reply.text
    assert reply.content_type == "application/json; charset=utf-8"
    if method == "HEAD":
        assert reply.data == b""
        return
    answered = json.loads(reply.data)
    assert isinstance(answered, dict)
    assert ("error" in answered) is (reply.status_code >= 400)
    if reply.status_code >= 400:
        assert answered["error"]["type"] == "mockserver_error"
        assert answered["error"]["message"]
