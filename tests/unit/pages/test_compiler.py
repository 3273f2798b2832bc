"""What rows demand of payloads: asked of the compiled schema, not read off its text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from mockserver import resources
from mockserver.contract import Validator
from mockserver.documents.source import Source
from mockserver.errors import PageError
from mockserver.files import read_source
from mockserver.pages import compiler, condition_schema, edition, operation, page
from mockserver.pages.schema_node import Schema
from mockserver.pages.table import Row
from support.pages import WrittenPage, pages

HEAD = "`GET /x`\n\n**Response fields**\n\nThe answer.\n\n```lms_params\n"
FIRST = 8
"""The line of a table's first row."""


def compiled(rows: str, name: str = "e") -> Schema:
    (one,) = edition.compile_pages([Source("docs/p.md", f"{HEAD}{rows}\n```\n")], name).values()
    return one


def table(rows: str) -> tuple[Row, ...]:
    (one,) = operation.read(page.read(Source("docs/p.md", f"{HEAD}{rows}\n```\n")))
    return one.parts["response"].rows


def broken(rows: str, payload: Any) -> list[tuple[str, str]]:
    """The rules that the payload breaks, and where; both engines agree on whether it does."""
    check = Validator(compiled(rows))
    found = check.violations(payload)
    assert check.is_valid(payload) == (not found)
    return [(one.rule, one.pointer) for one in found]


def row(name: str, type_: str, said: str = "d", *, optional: bool = False) -> str:
    flag = ", optional: true" if optional else ""
    return f"- {{name: '{name}', type: '{type_}', description: '{said}'{flag}}}"


def test_a_schema_says_what_it_is_of() -> None:
    assert compiled(row("a", "string", "An a."), "2025-10") == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:lmstudio-mockserver:2025-10:get_x.response",
        "title": "GET /x: response",
        "description": "The answer.",
        "x-source": "p.md:7",
        "x-operation": {"id": "get_x", "method": "GET", "path": "/x", "part": "response"},
        "type": "object",
        "properties": {"a": {"description": "An a.", "x-source": "p.md:8", "type": "string"}},
        "required": ["a"],
    }


@pytest.mark.parametrize("name", ["", "a b", "a#b%", "é", "../x"])
def test_any_edition_makes_a_valid_id(name: str) -> None:
    found = compiled(row("a", "string"), name)
    Draft202012Validator.check_schema(found)
    assert Validator(found).is_valid({"a": ""})


VALUES: dict[str, Any] = {
    "string": "s",
    "number": 1.5,
    "integer": 1,
    "boolean": True,
    "null": None,
    "array": [1, "a"],
    "object": {"k": 1},
    "whole float": 1.0,
    "a": "a",
    "false": False,
    "zero": 0,
    "strings": ["s"],
    "empty": [],
    "numbers": [1],
    "nested": [["s"]],
    "nulls": [None],
}
NUMBERS = {"number", "integer", "whole float", "zero"}
ARRAYS = {"array", "strings", "empty", "numbers", "nested", "nulls"}
STRINGS = {"string", "a"}


@pytest.mark.parametrize(
    ("cell", "accepted"),
    [
        ("string", STRINGS),
        ("number", NUMBERS),
        ("integer", {"integer", "whole float", "zero"}),
        ("boolean", {"boolean", "false"}),
        ("object", {"object"}),
        ("array", ARRAYS),
        ("null", {"null"}),
        ("true", {"boolean"}),
        ("false", {"false"}),
        ('"a"', {"a"}),
        ('"a" | "b"', {"a"}),
        ('"a" | null', {"a", "null"}),
        ("true | null", {"boolean", "null"}),
        ('"a" | true | null', {"a", "boolean", "null"}),
        ("true | false", {"boolean", "false"}),
        ("string | number", STRINGS | NUMBERS),
        ("string | null", {*STRINGS, "null"}),
        ("integer | number", NUMBERS),
        ('"a" | number', {"a"} | NUMBERS),
        ('"a" | string', STRINGS),
        ('"a" | null | array', {"a", "null"} | ARRAYS),
        ("object | array | null", {"object", "null"} | ARRAYS),
        ("string[]", {"strings", "empty"}),
        ("array<string>", {"strings", "empty"}),
        ("Array<string>", {"strings", "empty"}),
        ("string[][]", {"nested", "empty"}),
        ("(string | number)[]", {"strings", "numbers", "array", "empty"}),
        ("string[] | number[]", {"strings", "numbers", "empty"}),
        ("string[] | string", {"strings", "empty"} | STRINGS),
        ("null[] | null", {"nulls", "empty", "null"}),
        ('("s" | null)[]', {"strings", "nulls", "empty"}),
        ("array<array>", {"nested", "empty"}),
    ],
)
def test_types_accept(cell: str, accepted: set[str]) -> None:
    check = Validator(compiled(row("a", cell)))
    found = {name for name, value in VALUES.items() if check.is_valid({"a": value})}
    assert found == accepted
    assert all(check.violations({"a": VALUES[name]}) for name in VALUES.keys() - found)


def test_fields_are_required_unless_optional_and_others_are_welcome() -> None:
    rows = f"{row('a', 'string')}\n{row('b', 'string', optional=True)}"
    assert broken(rows, {"a": "", "more": None}) == []
    assert broken(rows, {"b": ""}) == [("required", "/a")]
    assert broken(rows, {"a": "", "b": None}) == [("type", "/b")]
    assert broken(rows, []) == [("type", "")]


CHILDREN = """\
- name: o
  type: {}
  description: d
  children:
    - {{name: k, type: '"x" | "y"', description: d}}
    - {{name: f, type: string, optional: true, description: Present when `k` is `x`.}}
"""
GOOD, BAD = {"k": "y"}, {"k": "y", "f": ""}


@pytest.mark.parametrize(
    ("cell", "accepted", "refused"),
    [
        ("object", [GOOD, {"k": "x", "f": ""}], [BAD, {"k": "x"}, {}, None, [], [GOOD], "x"]),
        ("object | null", [GOOD, None], [BAD, [], {}, ""]),
        ("object | string", [GOOD, ""], [BAD, [], {}, None]),
        ("array", [[], [GOOD, GOOD]], [[BAD], [GOOD, None], [{}], GOOD, None]),
        ("array | null", [[], [GOOD], None], [[BAD], [None], GOOD, ""]),
        ("array<object>", [[], [GOOD]], [[BAD], [[GOOD]], GOOD]),
        ("object[]", [[], [GOOD]], [[BAD], [[GOOD]], GOOD]),
        ("object[][]", [[], [[GOOD]]], [[GOOD], [[BAD]]]),
        ("array<array>", [[], [[GOOD]]], [[GOOD], [[BAD]]]),
        ("array<object | null>", [[GOOD, None]], [[BAD], [""]]),
        ("object | array", [GOOD, [GOOD]], [BAD, [BAD], [None], None]),
        ("object | array | null", [GOOD, [GOOD], None], [BAD, [BAD], [None], ""]),
        ('"all" | object[]', ["all", [GOOD]], ["none", [BAD], GOOD]),
    ],
)
def test_children_describe_an_object_or_each_item(
    cell: str, accepted: list[Any], refused: list[Any]
) -> None:
    check = Validator(compiled(CHILDREN.format(f"'{cell}'")))
    for value in [*accepted, *refused]:
        found = check.violations({"o": value})
        assert check.is_valid({"o": value}) == (not found) == (value in accepted), value


ALTERNATIVES = """\
- name: o
  type: {}
  description: d
  children:
    - name: Text
      unstyledName: true
      type: object
      description: A text.
      children:
        - {{name: type, type: '"text"', description: d}}
        - {{name: text, type: string, description: Must start with `t`.}}
    - name: An image
      type: object
      description: d
      children:
        - {{name: type, type: '"image"', description: d}}
        - {{name: data, type: '"x" | null', description: d}}
        - {{name: alt, type: string, optional: true, description: Present when `data` is `x`.}}
        - name: tags
          type: array
          description: d
          children:
            - {{name: n, type: boolean, description: d}}
            - {{name: w, type: string, optional: true, description: Absent when `n` is `true`.}}
"""
TEXT = {"type": "text", "text": "t"}
IMAGE = {"type": "image", "data": "x", "alt": "", "tags": [{"n": False, "w": ""}]}


@pytest.mark.parametrize(
    ("cell", "wrap"),
    [
        ("object", lambda value: value),
        ("object | null", lambda value: value),
        ("array", lambda value: [TEXT, value]),
        ("array | null", lambda value: [TEXT, value]),
        ("array<object>", lambda value: [TEXT, value]),
        ("object[]", lambda value: [TEXT, value]),
        ("string | array<object>", lambda value: [TEXT, value]),
        ("string | object", lambda value: value),
    ],
)
@pytest.mark.parametrize(
    ("value", "rules"),
    [
        (TEXT, []),
        (IMAGE, []),
        ({**TEXT, "text": "x"}, [("pattern", "/text")]),
        ({"type": "text"}, [("required", "/text")]),
        ({**IMAGE, "data": None}, [("absent", "/alt")]),
        ({"type": "image", "data": "x", "tags": []}, [("required", "/alt")]),
        ({**IMAGE, "tags": [{"n": True, "w": ""}]}, [("absent", "/tags/0/w")]),
        ({**IMAGE, "tags": [{"n": False}]}, [("required", "/tags/0/w")]),
        ({**IMAGE, "tags": None}, [("type", "/tags")]),
        ({"type": "video"}, [("anyOf", "")]),
    ],
)
def test_alternatives_refine_what_fits_them(
    cell: str, wrap: Any, value: Any, rules: list[tuple[str, str]]
) -> None:
    inside = "/o/1" if isinstance(wrap(value), list) else "/o"
    found = broken(ALTERNATIVES.format(f"'{cell}'"), {"o": wrap(value)})
    assert found == [(rule, inside + place) for rule, place in rules]


def test_each_alternative_refines_the_part_of_its_own_kind() -> None:
    rows = """\
- name: input
  type: string | array<object>
  description: d
  children:
    - {name: Just text, type: string, description: Must start with `t`.}
    - name: Parts
      unstyledName: true
      type: object
      description: d
      children: [{name: type, type: '"text"', description: d}]
"""
    assert broken(rows, {"input": "text"}) == []
    assert broken(rows, {"input": "no"}) == [("pattern", "/input")]
    assert broken(rows, {"input": [{"type": "text"}]}) == []
    assert broken(rows, {"input": [{"type": 1}]}) == [("const", "/input/0/type")]
    assert broken(rows, {"input": ["text"]}) == [("type", "/input/0")]
    assert broken(rows, {"input": {"type": "text"}}) == [("anyOf", "/input")]


def test_the_alternatives_of_a_bare_array_are_its_items() -> None:
    rows = """\
- name: output
  type: array | string
  description: d
  children:
    - {name: A text, type: string, description: Must start with `t`.}
    - {name: A number, type: number, description: d}
"""
    assert broken(rows, {"output": [1, 2]}) == []
    assert broken(rows, {"output": "t"}) == []
    # The text refines the parent's own `string`, so it is none of the items.
    assert broken(rows, {"output": ["t"]}) == [("type", "/output/0")]


def test_a_whole_payload_may_have_alternatives() -> None:
    rows = """\
- name: A job
  type: object
  description: d
  children: [{name: id, type: string, description: d}]
- name: Nothing
  unstyledName: true
  type: object
  description: d
  children: [{name: none, type: true, description: d}]
"""
    assert broken(rows, {"id": "x"}) == []
    assert broken(rows, {"none": True}) == []
    assert broken(rows, {}) == [("anyOf", "")]


@pytest.mark.parametrize(
    ("rows", "line", "problem"),
    [
        (
            f"{row('a', 'string')}\n{row('b', 'string')}\n{row('a', 'number')}",
            2,
            "duplicate row 'a'",
        ),
        (
            "- name: o\n  type: object\n  description: d\n  children:\n"
            f"  {row('a', 'null')}\n  {row('a', 'null')}",
            *(5, "duplicate row 'a'"),
        ),
        *(
            (
                f"- name: o\n  type: '{cell}'\n  description: d\n  children:\n  {row('a', 'null')}",
                *(4, f"'a' (null) does not fit 'o' ({cell})"),
            )
            for cell in ("string", '"x"', "null", "string[]", "number | string")
        ),
        *(
            (
                f"- name: o\n  type: '{cell}'\n  description: d\n  children:\n  {row('A b', own)}",
                *(4, f"'A b' ({own}) does not fit 'o' ({cell})"),
            )
            for cell, own in (
                ("string", "number"),
                ("object", "array"),
                ("object[]", "string"),
                ('"x"', "string"),
                ("null", "null"),
                ("number", "integer"),
            )
        ),
        *(
            (
                f"- name: o\n  type: '{cell}'\n  description: d\n  children:\n"
                f"  {row('a', 'null')}\n  {row('A b', 'object')}",
                *(5, "'A b' (object) does not fit 'o'"),
            )
            for cell in ("object", "array", "object[]", "object | null")
        ),
    ],
)
def test_rows_that_no_schema_can_hold_are_refused(rows: str, line: int, problem: str) -> None:
    with pytest.raises(PageError) as caught:
        compiled(rows)
    error = caught.value
    assert error.line == FIRST + line
    assert error.problem.startswith(problem)
    assert error.expected


STATUS = row("s", '"a" | "b" | "c"')
CONDITIONS: list[tuple[str, str, list[Any], list[tuple[Any, str]]]] = [
    # the other row, the sentence on `f`, what is accepted, what is refused by which rule
    (
        STATUS,
        "Present when `s` is `a`",
        [{"s": "a", "f": ""}, {"s": "b"}, {"s": "c"}],
        [
            ({"s": "a"}, "required"),
            ({"s": "b", "f": ""}, "absent"),
            ({"s": "c", "f": ""}, "absent"),
        ],
    ),
    (
        STATUS,
        "Only present when `s` is `a` or `b`",
        [{"s": "a", "f": ""}, {"s": "b", "f": ""}, {"s": "c"}],
        [({"s": "a"}, "required"), ({"s": "b"}, "required"), ({"s": "c", "f": ""}, "absent")],
    ),
    (
        STATUS,
        "Absent when `s` is `a`",
        [{"s": "a"}, {"s": "b", "f": ""}, {"s": "c", "f": ""}],
        [({"s": "a", "f": ""}, "absent"), ({"s": "b"}, "required")],
    ),
    (
        STATUS,
        "Present when `s` is `a`, `b`, or `c`",
        [{"s": "a", "f": ""}],
        [({"s": "a"}, "required"), ({"s": "c"}, "required")],
    ),
    (
        row("s", '"a" | "b"', optional=True),
        "Present when `s` is `a` or `b`",
        [{"s": "a", "f": ""}, {}],
        [({"s": "a"}, "required"), ({"f": ""}, "absent")],
    ),
    (
        row("s", '"a" | "b"', optional=True),
        "Absent when `s` is `a`",
        [{"s": "a"}, {"f": ""}, {"s": "b", "f": ""}],
        [({"s": "a", "f": ""}, "absent"), ({}, "required"), ({"s": "b"}, "required")],
    ),
    (
        row("s", "boolean"),
        "Present when `s` is `true`",
        [{"s": True, "f": ""}, {"s": False}],
        [({"s": True}, "required"), ({"s": False, "f": ""}, "absent")],
    ),
    (
        row("s", "true | null"),
        "Present when `s` is `null`",
        [{"s": None, "f": ""}, {"s": True}],
        [({"s": None}, "required"), ({"s": True, "f": ""}, "absent")],
    ),
    (
        row("s", "string | null"),
        "Present when `s` is `null`",
        [{"s": None, "f": ""}, {"s": "null"}, {"s": ""}],
        [({"s": None}, "required"), ({"s": "null", "f": ""}, "absent")],
    ),
    (
        row("s", "string | boolean"),
        'Present when `s` is "true"',
        [{"s": "true", "f": ""}, {"s": True}, {"s": "x"}],
        [({"s": "true"}, "required"), ({"s": True, "f": ""}, "absent")],
    ),
    (
        row("s", "string"),
        "Absent when `s` is `x`",
        [{"s": "x"}, {"s": "y", "f": ""}],
        [({"s": "x", "f": ""}, "absent"), ({"s": "y"}, "required")],
    ),
    (
        row("s", "string", optional=True),
        "Present when `s` is `x`",
        [{"s": "x", "f": ""}, {}, {"s": "y"}],
        [({"s": "x"}, "required"), ({"f": ""}, "absent"), ({"s": "y", "f": ""}, "absent")],
    ),
    (
        row("s", "number", optional=True),
        "Present when `s` is present",
        [{"s": 0, "f": ""}, {}],
        [({"s": 0}, "dependentRequired"), ({"f": ""}, "dependentRequired")],
    ),
    (
        row("s", "string"),
        'Must start with `"a.[b"`',
        [{"s": "", "f": "a.[b"}, {"s": "", "f": "a.[bc"}, {"s": ""}],
        [({"s": "", "f": "axb"}, "pattern"), ({"s": "", "f": "xa.[b"}, "pattern")],
    ),
    (
        row("s", "string"),
        "A time in ISO 8601 format",
        [{"s": "", "f": "2025-10-03T15:33:23Z"}],
        [({"s": "", "f": "2025-10-03"}, "format"), ({"s": "", "f": ""}, "format")],
    ),
]


@pytest.mark.parametrize(("other", "sentence", "accepted", "refused"), CONDITIONS)
def test_conditions_are_enforced(
    other: str, sentence: str, accepted: list[Any], refused: list[tuple[Any, str]]
) -> None:
    rows = f"{other}\n- {{name: f, type: string, optional: true, description: '{sentence}.'}}"
    assert list(condition_schema.unenforced(table(rows))) == []
    for payload in accepted:
        assert broken(rows, payload) == []
    for payload, rule in refused:
        (found,) = broken(rows, payload)
        assert found[0] == rule


def test_one_fault_gives_one_violation() -> None:
    rows = f"{STATUS}\n{row('f', 'string', 'Present when `s` is `a`.', optional=True)}"
    assert broken(rows, {}) == [("required", "/s")]
    assert broken(rows, {"f": ""}) == [("required", "/s")]
    assert broken(rows, {"s": "x", "f": ""}) == [("enum", "/s")]
    assert broken(rows, {"s": None}) == [("enum", "/s")]


def test_fields_that_come_together_in_a_circle() -> None:
    rows = "\n".join(
        row(name, "null", f"Present when `{other}` is present.", optional=True)
        for name, other in (("a", "b"), ("b", "c"), ("c", "a"))
    )
    assert broken(rows, {}) == []
    assert broken(rows, {"a": None, "b": None, "c": None}) == []
    assert broken(rows, {"b": None}) == [("dependentRequired", "/a"), ("dependentRequired", "/c")]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            [row("f", "string", "Present when `gone` is `x`.", optional=True)],
            "'gone' is not a field",
        ),
        (
            [row("f", "string", "Present when `gone` is present.", optional=True)],
            "'gone' is not a field",
        ),
        (
            [row("f", "string", "Present when `f` is `x`.", optional=True)],
            "cannot depend on itself",
        ),
        (
            [STATUS, row("f", "string", "Present when `s` is `x`.", optional=True)],
            '\'s\' ("a" | "b" | "c") is never x',
        ),
        (
            [STATUS, row("f", "string", "Present when `s` is `a` or `null`.", optional=True)],
            "is never null",
        ),
        (
            [row("s", "boolean"), row("f", "string", 'Present when `s` is "true".', optional=True)],
            "'s' (boolean) is never true",
        ),
        (
            [row("s", "number"), row("f", "string", "Present when `s` is `5`.", optional=True)],
            "'s' (number) is never 5",
        ),
        ([STATUS, row("f", "string", "Present when `s` is `a`.")], "not marked optional"),
        ([STATUS, row("f", "string", "Absent when `s` is `a`.")], "not marked optional"),
        (
            [row("s", "string", optional=True), row("f", "string", "Present when `s` is present.")],
            "not marked optional",
        ),
        ([row("f", "number", "In ISO 8601 format.")], "the field's type is number, not string"),
        (
            [row("f", "string[]", "Must start with `x`.")],
            "the field's type is string[], not string",
        ),
        ([row("f", "string", "Present when the moon is full.")], "not one of the wordings"),
        (
            [row("A b", "object", "Present when `s` is `a`."), row("B c", "object")],
            "'A b' is an alternative, not a field",
        ),
        (
            [row("s x", "object"), row("f f", "object", "In ISO 8601 format.")],
            "the field's type is object, not string",
        ),
    ],
)
def test_what_cannot_be_enforced_is_listed_and_not_enforced(rows: list[str], reason: str) -> None:
    ((left, sentence, why),) = condition_schema.unenforced(table("\n".join(rows)))
    assert reason in why
    assert sentence in left.description
    plain = "\n".join(one.replace(left.description, "d") for one in rows)
    with_sentence, without = (_bare(compiled(text)) for text in ("\n".join(rows), plain))
    assert with_sentence == without


def _bare(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key != "description"}
    return [_bare(item) for item in node] if isinstance(node, list) else node


def test_a_field_that_always_has_the_value_need_not_be_optional() -> None:
    rows = row("s", '"a"') + "\n" + row("f", "string", "Present when `s` is `a`.")
    assert list(condition_schema.unenforced(table(rows))) == []
    assert broken(rows, {"s": "a"}) == [("required", "/f")]


def test_two_required_fields_may_come_together() -> None:
    rows = f"{row('s', 'null')}\n{row('f', 'null', 'Present when `s` is present.')}"
    assert list(condition_schema.unenforced(table(rows))) == []
    assert broken(rows, {"s": None}) == [("required", "/f")]


def test_what_is_not_enforced_is_listed_at_any_depth() -> None:
    inner = row("x", "null", "Present when `out` is `1`.")
    rows = f"- name: out\n  type: array\n  description: d\n  children:\n    {inner}"
    ((left, _, _),) = condition_schema.unenforced(table(rows))
    assert (left.name, left.line) == ("x", FIRST + 4)


@pytest.mark.parametrize(
    "prefix", ["a+b", "(x", "[", "a|b", "^", "$", "x.y", "\\d", "{2}", "/", "é*"]
)
def test_a_prefix_is_taken_literally(prefix: str) -> None:
    rows = f"- name: f\n  type: string\n  description: 'Must start with `{prefix}`.'"
    assert broken(rows, {"f": prefix + "\nmore"}) == []
    assert broken(rows, {"f": "\n" + prefix}) == [("pattern", "/f")]
    assert broken(rows, {"f": ""}) == [("pattern", "/f")]


def sourced(node: Any, rows: tuple[Row, ...]) -> Iterator[tuple[str, Any]]:
    """Each node that must bear a source, with what it is."""
    if isinstance(node, list):
        for item in node:
            yield from sourced(item, rows)
    if not isinstance(node, dict):
        return
    for name, child in node.get("properties", {}).items():
        yield f"field {name}", child
        yield from sourced(child, rows)
    if "items" in node:
        yield "items", node["items"]
        yield from sourced(node["items"], rows)
    for rule in node.get("allOf", ()):
        yield "rule", rule
    for form in node.get("anyOf", ()):
        if "title" in form:
            yield f"alternative {form['title']}", form
        yield from sourced(form, rows)


def names_by_line(rows: tuple[Row, ...]) -> dict[int, str]:
    found: dict[int, str] = {}
    for one in rows:
        found |= {one.line: one.name, **names_by_line(one.children)}
    return found


def check_sources(found: Schema, rows: tuple[Row, ...], name: str) -> None:
    lines = names_by_line(rows)
    Draft202012Validator.check_schema(found)
    seen: set[int] = set()
    for what, node in sourced(found, rows):
        page_name, _, line = node["x-source"].rpartition(":")
        assert page_name == name
        assert int(line) in lines
        kind, _, wanted = what.partition(" ")
        if kind in ("field", "alternative"):
            assert lines[int(line)] == wanted
        seen.add(int(line))
    assert seen == set(lines)


@given(pages())
def test_every_row_s_node_bears_its_line_and_every_schema_is_valid(written: WrittenPage) -> None:
    for one in operation.read(page.read(Source("docs/p.md", written.text))):
        for part in one.parts.values():
            found = compiler.compile_part(one, part, "e")
            check_sources(found, part.rows, "p.md")
            assert found["x-source"] == f"p.md:{part.line}"
            Validator(found)


@pytest.mark.parametrize(
    "path",
    [path for name in resources.edition_names() for path in resources.edition_pages(name)],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_our_pages_nodes_bear_their_lines(path: Any) -> None:
    for one in operation.read(page.read(read_source(path))):
        for part in one.parts.values():
            check_sources(compiler.compile_part(one, part, "e"), part.rows, path.name)


def test_a_lone_alternative_leaves_its_parent_what_is_its_own() -> None:
    rows = """\
- name: f
  type: string
  description: A time in ISO 8601 format. Must start with `2`.
  children: [{name: In UTC, type: string, description: Must start with `20`.}]
"""
    node = compiled(rows)["properties"]["f"]
    assert (node["x-source"], node["anyOf"][0]["x-source"]) == ("p.md:8", "p.md:11")
    assert "title" not in node
    assert broken(rows, {"f": "2025-10-03T15:33:23Z"}) == []
    assert broken(rows, {"f": "2125-10-03T15:33:23Z"}) == [("pattern", "/f")]
    assert broken(rows, {"f": "20"}) == [("format", "/f")]
    assert broken(rows, {"f": 1}) == [("type", "/f")]


def test_a_field_that_comes_with_a_required_one_is_missed_once() -> None:
    with_ = "Present when `s` is present."
    rows = "\n".join([row("s", "null"), row("f", "null", with_, optional=True)])
    assert broken(rows, {"f": None}) == [("required", "/s")]
    assert broken(rows, {"s": None}) == [("dependentRequired", "/f")]
    assert broken(rows, {}) == [("required", "/s")]
