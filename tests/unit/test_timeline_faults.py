"""The `faults` of a file: what is read, what is refused and where, which requests are struck."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import TimelineError
from mockserver.source import Source
from mockserver.timeline.fault import Fault, Reply, When
from mockserver.timeline.load import load

HEAD = "jobs: [{total_size_bytes: 1, script: [paused]}]\nfaults:\n"


def read(text: str) -> tuple[Fault, ...]:
    return load(Source("t.yaml", HEAD + text)).faults


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("{delay: 2s}", Fault(delay_ms=2_000)),
        ("{delay: 24h}", Fault(delay_ms=86_400_000)),
        ("{delay: 1s, operation: list_status}", Fault("list_status", delay_ms=1_000)),
        ("{delay: 1s, path: /api/v1/models}", Fault(path="/api/v1/models", delay_ms=1_000)),
        ("{disconnect: before reply}", Fault(disconnect="before reply")),
        ("{disconnect: during reply, delay: 1ms}", Fault(delay_ms=1, disconnect="during reply")),
        ("{refuse: true}", Fault(refuse=True)),
        ("{refuse: false, delay: 1s}", Fault(delay_ms=1_000)),
        (
            "{refuse: true, when: {after: 5s, for: 3s}}",
            Fault(when=When(after_ms=5_000, lasts_ms=3_000), refuse=True),
        ),
        ("{delay: 1s, when: {}}", Fault(delay_ms=1_000)),
        ("{delay: 1s, when: {request: 3}}", Fault(when=When(3, 3), delay_ms=1_000)),
        ("{delay: 1s, when: {request: '3'}}", Fault(when=When(3, 3), delay_ms=1_000)),
        ("{delay: 1s, when: {request: 3-5}}", Fault(when=When(3, 5), delay_ms=1_000)),
        ("{delay: 1s, when: {request: 3-3}}", Fault(when=When(3, 3), delay_ms=1_000)),
        ("{delay: 1s, when: {request: 3-}}", Fault(when=When(3), delay_ms=1_000)),
        ("{delay: 1s, when: {after: 1m}}", Fault(when=When(after_ms=60_000), delay_ms=1_000)),
        ("{delay: 1s, when: {for: 1m}}", Fault(when=When(lasts_ms=60_000), delay_ms=1_000)),
    ],
)
def test_a_fault_is_read(said: str, fault: Fault) -> None:
    assert read(f"- {said}\n") == (fault,)


@pytest.mark.parametrize(
    ("said", "status", "headers", "body"),
    [
        ("{status: 503}", 503, {}, None),
        ("{status: 200}", 200, {}, None),
        ("{status: 599}", 599, {}, None),
        (
            "{body: {error: {code: 5, list: [null]}}}",
            200,
            {},
            {"error": {"code": 5, "list": [None]}},
        ),
        ("{body: <html>}", 200, {}, "<html>"),
        ("{body: []}", 200, {}, []),
        ('{status: 429, headers: {Retry-After: "2", X-Empty: ""}}', 429, None, None),
    ],
)
def test_a_reply_is_read(said: str, status: int, headers: dict[str, str] | None, body: Any) -> None:
    (fault,) = read(f"- reply: {said}\n")
    assert isinstance(fault.reply, Reply)
    assert fault.reply.status == status
    assert fault.reply.headers == (
        {"Retry-After": "2", "X-Empty": ""} if headers is None else headers
    )
    assert json.dumps(fault.reply.body) == json.dumps(body)


def test_faults_come_in_the_order_of_the_file() -> None:
    text = "- {delay: 3s, operation: list_status}\n- {delay: 1s}\n- {delay: 2s}\n"
    assert [fault.delay_ms for fault in read(text)] == [3_000, 1_000, 2_000]


def test_the_operations_are_those_of_the_edition() -> None:
    text = "edition: 2026-01\n" + HEAD + "- {delay: 1s, operation: download}\n"
    assert load(Source("t.yaml", text)).faults == (Fault("download", delay_ms=1_000),)
    with pytest.raises(TimelineError, match=r"edition 2026-01 has no operation 'list_status'"):
        load(Source("t.yaml", text.replace("operation: download", "operation: list_status")))


# text of the faults, line and column in it, words of the message
REFUSED: list[tuple[str, int, int, list[str]]] = [
    ("  {}\n", 1, 3, ["`faults` is a mapping", "one `- …` for each fault"]),
    ("- 5\n", 1, 3, ["fault 1 is 5", "a mapping with `operation`, `path`, `when`", "or `refuse`"]),
    ("- {}\n", 1, 3, ["fault 1 does nothing", "reply, delay, disconnect or refuse"]),
    ("- {delay: 1s}\n- {when: {after: 1s}}\n", 2, 3, ["fault 2 does nothing"]),
    ("- {dealy: 1s}\n", 1, 4, ["unknown key 'dealy'", "did you mean delay?"]),
    ("- {delay: 5}\n", 1, 11, ["`delay` is 5", "did you mean 5s?"]),
    ("- {delay: 0s}\n", 1, 11, ["no time at all"]),
    ("- {delay: 24h1ms}\n", 1, 11, ["longer than a day", "at most 24h"]),
    ("- {delay: }\n", 1, 4, ["`delay` is empty"]),
    ("- {disconnect: true}\n", 1, 16, ["before reply or during reply"]),
    ("- {disconnect: before the reply}\n", 1, 16, ["did you mean before reply?"]),
    ("- {refuse: yes}\n", 1, 12, ["'yes'", "did you mean true?"]),
    ("- {refuse: true, delay: 1s}\n", 1, 18, ["delay beside refuse", "alone"]),
    ("- {path: /x, refuse: true}\n", 1, 4, ["path beside refuse", "when: {after: …, for: …}"]),
    (
        "- {refuse: true, when: {request: 3}}\n",
        1,
        25,
        ["`request` beside refuse", "after and for"],
    ),
    (
        "- {operation: job_status, path: /x, delay: 1s}\n",
        1,
        27,
        ["both operation and path", "one of them"],
    ),
    (
        "- {operation: job_statu, delay: 1s}\n",
        1,
        15,
        ["edition 2025-10 has no operation 'job_statu'", "did you mean job_status?"],
    ),
    ("- {operation: download, delay: 1s}\n", 1, 15, ["no operation 'download'", "list_status"]),
    ("- {operation: 5, delay: 1s}\n", 1, 15, ["`operation` is 5", "job_status or list_status"]),
    ("- {path: api, delay: 1s}\n", 1, 10, ["`path` is 'api'", "such as /api/v1/models"]),
    ('- {path: "/a\\nb", delay: 1s}\n', 1, 10, ["a path such as"]),
    ("- {path: [], delay: 1s}\n", 1, 10, ["`path` is a list"]),
    ("- {when: 3, delay: 1s}\n", 1, 10, ["`when` is 3", "`request`, `after` or `for`"]),
    ("- {when: {request: 0}, delay: 1s}\n", 1, 20, ["`request` is 0", "counted from 1"]),
    ("- {when: {request: -3}, delay: 1s}\n", 1, 20, ["`request` is -3", "3-5"]),
    ("- {when: {request: 3.0}, delay: 1s}\n", 1, 20, ["`request` is 3.0"]),
    ("- {when: {request: true}, delay: 1s}\n", 1, 20, ["`request` is true"]),
    ("- {when: {request: third}, delay: 1s}\n", 1, 20, ["'third'", "3- for all from there"]),
    ("- {when: {request: 3 - 5}, delay: 1s}\n", 1, 20, ["'3 - 5'"]),
    ("- {when: {request: ٣}, delay: 1s}\n", 1, 20, ["counted from 1"]),
    ("- {when: {request: 1234567890}, delay: 1s}\n", 1, 20, ["is 1234567890"]),
    (
        "- {when: {request: 5-3}, delay: 1s}\n",
        1,
        20,
        ["`request` ends before it begins", "did you mean 3-5?"],
    ),
    ("- {when: {requests: 3}, delay: 1s}\n", 1, 11, ["'requests'", "did you mean request?"]),
    ("- {when: {after: 3}, delay: 1s}\n", 1, 18, ["`after` is 3", "did you mean 3s?"]),
    ("- {when: {for: 0ms}, delay: 1s}\n", 1, 16, ["`for` is no time at all"]),
    ("- {reply: 503}\n", 1, 11, ["`reply` is 503", "`status`, `headers` or `body`"]),
    ("- {reply: {}}\n", 1, 11, ["`reply` says nothing", "status, headers or body"]),
    ("- {reply: }\n", 1, 4, ["`reply` is empty"]),
    ("- {reply: {code: 503}}\n", 1, 12, ["unknown key 'code'"]),
    ("- {reply: {status: 199}}\n", 1, 20, ["`status` is 199", "from 200 to 599"]),
    ("- {reply: {status: 600}}\n", 1, 20, ["`status` is 600"]),
    ("- {reply: {status: true}}\n", 1, 20, ["`status` is true"]),
    ("- {reply: {status: '503'}}\n", 1, 20, ["`status` is '503'"]),
    ("- {reply: {headers: [a]}}\n", 1, 21, ["headers and their values", "Retry-After"]),
    ("- {reply: {headers: {Retry-After: 2}}}\n", 1, 35, ["text in quotes", '"2", in quotes']),
    ("- {reply: {headers: {'a b': c}}}\n", 1, 22, ["'a b' is no name of a header"]),
    ("- {reply: {headers: {é: c}}}\n", 1, 22, ["no name of a header", "such as Retry-After"]),
    ("- {reply: {headers: {content-Length: '5'}}}\n", 1, 22, ["the server's own to set"]),
    ('- {reply: {headers: {A: "b\\r\\nC: d"}}}\n', 1, 25, ["printable ASCII text"]),
    ("- {reply: {headers: {A: é}}}\n", 1, 25, ["printable ASCII text"]),
    ("- {reply: {body: .nan}}\n", 1, 18, ["`body` is nan", "a value that JSON can write"]),
    ("- {reply: {body: {a: [0, -.inf]}}}\n", 1, 26, ["item 2 is -inf", "JSON can write"]),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), REFUSED)
def test_what_is_wrong_is_refused_with_its_place(
    text: str, line: int, column: int, words: list[str]
) -> None:
    with pytest.raises(TimelineError) as caught:
        read(text)
    error = caught.value
    assert (error.path, error.line - HEAD.count("\n"), error.column) == ("t.yaml", line, column)
    assert error.source_line == text.split("\n")[line - 1]
    for word in words:
        assert word in error.summary


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
