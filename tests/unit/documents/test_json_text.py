from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.documents.json_scanner import MAX_DEPTH, MAX_INTEGER_DIGITS, RULES
from mockserver.documents.json_text import loads
from mockserver.documents.source import JsonValue
from mockserver.errors import JsonTextError
from support.cases import MarkedText, marked

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text() | st.text('\\"/u😀\u2028d8')
values: st.SearchStrategy[JsonValue] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)
collections = st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4)


def value_or_error(body: bytes) -> JsonValue | JsonTextError:
    try:
        return loads(body)
    except JsonTextError as error:
        return error


def refused(body: bytes | str) -> JsonTextError:
    with pytest.raises(JsonTextError) as caught:
        loads(body, path="reply")
    assert caught.value.path == "reply"
    return caught.value


@pytest.mark.parametrize(
    ("body", "rule", "pointer", "line", "column"),
    [
        (b"", "json:empty", "", 1, 1),
        (b" \r\n\t", "json:empty", "", 1, 1),
        (b"\xef\xbb\xbf{}", "json:bom", "", 1, 1),
        ("\ufeff{}", "json:bom", "", 1, 1),
        ('{"a": 1}'.encode("utf-16"), "json:encoding", "", 1, 1),
        ('{"a": 1}'.encode("utf-16-le"), "json:encoding", "", 1, 1),
        ('{"a": 1}'.encode("utf-16-be"), "json:encoding", "", 1, 1),
        ('{"a": 1}'.encode("utf-32"), "json:encoding", "", 1, 1),
        ('{"a":\n "é'.encode() + b'\xff"}', "json:encoding", "", 2, 4),
        (b'["\xed\xa0\x80"]', "json:encoding", "", 1, 3),
        ("[1,\xa02]".encode(), "json:syntax", "/1", 1, 4),
        (b'["a\tb"]', "json:syntax", "/0", 1, 4),
        (b"[1\0]", "json:syntax", "/0", 1, 3),
        (b"[" + b"1" * 400 + b".0]", "json:non-finite", "/0", 1, 2),
        (b'{"n": ' + b"1" * 1001 + b"}", "json:number", "/n", 1, 7),
        (b"[-" + b"1" * 100_000 + b"]", "json:number", "/0", 1, 2),
        ('["\ud800"]', "json:surrogate", "/0", 1, 2),
    ],
)
def test_names_the_rule_and_the_place_in_odd_text(
    body: bytes | str, rule: str, pointer: str, line: int, column: int
) -> None:
    error = refused(body)
    assert (error.rule, error.pointer, error.line, error.column) == (rule, pointer, line, column)
    assert rule in RULES


@pytest.mark.parametrize("case", marked(__file__, "json-errors"))
def test_names_the_rule_and_the_place(case: MarkedText) -> None:
    error = refused(case.text.encode())
    assert (error.line, error.column) == (case.line, case.column)
    assert (error.rule, error.pointer) == (*case.words, "")[:2]
    assert error.rule in RULES


def test_every_rule_has_a_sentence() -> None:
    for rule, sentence in RULES.items():
        assert rule.startswith("json:")
        assert sentence[0].isupper()
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\\\ud83d"', "\\ud83d"),
        (b'["\\\\ud83d", "\\ud83d\\ude00"]', ["\\ud83d", "😀"]),
        (b"9" * MAX_INTEGER_DIGITS, int("9" * MAX_INTEGER_DIGITS)),
        (b"-" + b"9" * MAX_INTEGER_DIGITS, -int("9" * MAX_INTEGER_DIGITS)),
        (b"1.7976931348623157e308", sys.float_info.max),
        (b"1e-999", 0.0),
        (b'\r\n{"a":\t[]} \n', {"a": []}),
        (b'{"a": {"a": 1}, "b": {"a": 2}}', {"a": {"a": 1}, "b": {"a": 2}}),
        ('"\u2028\x7f"'.encode(), "\u2028\x7f"),
    ],
)
def test_reads(body: bytes, value: JsonValue) -> None:
    assert loads(body) == value


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_ends_at_the_limit(opening: str, closing: str) -> None:
    def nested(depth: int) -> str:
        return opening * depth + ("0" if closing == "}" else "") + closing * depth

    loads(nested(MAX_DEPTH))
    assert refused(nested(MAX_DEPTH + 1)).rule == "json:depth"
    assert refused(opening * 100_000).rule == "json:depth"


def test_depth_is_not_the_number_of_collections() -> None:
    body = "[" + ",".join(["[{}]"] * 1000) + "]"
    assert loads(body) == [[{}]] * 1000


def test_brackets_within_strings_are_no_depth() -> None:
    assert loads(json.dumps(["[" * 1000])) == ["[" * 1000]


def test_an_exhausted_stack_is_never_a_recursion_error() -> None:
    body = "[" * 150 + "]" * 150

    def with_frames_left(frames: int) -> str:
        if frames > 100:
            return with_frames_left(frames - 1)
        try:
            loads(body)
        except JsonTextError as error:
            return error.rule
        return "read"

    frames = sys.getrecursionlimit() - len(inspect.stack(0))
    assert with_frames_left(frames) in ("read", "json:depth")


@contextmanager
def digits_that_int_converts(limit: int) -> Iterator[None]:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(limit)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)


def test_an_interpreter_that_converts_fewer_digits() -> None:
    with digits_that_int_converts(640):
        assert refused("1" * 700).rule == "json:number"


def test_messages_of_long_one_line_bodies_are_short() -> None:
    long = "k" * 100_000
    bodies = [
        f'{{"{long}": 1, "{long}": 2}}',
        f'{{"{long}": NaN}}',
        f'["{long}", x{long}]',
        f'["{long}',
        "1" * 100_000,
        f"[1.{'0' * 100_000}e999]",
    ]
    assert max(len(str(refused(body))) for body in bodies) < 600


def test_the_sentence() -> None:
    error = refused(b'{"a": [\n  {"b": 1, "b": 2}]}')
    assert str(error) == (
        "reply:2:12: duplicate key 'b', first at line 2, column 4 (at /a/0/b)\n"
        '    {"b": 1, "b": 2}]}\n'
        "             ^"
    )


def test_the_sentence_for_a_truncated_body() -> None:
    assert refused(b'{"a":\n [1').summary == (
        "reply:2:4: the text ends within the array of line 2, column 2 (at /a/0); "
        "expected ',' or ']' in the array"
    )


@given(values, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_what_json_writes_is_read_back(value: JsonValue, escaped: bool, indent: str | None) -> None:
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    assert loads(text) == value
    assert loads(text.encode()) == value
    assert json.dumps(loads(text)) == json.dumps(value)


@given(collections, st.data())
def test_any_truncation_is_refused(value: JsonValue, data: st.DataObject) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    cut = data.draw(st.integers(0, len(body) - 1))
    error = refused(body[:cut])
    # A cut can fall into a character, or between the halves of a pair of escapes.
    assert error.rule in ("json:empty", "json:syntax", "json:encoding")


@st.composite
def broken_json(draw: st.DrawFn) -> bytes:
    body = json.dumps(draw(collections), ensure_ascii=draw(st.booleans())).encode()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(body)))
        put = draw(st.sampled_from([*'[]{},:"\\ue-+.019 \n', "NaN", "1e999", '"a":0,', "\\ud800"]))
        body = body[:at] + put.encode() + body[at + draw(st.integers(0, 3)) :]
    return body


@given(st.binary() | st.text().map(str.encode) | broken_json())
@example(b'"\\ud800"')
@example(b"\xed\xa0\x80")
def test_any_bytes_are_read_as_json_does_or_refused(body: bytes) -> None:
    outcome = value_or_error(body)
    if not isinstance(outcome, JsonTextError):
        assert repr(outcome) == repr(json.loads(body.decode()))
        json.dumps(outcome, ensure_ascii=False, allow_nan=False).encode()
        return
    assert outcome.rule in RULES
    assert str(outcome)
    if outcome.rule in ("json:syntax", "json:trailing", "json:empty"):
        with pytest.raises(json.JSONDecodeError):
            json.loads(body.decode())
