"""What rows demand of payloads: asked of the compiled schema, not read off its text."""

import json
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
from mockserver.pages import compiler, condition_schema, operation, page
from mockserver.pages.schema_node import Schema
from mockserver.pages.table import Row
from support import schemas
from support.cases import source, table
from support.pages import WrittenPage, pages
from support.schemas import FIRST_LINE, page_of, row, schema_of


def read(rows: str) -> tuple[Row, ...]:
    (described,) = operation.read(page.read(page_of(rows)))
    return described.parts["response"].rows


def broken(rows: str, payload: Any) -> list[tuple[str, str]]:
    """The rules that the payload breaks, and where; both engines agree on whether it does."""
    check = Validator(schema_of(rows))
    found = check.violations(payload)
    assert check.is_valid(payload) == (not found)
    return schemas.broken(found)


def test_a_schema_says_what_it_is_of() -> None:
    text = page_of(row("a", "string", "An a.")).text.replace("\n\n```", "\n\nThe answer.\n\n```")
    (found,) = compiler.compile_pages([Source("docs/p.md", text)], "2025-10").values()
    assert found == {
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
    (found,) = compiler.compile_pages([page_of(row("a", "string"))], name).values()
    Draft202012Validator.check_schema(found)
    assert Validator(found).is_valid({"a": ""})


VALUES: dict[str, Any] = {
    "string": "s",
    "a": "a",
    "boolean": True,
    "false": False,
    "null": None,
    "object": {"k": 1},
    "number": 1.5,
    "integer": 1,
    "whole float": 1.0,
    "zero": 0,
    "array": [1, "a"],
    "strings": ["s"],
    "empty": [],
    "numbers": [1],
    "nested": [["s"]],
    "nulls": [None],
}


@table(__file__, "types")
def test_types_accept(cell: str, accepted: list[str]) -> None:
    check = Validator(schema_of(row("a", cell)))
    found = {name for name, value in VALUES.items() if check.is_valid({"a": value})}
    assert found == set(accepted)
    assert all(check.violations({"a": VALUES[name]}) for name in VALUES.keys() - found)


def test_fields_are_required_unless_optional_and_others_are_welcome() -> None:
    rows = f"{row('a', 'string')}\n{row('b', 'string', optional=True)}"
    assert broken(rows, {"a": "", "more": None}) == []
    assert broken(rows, {"b": ""}) == [("required", "/a")]
    assert broken(rows, {"a": "", "b": None}) == [("type", "/b")]
    assert broken(rows, []) == [("type", "")]


CHILDREN = source(__file__, "children-of.yaml").text


@table(__file__, "children")
def test_children_describe_an_object_or_each_item(
    cell: str, accepted: list[Any], refused: list[Any]
) -> None:
    check = Validator(schema_of(CHILDREN.replace("TYPE", f"'{cell}'")))
    for value in [*accepted, *refused]:
        found = check.violations({"o": value})
        assert check.is_valid({"o": value}) == (not found) == (value in accepted), value


ALTERNATIVES = source(__file__, "alternatives.yaml").text
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
    found = broken(ALTERNATIVES.replace("TYPE", f"'{cell}'"), {"o": wrap(value)})
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


@table(__file__, "no-schema")
def test_rows_that_no_schema_can_hold_are_refused(rows: str, line: int, problem: str) -> None:
    with pytest.raises(PageError) as caught:
        schema_of(rows)
    error = caught.value
    assert error.line == FIRST_LINE + line
    assert error.problem.startswith(problem)
    assert error.expected


STATUS = row("s", '"a" | "b" | "c"')


@table(__file__, "conditions")
def test_conditions_are_enforced(
    type_: str, optional: bool, sentence: str, accepted: list[Any], refused: list[tuple[Any, str]]
) -> None:
    depending = {"name": "f", "type": "string", "optional": True, "description": f"{sentence}."}
    rows = f"{row('s', type_, optional=optional)}\n- {json.dumps(depending)}"
    assert list(condition_schema.unenforced(read(rows))) == []
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


@table(__file__, "unenforced")
def test_what_cannot_be_enforced_is_listed_and_not_enforced(
    rows: list[dict[str, Any]], reason: str
) -> None:
    ((left, sentence, why),) = condition_schema.unenforced(read(json.dumps(rows)))
    assert reason in why
    assert sentence in left.description
    plain = [{**said, "description": "d"} for said in rows]
    assert _bare(schema_of(json.dumps(rows))) == _bare(schema_of(json.dumps(plain)))


def _bare(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key != "description"}
    return [_bare(item) for item in node] if isinstance(node, list) else node


def test_a_field_that_always_has_the_value_need_not_be_optional() -> None:
    rows = row("s", '"a"') + "\n" + row("f", "string", "Present when `s` is `a`.")
    assert list(condition_schema.unenforced(read(rows))) == []
    assert broken(rows, {"s": "a"}) == [("required", "/f")]


def test_two_required_fields_may_come_together() -> None:
    rows = f"{row('s', 'null')}\n{row('f', 'null', 'Present when `s` is present.')}"
    assert list(condition_schema.unenforced(read(rows))) == []
    assert broken(rows, {"s": None}) == [("required", "/f")]


def test_what_is_not_enforced_is_listed_at_any_depth() -> None:
    inner = row("x", "null", "Present when `out` is `1`.")
    rows = f"- name: out\n  type: array\n  description: d\n  children:\n    {inner}"
    ((left, _, _),) = condition_schema.unenforced(read(rows))
    assert (left.name, left.line) == ("x", FIRST_LINE + 4)


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
    for said in rows:
        found |= {said.line: said.name, **names_by_line(said.children)}
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
    for described in operation.read(page.read(Source("docs/p.md", written.text))):
        for part in described.parts.values():
            found = compiler.compile_part(described, part, "e")
            check_sources(found, part.rows, "p.md")
            assert found["x-source"] == f"p.md:{part.line}"
            Validator(found)


@pytest.mark.parametrize(
    "path",
    [path for name in resources.edition_names() for path in resources.edition_pages(name)],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_our_pages_nodes_bear_their_lines(path: Any) -> None:
    for described in operation.read(page.read(read_source(path))):
        for part in described.parts.values():
            check_sources(compiler.compile_part(described, part, "e"), part.rows, path.name)


def test_a_lone_alternative_leaves_its_parent_what_is_its_own() -> None:
    rows = """\
- name: f
  type: string
  description: A time in ISO 8601 format. Must start with `2`.
  children: [{name: In UTC, type: string, description: Must start with `20`.}]
"""
    node = schema_of(rows)["properties"]["f"]
    assert (node["x-source"], node["anyOf"][0]["x-source"]) == ("p.md:6", "p.md:9")
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
