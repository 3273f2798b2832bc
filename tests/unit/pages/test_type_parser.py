import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.pages.types import (
    MAX_DEPTH,
    ArrayType,
    LiteralType,
    PrimitiveType,
    Type,
    TypeCellError,
    UnionType,
    options,
    parse,
    render,
)
from support.cases import table
from support.pages import any_types

STRING, NUMBER, OBJECT, ARRAY = (PrimitiveType(n) for n in ("string", "number", "object", "array"))
NULL = LiteralType(None)


@pytest.mark.parametrize(
    ("cell", "type_"),
    [
        ("string", STRING),
        ("integer", PrimitiveType("integer")),
        ("boolean", PrimitiveType("boolean")),
        ("  array\t", ARRAY),
        ("true", LiteralType(True)),
        ("false", LiteralType(False)),
        ("null", NULL),
        ('"downloading"', LiteralType("downloading")),
        ('"true"', LiteralType("true")),
        ('""', LiteralType("")),
        (r'"a\"b|[]\\"', LiteralType('a"b|[]\\')),
        (r'"\u00e9\ud83d\ude00"', LiteralType("é😀")),
        ("string | null", UnionType((STRING, NULL))),
        ("string|null", UnionType((STRING, NULL))),
        ('"a" | "b" | "c"', UnionType((LiteralType("a"), LiteralType("b"), LiteralType("c")))),
        ("string[]", ArrayType(STRING)),
        ("string [] []", ArrayType(ArrayType(STRING))),
        ("array<object>", ArrayType(OBJECT)),
        ("Array<string | number>", ArrayType(UnionType((STRING, NUMBER)))),
        ("array<array<string>>[]", ArrayType(ArrayType(ArrayType(STRING)))),
        ("array[]", ArrayType(ARRAY)),
        ("(string | null)[]", ArrayType(UnionType((STRING, NULL)))),
        ("string | null[]", UnionType((STRING, ArrayType(NULL)))),
        ("(string)", STRING),
        ("string | (number | null)", UnionType((STRING, UnionType((NUMBER, NULL))))),
        ("string | array<object>", UnionType((STRING, ArrayType(OBJECT)))),
    ],
)
def test_reads(cell: str, type_: Type) -> None:
    assert parse(cell) == type_


@given(any_types)
def test_reads_what_it_writes(type_: Type) -> None:
    assert parse(render(type_)) == type_


@table(__file__, "no-type")
def test_refuses(
    cell: str, offset: int, problem: str, expected: str, suggestion: str | None
) -> None:
    with pytest.raises(TypeCellError) as caught:
        parse(cell)
    error = caught.value
    assert error.offset == offset
    assert problem in error.problem
    assert error.expected.startswith(expected)
    assert error.suggestion == suggestion


@pytest.mark.parametrize(
    ("opening", "closing"), [("(", ")"), ("array<", ">"), ("", "[]"), ("(", "[])"), ("(", ")[]")]
)
def test_nests_as_deep_as_allowed_and_no_deeper(opening: str, closing: str) -> None:
    levels = MAX_DEPTH // (2 if opening and "[]" in closing else 1)
    deepest = opening * levels + "string" + closing * levels
    assert render(parse(deepest)).startswith("string")
    for cell in (opening + deepest + closing, opening * 5000 + "string" + closing * 5000):
        with pytest.raises(TypeCellError, match="nested too deeply"):
            parse(cell)


def test_many_flat_options_are_not_deep() -> None:
    cell = " | ".join(["(string[])", "array<number>"] * 200)
    assert len(options(parse(cell))) == 400


def test_options_opens_nested_unions() -> None:
    assert options(parse('string | ("a" | (null)) | number[]')) == (
        STRING,
        LiteralType("a"),
        NULL,
        ArrayType(NUMBER),
    )
    assert options(STRING) == (STRING,)


_pieces = st.sampled_from(
    (*'|[]<>()"\\ \t\n\ud800', "[]", "array<", "Array", "string", "null", '"a"', r"\u", "é", "1")
)


def parsed(cell: str) -> Type | TypeCellError:
    try:
        return parse(cell)
    except TypeCellError as error:
        return error


@given(st.text() | st.lists(_pieces, max_size=12).map("".join))
def test_garbage_is_read_or_refused_in_place(cell: str) -> None:
    found = parsed(cell)
    if isinstance(found, TypeCellError):
        assert 0 <= found.offset <= len(cell)
        assert found.problem
        assert found.expected
    else:
        assert parse(render(found)) == found
