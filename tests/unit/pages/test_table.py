from __future__ import annotations

import pytest

from mockserver.documents.source import Source
from mockserver.errors import PageError, SourceError, YamlError
from mockserver.pages import page
from mockserver.pages import table as tables
from mockserver.pages.table import Row
from mockserver.pages.types import ArrayType, LiteralType, PrimitiveType, Type, UnionType


def rows(table: str, before: str = "# Page\n\n", fence: str = "```") -> tuple[Row, ...]:
    """The rows of a table whose first line is line 4 of its page."""
    source = Source("docs/p.md", f"{before}{fence}lms_params\n{table}\n{fence}\n")
    (block,) = (block for block in page.read(source).blocks if isinstance(block, page.Fence))
    return tables.read(source, block)


def test_a_row_says_all_there_is_to_know() -> None:
    table = """\
- name: input
  type: string | array<object>
  description: >-
    What to
    say.
  public: false
  children:
    - description: ''
      unstyledName: true
      type: string

      name: text
    - {name: An image, type: object, description: An image., optional: true}
- {"name": "a b", "type": "\\"x\\"", "description": ""}"""
    string, object_ = PrimitiveType("string"), PrimitiveType("object")
    assert rows(table) == (
        Row(
            name="input",
            type=UnionType((string, ArrayType(object_))),
            description="What to say.",
            public=False,
            children=(
                Row("text", string, "", alternative=True, line=15),
                Row("An image", object_, "An image.", optional=True, alternative=True, line=16),
            ),
            line=4,
        ),
        Row("a b", LiteralType("x"), "", alternative=True, line=17),
    )


@pytest.mark.parametrize(
    ("written", "type_"),
    [
        ("null", LiteralType(None)),
        ("Null", LiteralType(None)),
        ("true", LiteralType(True)),
        ("False", LiteralType(False)),
        ('"null"', LiteralType(None)),
        ("'\"true\"'", LiteralType("true")),
        ("&anchor null", None),
    ],
)
def test_a_type_may_be_one_of_the_words_of_yaml(written: str, type_: Type | None) -> None:
    table = f"- name: a\n  type: {written}\n  description: d"
    if type_ is None:
        with pytest.raises(PageError, match="'type' holds nothing"):
            rows(table)
    else:
        assert rows(table)[0].type == type_


def lines_of(error: SourceError) -> tuple[str, str]:
    """The source line that the message shows, and what of it begins at the caret."""
    _, shown, caret = str(error).split("\n")
    assert caret.strip() == "^"
    return shown.strip(), shown[caret.index("^") :]


TYPE_ROW = "- name: a\n  type: {}\n  description: d"


@pytest.mark.parametrize(
    ("table", "line", "at", "problem", "suggestion"),
    [
        # (table, line, the text at the caret, problem, suggestion); the table begins on line 4.
        ("name: a", 4, "name: a", "rows that are no list", None),
        ("just text", 4, "just text", "rows that are no list", None),
        ("[]", 4, "[]", "no rows", None),
        ("- name", 4, "name", "a row that is no mapping", None),
        ("- []", 4, "[]", "a row that is no mapping", None),
        ("- type: string\n  description: d", 4, "type: string", "a row without 'name'", None),
        ("- name: a\n  description: d", 4, "name: a", "a row without 'type'", None),
        ("- name: a\n  type: string", 4, "name: a", "a row without 'description'", None),
        (
            "- name: a\n  type: string\n  description: d\n  optinal: true",
            *(7, "optinal: true", "unknown row key 'optinal'", "optional"),
        ),
        (
            "- name: a\n  type: string\n  Description: d",
            *(6, "Description: d", "unknown row key 'Description'", "description"),
        ),
        ("- {name: a, xyz: 1}", 4, "xyz: 1}", "unknown row key 'xyz'", None),
        (
            "- {optional: 'true', name: a, type: string, description: d}",
            4,
            "'true',",
            "holds 'true'",
            None,
        ),
        ("- {public: 1, name: a, type: string, description: d}", 4, "1,", "'public' holds 1", None),
        (
            "- {unstyledName: yes, name: a, type: string, description: d}",
            4,
            "yes,",
            "holds 'yes'",
            None,
        ),
        (
            "- name: a\n  type: string\n  description: d\n  optional:",
            7,
            "optional:",
            "holds nothing",
            None,
        ),
        ("- {name: 12, type: string, description: d}", 4, "12, type", "'name' holds int", None),
        (
            "- {name: true, type: string, description: d}",
            4,
            "true, type",
            "'name' holds bool",
            None,
        ),
        (
            "- {name: ' ', type: string, description: d}",
            4,
            "' ', type",
            "'name' holds nothing",
            None,
        ),
        ("- {name: [a], type: string, description: d}", 4, "[a], type", "'name' holds list", None),
        ("- name:\n  type: string\n  description: d", 4, "name:", "'name' holds nothing", None),
        ("- name: a\n  type: string\n  description:\n", 6, "description:", "holds nothing", None),
        (
            "- name: a\n  type: string\n  description: 1.5",
            6,
            "1.5",
            "'description' holds float",
            None,
        ),
        ("- name: a\n  type:\n  description: d", 5, "type:", "'type' holds nothing", None),
        (
            "- name: a\n  type: # string\n  description: d",
            5,
            "type: #",
            "'type' holds nothing",
            None,
        ),
        ("- {name: a, type: , description: d}", 4, "type: ,", "'type' holds nothing", None),
        ("- name: a\n  type: ~\n  description: d", 5, "type: ~", "'type' holds nothing", None),
        ("- name: a\n  type: ''\n  description: d", 5, "''", "'type' holds nothing", None),
        ("- name: a\n  type: [string]\n  description: d", 5, "[string]", "'type' holds list", None),
        (
            "- name: a\n  type: object\n  description: d\n  children: x",
            *(7, "x", "rows that are no list", None),
        ),
        (
            "- name: a\n  type: object\n  description: d\n  children:",
            *(7, "children:", "rows that are no list", None),
        ),
        (
            "- name: a\n  type: object\n  description: d\n  children: []",
            *(7, "[]", "no rows", None),
        ),
        (
            "- name: a\n  type: object\n  description: d\n  children:\n    - nam: b",
            *(8, "nam: b", "unknown row key 'nam'", "name"),
        ),
        (TYPE_ROW.format("strng"), 5, "strng", "unknown type 'strng'", "string"),
        (TYPE_ROW.format("string | nul"), 5, "nul", "unknown type 'nul'", "null"),
        (TYPE_ROW.format("'\"a\" | nul'"), 5, "nul'", "unknown type 'nul'", "null"),
        (TYPE_ROW.format("'  nul'"), 5, "nul'", "unknown type 'nul'", "null"),
        (TYPE_ROW.format("'\"it''s\" | nul'"), 5, "nul'", "unknown type 'nul'", "null"),
        (TYPE_ROW.format(r'"\"a\" | \u006eul"'), 5, r'\u006eul"', "unknown type 'nul'", "null"),
        (TYPE_ROW.format("string\n    | nul"), 5, "", "unknown type 'nul'", "null"),
        (TYPE_ROW.format("|\n    nul"), 5, "|", "unknown type 'nul'", "null"),
        (TYPE_ROW.format("&t nul"), 5, "&t nul", "unknown type 'nul'", "null"),
        (TYPE_ROW.format("string | "), 5, "", "unexpected the end of the cell", None),
        ("- {type: nul, name: a, description: d}", 4, "nul,", "unknown type 'nul'", "null"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_malformed_table_is_refused_where_it_is(
    table: str, line: int, at: str, problem: str, suggestion: str | None, line_end: str
) -> None:
    with pytest.raises(PageError) as caught:
        rows(table.replace("\n", line_end), before=f"# Page{line_end}{line_end}")
    error = caught.value
    shown, marked = lines_of(error)
    assert (error.line, error.suggestion) == (line, suggestion)
    assert problem in error.problem
    assert error.expected
    assert shown == table.split("\n")[line - 4].strip()
    assert marked.startswith(at) if at else marked.strip() == ""
    assert error.summary.startswith(f"docs/p.md:{line}:{error.column}: {error.problem}; expected ")
    if suggestion:
        assert error.summary.endswith(f"; did you mean {suggestion}?")


@pytest.mark.parametrize("table", ["", "\n\n", "# a comment", "~"])
def test_an_empty_table_is_refused_at_its_fence(table: str) -> None:
    with pytest.raises(PageError, match="an empty table") as caught:
        rows(table)
    assert (caught.value.line, caught.value.column) == (3, 1)


BOMB = "\n".join(
    ["- &a0 {name: x, type: string, description: d}"]
    + [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
)


@pytest.mark.parametrize(
    ("table", "line", "problem"),
    [
        ("- name: a\n  name: b", 5, "duplicate key 'name', first at line 4"),
        ("- name: !!str a", 4, "a tag, which nothing here reads"),
        ("- !python/object:os.system {}", 4, "a tag"),
        ("- &a [*a]", 4, "contains itself"),
        ("- *nothing", 4, "unknown alias \\*nothing"),
        (BOMB, 9, "more than 100,000 keys and values"),
        ("[" * 60, 4, "nested more than 50 deep"),
        ("- name: 'a", 4, "a quotation is not closed"),
        ("- name: a: b", 4, "a colon that cannot stand here"),
        ("- name: a\n\ttype: string", 5, "a tab where only spaces indent"),
        ("- name: a\x07", 4, "a character that YAML does not allow \\(U\\+0007\\)"),
    ],
)
def test_what_is_not_the_yaml_that_we_read_is_refused_where_it_is(
    table: str, line: int, problem: str
) -> None:
    with pytest.raises(YamlError, match=problem) as caught:
        rows(table)
    assert caught.value.line == line
    assert caught.value.source_line == table.split("\n")[line - 4]


def test_columns_count_the_page_s_own_indentation() -> None:
    source = Source(
        "p.md", "> - ```lms_params\n>   - name: a\n>     type: strng\n>     description: d\n"
    )
    (block,) = page.read(source).blocks
    assert isinstance(block, page.Fence)
    with pytest.raises(PageError) as caught:
        tables.read(source, block)
    assert (caught.value.line, caught.value.column) == (3, 13)
    assert lines_of(caught.value)[1] == "strng"


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ('"downloading"', "'\"downloading\"'"),
        ('"a" | "b"', 'type: \'"a" | "b"\''),
    ],
)
def test_literals_whose_quotes_yaml_takes_are_suggested_with_more(
    cell: str, suggestion: str
) -> None:
    text = f"```lms_params\n- name: status\n  type: {cell}\n  description: d\n```\n"
    source = Source("p.md", text)
    (fence,) = (block for block in page.read(source).blocks if isinstance(block, page.Fence))
    with pytest.raises(SourceError) as caught:
        tables.read(source, fence)
    assert caught.value.suggestion == suggestion
    assert caught.value.line == 3
