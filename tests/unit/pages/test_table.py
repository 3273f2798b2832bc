import pytest

from mockserver.documents.source import Source
from mockserver.errors import PageError, SourceError, YamlError
from mockserver.pages import page
from mockserver.pages import table as tables
from mockserver.pages.table import Row
from mockserver.pages.types import ArrayType, LiteralType, PrimitiveType, Type, UnionType
from support.cases import MarkedText, marked

HEAD = "# Page\n\n```lms_params\n"


def read(text: str) -> tuple[Row, ...]:
    """The rows of a page's only table."""
    source = Source("docs/p.md", text)
    (block,) = (block for block in page.read(source).blocks if isinstance(block, page.Fence))
    return tables.read(source, block)


def rows(table: str) -> tuple[Row, ...]:
    """The rows of a table whose first line is line 4 of its page."""
    return read(f"{HEAD}{table}\n```\n")


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


@pytest.mark.parametrize("case", marked(__file__, "malformed-tables", HEAD))
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_malformed_table_is_refused_where_it_is(case: MarkedText, line_end: str) -> None:
    with pytest.raises(PageError) as caught:
        read(case.text.replace("\n", line_end))
    error = caught.value
    case.assert_marks(error)
    assert error.summary.startswith(
        f"docs/p.md:{case.line}:{case.column}: {error.problem}; expected "
    )
    guess = [word for word in case.words if word.startswith("did you mean")]
    assert guess == ([] if error.suggestion is None else [f"did you mean {error.suggestion}?"])
    assert error.summary.endswith("".join(guess))


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
    with pytest.raises(PageError) as caught:
        read("> - ```lms_params\n>   - name: a\n>     type: strng\n>     description: d\n")
    assert (caught.value.line, caught.value.column) == (3, 13)
    assert str(caught.value).endswith("\n  >     type: strng\n              ^")


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
    with pytest.raises(SourceError) as caught:
        rows(f"- name: status\n  type: {cell}\n  description: d")
    assert caught.value.suggestion == suggestion
    assert caught.value.line == 5
