"""Documented examples: plain fences with a title, and snippets with their variants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mockserver.documents import yaml_text
from mockserver.documents.source import Source
from mockserver.errors import PageError
from mockserver.pages.page import SNIPPET, Fence
from mockserver.pages.table import refuse_unknown_keys

PartName: TypeAlias = Literal["path", "request", "response"]
"""The parts of an operation that a page has tables for."""


@dataclass(frozen=True, slots=True)
class Example:
    """A documented example. `code` begins on the page's line `first_line`."""

    part: Literal["request", "response"]
    title: str
    language: str
    code: str
    line: int
    first_line: int


def read(source: Source, fence: Fence, part: PartName | None) -> Iterator[Example]:
    """The examples in a fence that stands in this part, if it stands in one.

    PageError for a snippet that is none; a fence that is of no dialect gives nothing.
    """
    if fence.word == SNIPPET:
        yield from _snippet(source, fence, part)
        return
    # A fence such as ` ```json title="Response" ` or ` ```bash tab="curl" `.
    title = fence.attributes.get("title") or fence.attributes.get("tab") or ""
    if title:
        of_part = _part(title, fence.word, part)
    elif fence.word == "json" and part in ("request", "response"):
        of_part = "request" if part == "request" else "response"
    else:
        return
    yield Example(
        part=of_part,
        title=title,
        language=fence.word,
        code=fence.text,
        line=fence.line,
        first_line=fence.line + 1,
    )


def _part(title: str, language: str, part: PartName | None) -> Literal["request", "response"]:
    """What the title says the example is; else, of JSON, the part that it stands in."""
    words = title.casefold()
    if "response" in words:
        return "response"
    is_of_its_part = language == "json" and "request" not in words
    return "response" if is_of_its_part and part == "response" else "request"


def _snippet(source: Source, fence: Fence, part: PartName | None) -> Iterator[Example]:
    """A `lms_code_snippet`: YAML with `title` and `variants`, each with `language` and `code`."""
    document = yaml_text.load(source, text=fence.text, first_line=fence.line + 1)
    data, expected = document.data, "title and variants"
    if not isinstance(data, dict):
        problem = "a snippet that is no mapping"
        raise source.error(PageError, fence.line, 1, problem, expected=expected)
    refuse_unknown_keys(document, (), data, ("title", "variants"), "snippet")
    title, variants = data.get("title", ""), data.get("variants")
    if not isinstance(title, str):
        raise document.error(PageError, ("title",), "a title that is no text", expected="text")
    if not isinstance(variants, dict):
        problem = "a snippet without variants"
        raise source.error(PageError, fence.line, 1, problem, expected=expected)
    for name, variant in variants.items():
        path = ("variants", name)
        if not isinstance(variant, dict) or not isinstance(variant.get("code"), str):
            problem = f"variant {name!r} without code"
            raise document.error(PageError, path, problem, expected="language and code")
        refuse_unknown_keys(document, path, variant, ("language", "code"), "snippet")
        language = variant.get("language", name)
        language = language if isinstance(language, str) else name
        line, column = document.position((*path, "code"))
        # A block scalar's text begins on the line below its `|`.
        is_block = source.line(line)[column - 1 : column] in ("|", ">")
        yield Example(
            part=_part(title, language, part),
            title=title,
            language=language,
            code=str(variant["code"]),
            line=fence.line,
            first_line=line + is_block,
        )
