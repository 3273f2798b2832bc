from __future__ import annotations

import pytest
from hypothesis import given

from mockserver.documents.source import Source
from mockserver.pages import edition
from mockserver.pages.diff import differences, structure
from mockserver.pages.schema_node import Schema
from support.pages import WrittenPage, pages

HEAD = "`GET /x`\n\n**Response fields**\n\n```lms_params\n"


def compiled(*rows: str) -> Schema:
    (one,) = edition.compile_pages(
        [Source("p.md", HEAD + "\n".join(rows) + "\n```\n")], "e"
    ).values()
    return one


def row(name: str, type_: str, said: str = "d", *more: str) -> str:
    extra = "".join(f", {part}" for part in more)
    return f"- {{name: {name}, type: '{type_}', description: '{said}'{extra}}}"


def shown(before: Schema, after: Schema) -> list[str]:
    return [str(one) for one in differences({"x": before}, {"x": after})]


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
    one = compiled(row("a", "string", "Said so"), "", row("b", "null"))
    other = compiled("", row("a", "string", "Said otherwise"), row("b", "null", "Or not"))
    assert one != other
    assert shown(one, other) == []


A, B = row("a", "string"), row("b", "number", "d", "optional: true")
STATUS = row("s", '"x" | "y" | "z"')
F = row("f", "string", "Present when `s` is `x` or `y`.", "optional: true")
G = row("g", "string", "Absent when `s` is `z`.", "optional: true")
WITH = [
    row(name, "null", f"Present when `{other}` is present.", "optional: true")
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


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            [A],
            [A, B],
            ['+ x /properties/b: {"type": "number"}'],
        ),
        (
            [A],
            [A, row("c", "null")],
            ['+ x /properties/c: {"type": "null"}', '~ x /required: ["a"] -> ["a", "c"]'],
        ),
        (
            [A, B],
            [A],
            ['- x /properties/b: {"type": "number"}'],
        ),
        (
            [row("a", "string")],
            [row("a", "number")],
            ['~ x /properties/a/type: "string" -> "number"'],
        ),
        (
            [row("a", '"x" | "y"')],
            [row("a", '"x" | "é"')],
            ['~ x /properties/a/enum: ["x", "y"] -> ["x", "é"]'],
        ),
        (
            [row("a", '"x"')],
            [row("a", '"x" | "y"')],
            ['- x /properties/a/const: "x"', '+ x /properties/a/enum: ["x", "y"]'],
        ),
        (
            [row("a", "true")],
            [row("a", '"true"')],
            ['~ x /properties/a/const: true -> "true"'],
        ),
        (
            [row("a/b", "string[]")],
            [row("a/b", "number[]")],
            ['~ x /properties/a~1b/items/type: "string" -> "number"'],
        ),
        (
            [row("a", "string")],
            [row("a", "string", "In ISO 8601 format.")],
            ['+ x /properties/a/format: "date-time"'],
        ),
        (
            [row("a", "string[] | number[]")],
            [row("a", "number[] | null[]")],
            ['~ x /properties/a/anyOf/0/items/type: "string" -> "null"'],
        ),
        (
            [row("a", "string[] | number[]")],
            [row("a", "number[] | null[] | string[]")],
            ['+ x /properties/a/anyOf/1: {"type": "array", "items": {"type": "null"}}'],
        ),
        (
            [row("a", "number[] | null[] | string[]")],
            [row("a", "string[] | number[]")],
            ['- x /properties/a/anyOf/1: {"type": "array", "items": {"type": "null"}}'],
        ),
        (
            WITH,
            [WITH[0], row("l", "null", "d", "optional: true"), WITH[2]],
            [
                '~ x /dependentRequired/m: ["k", "l"] -> ["k"]',
                '- x /dependentRequired/l: ["m"]',
            ],
        ),
    ],
)
def test_differences(before: list[str], after: list[str], expected: list[str]) -> None:
    assert sorted(shown(compiled(*before), compiled(*after))) == sorted(expected)


def test_a_condition_that_names_another_value_differs() -> None:
    other = F.replace("`x` or `y`", "`x`")
    found = shown(compiled(STATUS, F), compiled(STATUS, other))
    assert found
    assert all(" /allOf/" in one for one in found)


def test_whole_schemas_come_and_go_in_the_order_of_their_names() -> None:
    schema = compiled(A)
    found = differences({"a": schema, "b": schema, "d": schema}, {"c": schema, "b": schema})
    assert [str(one) for one in found] == ["- a: documented", "+ c: documented", "- d: documented"]


@given(pages())
def test_a_schema_does_not_differ_from_itself(written: WrittenPage) -> None:
    schemas = edition.compile_pages([Source("p.md", written.text)], "e")
    moved = edition.compile_pages([Source("other.md", "\n\n" + written.text.lstrip("-"))], "f")
    assert differences(schemas, schemas) == []
    if not written.text.startswith("---"):
        assert differences(schemas, moved) == []
