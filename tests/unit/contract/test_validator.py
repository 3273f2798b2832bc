"""Validators: two engines with one verdict, and violations that say what, where and why."""

import math
from collections import OrderedDict, UserDict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from mockserver import resources
from mockserver.contract import (
    RULES,
    Validator,
    edition,
    is_valid,
    json_data,
    validator,
    violations,
    violations_in_body,
)
from mockserver.documents import json_scanner, rfc3339
from mockserver.documents.pointer import parts
from mockserver.documents.source import Source
from mockserver.errors import UnknownName
from mockserver.files import read_source
from mockserver.pages import compiler
from support.cases import source, table
from support.pages import WrittenPage, pages
from support.schemas import BUNDLED, broken, reference, row, schema_of

DOWNLOADING = {
    "job_id": "job_493c7c9ded",
    "status": "downloading",
    "bytes_per_second": 1.5,
    "estimated_completion": "2025-10-06T22:24:29.908Z",
    "total_size_bytes": 10,
    "downloaded_bytes": 5,
    "started_at": "2025-10-06T18:43:08.019Z",
}
COMPLETED = {**DOWNLOADING, "status": "completed", "completed_at": "2025-10-06T22:24:29.908Z"}
del COMPLETED["bytes_per_second"], COMPLETED["estimated_completion"]


class Text(str):
    __slots__ = ()


class Whole(int): ...


class Real(float): ...


class Box(dict[Any, Any]): ...


class Items(list[Any]): ...


class State(StrEnum):
    PAUSED = "paused"


class Size(IntEnum):
    TEN = 10


times = st.sampled_from(("2025-10-03T15:33:23.496Z", "2025-10-03", "2016-12-31T23:59:60Z", "now"))
words = st.sampled_from(
    ("downloading", "paused", "completed", "failed", "already_downloaded", "job_493c7c9ded", "null")
)
keys = st.sampled_from(
    (*COMPLETED, *DOWNLOADING, "downloading", "completed", "failed", "paused", "model", "~/", "")
)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
odd_numbers = st.sampled_from((1.0, -0.0, 10**400, -(2**64), 2**63, 1e308, 5e-324))
texts = st.text(st.characters(codec="utf-8"), max_size=5) | times | words
leaves = st.none() | st.booleans() | numbers | odd_numbers | texts
json_values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keys | st.text("aé", max_size=2), inner)
    ),
    max_leaves=15,
)
strange = (
    json_values
    | st.sampled_from((math.nan, math.inf, -math.inf, (), ("a",), {1, 2}, b"paused", Decimal(1)))
    | st.sampled_from((Text("paused"), Whole(10), Real(1.5), Real("nan"), State.PAUSED, Size.TEN))
    | st.sampled_from(("\ud800", "\udfff\ud800", Text("\udfff"), datetime(2025, 1, 1), object()))
)
strange_keys = keys | st.sampled_from(
    (1, None, True, 1.5, ("a",), "\ud800", Text("status"), State.PAUSED)
)
python_values: st.SearchStrategy[Any] = st.recursive(
    strange,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=2).map(tuple)
        | st.lists(inner, max_size=2).map(Items)
        | st.dictionaries(strange_keys, inner, max_size=3)
        | st.dictionaries(keys, inner, max_size=3).map(Box)
        | st.dictionaries(keys, inner, max_size=3).map(OrderedDict)
    ),
    max_leaves=12,
)


def any_of(schema: dict[str, Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Payloads that mostly keep to the schema, with `other` here and there."""
    if "anyOf" in schema:
        right = st.one_of([any_of(form, other) for form in schema["anyOf"]])
    elif "const" in schema:
        right = st.just(schema["const"])
    elif "enum" in schema:
        right = st.sampled_from(schema["enum"])
    else:
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        right = st.one_of([_of_type(kind, schema, other) for kind in kinds] or [other])
    return st.integers(0, 15).flatmap(lambda roll: other if roll == 15 else right)


def _of_type(kind: str, schema: dict[str, Any], other: st.SearchStrategy[Any]) -> Any:
    match kind:
        case "object":
            fields = schema.get("properties", {})
            made = {name: any_of(child, other) for name, child in fields.items()}
            required = {name: made[name] for name in schema.get("required", ()) if name in made}
            rest = {name: made[name] for name in made if name not in required}
            return st.fixed_dictionaries(required, optional=rest) | st.fixed_dictionaries(
                {}, optional=made
            )
        case "array":
            items = any_of(schema["items"], other) if "items" in schema else other
            return st.lists(items, max_size=3)
        case "string":
            return times | words
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "integer":
            return st.integers()
        case _:
            return numbers


def check(validator_: Validator, payload: Any) -> None:
    found = validator_.violations(payload)
    assert validator_.is_valid(payload) == (not found)
    assert len(found) == len(set(broken(found))), "the same rule at the same place twice"
    for violation in found:
        assert violation.rule in RULES
        assert violation.expected
        assert 1 <= len(violation.found) <= 70
        parts(violation.pointer)
        is_of_json = violation.rule.startswith("json:")
        assert (violation.page is None) == (violation.line is None) == is_of_json
        assert "\n" not in str(violation)


def assert_agreed(validator_: Validator, payload: Any) -> None:
    """A number that is a rule of JSON text to break is none of the other engine's business."""
    rules = {found.rule for found in validator_.violations(payload)}
    if not any(rule.startswith("json:") for rule in rules):
        assert reference(validator_.schema).is_valid(payload) == (not rules)


@pytest.mark.parametrize(("operation", "name", "part"), BUNDLED)
class TestAgreement:
    """The violations, the verdict and another engine say the same of a payload, whatever it is."""

    @given(st.data())
    def test_on_any_json(self, operation: str, name: str, part: str, data: st.DataObject) -> None:
        payload = data.draw(json_values)
        check(validator(operation, name, part), payload)
        assert_agreed(validator(operation, name, part), payload)

    @given(st.data())
    def test_on_payloads_that_are_almost_right(
        self, operation: str, name: str, part: str, data: st.DataObject
    ) -> None:
        validator_ = validator(operation, name, part)
        payload = data.draw(any_of(validator_.schema, json_values))
        check(validator_, payload)
        assert_agreed(validator_, payload)

    @given(st.data())
    def test_on_what_is_not_json(
        self, operation: str, name: str, part: str, data: st.DataObject
    ) -> None:
        validator_ = validator(operation, name, part)
        check(validator_, data.draw(python_values | any_of(validator_.schema, python_values)))


@given(pages(), st.data())
def test_violations_and_verdict_agree_on_the_schemas_of_any_page(
    written: WrittenPage, data: st.DataObject
) -> None:
    schemas = compiler.compile_pages([Source("p.md", written.text)], "e")
    schema = data.draw(st.sampled_from(list(schemas.values())))
    check(Validator(schema), data.draw(any_of(schema, python_values)))


@given(
    st.from_regex(
        r"[0-9]{3,5}[-/]?[0-9]{1,2}[-/]?[0-9]{1,2}[Tt _]?[0-9]{1,2}:?[0-9]{2}:?[0-9]{0,2}"
        "([.,][0-9]{0,9})?([Zz]|[-+\u2212][0-9]{2}:?[0-9]{2})?[\n ]?",
        fullmatch=True,
    )
    | st.datetimes().map(lambda time: time.isoformat() + "Z")
    | st.text(max_size=30)
)
@example("2025-10-03T15:33:23.496Z\n")
@example("2016-12-31T23:59:60Z")
@example("2016-12-30T23:59:60Z")
@example("\uff12025-10-03T15:33:23Z")
def test_both_engines_ask_the_same_about_times(text: str) -> None:
    schema = {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}}
    right = rfc3339.is_date_time(text)
    assert reference(schema).is_valid({"at": text}) is right
    assert Validator(schema).is_valid({"at": text}) is right
    found = Validator(schema).violations({"at": text})
    assert broken(found) == ([] if right else [("format", "/at")])


def test_the_engines_own_ideas_of_times_differ() -> None:
    """Why ours is told: were this test to fail, it could be left alone.

    Which of them differs where depends on what else is installed beside jsonschema.
    """
    schema = {"format": "date-time"}
    rust = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    python = Draft202012Validator(schema, format_checker=FormatChecker())
    texts = ("not a date", "2016-12-31T23:59:60Z", "2025-10-03T15:33:23Z\n", "2025-10-03t15:33:23z")
    assert any(python.is_valid(text) is not rust.is_valid(text) for text in texts)


@table(__file__, "sentences")
def test_violations_read_well_and_name_the_row(payload: Any, field: str, sentence: str) -> None:
    (found,) = violations(payload, "job_status")
    lines = read_source(resources.edition_folder("2025-10") / "download-status.md").text.split("\n")
    assert found.page == "download-status.md"
    assert found.line is not None
    assert lines[found.line - 1].strip() == f"- name: {field}"
    assert str(found) == f"{sentence} (download-status.md:{found.line})"
    assert found.as_dict()["line"] == found.line


WRONG = dict.fromkeys(["job_id", "status", "downloaded_bytes", "total_size_bytes", "started_at"], 1)


@pytest.mark.parametrize(("operation", "name", "part"), BUNDLED)
@given(st.data())
def test_each_line_is_that_of_the_field_s_own_row(
    operation: str, name: str, part: str, data: st.DataObject
) -> None:
    check_ = validator(operation, name, part)
    wrong = st.sampled_from([WRONG, {"paused": [WRONG]}])
    for found in check_.violations(data.draw(any_of(check_.schema, json_values) | wrong)):
        if found.page is None:
            continue
        assert found.line is not None
        lines = read_source(resources.edition_folder(name) / found.page).text.split("\n")
        line, field = lines[found.line - 1].strip(), [None, *parts(found.pointer)][-1]
        fields = [step for step in parts(found.pointer) if not step.isdecimal()]
        assert line == ("```lms_params" if field is None else f"- name: {fields[-1]}")


def test_rows_of_one_name_are_told_apart_by_their_lists() -> None:
    job = {"job_id": "x", "downloaded_bytes": 1, "total_size_bytes": 1}
    payload = {
        "downloading": [],
        "completed": [{**job, "status": "failed", "completed_at": "2025-10-03T15:33:23Z"}],
        "failed": [{**job, "status": "paused"}],
        "paused": [{**job, "status": 1}],
    }
    found = violations(payload, "list_status")
    statuses = ("completed", "failed", "paused")
    assert [(violation.rule, violation.pointer, violation.expected) for violation in found] == [
        ("const", f"/{status}/0/status", f'"{status}"') for status in statuses
    ]
    lines = [violation.line or 0 for violation in found]
    assert lines == sorted(set(lines))


@table(__file__, "forms")
def test_of_several_forms_the_one_that_was_meant_is_explained(
    item: Any, expected: list[str]
) -> None:
    page = source(__file__, "forms.md")
    (schema,) = compiler.compile_pages([page], "e").values()
    found = Validator(schema).violations({"output": [item]})
    assert sorted(map(str, found)) == sorted(expected)


@pytest.mark.parametrize("name", ["properties", "x-source", "if", "required", "items", "allOf"])
def test_fields_may_bear_the_names_of_keywords(name: str) -> None:
    rows = (
        f"- {{name: {name}, type: object, optional: true, description: d, "
        f"children: [{{name: {name}, type: string, description: d}}]}}\n"
        + row("b", "string", f"Present when `{name}` is present.", optional=True)
    )
    found = Validator(schema_of(rows)).violations({name: {name: 1}})
    assert set(map(str, found)) == {
        f"/b: dependentRequired: expected `b` beside `{name}`, found nothing (p.md:7)",
        f"/{name}/{name}: type: expected string, found 1 (p.md:6)",
    }


def test_one_place_breaks_a_rule_once() -> None:
    rows = [
        row("s", '"a" | "b"'),
        row("f", "string", "Present when `s` is `a`.", optional=True),
        row("g", "string", "Present when `f` is present.", optional=True),
    ]
    found = Validator(schema_of("\n".join(rows))).violations({"s": "a", "g": ""})
    assert sorted(broken(found)) == [("dependentRequired", "/f"), ("required", "/f")]


def _deep(levels: int, box: Callable[[Any], Any]) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = box(value)
    return value


@pytest.mark.parametrize("levels", [100, 300, 20_000])
@pytest.mark.parametrize("box", [lambda inner: [inner], lambda inner: {"a": inner}, lambda i: (i,)])
def test_depth_does_no_harm(levels: int, box: Callable[[Any], Any]) -> None:
    deep = _deep(levels, box)
    right = not isinstance(deep, tuple)
    payload = {"job_id": "x", "status": "paused", "more": deep}
    assert is_valid(payload, "job_status") is right
    for wrong in (deep, {**payload, "status": deep}, {**payload, "status": "x"}):
        assert violations(wrong, "job_status")
        assert not is_valid(wrong, "job_status")


# A value that JSON has no form for: its rule, and how it is shown.
FOREIGN: list[tuple[Any, str, str]] = [
    (math.nan, "json:non-finite", "NaN"),
    (-math.inf, "json:non-finite", "-Infinity"),
    (Real("inf"), "json:non-finite", "Infinity"),
    ("\ud800", "json:surrogate", '"\\ud800"'),
    (("paused",), "json:type", "a Python tuple"),
    (b"paused", "json:type", "a Python bytes"),
    ({1}, "json:type", "a Python set"),
    (Decimal(1), "json:type", "a Python Decimal"),
    (UserDict(), "json:type", "a Python UserDict"),
]


@pytest.mark.parametrize(("value", "rule", "shown"), FOREIGN)
def test_what_json_has_no_form_for_is_one_violation_wherever_it_stands(
    value: Any, rule: str, shown: str
) -> None:
    for pointer, payload in (
        ("/status", {**DOWNLOADING, "status": value}),
        ("/job_id", {**DOWNLOADING, "job_id": value}),
        ("/more/1/a~1b", {**DOWNLOADING, "more": [1, {"a/b": value}]}),
        ("", value),
    ):
        (found,) = violations(payload, "job_status")
        assert (found.rule, found.pointer, found.found) == (rule, pointer, shown)
        assert (found.page, found.line) == (None, None)
        assert not is_valid(payload, "job_status")


@pytest.mark.parametrize(
    ("key", "rule", "shown"),
    [
        (1, "json:type", "1"),
        (None, "json:type", "null"),
        (("a",), "json:type", "a Python tuple"),
        ("\udc00", "json:surrogate", '"\\udc00"'),
    ],
)
def test_keys_that_json_has_no_form_for(key: Any, rule: str, shown: str) -> None:
    (found,) = violations({**DOWNLOADING, "more": {key: 1, "right": 1}}, "job_status")
    assert (found.rule, found.pointer, found.found) == (rule, "/more", shown)


def test_subclasses_of_json_s_types_are_as_good_as_these() -> None:
    payload = Box(DOWNLOADING, more=Items([Whole(1), Real(1.5), Text("x"), OrderedDict()]))
    payload |= {Text("total_size_bytes"): Size.TEN, "job_id": Text("job")}
    assert violations(payload, "job_status") == []
    assert is_valid(payload, "job_status")
    payload["status"] = State.PAUSED
    assert broken(violations(payload, "job_status")) == [
        ("absent", "/bytes_per_second"),
        ("absent", "/estimated_completion"),
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *(({}, "{}"), ({"a": 1}, "an object with 1 member")),
        ({"a": 1, "b": 2}, "an object with 2 members"),
        *(([], "[]"), ([0], "an array of 1 item"), ([0] * 30, "an array of 30 items")),
        (None, "null"),
        (True, "true"),
        (1.0, "1.0"),
        ("a\nb", '"a\\nb"'),
        ("x" * 58, '"' + "x" * 58 + '"'),
        ("x" * 59, '"' + "x" * 57 + '…"'),
        (10**70, "1" + "0" * 57 + "…"),
        (object(), "a Python object"),
    ],
)
def test_values_are_shown_short(value: object, shown: str) -> None:
    assert json_data.shown(value) == shown


def test_integers_have_only_so_many_digits() -> None:
    greatest = 10**json_scanner.MAX_INTEGER_DIGITS - 1
    for whole in (greatest, -greatest):
        assert is_valid({**DOWNLOADING, "total_size_bytes": whole}, "job_status")
    for whole in (greatest + 1, -greatest - 1, 10**5000, -(10**5000), Whole(10**5000)):
        for field in ("total_size_bytes", "job_id", "more"):
            payload = {**DOWNLOADING, field: whole}
            assert not is_valid(payload, "job_status")
            (found,) = violations(payload, "job_status")
            assert (found.rule, found.pointer) == ("json:number", f"/{field}")
            assert found.found == f"an integer of {whole.bit_length()} bits"


def test_to_json_data_leaves_the_payload_as_it_was() -> None:
    payload = Box(a=Items([math.nan, 1]), b={2: 3, "c": (4,)})
    copy, foreign = json_data.to_json_data(payload)
    assert copy == {"a": [None, 1], "b": {}}
    assert broken(foreign) == [
        ("json:non-finite", "/a/0"),
        ("json:type", "/b"),
        ("json:type", "/b/c"),
    ]
    assert payload["b"] == {2: 3, "c": (4,)}
    assert not json_data.is_json_data(payload)
    assert json_data.is_json_data(copy)


@table(__file__, "bodies")
def test_a_body_that_is_not_strictly_json_is_one_violation(
    body: str, rule: str, pointer: str, sentence: str
) -> None:
    for written in (body, body.encode()):
        (found,) = violations_in_body(written, "job_status")
        assert (found.rule, found.pointer) == (rule, pointer)
        assert str(found).startswith(sentence)


def test_a_body_is_read_and_validated() -> None:
    assert violations_in_body('{"job_id": "x", "status": "paused"}', "job_status") == []
    assert broken(violations_in_body(b'{"job_id": "x"}', "job_status")) == [("required", "/status")]
    (found,) = violations_in_body(b"\xff", "job_status")
    assert str(found).startswith("the whole document: json:encoding: line 1, column 1: ")


def test_rules_that_no_page_of_ours_can_break_are_explained_too() -> None:
    check_ = Validator(schema_of(row("f", "string", "Must start with `resp_`.")))
    (found,) = check_.violations({"f": ""})
    assert str(found) == '/f: pattern: expected text that matches ^resp_, found "" (p.md:6)'


@pytest.mark.parametrize(
    ("arguments", "kind", "suggestion"),
    [
        (("job_statu",), "operation", "job_status"),
        (("job_status", "2025-11"), "edition", "2025-10"),
        (("job_status", "2025-10", "request"), "part", None),
        (("download",), "operation", None),
    ],
)
def test_unknown_names_are_told_with_the_nearest(
    arguments: tuple[str, ...], kind: str, suggestion: str | None
) -> None:
    with pytest.raises(UnknownName) as caught:
        validator(*arguments)
    assert (caught.value.kind, caught.value.suggestion) == (kind, suggestion)


def test_validators_are_compiled_once() -> None:
    assert validator("job_status") is validator("job_status")
    assert validator("job_status").schema is edition("2025-10").operation("job_status").schema(
        "response"
    )
