"""The `faults` of a file: what is read, what is refused and where, which requests are struck."""

from __future__ import annotations

import base64
import json
import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.contract import RULES
from mockserver.documents import yaml_text
from mockserver.documents.node import Node
from mockserver.documents.source import Source
from mockserver.errors import TimelineError
from mockserver.faults.fault import Fault
from mockserver.faults.message import ContentLength, HeaderChanges, Truncate
from mockserver.faults.reader import MAX_FAULTS, read_fault
from mockserver.faults.reply import Reply
from mockserver.faults.transport import Delay, Disconnect, Drip, Refuse
from mockserver.faults.violate import Violate
from mockserver.faults.when import When
from mockserver.timeline.reader import load

STRUCK_OF_TWENTY = [5, 12, 15, 16, 17]
HEAD = "jobs: [{total_size_bytes: 1, script: [paused]}]\nfaults:\n"


def read(text: str) -> tuple[Fault, ...]:
    return load(Source("t.yaml", HEAD + text)).faults


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("{delay: 2s}", Fault((Delay(2_000),))),
        ("{delay: 24h}", Fault((Delay(86_400_000),))),
        ("{delay: 1s, operation: list_status}", Fault((Delay(1_000),), "list_status")),
        ("{delay: 1s, path: /api/v1/models}", Fault((Delay(1_000),), path="/api/v1/models")),
        ("{disconnect: before headers}", Fault((Disconnect(),))),
        ("{disconnect: in headers}", Fault((Disconnect("in headers"),))),
        ("{disconnect: after headers}", Fault((Disconnect("after headers"),))),
        ("{disconnect: {at: in body}}", Fault((Disconnect("in body"),))),
        ("{disconnect: {by: reset}}", Fault((Disconnect(by="reset"),))),
        (
            "{disconnect: {at: in body, by: reset}}",
            Fault((Disconnect("in body", "reset"),)),
        ),
        (
            "{disconnect: in body, delay: 1ms}",
            Fault((Delay(1), Disconnect("in body"))),
        ),
        ("{headers: {A: b, X-Old: null}}", Fault((HeaderChanges({"A": "b", "X-Old": None}),))),
        (
            "{headers: {A: ''}, reply: {headers: {A: b}}}",
            Fault((Reply(headers={"A": "b"}), HeaderChanges({"A": ""}))),
        ),
        (
            "{operation: job_status, violate: absent}",
            Fault((Violate("absent"),), "job_status"),
        ),
        (
            "{operation: job_status, violate: {rule: type}, drip: 1s}",
            Fault((Violate("type"), Drip(1_000)), "job_status"),
        ),
        (
            "{operation: list_status, violate: {rule: const, pointer: /paused/0/status}}",
            Fault((Violate("const", "/paused/0/status"),), "list_status"),
        ),
        (
            "{operation: job_status, violate: {rule: type, pointer: ''}}",
            Fault((Violate("type", ""),), "job_status"),
        ),
        ("{truncate: 40%}", Fault((Truncate(Fraction(2, 5)),))),
        ("{truncate: 33.3%}", Fault((Truncate(Fraction(333, 1000)),))),
        ("{truncate: 0%}", Fault((Truncate(Fraction(0)),))),
        ("{truncate: 40}", Fault((Truncate(40),))),
        ("{truncate: 0, reply: {body: x}}", Fault((Reply(body="x"), Truncate(0)))),
        ("{content_length: longer}", Fault((ContentLength("longer"),))),
        ("{content_length: shorter, drip: 2s}", Fault((ContentLength("shorter"), Drip(2_000)))),
        ("{drip: 24h}", Fault((Drip(86_400_000),))),
        ("{path: /api/v1*, delay: 1s}", Fault((Delay(1_000),), path="/api/v1*")),
        (
            "{delay: 1s, when: {request: 3-, probability: 30%, seed: 7}}",
            Fault((Delay(1_000),), when=When(3, probability=0.3, seed=7)),
        ),
        (
            "{delay: 1s, when: {probability: 0.3}}",
            Fault((Delay(1_000),), when=When(probability=0.3)),
        ),
        ("{delay: 1s, when: {probability: 1}}", Fault((Delay(1_000),))),
        ("{delay: 1s, when: {probability: 100%}}", Fault((Delay(1_000),))),
        ("{refuse: true}", Fault((Refuse(),))),
        ("{refuse: false, delay: 1s}", Fault((Delay(1_000),))),
        (
            "{refuse: true, when: {after: 5s, for: 3s}}",
            Fault((Refuse(),), when=When(after_ms=5_000, lasts_ms=3_000)),
        ),
        ("{delay: 1s, when: {}}", Fault((Delay(1_000),))),
        ("{delay: 1s, when: {request: 3}}", Fault((Delay(1_000),), when=When(3, 3))),
        ("{delay: 1s, when: {request: '3'}}", Fault((Delay(1_000),), when=When(3, 3))),
        ("{delay: 1s, when: {request: 3-5}}", Fault((Delay(1_000),), when=When(3, 5))),
        ("{delay: 1s, when: {request: 3-3}}", Fault((Delay(1_000),), when=When(3, 3))),
        ("{delay: 1s, when: {request: 3-}}", Fault((Delay(1_000),), when=When(3))),
        ("{delay: 1s, when: {after: 1m}}", Fault((Delay(1_000),), when=When(after_ms=60_000))),
        ("{delay: 1s, when: {for: 1m}}", Fault((Delay(1_000),), when=When(lasts_ms=60_000))),
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
    share, number = read("- {truncate: 0%}\n- {truncate: 0}\n")
    for fault, kind in ((share, Fraction), (number, int)):
        (effect,) = fault.effects
        assert isinstance(effect, Truncate)
        assert isinstance(effect.after, kind)


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
                    assert load(Source("t.yaml", text)).faults[0].violate == Violate(rule)
                else:
                    with pytest.raises(TimelineError, match="can break a rule") as caught:
                        load(Source("t.yaml", text))
                    assert set(rules) == set(re.findall(r"\w+", caught.value.expected or "")) - {
                        "or"
                    }


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


# text of the faults, line and column in it, words of the message
REFUSED: list[tuple[str, int, int, list[str]]] = [
    ("  {}\n", 1, 3, ["`faults` is a mapping", "one `- …` for each fault"]),
    ("- 5\n", 1, 3, ["fault 1 is 5", "a mapping with `operation`, `path`, `when`", "or `refuse`"]),
    ("- {}\n", 1, 3, ["fault 1 does nothing", "reply, delay, headers", "disconnect or refuse"]),
    ("- {delay: 1s}\n- {when: {after: 1s}}\n", 2, 3, ["fault 2 does nothing"]),
    ("- {dealy: 1s}\n", 1, 4, ["unknown key 'dealy'", "did you mean delay?"]),
    ("- {delay: 5}\n", 1, 11, ["`delay` is 5", "did you mean 5s?"]),
    ("- {delay: 0s}\n", 1, 11, ["no time at all"]),
    ("- {delay: 24h1ms}\n", 1, 11, ["longer than a day", "at most 24h"]),
    ("- {delay: }\n", 1, 4, ["`delay` is empty"]),
    ("- {disconnect: true}\n", 1, 16, ["before headers, in headers, after headers or in body"]),
    ("- {disconnect: before the headers}\n", 1, 16, ["did you mean before headers?"]),
    ("- {disconnect: before reply}\n", 1, 16, ["did you mean before headers?"]),
    ("- {disconnect: before the reply}\n", 1, 16, ["did you mean before headers?"]),
    ("- {disconnect: during reply}\n", 1, 16, ["did you mean in body?"]),
    ("- {disconnect: In Body}\n", 1, 16, ["did you mean in body?"]),
    ("- {disconnect: }\n", 1, 4, ["`disconnect` is empty"]),
    ("- {disconnect: {}}\n", 1, 16, ["`disconnect` says nothing", "at or by"]),
    ("- {disconnect: {on: in body}}\n", 1, 17, ["unknown key 'on'", "`at` or `by`"]),
    ("- {disconnect: {at: during reply}}\n", 1, 21, ["did you mean in body?"]),
    ("- {disconnect: {at: }}\n", 1, 17, ["`at` is empty"]),
    ("- {disconnect: {by: rst}}\n", 1, 21, ["close or reset", "did you mean reset?"]),
    ("- {headers: [a]}\n", 1, 13, ["headers and their values"]),
    ("- {headers: {}}\n", 1, 13, ["`headers` says nothing", "at least one header"]),
    ("- {headers: {A: 2}}\n", 1, 17, ['did you mean "2", in quotes?']),
    ("- {headers: {Content-Length: null}}\n", 1, 14, ["the server's own to set"]),
    ("- {reply: {headers: {A: null}}}\n", 1, 22, ["`A` is empty", "text in quotes"]),
    ("- {violate: type}\n", 1, 4, ["violate without operation", "operation: job_status"]),
    ("- {path: /x, violate: type}\n", 1, 14, ["violate without operation"]),
    (
        "- {operation: job_status, violate: requird}\n",
        1,
        36,
        ["no reply to job_status can break a rule 'requird'", "did you mean required?"],
    ),
    ("- {operation: job_status, violate: const}\n", 1, 36, ["required, absent, type, enum or"]),
    ("- {operation: job_status, violate: 5}\n", 1, 36, ["`violate` is 5", "enum or format"]),
    ("- {operation: job_status, violate: {}}\n", 1, 36, ["`violate` has no `rule`"]),
    ("- {operation: job_status, violate: {rule: json:syntax}}\n", 1, 43, ["'json:syntax'"]),
    (
        "- {operation: job_status, violate: {rule: type, pointer: job_id}}\n",
        1,
        58,
        ["a JSON pointer such as /job_id", "did you mean /job_id?"],
    ),
    ("- {operation: job_status, violate: {rule: type, pointer: /a~2}}\n", 1, 58, ["'/a~2'"]),
    ("- {operation: job_status, violate: {rule: type, pointer: 5}}\n", 1, 58, ["is 5"]),
    (
        "- {operation: job_status, violate: type, reply: {status: 200}}\n",
        1,
        27,
        ["violate beside reply", "one of them"],
    ),
    (
        "- {operation: job_status, violate: type, truncate: 5}\n",
        1,
        42,
        ["truncate beside violate", "one of them"],
    ),
    ("- {truncate: 5, content_length: longer}\n", 1, 17, ["content_length beside truncate"]),
    ("- {truncate: 100%}\n", 1, 14, ["`truncate` is the whole body", "less than 100%"]),
    ("- {truncate: 101%}\n", 1, 14, ["101% is more than the whole"]),
    ("- {truncate: 40 percent}\n", 1, 14, ["a number of bytes", "did you mean 40%?"]),
    ("- {truncate: 0.4}\n", 1, 14, ["`truncate` is 0.4", "did you mean 40%?"]),
    ("- {truncate: 40.5}\n", 1, 14, ["did you mean 40.5%?"]),
    ("- {truncate: true}\n", 1, 14, ["`truncate` is true", "a percentage such as 40%"]),
    ("- {truncate: -1}\n", 1, 14, ["a whole number of bytes"]),
    ("- {content_length: long}\n", 1, 20, ["longer or shorter", "did you mean longer?"]),
    ("- {content_length: 5}\n", 1, 20, ["`content_length` is 5", "longer or shorter"]),
    ("- {drip: 5}\n", 1, 10, ["`drip` is 5", "did you mean 5s?"]),
    ("- {drip: 24h1ms}\n", 1, 10, ["longer than a day"]),
    ("- {disconnect: before headers, drip: 5s}\n", 1, 32, ["drip beside a disconnect before"]),
    ("- {disconnect: {by: reset}, truncate: 5}\n", 1, 29, ["no reply is sent", "a later"]),
    ("- {headers: {A: b}, disconnect: before headers}\n", 1, 4, ["headers beside a disconnect"]),
    ("- {disconnect: before headers, reply: {status: 500}}\n", 1, 32, ["reply beside"]),
    ("- {disconnect: before headers, content_length: longer}\n", 1, 32, ["content_length beside"]),
    (
        "- {disconnect: before headers, operation: job_status, violate: type}\n",
        1,
        55,
        ["violate beside a disconnect"],
    ),
    ("- {refuse: yes}\n", 1, 12, ["'yes'", "did you mean true?"]),
    ("- {refuse: true, delay: 1s}\n", 1, 18, ["delay beside refuse", "alone"]),
    ("- {refuse: true, drip: 1s}\n", 1, 18, ["drip beside refuse", "alone"]),
    ("- {refuse: true, headers: {A: b}}\n", 1, 18, ["headers beside refuse", "alone"]),
    ("- {refuse: true, when: {probability: 5%}}\n", 1, 25, ["`probability` beside refuse"]),
    ("- {refuse: true, when: {seed: 5}}\n", 1, 25, ["`seed` beside refuse"]),
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
        ["no edition has an operation 'job_statu'", "did you mean job_status?"],
    ),
    ("- {operation: downlod, delay: 1s}\n", 1, 15, ["did you mean download?"]),
    ("- {operation: 5, delay: 1s}\n", 1, 15, ["`operation` is 5", "download, job_status or"]),
    ("- {path: api, delay: 1s}\n", 1, 10, ["`path` is 'api'", "such as /api/v1/models"]),
    ('- {path: "/a\\nb", delay: 1s}\n', 1, 10, ["a path such as"]),
    ("- {path: [], delay: 1s}\n", 1, 10, ["`path` is a list"]),
    ("- {when: 3, delay: 1s}\n", 1, 10, ["`when` is 3", "`request`, `after`, `for`"]),
    ("- {when: {seed: 3}, delay: 1s}\n", 1, 11, ["`seed` without `probability`"]),
    ("- {when: {probability: 5%, seed: -1}, delay: 1s}\n", 1, 34, ["a whole number, 0 to 90"]),
    ("- {when: {probability: 5%, seed: a}, delay: 1s}\n", 1, 34, ["`seed` is 'a'"]),
    ("- {when: {probability: 5%, seed: true}, delay: 1s}\n", 1, 34, ["`seed` is true"]),
    ("- {when: {probability: 30}, delay: 1s}\n", 1, 24, ["is 30", "did you mean 30%?"]),
    ("- {when: {probability: '0.3'}, delay: 1s}\n", 1, 24, ["is not a percentage"]),
    ("- {when: {probability: 0}, delay: 1s}\n", 1, 24, ["no chance at all", "more than 0%"]),
    ("- {when: {probability: 0.0%}, delay: 1s}\n", 1, 24, ["no chance at all"]),
    ("- {when: {probability: 1.01}, delay: 1s}\n", 1, 24, ["a share of at most 1"]),
    ("- {when: {probability: -0.1}, delay: 1s}\n", 1, 24, ["`probability` is -0.1"]),
    ("- {when: {probability: .nan}, delay: 1s}\n", 1, 24, ["`probability` is nan"]),
    ("- {when: {probability: true}, delay: 1s}\n", 1, 24, ["`probability` is true"]),
    ("- {when: {probability: often}, delay: 1s}\n", 1, 24, ["'often' is not a percentage"]),
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
    (
        "- {reply: 503}\n",
        1,
        11,
        ["`reply` is 503", "`status`, `headers`, `body` or `body_base64`"],
    ),
    (
        "- {reply: {}}\n",
        1,
        11,
        ["`reply` says nothing", "status, headers, body or body_base64"],
    ),
    (
        "- {reply: {body: x, body_base64: eA==}}\n",
        1,
        21,
        ["both body and body_base64", "one of them"],
    ),
    ("- {reply: {body_base64: eA=}}\n", 1, 25, ["`body_base64` is 'eA='", "base64"]),
    ("- {reply: {body_base64: 'eA ='}}\n", 1, 25, ["`body_base64` is 'eA ='"]),
    ("- {reply: {body_base64: {a: b}}}\n", 1, 25, ["`body_base64` is a mapping"]),
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
    assert error.pointer.startswith("/faults")
    for word in words:
        assert word in error.summary


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
    assert (
        abs(number - 10_000 * probability) < 5 * (10_000 * probability * (1 - probability)) ** 0.5
    )


def test_the_same_requests_are_struck_in_every_process() -> None:
    assert struck(When(probability=0.3, seed=7), 20) == STRUCK_OF_TWENTY
    code = "from mockserver.faults.when import When; w = When(probability=0.3, seed=7); " + (
        "print([number for number in range(1, 21) if w.covers(number, 0)])"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert json.loads(done.stdout) == STRUCK_OF_TWENTY


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


@pytest.mark.parametrize(
    ("path", "matching", "others"),
    [
        ("/api/v1/models", ["/api/v1/models", "/api/v1/models/"], ["/api/v1/models//", "/api/v1"]),
        ("/api/v1/models/", ["/api/v1/models", "/api/v1/models/"], ["/api/v1/model"]),
        ("/", ["/", ""], ["/x", "*"]),
        ("/a%20b", ["/a b", "/a b/"], ["/a%20b"]),
        ("/api/v1*", ["/api/v1", "/api/v1/", "/api/v1/x/y", "/api/v10"], ["/api/v", "/x/api/v1"]),
        ("/api/*/x", ["/api/v1/x", "/api/a/b/x", "/api//x/"], ["/api/x", "/api/v1/xy"]),
        ("/*", ["/", "/x", "/x/y"], []),
        ("/**", ["/", "/x"], []),
        ("/a*b*c", ["/abc", "/a-b-b-c", "/acbc"], ["/acb", "/ab"]),
        ("/ab*ba", ["/abba", "/ab-ba"], ["/aba"]),
        ("/a*/", ["/a", "/ab", "/ab/"], ["/b"]),
        ("/%2A", ["/*"], ["/x"]),
        ("/[a-c]?.x", ["/[a-c]?.x"], ["/ab.x", "/a"]),
        ("/a*\u00fc%20", ["/a\u00fc ", "/a\n\u00fc "], ["/a"]),
    ],
)
def test_which_paths_a_fault_concerns(path: str, matching: list[str], others: list[str]) -> None:
    fault = Fault(path=path)
    assert [path for path in (*matching, *others) if fault.concerns(None, path)] == matching
    assert fault.concerns("job_status", matching[0])


def test_a_fault_of_an_operation_asks_for_nothing_else() -> None:
    assert Fault(operation="job_status").concerns("job_status", "/anything")
    assert not Fault(operation="job_status").concerns(
        "list_status", "/api/v1/models/download/status/job_x"
    )
    assert not Fault(operation="job_status").concerns(None, "/")
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
