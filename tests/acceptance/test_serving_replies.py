"""`mock_server.serving(...)`: any reply in place of the timeline's, while a block runs."""

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract import mutants
from mockserver.errors import NotJson, UnknownName
from mockserver.server.mock_server import MockServer
from mockserver.strategies import RawBody
from support.serving import DOWNLOAD, STATUS, ask

JOB = f"{STATUS}/job_493c7c9ded"
MODEL = {"model": "ibm/granite-4-micro"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def get(server: MockServer, path: str = JOB) -> tuple[int, bytes, str | None]:
    response = server.wsgi_client().get(path)
    return response.status_code, response.data, response.headers.get("Content-Type")


@pytest.fixture
def server() -> MockServer:
    return MockServer("healthy", clock="manual", with_download=True)


def test_every_documented_operation_gets_it_and_nothing_else(mock_server: MockServer) -> None:
    payload = {"status": "strange"}
    with mock_server.serving(payload) as given_:
        for path, data in ((STATUS, None), (JOB, None), (f"{STATUS}/any", None), (DOWNLOAD, MODEL)):
            assert ask(mock_server.url + path, "POST" if data else "GET", data) == (200, payload)
        assert ask(f"{mock_server.url}/api/v1/models")[1]["models"] == []
        assert given_.answered == 4
        assert [entry.status for entry in mock_server.requests] == [200] * 5
    assert ask(mock_server.url + JOB)[1]["status"] == "downloading"


def test_one_operation_alone_can_get_it(server: MockServer) -> None:
    with server.serving([], operation="list_status"):
        assert get(server, STATUS)[1] == b"[]"
        assert json.loads(get(server)[1])["status"] == "downloading"


def test_the_bytes_are_those_of_the_operation(server: MockServer) -> None:
    kind = "application/json; charset=utf-8"
    with server.serving({"a": ["é", None]}, status=404, headers={"X-Odd": "1"}):
        assert get(server) == (404, '{"a":["é",null]}'.encode(), kind)
        posted = server.wsgi_client().post(DOWNLOAD, json=MODEL)
        assert posted.data.decode() == '{\n  "a": [\n    "é",\n    null\n  ]\n}'
        assert posted.headers["X-Odd"] == "1"


def test_an_inner_one_goes_first_and_only_as_often_as_it_is_to(server: MockServer) -> None:
    with server.serving("outer") as outer, server.serving_raw(b"inner", times=2) as inner:
        assert [get(server)[1] for _ in range(3)] == [b"inner", b"inner", b'"outer"']
        assert get(server, STATUS)[1] == b"inner"
        assert (outer.answered, inner.answered) == (1, 3)


def test_it_goes_before_the_timelines_faults_and_leaves_them_as_they_were() -> None:
    server = MockServer("error-with-200", clock="manual")
    server.fault(operation="job_status", reply={"status": 503})
    before = tuple(server._session.faults)
    said = b""
    with suppress(KeyError), server.serving({}):
        said = get(server)[1]
        raise KeyError
    assert said == b"{}"
    assert tuple(server._session.faults) == before
    assert get(server)[0] == 503


def test_a_reset_ends_it_and_no_other_fault(server: MockServer) -> None:
    with server.serving({}):
        server.reset()
        kept = server.fault(operation="job_status", reply={"status": 503})
        assert get(server)[0] == 503
    assert tuple(server._session.faults) == (kept,)


@given(json_values)
def test_any_json_arrives_as_it_was(payload: Any) -> None:
    server = SHARED
    with server.serving(payload):
        for path in (JOB, STATUS):
            assert json.loads(get(server, path)[1]) == payload
    assert tuple(server._session.faults) == ()


@given(
    st.binary(max_size=200), st.integers(200, 599).filter(lambda status: status not in (204, 304))
)
def test_any_bytes_arrive_as_they_were(body: bytes, status: int) -> None:
    with SHARED.serving_raw(body, status, {"Content-Type": "x/y"}):
        assert get(SHARED) == (status, body, "x/y")
    assert tuple(SHARED._session.faults) == ()


SHARED = MockServer("healthy", clock="manual", with_download=True)


def test_what_cannot_be_served_is_refused(server: MockServer) -> None:
    for payload in (float("nan"), {1, 2}, object()):
        with pytest.raises(NotJson, match="the payload is no JSON data"):
            server.serving(payload)
    with pytest.raises(UnknownName, match="did you mean job_status"):
        server.serving({}, operation="job-status").__enter__()
    assert tuple(server._session.faults) == ()


class TestTheVerdict:
    def test_it_leaves_out_what_made_up_replies_lead_to(self, server: MockServer) -> None:
        with server.serving({"status": "already_downloaded"}, operation="download"):
            server.wsgi_client().post(DOWNLOAD, json=MODEL)
            for job_id in ["undefined"] * 20 + ["job_0000000000"] * 20:
                get(server, f"{STATUS}/{job_id}")
        with server.serving({"status": "completed"}):
            for _ in range(50):
                get(server)
        with server.serving_raw(b"", 400):
            for _ in range(50):
                get(server)
        verdict = server.verdict()
        assert (verdict.remarks, verdict.requests, verdict.is_observed) == ((), 141, True)
        assert "a reply that the test made up" in server.text()

    def test_it_still_names_what_no_reply_excuses(self, server: MockServer) -> None:
        with server.serving({"status": "completed"}):
            get(server, "/api/v1/models/download-status/job_493c7c9ded")
            server.wsgi_client().post(DOWNLOAD, json={**MODEL, "stop": True})
        found = {remark.rule.id for remark in server.verdict().remarks}
        assert found == {"unknown-path", "undocumented-members"}

    def test_ids_that_no_reply_gave_count_before_and_without_it(self, server: MockServer) -> None:
        get(server, f"{STATUS}/mine")
        with server.serving({}):
            get(server)
        assert [remark.rule.id for remark in server.verdict().remarks] == ["unknown-job-id"]

    def test_polls_of_the_timelines_own_jobs_count_around_it(self, server: MockServer) -> None:
        server.run_until("completed")
        for _ in range(15):
            get(server)
            with server.serving({"status": "downloading"}):
                get(server)
        (remark,) = server.verdict().remarks
        assert remark.rule.id == "poll-after-end"
        assert {number % 2 for number in remark.numbers} == {1}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"body": RawBody(b"{", "json:syntax", "half")}, "bytes, not RawBody: give its .body"),
        ({"body": bytearray(b"{")}, "a body is bytes, not bytearray"),
        ({"status": 200.0}, "status is 200.0: expected a number from 100 to 999"),
        ({"status": True}, "status is True"),
        ({"status": 1000}, "status is 1000"),
        ({"headers": {"X\r\nY": "z"}}, "is no name of a header"),
        ({"headers": {"": "z"}}, "'' is no name of a header"),
        ({"headers": {"X": "a\r\nSet-Cookie: b"}}, "is no value of the header X"),
        ({"headers": {"X": "日本"}}, "expected text in Latin-1"),
        ({"times": 0}, "times is 0: expected a whole number from 1 up"),
        ({"times": "1"}, "times is '1'"),
        ({"operation": 5}, "operation is 5: expected an id such as 'job_status'"),
    ],
)
def test_what_no_reply_can_be_is_told_at_the_call(
    server: MockServer, said: dict[str, Any], told: str
) -> None:
    with (
        pytest.raises((TypeError, ValueError), match=re.escape(told)),
        server.serving_raw(**{"body": b"{}", **said}),
    ):
        pass
    assert server.requests == ()


def test_a_mutant_is_no_payload(server: MockServer) -> None:
    mutant = mutants("job_status")[0]
    with pytest.raises(NotJson, match=r"give its \.payload"), server.serving(mutant):
        pass
