"""Documented examples: plain fences with a title, and snippets; and the request of a `curl`."""

import shlex
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import unquote, urlsplit

from mockserver.documents import yaml_text
from mockserver.documents.source import Source
from mockserver.errors import PageError
from mockserver.pages.page import SNIPPET, Fence, refusal
from mockserver.pages.table import refuse_unknown_keys

PartName: TypeAlias = Literal["path", "request", "response"]
"""The parts of an operation that a page has tables for."""


class Example(NamedTuple):
    """A documented example. `code` begins on the page's line `first_line`."""

    part: Literal["request", "response"]
    title: str
    language: str
    code: str
    line: int
    first_line: int


def read(source: Source, fence: Fence, part: PartName | None) -> Iterator[Example]:
    """The examples of a fence, none of a fence of no dialect. PageError for a broken snippet."""
    if fence.word == SNIPPET:
        yield from _snippet(source, fence, part)
        return
    # A fence such as ` ```json title="Response" ` or ` ```bash tab="curl" `.
    title = fence.attributes.get("title") or fence.attributes.get("tab") or ""
    if title or (fence.word == "json" and part in ("request", "response")):
        of_part = _part(title, fence.word, part)
        line, first_line = fence.line, fence.line + 1
        yield Example(of_part, title, fence.word, fence.text, line=line, first_line=first_line)


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
        raise refusal(source, fence.line, "a snippet that is no mapping", expected)
    refuse_unknown_keys(document, (), data, ("title", "variants"), "snippet")
    title, variants = data.get("title", ""), data.get("variants")
    if not isinstance(title, str):
        raise document.error(PageError, ("title",), "a title that is no text", expected="text")
    if not isinstance(variants, dict):
        raise refusal(source, fence.line, "a snippet without variants", expected)
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
        found, code = _part(title, language, part), str(variant["code"])
        yield Example(found, title, language, code, line=fence.line, first_line=line + is_block)


_BODY_FLAGS = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
_METHOD_FLAGS = ("-X", "--request")
_VALUE_FLAGS = (
    *_BODY_FLAGS,
    *_METHOD_FLAGS,
    *("-H", "--header", "-o", "--output", "-u", "--user", "-A", "--user-agent"),
    *("-b", "--cookie", "-m", "--max-time", "--retry", "--connect-timeout", "-e", "--referer"),
)


class CurlRequest(NamedTuple):
    """`path` is decoded and without query; `body` is None when the command sends none."""

    method: str
    path: str
    body: str | None


def curl_request(command: str) -> CurlRequest:
    """The request that the command makes; ValueError when it is no single curl command."""
    words = shlex.split(command.replace("\\\r\n", " ").replace("\\\n", " "), comments=True)
    if not words or words[0] != "curl":
        raise ValueError("no curl command")
    method, url, body = "", "", None
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-"):
            if url:
                raise ValueError(f"a second address, {word}")
            url = word
            continue
        flag, value = _flag(word)
        if flag in _VALUE_FLAGS:
            value = next(rest, "") if value is None else value
        if flag in _METHOD_FLAGS:
            method = value or ""
        elif flag in _BODY_FLAGS:
            body = value if body is None else f"{body}&{value}"
    if not url:
        raise ValueError("no address")
    path = urlsplit(url if "//" in url else f"//{url}").path
    return CurlRequest(method or ("GET" if body is None else "POST"), unquote(path) or "/", body)


def _flag(word: str) -> tuple[str, str | None]:
    """A word's flag, and its value if the word holds that too: `--data=x`, `-dx`, `-sXPOST`."""
    if word.startswith("--"):
        flag, equals, value = word.partition("=")
        return flag, value if equals else None
    for index, letter in enumerate(word[1:], 2):
        if f"-{letter}" in _VALUE_FLAGS:
            return f"-{letter}", word[index:] or None
    return word, None
