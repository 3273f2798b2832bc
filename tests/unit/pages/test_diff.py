import json

import pytest
from hypothesis import given

from mockserver.documents.source import Source
from mockserver.pages import compiler
from mockserver.pages.diff import differences, structure
from mockserver.pages.schema_node import Schema
from support.cases import table
from support.pages import WrittenPage, pages
from support.schemas import row, schema_of


def compiled(*rows: str) -> Schema:
    return schema_of("\n".join(rows))


def shown(before: Schema, after: Schema) -> list[str]:
    return list(map(str, differences({"x": before}, {"x": after})))


ODD = ("title", "description", "x-source", "x-operation", "$id", "properties", "required", "type")


@pytest.mark.parametrize("name", ODD)
def test_only_annotations_are_left_out_not_fields_of_the_same_name(name: str) -> None:
    schema = compiled(row(name, "string", "prose"), row("a", "null"))
    bare = structure(schema)
    assert bare["properties"][name] == {"type": "string"}
    assert "title" not in bare
    assert "x-source" not in bare
    assert shown(schema, compiled(row("a", "null"))) == [
        f'- x /properties/{name}: {{"type": "string"}}',
        f'~ x /required: ["{name}", "a"] -> ["a"]',
    ]


def test_words_of_the_prose_and_lines_are_no_difference() -> None:
    before = compiled(row("a", "string", "Said so"), "", row("b", "null"))
    after = compiled("", row("a", "string", "Said otherwise"), row("b", "null", "Or not"))
    assert before != after
    assert shown(before, after) == []


A, B = row("a", "string"), row("b", "number", optional=True)
STATUS = row("s", '"x" | "y" | "z"')
F = row("f", "string", "Present when `s` is `x` or `y`.", optional=True)
G = row("g", "string", "Absent when `s` is `z`.", optional=True)
WITH = [
    row(name, "null", f"Present when `{other}` is present.", optional=True)
    for name, other in (("k", "m"), ("l", "m"), ("m", "k"))
]
FORMS = (
    "- {name: o, type: object, description: d, children: [%s, %s]}",
    "{name: A b, type: object, description: d, children: [{name: k, type: true, description: d}]}",
    "{name: C d, type: object, description: d, children: [{name: k, type: false, description: d}]}",
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([A, B], [B, A]),
        ([row("a", '"x" | "y"')], [row("a", '"y" | "x"')]),
        ([row("a", "string | null | number")], [row("a", "number | string | null")]),
        ([row("a", 'null | "x" | number')], [row("a", 'number | "x" | null')]),
        ([row("a", "string[]")], [row("a", "array<string>")]),
        ([STATUS, F, G], [G, F, STATUS]),
        ([STATUS, F], [row("s", '"z" | "y" | "x"'), F]),
        (WITH, WITH[::-1]),
        ([FORMS[0] % FORMS[1:]], [FORMS[0] % (FORMS[2], FORMS[1])]),
        ([row("properties", '"x" | "y"')], [row("properties", '"y" | "x"')]),
    ],
)
def test_order_is_no_difference(before: list[str], after: list[str]) -> None:
    assert shown(compiled(*before), compiled(*after)) == []


@table(__file__, "differences")
def test_differences(before: object, after: object, expected: list[str]) -> None:
    found = shown(schema_of(json.dumps(before)), schema_of(json.dumps(after)))
    assert sorted(found) == sorted(expected)


def test_a_condition_that_names_another_value_differs() -> None:
    other = F.replace("`x` or `y`", "`x`")
    found = shown(compiled(STATUS, F), compiled(STATUS, other))
    assert found
    assert all(" /allOf/" in difference for difference in found)


def test_whole_schemas_come_and_go_in_the_order_of_their_names() -> None:
    schema = compiled(A)
    found = differences({"a": schema, "b": schema, "d": schema}, {"c": schema, "b": schema})
    assert list(map(str, found)) == ["- a: documented", "+ c: documented", "- d: documented"]


@given(pages())
def test_a_schema_does_not_differ_from_itself(written: WrittenPage) -> None:
    schemas = compiler.compile_pages([Source("p.md", written.text)], "e")
    moved = compiler.compile_pages([Source("other.md", "\n\n" + written.text.lstrip("-"))], "f")
    assert differences(schemas, schemas) == []
    if not written.text.startswith("---"):
        assert differences(schemas, moved) == []
