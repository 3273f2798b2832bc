import pytest

from mockserver.documents.source import Source
from mockserver.errors import PageError, YamlError
from mockserver.pages.page import MAX_NESTING, Fence, Page, Paragraph, UnknownBox, read
from support.cases import table


def page(text: str) -> Page:
    return read(Source("p.md", text))


def test_paragraphs_and_headings_say_what_they_are_made_of() -> None:
    blocks = page(
        "# Title\n\n`GET /x`\n\n**Response  fields**\n\n"
        "A `code` in **prose**,\nand more.\n\n### `/y`\n"
        "- in a list\n> in a quotation\n"
    ).blocks
    assert blocks == (
        Paragraph(1, "Title"),
        Paragraph(3, "`GET /x`", code="GET /x"),
        Paragraph(5, "**Response  fields**", bold="Response  fields"),
        Paragraph(7, "A `code` in **prose**,\nand more."),
        Paragraph(10, "`/y`", code="/y"),
        Paragraph(11, "in a list"),
        Paragraph(12, "in a quotation"),
    )


FENCES = [("````", "```"), ("`````", "````"), ("~~~~", "~~~"), ("~~~", "```"), ("```", "~~~~~")]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(("outer", "inner"), FENCES)
def test_boxes_are_opened_and_fences_nest(outer: str, inner: str, line_end: str) -> None:
    lines = [f"{outer}lms_hstack", "`GET /x`", "", ":::split:::", f"{inner}json", "{", "", "}"]
    lines += [inner, outer, "after"]
    assert page(line_end.join(lines)).blocks == (
        Paragraph(2, "`GET /x`", code="GET /x"),
        Paragraph(4, ":::split:::"),
        Fence(5, "json", {}, "{\n\n}\n"),
        Paragraph(11, "after"),
    )


def test_an_indented_fence_loses_its_indentation() -> None:
    text = (
        "1. step\n\n   ````lms_info\n   ```lms_params\n"
        "   - name: a\n     type: string\n   ```\n   ````\n"
    )
    assert page(text).blocks[1:] == (Fence(4, "lms_params", {}, "- name: a\n  type: string\n"),)
    assert page("  ```sh\n  ls\n    -l\n  ```\n").blocks == (Fence(1, "sh", {}, "ls\n  -l\n"),)


def test_a_fence_that_is_not_closed_goes_on_to_the_end() -> None:
    assert page("````lms_info\n```json\n{}\n").blocks == (Fence(2, "json", {}, "{}\n"),)


@pytest.mark.parametrize(
    ("info", "word", "attributes"),
    [
        ("", "", {}),
        ("json", "json", {}),
        ('json title="A Response"', "json", {"title": "A Response"}),
        ("bash tab='curl' x=1 data-y=\"\"", "bash", {"tab": "curl", "data-y": ""}),
        ("  lms_params  ", "lms_params", {}),
    ],
)
def test_info_strings(info: str, word: str, attributes: dict[str, str]) -> None:
    assert page(f"```{info}\nx\n```\n").blocks == (Fence(1, word, attributes, "x\n"),)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("front", "title", "description", "line"),
    [
        ("---\ntitle: A\ndescription: 'B: c'\nindex: 6\n---\n", "A", "B: c", 6),
        ("---  \ntitle: A\n--- \n\n", "A", "", 5),
        ("---\n---\n", "", "", 3),
        ("---\n# only a comment\n---\n", "", "", 4),
        ("---\ntitle: 2025\n---\n", "", "", 4),
        ("", "", "", 1),
        ("\n---\n", "", "", 3),
    ],
)
def test_front_matter(front: str, title: str, description: str, line: int, line_end: str) -> None:
    found = page((front + "`GET /x`\n").replace("\n", line_end))
    assert (found.title, found.description) == (title, description)
    assert found.blocks == (Paragraph(line, "`GET /x`", code="GET /x"),)


@pytest.mark.parametrize(
    ("front", "kind", "line"),
    [
        ("---\n- a\n---\n", PageError, 2),
        ("---\nx: 1\ntitle: 'A\n---\n", YamlError, 3),
        ("---\ntitle: a\ntitle: b\n---\n", YamlError, 3),
        ("---\r\nx: 1\r\ntitle: !x b\r\n---\r\n", YamlError, 3),
    ],
)
def test_front_matter_that_cannot_be_read(front: str, kind: type[PageError], line: int) -> None:
    with pytest.raises(kind) as caught:
        page(front)
    assert caught.value.line == line


@pytest.mark.parametrize("char", ["\r", "\x0b", "\x0c", "\x85", "\u2028", "\x00", "\ufeff"])
def test_only_line_feeds_make_lines(char: str) -> None:
    text = f"some{char}prose\n\n```json\n1{char}2\n```\n\n`GET /x`\n"
    fence, last = page(text).blocks[1:]
    assert (fence.line, last.line) == (3, 7)


@table(__file__, "misspelled-blocks")
def test_a_misspelled_block_is_refused(word: str, suggestion: str) -> None:
    with pytest.raises(PageError) as caught:
        page(f"text\n\n> ```` {word} x\n> ````\n")
    error = caught.value
    assert (error.line, error.column, error.suggestion) == (3, 8, suggestion)
    assert error.problem == f"unknown block {word!r}"


def test_a_misspelled_block_in_a_box_is_refused_in_its_own_line() -> None:
    with pytest.raises(PageError) as caught:
        page("# A\n\n````lms_hstack\ntext\n\n  ```lms_parms\n  ```\n````\n")
    assert (caught.value.line, caught.value.column) == (6, 6)


def test_a_word_that_markdown_changes_has_no_column() -> None:
    with pytest.raises(PageError) as caught:
        page("```lms_par\0ms\n```\n")
    assert (caught.value.line, caught.value.column) == (1, None)


@pytest.mark.parametrize("word", ["lms_carousel", "lms_tabs", "lms_card", "lms_hstak", "lms_"])
def test_an_unknown_box_is_read_and_remembered(word: str) -> None:
    found = page(f"`````{word}\n````lms_info\n`GET /x`\n````\n`````\n")
    assert found.blocks == (Paragraph(3, "`GET /x`", code="GET /x"),)
    assert found.unknown_boxes == (UnknownBox(1, word),)


@pytest.mark.parametrize("levels", [MAX_NESTING, MAX_NESTING + 1])
def test_boxes_nest_only_so_deep(levels: int) -> None:
    fences = ["`" * (3 + levels - level) for level in range(levels)]
    text = "\n".join([*(f"{f}lms_info" for f in fences), "`GET /x`", *reversed(fences)])
    if levels == MAX_NESTING:
        assert page(text).blocks == (Paragraph(levels + 1, "`GET /x`", code="GET /x"),)
    else:
        with pytest.raises(PageError, match="boxes nested too deeply") as caught:
            page(text)
        assert caught.value.line == levels
