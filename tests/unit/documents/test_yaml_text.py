import io
import json
import math
from itertools import pairwise
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mockserver.documents import yaml_events
from mockserver.documents.source import JsonValue, Path, Source
from mockserver.documents.yaml_text import YamlDocument, load
from mockserver.errors import TimelineError, YamlError
from support.cases import MarkedText, marked


def read(text: str, **limits: int) -> YamlDocument:
    with patch.dict(vars(yaml_events), limits):
        return load(Source("f.yaml", text))


def document_or_error(source: Source) -> YamlDocument | YamlError:
    try:
        return load(source)
    except YamlError as error:
        return error


def refused(text: str, **limits: int) -> YamlError:
    with pytest.raises(YamlError) as caught:
        read(text, **limits)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, None) for word in ("null", "Null", "NULL", "~", "")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, word) for word in ("on", "On", "off", "yes", "no", "y", "n", "tRUE", "nULL")),
        ("0", 0),
        ("-17", -17),
        ("+17", 17),
        ("007", 7),
        ("0o17", 15),
        ("0xFf", 255),
        ("9" * 1000, int("9" * 1000)),
        *((word, word) for word in ("-0o17", "0o8", "0b1", "0xg", "1_000", "1,000", "-1-")),
        ("0.4", 0.4),
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("-.5E-1", -0.05),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        *((word, word) for word in ("inf", "nan", "NaN", ".", "e3", "1e", "+.nan", ".iNF")),
        *((word, word) for word in ("12:30:45", "190:20:30", "1:30", "<<", "=", "2025-10")),
        *((word, word) for word in ("2025-10-03", "2025-10-03T15:33:23.496Z")),
        *((f"'{word}'", word) for word in ("null", "true", "1", "1.5", "", "~")),
        *((f'"{word}"', word) for word in ("null", "true", "1", ".inf", "")),
        ("|-\n  1", "1"),
        (">-\n  true", "true"),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: JsonValue) -> None:
    data = read(f"a: {text}\n").data
    assert isinstance(data, dict)
    assert (type(data["a"]), data["a"]) == (type(value), value)


@pytest.mark.parametrize("word", [".nan", ".NaN", ".NAN"])
def test_not_a_number(word: str) -> None:
    value = read(word).data
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "--- # c\n...\n"])
def test_an_empty_document_is_none(text: str) -> None:
    document = read(text)
    assert document.data is None
    assert document.position(("a", 0))[0] >= 1


def test_keys_are_text_as_written() -> None:
    assert read("1: a\ntrue: b\n~: c\n2025-10-03: d\n1e3: e\non: f\n? g\n").data == {
        "1": "a",
        "true": "b",
        "~": "c",
        "2025-10-03": "d",
        "1e3": "e",
        "on": "f",
        "g": None,
    }


def test_a_merge_key_is_an_ordinary_key() -> None:
    assert read("a: &a {x: 1}\nb:\n  <<: *a\n").data == {"a": {"x": 1}, "b": {"<<": {"x": 1}}}


def test_aliases_are_copies() -> None:
    data = read("- &a [1, {k: v}]\n- *a\n- *a\n").data
    assert data == [[1, {"k": "v"}]] * 3
    assert isinstance(data, list)
    assert isinstance(data[1], list)
    data[1].append(2)
    assert data[0] == data[2] == [1, {"k": "v"}]


def test_an_alias_can_be_a_key() -> None:
    assert read("- &a job\n- *a : 1\n").data == ["job", {"job": 1}]


def test_an_anchor_may_be_set_again() -> None:
    assert read("[&a 1, *a, &a 2, *a]").data == [1, 1, 2, 2]


def test_escapes_may_spell_a_character_as_two_surrogates() -> None:
    assert read('"\\ud83d\\ude00 é"').data == "😀 é"


@pytest.mark.parametrize(
    "case",
    [
        *marked(__file__, "yaml-errors"),
        MarkedText("x: \x07", 1, 4, ("U+0007",)),
        MarkedText("x: \x7f", 1, 4, ("U+007F",)),
        MarkedText("x: \ud800", 1, 4, ("U+D800",)),
        MarkedText("x: " + "1" * 1001, 1, 4, ("an integer of 1,001 digits",)),
        MarkedText("x: 0x" + "1" * 1001, 1, 4, ("an integer of 1,001 digits",)),
        MarkedText("%YAML 1." + "1" * 5000 + "\n---\non", 1, 1, ("a version of YAML",)),
        MarkedText("a:\n\tb: 1", 2, 1, ("a tab",)),
    ],
)
def test_refuses(case: MarkedText) -> None:
    case.assert_marks(refused(case.text))


def test_text_size_is_limited() -> None:
    read("a" * 10, MAX_CHARACTERS=10)
    assert "11 characters" in refused("a" * 11, MAX_CHARACTERS=10).problem
    assert refused(" " * 1_048_577).expected == "at most 1,048,576"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", "")])
def test_depth_is_limited(opening: str, closing: str) -> None:
    read(opening * 50 + "0" + closing * 50)
    assert "nested more than 50 deep" in refused(opening * 51 + "0" + closing * 51).problem
    assert "nested more than 50 deep" in refused(opening * 100_000).problem


def test_aliases_count_for_the_depth() -> None:
    read("- &a [[1]]\n- [*a]", MAX_DEPTH=4)
    assert "nested more than 4 deep" in refused("- &a [[1]]\n- [[*a]]", MAX_DEPTH=4).problem


def test_the_number_of_nodes_is_limited() -> None:
    read("[" + "1, " * 9 + "]", MAX_NODES=10)
    assert "more than 10" in refused("[" + "1, " * 10 + "]", MAX_NODES=10).problem
    assert "more than 10" in refused("{a: 1, b: 2, c: 3, d: 4, e: 5}", MAX_NODES=10).problem


def test_an_alias_counts_for_all_that_it_stands_for() -> None:
    text = "- &a {k: [v]}\n- *a"
    read(text, MAX_NODES=9)
    assert refused(text, MAX_NODES=8).line == 2


def test_anchors_that_explode_are_refused() -> None:
    names = "abcdefghij"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in pairwise(names)]
    error = refused("\n".join(lines))
    assert "more than 100,000" in error.problem
    assert error.line == 6


def test_positions() -> None:
    document = read("jobs:\n  - id: job_1\n    'size': 10\n  - *x\n".replace("*x", "{id: job_2}"))
    values = {(): (1, 1), ("jobs",): (2, 3), ("jobs", 0, "id"): (2, 9)}
    values |= {("jobs", 0, "size"): (3, 13), ("jobs", 1, "id"): (4, 10)}
    assert {path: document.position(path) for path in values} == values
    keys = {("jobs",): (1, 1), ("jobs", 0, "size"): (3, 5), ("jobs", 1): (4, 5)}
    assert {path: document.position(path, key=True) for path in keys} == keys


def test_a_path_to_nothing_has_the_position_of_what_is_on_the_way() -> None:
    document = read("a:\n  b: [1]\n")
    assert document.position(("a", "c")) == (2, 3)
    assert document.position(("a", "b", 7, "x"), key=True) == (2, 6)
    assert document.position(("x",)) == (1, 1)


def test_what_lies_in_an_alias_has_its_position() -> None:
    document = read("a: &a {b: [1]}\nc: *a\n")
    assert document.position(("a", "b", 0)) == (1, 12)
    assert document.position(("c",)) == (2, 4)
    assert document.position(("c", "b", 0)) == (2, 4)


def test_only_line_feeds_count_as_lines() -> None:
    document = read("a: '\u2028\x85'\r\nb: 1\r\n# c\rd: 2\n")
    assert document.position(("b",)) == (2, 4)
    assert document.position(("d",)) == (3, 8)


def test_errors_of_the_document_point_at_the_value() -> None:
    error = read("jobs:\n  - size: ten\n").error(
        TimelineError, ("jobs", 0, "size"), "not a number", expected="an integer", suggestion="10"
    )
    assert isinstance(error, TimelineError)
    assert str(error) == (
        "f.yaml:2:11: not a number; expected an integer; did you mean 10?\n"
        "    - size: ten\n"
        "            ^"
    )


PAGE = """# Page

1. A list
   ```lms_params
   - name: a
     type: strin
   ```

> ```lms_params
> - name: b
>   type: number
> ```
"""


@pytest.mark.parametrize(
    ("text", "first_line", "place"),
    [
        ("- name: a\n  type: strin\n", 5, (6, 12)),
        ("- name: b\n  type: number\n", 10, (11, 11)),
        ("   - name: a\n     type: strin\n", 5, (6, 12)),
    ],
)
def test_an_excerpt_has_the_positions_of_its_source(
    text: str, first_line: int, place: tuple[int, int]
) -> None:
    for page in (PAGE, PAGE.replace("\n", "\r\n")):
        source = Source("page.md", page)
        document = load(source, text=text, first_line=first_line)
        assert document.position((0, "type")) == place
        line, column = document.position((0, "type"), key=True)
        assert source.line(line)[column - 1 :].startswith("type:")


def test_an_excerpt_with_its_tabs_expanded_still_finds_its_text() -> None:
    source = Source("page.md", "\t```\n\ta: b\n\t```\n")
    document = load(source, text="    a: b\n", first_line=2)
    assert document.position(("a",)) == (2, 5)


def test_errors_of_an_excerpt_show_the_line_of_the_source() -> None:
    with pytest.raises(YamlError) as caught:
        load(Source("page.md", PAGE), text="- name: a\n  type: strin: x\n", first_line=5)
    assert (caught.value.line, caught.value.source_line) == (6, "     type: strin")


def test_errors_after_an_excerpt_stay_near_its_end() -> None:
    source = Source("page.md", "```\na: [1\n```\n")
    with pytest.raises(YamlError) as caught:
        load(source, text="a: [1\n", first_line=2)
    assert (caught.value.line, caught.value.column) == (3, 1)


texts = st.text(st.characters(min_codepoint=32, max_codepoint=126)) | st.sampled_from(
    ["on", "no", "~", "1e3", "0o7", "2025-10-03", "2025-10-03T15:33:23.496Z", "12:30", "<<", "- a"]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
structures: st.SearchStrategy[JsonValue] = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(structures)
def test_what_ruamel_writes_is_read_back(value: JsonValue) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    # Anchors are harmless, yet ruamel.yaml would write them for equal objects as well.
    yaml.representer.ignore_aliases = lambda data: True
    stream = io.StringIO()
    yaml.dump(value, stream)
    assert read(stream.getvalue()).data == value


def paths(value: JsonValue, here: Path = ()) -> list[tuple[Path, JsonValue]]:
    found = [(here, value)]
    if isinstance(value, list):
        for index, item in enumerate(value):
            found += paths(item, (*here, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            found += paths(item, (*here, key))
    return found


finite = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    # \x7f is the one character that JSON writes as it is and YAML does not allow.
    | st.text(st.characters(exclude_characters="\x7f", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(finite, st.sampled_from([None, 2]), st.integers(0, 3))
def test_json_is_yaml_and_positions_point_at_the_source(
    value: JsonValue, indent: int | None, blank_lines: int
) -> None:
    source = Source("f.yaml", "\n" * blank_lines + json.dumps(value, indent=indent))
    document = load(source)
    assert document.data == value
    for path, part in paths(value):
        line, column = document.position(path)
        start = part if isinstance(part, str | int | float | None) else type(part)()
        text = json.dumps(start)[:1] if isinstance(part, list | dict) else json.dumps(start)
        assert source.line(line)[column - 1 :].startswith(text)
        if path and isinstance(path[-1], str):
            line, column = document.position(path, key=True)
            assert source.line(line)[column - 1 :].startswith(json.dumps(path[-1]))


PIECES = [
    *"\n\t \r:-?[]{},#&*!|>'\"%@`\\~019abx",
    *("\n  ", "\n- ", "a: ", "---\n", "...\n", "&a ", "*a", "!!int ", "|2\n", ">-\n", "? ", ": "),
    *("%YAML 1.2\n", "%TAG ! x\n", '"\\U00110000"', '"\\x'),
    *("\x85", "\u2028", "\ufeff", "\x00", "\ud800"),
]


@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    source = Source("f.yaml", text)
    outcome = document_or_error(source)
    if isinstance(outcome, YamlError):
        assert str(outcome)
        assert outcome.column is not None
        places = [(outcome.line, outcome.column)]
    else:
        places = [outcome.position(path) for path, _ in paths(outcome.data)]
    for line, column in places:
        assert 1 <= line <= len(source.lines)
        assert 1 <= column <= len(source.text.split("\n")[line - 1]) + 1
