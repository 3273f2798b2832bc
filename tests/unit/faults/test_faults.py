"""The `faults` of a file: what is read, what is refused and where, which requests are struck."""

import base64
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.contract import RULES
from mockserver.documents import yaml_text
from mockserver.documents.node import Node
from mockserver.documents.source import Source
from mockserver.errors import TimelineError
from mockserver.faults.effect import Effect
from mockserver.faults.fault import Fault
from mockserver.faults.message import ContentLength, HeaderChanges, Truncate
from mockserver.faults.reader import MAX_FAULTS, read_fault
from mockserver.faults.reply import Reply, Violate
from mockserver.faults.transport import Delay, Disconnect, Drip, Refuse
from mockserver.faults.when import When
from mockserver.timeline.reader import load
from support.cases import MarkedText, marked, table

STRUCK_OF_TWENTY = [5, 12, 15, 16, 17]
HEAD = "jobs: [{total_size_bytes: 1, script: [paused]}]\nfaults:\n"


def read(text: str) -> tuple[Fault, ...]:
    return load(Source("t.yaml", HEAD + text)).faults


LATE = (Delay(1_000),)


@pytest.mark.parametrize(
    ("said", "effects"),
    [
        ("delay: 2s", [Delay(2_000)]),
        ("delay: 24h", [Delay(86_400_000)]),
        ("disconnect: before headers", [Disconnect()]),
        ("disconnect: in headers", [Disconnect("in headers")]),
        ("disconnect: after headers", [Disconnect("after headers")]),
        ("disconnect: {at: in body}", [Disconnect("in body")]),
        ("disconnect: {by: reset}", [Disconnect(by="reset")]),
        ("disconnect: {at: in body, by: reset}", [Disconnect("in body", "reset")]),
        ("disconnect: in body, delay: 1ms", [Delay(1), Disconnect("in body")]),
        ("headers: {A: b, X-Old: null}", [HeaderChanges({"A": "b", "X-Old": None})]),
        (
            "headers: {A: ''}, reply: {headers: {A: b}}",
            [Reply(headers={"A": "b"}), HeaderChanges({"A": ""})],
        ),
        ("truncate: 40%", [Truncate(Fraction(2, 5))]),
        ("truncate: 33.3%", [Truncate(Fraction(333, 1000))]),
        ("truncate: 0%", [Truncate(Fraction(0))]),
        ("truncate: 40", [Truncate(40)]),
        ("truncate: 0, reply: {body: x}", [Reply(body="x"), Truncate(0)]),
        ("content_length: longer", [ContentLength("longer")]),
        ("content_length: shorter, drip: 2s", [ContentLength("shorter"), Drip(2_000)]),
        ("drip: 24h", [Drip(86_400_000)]),
        ("refuse: true", [Refuse()]),
        ("refuse: false, delay: 1s", LATE),
        ("reply: {status: 503}", [Reply(503)]),
        ("reply: {status: 200}", [Reply(200)]),
        ("reply: {status: 599}", [Reply(599)]),
        ("reply: {body: {error: {list: [null]}}}", [Reply(body={"error": {"list": [None]}})]),
        ("reply: {body: <html>}", [Reply(body="<html>")]),
        ("reply: {body: []}", [Reply(body=[])]),
        ('reply: {status: 429, headers: {A: "2", X: ""}}', [Reply(429, {"A": "2", "X": ""})]),
    ],
)
def test_what_a_fault_does_is_read(said: str, effects: Sequence[Effect]) -> None:
    assert read(f"- {{{said}}}\n") == (Fault(tuple(effects)),)


@pytest.mark.parametrize(
    ("operation", "said", "effects"),
    [
        ("job_status", "violate: absent", [Violate("absent")]),
        ("job_status", "violate: {rule: type}, drip: 1s", [Violate("type"), Drip(1_000)]),
        ("job_status", "violate: {rule: type, pointer: ''}", [Violate("type", "")]),
        (
            "list_status",
            "violate: {rule: const, pointer: /paused/0/status}",
            [Violate("const", "/paused/0/status")],
        ),
        ("list_status", "delay: 1s", LATE),
    ],
)
def test_what_a_fault_of_an_operation_does_is_read(
    operation: str, said: str, effects: Sequence[Effect]
) -> None:
    text = f"- {{operation: {operation}, {said}}}\n"
    assert read(text) == (Fault(tuple(effects), operation),)


@pytest.mark.parametrize("path", ["/api/v1/models", "/api/v1*"])
def test_the_path_that_a_fault_concerns_is_read(path: str) -> None:
    assert read(f"- {{delay: 1s, path: {path}}}\n") == (Fault(LATE, path=path),)


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("request: 3-, probability: 30%, seed: 7", When(3, probability=0.3, seed=7)),
        ("probability: 0.3", When(probability=0.3)),
        ("probability: 1", When()),
        ("probability: 100%", When()),
        ("", When()),
        ("request: 3", When(3, 3)),
        ("request: '3'", When(3, 3)),
        ("request: 3-5", When(3, 5)),
        ("request: 3-3", When(3, 3)),
        ("request: 3-", When(3)),
        ("after: 1m", When(after_ms=60_000)),
        ("for: 1m", When(lasts_ms=60_000)),
        ("after: 5s, for: 3s", When(after_ms=5_000, lasts_ms=3_000)),
    ],
)
def test_when_a_fault_strikes_is_read(said: str, when: When) -> None:
    assert read(f"- {{delay: 1s, when: {{{said}}}}}\n") == (Fault(LATE, when=when),)
    if {"after", "for"} >= set(re.findall(r"(\w+):", said)):
        assert read(f"- {{refuse: true, when: {{{said}}}}}\n") == (Fault((Refuse(),), when=when),)


@given(st.binary(max_size=50))
def test_a_body_can_be_any_bytes(body: bytes) -> None:
    written = base64.b64encode(body).decode()
    (fault,) = read(f"- reply: {{body_base64: '{written}'}}\n")
    assert fault == Fault((Reply(body=body),))
    assert isinstance(fault.reply, Reply)
    response = fault.reply.answer()
    assert response.body.start == body
    assert response.headers.get("Content-Type") is None


def test_faults_come_in_the_order_of_the_file() -> None:
    text = "- {delay: 3s, operation: list_status}\n- {delay: 1s}\n- {delay: 2s}\n"
    assert [fault.delay_ms for fault in read(text)] == [3_000, 1_000, 2_000]


def test_a_share_of_nothing_is_a_share_and_a_number_of_bytes_is_none() -> None:
    effects = [fault.effects[0] for fault in read("- {truncate: 0%}\n- {truncate: 0}\n")]
    assert all(isinstance(effect, Truncate) for effect in effects)
    assert [type(getattr(effect, "after", None)) for effect in effects] == [Fraction, int]


@pytest.mark.parametrize("edition", resources.edition_names())
@pytest.mark.parametrize("operation", ["job_status", "list_status", "download"])
def test_the_operations_are_those_of_all_editions(edition: str, operation: str) -> None:
    text = f"edition: {edition}\n{HEAD}- {{violate: format, operation: {operation}}}\n"
    (fault,) = load(Source("t.yaml", text)).faults
    assert fault == Fault((Violate("format"),), operation)


def test_what_can_be_violated_is_what_the_operations_schema_says() -> None:
    for edition in resources.edition_names():
        for operation in contract.edition(edition).operations:
            rules = contract.rules_of(contract.validator(operation, edition).schema)
            for rule in RULES:
                text = f"edition: {edition}\n{HEAD}- {{operation: {operation}, violate: {rule}}}\n"
                if rule in rules:
                    assert load(Source("t.yaml", text)).faults[0].effects == (Violate(rule),)
                else:
                    with pytest.raises(TimelineError, match="can break a rule") as caught:
                        load(Source("t.yaml", text))
                    told = re.findall(r"\w+", caught.value.expected or "")
                    assert set(rules) == set(told) - {"or"}


def test_faults_of_chance_do_not_strike_alike_unless_they_name_one_seed() -> None:
    text = "- {delay: 1s, when: {probability: 50%}}\n" * 2
    first, second = read(text)
    assert (first.when.seed, second.when.seed) == (0, 1)
    assert struck(first.when) != struck(second.when)
    first, second = read(text.replace("50%", "50%, seed: 5"))
    assert struck(first.when) == struck(second.when)
    assert [fault.when.seed for fault in read("- {delay: 1s}\n" * 2)] == [0, 0]


def test_a_fault_by_itself_is_read_as_one_of_a_list() -> None:
    document = yaml_text.load(Source("t.json", '{"operation": "job_status", "violate": "type"}'))
    node = Node(document, (), document.data, "the fault", TimelineError)
    assert read_fault(node, "2025-10") == Fault((Violate("type"),), "job_status")
    with pytest.raises(TimelineError, match="the fault is empty"):
        read_fault(Node(document, (), None, "the fault", TimelineError), "2025-10")


def test_a_timeline_has_so_many_faults() -> None:
    assert len(read("- {delay: 1s}\n" * MAX_FAULTS)) == MAX_FAULTS == 1_000
    with pytest.raises(TimelineError, match=r"too many faults; expected at most 1,000") as caught:
        read("- {delay: 1s}\n" * (MAX_FAULTS + 1))
    assert caught.value.line == 3 + MAX_FAULTS
    assert caught.value.pointer == f"/faults/{MAX_FAULTS}"


@pytest.mark.parametrize("case", marked(__file__, "refused", HEAD))
def test_what_is_wrong_is_refused_with_its_place(case: MarkedText) -> None:
    with pytest.raises(TimelineError, match=r"^t\.yaml:") as caught:
        load(Source("t.yaml", case.text))
    case.assert_marks(caught.value)
    assert caught.value.pointer.startswith("/faults")


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("- {delay: 1s}\n- {reply: {headers: {A/b~: c}}}\n", "/faults/1/reply/headers/A~1b~0"),
        ("- {delay: 1s}\n- {}\n", "/faults/1"),
        ("- {dealy: 1s}\n", "/faults/0/dealy"),
        ("- {reply: {body: {a: [0, -.inf]}}}\n", "/faults/0/reply/body/a/1"),
    ],
)
def test_the_error_points_at_the_value_also_after_pickling(text: str, pointer: str) -> None:
    with pytest.raises(TimelineError) as caught:
        read(text)
    assert caught.value.pointer == pointer
    restored = pickle.loads(pickle.dumps(caught.value))
    assert (restored.pointer, str(restored)) == (pointer, str(caught.value))


def test_the_error_about_the_whole_file_points_at_the_whole() -> None:
    with pytest.raises(TimelineError, match="has no `jobs`") as caught:
        load(Source("t.yaml", "description: x\n"))
    assert caught.value.pointer == ""


@pytest.mark.parametrize(
    ("when", "covered"),
    [
        (When(), [1, 2, 3, 4, 5, 6]),
        (When(3, 3), [3]),
        (When(3, 5), [3, 4, 5]),
        (When(3), [3, 4, 5, 6]),
    ],
)
def test_requests_are_counted_from_one_and_both_ends_belong(when: When, covered: list[int]) -> None:
    assert [number for number in range(1, 7) if when.covers(number, 0)] == covered


@given(st.integers(0, 20), st.none() | st.integers(1, 20), st.integers(0, 50))
def test_a_window_is_half_open(after: int, lasts: int | None, elapsed: int) -> None:
    when = When(2, 4, after, lasts)
    is_open = elapsed in range(after, 10**6 if lasts is None else after + lasts)
    assert when.is_open(elapsed) == is_open
    assert when.covers(3, elapsed) == is_open
    assert not when.covers(5, elapsed)


def struck(when: When, requests: int = 1_000) -> list[int]:
    return [number for number in range(1, requests + 1) if when.covers(number, 0)]


@pytest.mark.parametrize("probability", [0.01, 0.3, 0.5, 0.99])
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_about_as_many_requests_are_struck_as_the_chance_says(
    probability: float, seed: int
) -> None:
    number = len(struck(When(probability=probability, seed=seed), 10_000))
    # Five standard deviations: what is drawn never changes, so this cannot fail now and then.
    deviation = (10_000 * probability * (1 - probability)) ** 0.5
    assert abs(number - 10_000 * probability) < 5 * deviation


def test_the_same_requests_are_struck_in_every_process() -> None:
    assert struck(When(probability=0.3, seed=7), 20) == STRUCK_OF_TWENTY
    code = "from mockserver.faults.when import When; w = When(probability=0.3, seed=7); " + (
        "print([number for number in range(1, 21) if w.covers(number, 0)])"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    done = subprocess.check_output([sys.executable, "-c", code], env=environment)
    assert json.loads(done) == STRUCK_OF_TWENTY


def test_each_seed_strikes_others_and_a_greater_chance_strikes_more() -> None:
    assert len({tuple(struck(When(probability=0.5, seed=seed), 64)) for seed in range(50)}) == 50
    fewer, more = (set(struck(When(probability=chance))) for chance in (0.2, 0.6))
    assert fewer < more
    assert struck(When(probability=1.0), 5) == [1, 2, 3, 4, 5]


@given(st.integers(1, 10**9), st.integers(0, 2**53), st.floats(0.001, 1))
def test_chance_strikes_only_what_is_covered_otherwise(
    number: int, seed: int, probability: float
) -> None:
    when = When(5, 10**6, 20, 30, probability, seed)
    open_ended = When(probability=probability, seed=seed)
    for elapsed in (19, 20, 49, 50):
        covered = 5 <= number <= 10**6 and 20 <= elapsed < 50
        assert when.covers(number, elapsed) == (covered and open_ended.covers(number, 0))


@table(__file__, "paths")
def test_which_paths_a_fault_concerns(path: str, matching: list[str], others: list[str]) -> None:
    fault = Fault(path=path)
    assert [path for path in (*matching, *others) if fault.concerns(None, path)] == matching
    assert fault.concerns("job_status", matching[0])


def test_a_fault_of_an_operation_asks_for_nothing_else() -> None:
    fault = Fault(operation="job_status")
    assert fault.concerns("job_status", "/anything")
    assert not fault.concerns("list_status", "/api/v1/models/download/status/job_x")
    assert not fault.concerns(None, "/")
    assert Fault().concerns(None, "/anything")
    assert Fault().concerns("download", "")


@given(st.text("ab/*", max_size=6), st.text("ab/", max_size=6))
def test_a_star_matches_as_a_slow_reading_says(pattern: str, path: str) -> None:
    def slow(pattern: str, path: str) -> bool:
        if not pattern:
            return not path
        if pattern[0] == "*":
            return slow(pattern[1:], path) or (path != "" and slow(pattern, path[1:]))
        return path != "" and pattern[0] == path[0] and slow(pattern[1:], path[1:])

    plain, asked = (("/" + text).removesuffix("/") or "/" for text in (pattern, path))
    assert Fault(path="/" + pattern).concerns(None, "/" + path) == slow(plain, asked)


def test_many_stars_are_no_trouble() -> None:
    assert not Fault(path="/" + "a*" * 2_000 + "b").concerns(None, "/" + "a" * 20_000)


def test_a_fault_can_be_a_member_of_a_set() -> None:
    fault = Fault((HeaderChanges({"A": None}), Violate("type"), Truncate(Fraction(1, 3))))
    assert {fault} == {replace(fault, effects=fault.effects[:1] + fault.effects[1:])}
