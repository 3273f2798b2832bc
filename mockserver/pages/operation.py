"""HTTP operations, gathered from a page's blocks: their parts, tables and documented examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mockserver.api.operation import Operation
from mockserver.api.operations import describe
from mockserver.documents import yaml_text
from mockserver.documents.source import Source
from mockserver.errors import PageError, nearest
from mockserver.pages import page, params

PartName: TypeAlias = Literal["path", "request", "response"]

HEADINGS: dict[str, PartName] = {
    "path parameters": "path",
    "request body": "request",
    "response fields": "response",
}
NO_PARAMETERS = "This endpoint has no request parameters."

_OPERATION = re.compile(r"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) +(/\S*)")
_ALMOST_OPERATION = re.compile(r"[A-Za-z]+ +/\S*")


@dataclass(frozen=True, slots=True)
class Part:
    """One table and what stands around it. `line` is the table's, `prose` the text before it."""

    name: PartName
    rows: tuple[params.Row, ...]
    prose: str
    line: int


@dataclass(frozen=True, slots=True)
class Example:
    """A documented example. `code` begins on the page's line `first_line`."""

    part: Literal["request", "response"]
    title: str
    language: str
    code: str
    line: int
    first_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOperation(Operation):
    """An operation as a page describes it, from the page's line `line` on.

    `no_parameters` is the line that says the operation takes none, if one does.
    """

    line: int
    source: Source
    title: str
    parts: dict[PartName, Part]
    examples: tuple[Example, ...]
    no_parameters: int | None


def read(page_: page.Page) -> tuple[PageOperation, ...]:
    """Every operation of a page, in order; PageError when a table belongs to none of them."""
    drafts: list[_Draft] = []
    for block in page_.blocks:
        operation = _operation_line(page_.source, block)
        if operation is not None:
            drafts.append(_Draft(page_.source, page_.title, *operation, block.line))
        elif drafts:
            drafts[-1].add(block)
        elif isinstance(block, page.Fence) and block.word == page.TABLE:
            raise page_.source.error(
                PageError,
                block.line,
                1,
                "a table before any operation",
                expected="a line like `GET /api/v1/…` above it",
            )
    if not drafts:
        raise page_.source.error(
            PageError, 1, None, "no operation", expected="a line like `GET /api/v1/…`"
        )
    _refuse_twice(page_.source, drafts)
    return tuple(draft.finish() for draft in drafts)


def _operation_line(source: Source, block: page.Block) -> tuple[str, str] | None:
    if not isinstance(block, page.Paragraph) or block.code is None:
        return None
    match = _OPERATION.fullmatch(block.code)
    if match is not None:
        return match[1], match[2]
    if _ALMOST_OPERATION.fullmatch(block.code):
        word = block.code.split()[0]
        raise source.error(
            PageError,
            block.line,
            source.line(block.line).find(word) + 1 or None,
            f"unknown HTTP method {word!r}",
            expected="GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS",
            suggestion=nearest(word, ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")),
        )
    return None


def _refuse_twice(source: Source, drafts: list[_Draft]) -> None:
    seen: dict[str, _Draft] = {}
    for draft in drafts:
        name = describe(draft.method, draft.path).id
        first = seen.setdefault(name, draft)
        if first is not draft:
            raise source.error(
                PageError,
                draft.line,
                1,
                clash(draft, first) or f"{draft.method} {draft.path} is documented twice",
                expected=f"one description; the first is in line {first.line}",
            )


def clash(one: PageOperation | _Draft, first: PageOperation | _Draft) -> str | None:
    """What is wrong with two operations of one id that are not the same; None if they are."""
    if (one.method, one.path) == (first.method, first.path):
        return None
    name = describe(one.method, one.path).id
    return f"{one.method} {one.path} would have the name {name} of {first.method} {first.path}"


@dataclass(slots=True)
class _Draft:
    source: Source
    title: str
    method: str
    path: str
    line: int
    heading: str | None = None
    prose: str = ""
    parts: dict[PartName, Part] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    no_parameters: int | None = None

    def add(self, block: page.Block) -> None:
        if isinstance(block, page.Fence):
            self._add_fence(block)
        elif block.bold is not None:
            self.heading, self.prose = block.bold, ""
        elif block.text.strip() == NO_PARAMETERS:
            self.no_parameters = block.line
        elif not self.prose:
            self.prose = " ".join(block.text.split())

    def _add_fence(self, fence: page.Fence) -> None:
        if fence.word == page.TABLE:
            self._add_table(fence)
        elif fence.word == page.SNIPPET:
            self.examples.extend(_snippet(self.source, fence, self._part()))
        else:
            self.examples.extend(_plain(fence, self._part()))

    def _part(self) -> PartName | None:
        return HEADINGS.get(self.heading.casefold().rstrip(":")) if self.heading else None

    def _add_table(self, fence: page.Fence) -> None:
        name = self._part()
        expected = "one of " + ", ".join(f"**{word.capitalize()}**" for word in HEADINGS)
        if name is None:
            under = f"under **{self.heading}**" if self.heading else "under no heading"
            raise self.source.error(
                PageError,
                fence.line,
                1,
                f"a table {under}",
                expected=expected,
                suggestion=nearest(self.heading, HEADINGS) if self.heading else None,
            )
        if name in self.parts:
            raise self.source.error(
                PageError,
                fence.line,
                1,
                f"a second table of **{self.heading}**",
                expected=f"one; the first is in line {self.parts[name].line}",
            )
        rows = params.read(self.source, fence)
        self.parts[name] = Part(name, rows, self.prose, fence.line)

    def finish(self) -> PageOperation:
        return PageOperation(
            **describe(self.method, self.path).facts(),
            line=self.line,
            source=self.source,
            title=self.title,
            parts=self.parts,
            examples=tuple(self.examples),
            no_parameters=self.no_parameters,
        )


def _plain(fence: page.Fence, part: PartName | None) -> Iterator[Example]:
    """A fence such as ` ```json title="Response" ` or ` ```bash tab="curl" `."""
    title = fence.attributes.get("title") or fence.attributes.get("tab") or ""
    if title:
        name = _example_part(title, fence.word, part)
    elif fence.word == "json" and part in ("request", "response"):
        name = "request" if part == "request" else "response"
    else:
        return
    yield Example(name, title, fence.word, fence.text, fence.line, fence.line + 1)


def _example_part(
    title: str, language: str, part: PartName | None
) -> Literal["request", "response"]:
    """What the title says the example is; else, of JSON, the part that it stands in."""
    words = title.casefold()
    if "response" in words:
        return "response"
    is_of_its_part = language == "json" and "request" not in words
    return "response" if is_of_its_part and part == "response" else "request"


def _snippet(source: Source, fence: page.Fence, part: PartName | None) -> Iterator[Example]:
    """A `lms_code_snippet`: YAML with `title` and `variants`, each with `language` and `code`."""
    document = yaml_text.load(source, text=fence.text, first_line=fence.line + 1)
    data = document.data
    if not isinstance(data, dict):
        raise source.error(
            PageError, fence.line, 1, "a snippet that is no mapping", expected="title and variants"
        )
    _only(document, (), data, ("title", "variants"))
    title, variants = data.get("title", ""), data.get("variants")
    if not isinstance(title, str):
        raise document.error(PageError, ("title",), "a title that is no text", expected="text")
    if not isinstance(variants, dict):
        raise source.error(
            PageError, fence.line, 1, "a snippet without variants", expected="title and variants"
        )
    for name, variant in variants.items():
        path = ("variants", name)
        if not isinstance(variant, dict) or not isinstance(variant.get("code"), str):
            raise document.error(
                PageError, path, f"variant {name!r} without code", expected="language and code"
            )
        _only(document, path, variant, ("language", "code"))
        language = variant.get("language", name)
        line, column = document.position((*path, "code"))
        # A block scalar's text begins on the line below its `|`.
        block = source.line(line)[column - 1 : column] in ("|", ">")
        language = language if isinstance(language, str) else name
        yield Example(
            _example_part(title, language, part),
            title,
            language,
            str(variant["code"]),
            fence.line,
            line + block,
        )


def _only(
    document: yaml_text.Document,
    path: tuple[str | int, ...],
    data: Mapping[str, object],
    known: tuple[str, ...],
) -> None:
    for key in data:
        if key not in known:
            raise document.error(
                PageError,
                (*path, key),
                f"unknown snippet key {key!r}",
                key=True,
                expected=f"one of {', '.join(known)}",
                suggestion=nearest(key, known),
            )
