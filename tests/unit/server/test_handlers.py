"""The body of a POST: each thing that is wrong with one has its status and its words."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract
from mockserver.server.handlers import DownloadRequest, OperationReply, read_download
from mockserver.timeline.find import find
from mockserver.timeline.model import Timeline
from mockserver.timeline.reader import load
from support.cases import table
from support.timelines import loaded, scripted

EDITION = "2026-01"
HEALTHY = load(find("healthy"))
JSON = "application/json"
MODEL = "ibm/granite-4-micro"


def of(
    body: Any, content_type: str = JSON, timeline: Timeline = HEALTHY
) -> DownloadRequest | dict[str, Any]:
    """What is wanted, or the error with its status; a body of text is sent as it is."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = read_download(raw, content_type, EDITION, timeline)
    if isinstance(found, DownloadRequest):
        return found
    assert isinstance(found, OperationReply)
    assert found.payload.keys() == {"error"}
    return {"status": found.status, **found.payload["error"]}


def invalid(message: str, status: int = 400, **more: str) -> dict[str, Any]:
    return {"status": status, "type": "invalid_request", "message": message, **more}


def test_what_is_asked_for() -> None:
    assert of({"model": MODEL}) == DownloadRequest(MODEL, None)
    assert of({"quantization": "Q4_K_M", "model": MODEL}) == DownloadRequest(MODEL, "Q4_K_M")
    assert of({"model": MODEL, "quantization": ""}) == DownloadRequest(MODEL, "")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "nothing"),
        (b"  \n", "only white space"),
        (b"{", "ends within the object"),
        (b"model=ibm/granite", "unexpected 'model'"),
        (b"{'model': 'x'}", '"'),
        (b'{"model": "x",}', ""),
        (b'{"model": "x"} {}', ""),
        (b'{"model": "a", "model": "b"}', "duplicate key"),
        (b'{"model": "\\ud800"}', "surrogate"),
        (b'{"\\udc00": "x"}', "surrogate"),
        (b'{"model": "caf\xe9"}', "not UTF-8"),
        ('{"model": "x"}'.encode("utf-16"), "UTF-16"),
        (b'{"model": NaN}', ""),
        (b'{"model": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "deep"),
        (b'{"model": ' + b"9" * 100_000 + b"}", "digits"),
    ],
    ids=repr,
)
def test_what_is_no_json(body: bytes, problem: str) -> None:
    found = of(body)
    assert isinstance(found, dict)
    message = found.pop("message")
    assert found == {"status": 400, "type": "invalid_request"}
    assert message.startswith("The request body is not valid JSON: ")
    assert problem in message
    assert len(message) < 300


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"[]", "array"),
        (b'[{"model": "x"}]', "array"),
        (b'"x"', "string"),
        (b"null", "null"),
        (b"true", "boolean"),
        (b"1", "number"),
        (b"1.5", "number"),
    ],
)
def test_what_is_no_object(body: bytes, name: str) -> None:
    assert of(body) == invalid(f"Expected object, received {name}")


REQUIRED = invalid("'model' is required", code="missing_required_parameter", param="model")


@pytest.mark.parametrize(
    "body", [{}, {"quantization": "Q4"}, {"quantization": 4}, {"Model": MODEL}, {"stop": 1}]
)
def test_without_a_model(body: dict[str, Any]) -> None:
    """What is missing is said before what is wrong or too much."""
    assert of(body) == REQUIRED


@table(__file__, "wrong-types")
@pytest.mark.parametrize("key", ["model", "quantization"])
def test_values_of_wrong_types(key: str, value: Any, name: str) -> None:
    message = f"'{key}': expected string, received {name}"
    assert of({"model": MODEL, key: value}) == invalid(message, param=key)


def test_of_two_wrong_values_one_is_said_and_before_what_is_too_much() -> None:
    found = of({"model": 1, "quantization": None, "stop": 1})
    assert found == invalid("'model': expected string, received number", param="model")


def test_keys_that_nobody_knows() -> None:
    start = "Unrecognized key(s) in object: "
    assert of({"model": MODEL, "stop": 1}) == invalid(f"{start}'stop'")
    assert of({"b": 1, "model": MODEL, "a": None}) == invalid(f"{start}'b', 'a'")
    assert of({"model": "no model", "": 1}) == invalid(f"{start}''")
    assert of({"model": MODEL, "a\n": 1}) == invalid(f"{start}'a\\n'")


def test_of_very_much_that_is_too_much_little_is_repeated() -> None:
    for body in ({"x" * 500_000: 1}, {f"key-{number}": 1 for number in range(20_000)}):
        found = of({"model": MODEL, **body})
        assert isinstance(found, dict)
        assert found["status"] == 400
        assert len(found["message"]) < 1_200
    found = of({"model": "no model " * 50_000})
    assert isinstance(found, dict)
    assert (found["status"], len(found["message"]) < 250) == (404, True)


@pytest.mark.parametrize(
    "content_type",
    [
        JSON,
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; charset=utf8; x=y",
        " application/json ;",
    ],
)
def test_json_by_its_names(content_type: str) -> None:
    assert of({"model": MODEL}, content_type) == DownloadRequest(MODEL, None)


@table(__file__, "no-json-types")
def test_what_is_not_sent_as_json(content_type: str, message: str) -> None:
    """Before anything else, for then the body is not read."""
    assert of({"model": MODEL}, content_type) == invalid(message, 415)
    assert of(b"\xff", content_type) == invalid(message, 415)


@table(__file__, "models")
def test_names_that_could_be_a_models(model: str) -> None:
    assert of({"model": model}) == DownloadRequest(model, None)


@table(__file__, "no-models")
def test_names_that_could_not(model: str) -> None:
    assert of({"model": model}) == {
        "status": 404,
        "type": "model_not_found",
        "message": f"Model '{model}' not found",
        "param": "model",
    }


def test_a_name_of_the_timeline_is_one_whatever_it_is() -> None:
    timeline = loaded(scripted("paused", model="My model (2nd)"), scripted("paused", model=""))
    for model in ("My model (2nd)", ""):
        assert of({"model": model}, timeline=timeline) == DownloadRequest(model, None)
    assert isinstance(of({"model": "My model"}, timeline=timeline), dict)


@pytest.mark.parametrize("part", ["a/", "a", "/", "a.", "../", "https://", "a:"])
def test_a_long_name_takes_no_long_time(part: str) -> None:
    body = json.dumps({"model": part * (900_000 // len(part)) + "!"}).encode()
    began = time.process_time()
    assert isinstance(of(body), dict)
    assert time.process_time() - began < 5


@given(
    st.dictionaries(
        st.sampled_from(["model", "quantization", "stop"]) | st.text(max_size=3),
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=8)
        | st.sampled_from([MODEL, "a b"]),
        max_size=4,
    ),
    st.sampled_from([JSON, "text/plain", "application/json; charset=utf-8"]) | st.text(max_size=20),
)
def test_what_is_wanted_keeps_to_the_table_and_the_rest_is_refused(
    data: dict[str, Any], content_type: str
) -> None:
    found = of(data, content_type)
    fits = contract.validator("download", EDITION, "request").is_valid(data)
    known = data.keys() <= {"model", "quantization"}
    if isinstance(found, DownloadRequest):
        assert fits
        assert known
        assert {"model": found.model, "quantization": found.quantization} == {
            "quantization": None,
            **data,
        }
        return
    assert found["status"] in (400, 404, 415)
    assert (found["status"] == 400) == (found["status"] != 415 and not (fits and known)), (
        "400 says that the data do not fit"
    )
    assert found["message"]


@given(st.binary(max_size=40))
def test_no_bytes_break_it(body: bytes) -> None:
    found = of(body)
    assert isinstance(found, DownloadRequest) or found["status"] in (400, 404)
