"""A Markdown page as a series of blocks that know their lines; boxes are opened, fences nest."""

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mockserver.documents import yaml_text
from mockserver.documents.source import Source
from mockserver.errors import PageError, nearest

TABLE = "lms_params"
SNIPPET = "lms_code_snippet"
BOXES = frozenset(
    ("lms_hstack", "lms_vstack", "lms_info", "lms_warning", "lms_notice", "lms_protip")
)
MAX_NESTING = 8

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?P<yaml>.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_LONE_CR = re.compile(r"\r(?!\n)")
_OURS = re.compile(r"lms[_-]", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)=(?P<quote>["'])(.*?)(?P=quote)""")
_TEXTS = ("paragraph_open", "heading_open")


class Paragraph(NamedTuple):
    """A paragraph or heading. `code` or `bold` is its text when it is nothing but such a span."""

    line: int
    text: str
    code: str | None = None
    bold: str | None = None


class Fence(NamedTuple):
    """A fenced block that is not a box: a table, a snippet or plain code.

    `word` is the info string's first word, `attributes` its `key="value"` pairs; `text` begins on
    line `line + 1` of the page.
    """

    line: int
    word: str
    attributes: dict[str, str]
    text: str


Block: TypeAlias = Paragraph | Fence


class UnknownBox(NamedTuple):
    """A box whose word we do not know: its content is read, and `lint` lists it."""

    line: int
    word: str


class Page(NamedTuple):
    """`title` and `description` come from the front matter, and are empty without one."""

    source: Source
    title: str
    description: str
    blocks: tuple[Block, ...]
    unknown_boxes: tuple[UnknownBox, ...]


def refusal(
    source: Source,
    line: int,
    problem: str,
    expected: str,
    *,
    at: str | None = "",
    suggestion: str | None = None,
) -> PageError:
    """The error for a line, or for this text in it; None is for the line without a caret."""
    column = None if at is None else source.line(line).find(at) + 1 or None
    return source.error(PageError, line, column, problem, expected=expected, suggestion=suggestion)


def read(source: Source) -> Page:
    """Split a page into blocks; PageError (or YamlError in the front matter) when it cannot be."""
    front, body = _front_matter(source)
    # Markdown ends a line at a lone CR too; editors, and so our line numbers, do not.
    found = list(_blocks(source, _LONE_CR.sub(" ", body), 1, 0))
    unknown = tuple(block for block in found if isinstance(block, UnknownBox))
    blocks = tuple(block for block in found if not isinstance(block, UnknownBox))
    return Page(source, front.get("title", ""), front.get("description", ""), blocks, unknown)


def _front_matter(source: Source) -> tuple[dict[str, str], str]:
    match = _FRONT_MATTER.match(source.text)
    if match is None:
        return {}, source.text
    document = yaml_text.load(source, text=match["yaml"], first_line=2)
    if document.data is not None and not isinstance(document.data, dict):
        raise refusal(source, 2, "front matter that is no mapping", 'lines like title: "…"')
    front = {key: value for key, value in (document.data or {}).items() if isinstance(value, str)}
    # Blank lines in its place keep every later line's number.
    return front, "\n" * match[0].count("\n") + source.text[match.end() :]


def _blocks(
    source: Source, text: str, first_line: int, nesting: int
) -> Iterator[Block | UnknownBox]:
    tokens = MarkdownIt("commonmark").parse(text)
    for index, token in enumerate(tokens):
        line = first_line + (token.map[0] if token.map else 0)
        if token.type == "fence":
            yield from _fence(source, token, line, nesting)
        elif token.type == "inline" and tokens[index - 1].type in _TEXTS:
            yield _paragraph(token, line)


def _fence(source: Source, token: Token, line: int, nesting: int) -> Iterator[Block | UnknownBox]:
    info = token.info.strip()
    word = info.split(maxsplit=1)[0] if info else ""
    if _OURS.match(word) and word not in (TABLE, SNIPPET):
        if word not in BOXES:
            # Without the prefix, which makes any two of these words look alike.
            close = nearest(word[4:], (TABLE[4:], SNIPPET[4:]))
            if close is not None:
                problem, meant = f"unknown block {word!r}", f"lms_{close}"
                expected = f"{TABLE}, {SNIPPET} or a box such as lms_hstack"
                raise refusal(source, line, problem, expected, at=word, suggestion=meant)
            yield UnknownBox(line, word)
        if nesting >= MAX_NESTING:
            raise refusal(source, line, "boxes nested too deeply", f"at most {MAX_NESTING} levels")
        yield from _blocks(source, token.content, line + 1, nesting + 1)
        return
    attributes = {key: value for key, _, value in _ATTRIBUTE.findall(info)}
    yield Fence(line, word, attributes, token.content)


def _paragraph(token: Token, line: int) -> Paragraph:
    children = token.children or []
    code = children[0].content if [child.type for child in children] == ["code_inline"] else None
    # An em or strong span at the edge leaves empty text tokens beside it.
    solid = [child for child in children if child.type != "text" or child.content]
    is_bold = [child.type for child in solid] == ["strong_open", "text", "strong_close"]
    return Paragraph(line, token.content, code, solid[1].content.strip() if is_bold else None)
